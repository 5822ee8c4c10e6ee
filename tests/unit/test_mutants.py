"""The mutation run itself: what it breaks, that a seed gives one sample, and how it tells a break that was noticed."""

import io
import time
from pathlib import Path

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.__main__ import Covering, judge, report
from tests.mutants.breaking import Break, breaks, sample

LAMP = '''\
"""A lamp."""

LIMIT = 3


def lit(hours: int, log: object) -> bool:
    """Whether it still burns."""
    log.info("looked at after %d", hours)
    if hours > LIMIT:
        raise ValueError("too long")
    words = "SELECT one FROM lamps"
    while False:
        pass
    return bool(words)
'''
PATH = "bot/lamp.py"


def changes(line: int) -> set[str]:
    """What becomes of one line."""
    found = set()
    for each in breaks(PATH, LAMP):
        if each.line == line:
            found.add(each.make().splitlines()[line - 1].strip())
    return found


def test_a_constant_a_condition_a_lost_line_and_a_lost_result_are_broken() -> None:
    assert {"LIMIT = 4", "LIMIT = None"} <= changes(3)
    assert {"if hours >= LIMIT:", "if True:", "if False:"} <= changes(9)
    assert changes(10) == {"pass"}
    assert "return None" in changes(14)


def test_docstrings_types_and_logs_are_left_alone() -> None:
    assert changes(1) == changes(6) == changes(7) == set()
    assert changes(8) <= {"pass"}


def test_a_sample_is_the_seeds_and_one_a_line() -> None:
    first, again, other = (sample({PATH: LAMP}, 100, seed) for seed in (1, 1, 2))
    assert [each.make() for each in first] == [each.make() for each in again]
    assert [each.make() for each in first] != [each.make() for each in other]
    assert len({each.line for each in first}) == len(first)
    assert all(each.make() != LAMP for each in first)
    assert len(sample({PATH: LAMP}, 2, 1)) == 2


def test_small_letters_in_sql_are_no_break() -> None:
    for seed in range(20):
        for each in sample({PATH: LAMP}, 100, seed):
            assert "select one" not in each.make()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").touch()
    (tmp_path / PATH).write_text("def lit(hours):\n    return hours > 3\n")
    test = "from bot.lamp import lit\ndef test_dark(): assert not lit(1)\ndef test_lit(): assert lit(9)\n"
    (tmp_path / "test_lamp.py").write_text(test)
    return tmp_path


def broken(line: str) -> Break:
    return Break(PATH, 2, 2, lambda: f"def lit(hours):\n    {line}\n")


BOTH = {"test_lamp.py::test_dark": 0.1, "test_lamp.py::test_lit": 0.2}
DARK, LIT = BOTH


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("return hours > 4", "survived"),
        ("return True", "killed"),
        ("return hours >", "killed"),
        ("while True: pass", "too slow"),
    ],
)
def test_what_becomes_of_a_break(tree: Path, monkeypatch: pytest.MonkeyPatch, line: str, result: str) -> None:
    monkeypatch.setattr(mutants, "START", 10.0)
    before = (tree / PATH).read_text()
    assert judge(tree, broken(line), [DARK, LIT], 0.3) == result
    assert (tree / PATH).read_text() == before, "the next one starts from a whole tree"


def test_only_the_tests_that_are_named_are_run(tree: Path) -> None:
    assert judge(tree, broken("return True"), [LIT], 0.3) == "survived"


def test_the_tests_of_a_line_those_first_that_are_most_about_its_file() -> None:
    lines = {PATH: {1: set(), 2: {DARK, LIT}, 3: {LIT}, 5: set()}, "bot/other.py": {1: {DARK}}}
    covering = Covering(lines, BOTH)
    assert covering.tests(Break(PATH, 2, 2, str)) == [LIT, DARK]
    assert covering.tests(Break(PATH, 4, 3, str)) == [LIT], "a line inside a longer statement"
    assert covering.tests(Break(PATH, 1, 1, str)) == [LIT, DARK], "what runs at import is every test's of the file"
    assert covering.tests(Break(PATH, 9, 9, str)) == []
    assert covering.tests(Break("bot/none.py", 1, 1, str)) == []


def test_at_first_a_break_meets_so_many_seconds_of_tests() -> None:
    covering = Covering({}, {"a": mutants.FIRST / 2, "b": mutants.FIRST / 2, "c": 0.1, "d": mutants.FIRST * 9})
    assert covering.split(["a", "b", "c"]) == (["a", "b"], ["c"])
    assert covering.split(["d", "a"]) == (["d"], ["a"])
    assert covering.split(["c"]) == (["c"], [])


@pytest.mark.parametrize("minutes", [1, 0])
def test_every_break_is_tried_while_there_is_time(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, minutes: int
) -> None:
    covering = Covering({PATH: {2: set(BOTH)}}, BOTH)
    wanted = [(broken(line), "not tried", [DARK, LIT]) for line in ("return True", "return hours > 4")]
    until = time.monotonic() + minutes * 60
    found = list(mutants.go(wanted, covering, [tree], until, all_of=True))
    assert [result for _, result, _ in found] == (["killed", "survived"] if minutes else ["not tried"] * 2)
    assert [left for _, _, left in found] == [[] if minutes else [DARK, LIT]] * 2


def test_the_list_names_what_got_through_and_the_figure() -> None:
    path = max((mutants.ROOT / "bot" / "seal").glob("*.py"), key=lambda p: p.stat().st_size)
    name = str(path.relative_to(mutants.ROOT))
    one, two, three, four, *_ = sample({name: path.read_text()}, 9, 1)
    tried = [(one, "survived", ["b"]), (two, "killed", []), (three, "too slow", []), (four, "not tried", ["a"])]
    covering = Covering({name: {one.line: {"a", "b"}}}, {"a": 1.0, "b": 1.0})
    out = io.StringIO()
    figure = report(tried, covering, 7, out)
    assert figure.startswith("2 of 3 breaks were noticed (67%), seed 7: ")
    lines = out.getvalue().splitlines()
    assert lines[0] == f"{name}:{one.line}: survived, 1 of 2 tests"
    assert lines[1].startswith("    -")
    assert lines[2].startswith("    +")
    assert lines[-1] == figure
    assert not [line for line in lines if f":{two.line}:" in line]
