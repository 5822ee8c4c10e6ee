"""The mutation run itself: what it breaks, that a seed gives one sample, and how it tells a break that was noticed."""

from pathlib import Path

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.__main__ import Covering, judge, shown
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
    assert judge(tree, broken(line), Covering({PATH: {2: set(BOTH)}}, BOTH)) == result
    assert (tree / PATH).read_text() == before, "the next one starts from a whole tree"


def test_only_tests_of_its_line_are_run(tree: Path) -> None:
    one = {"test_lamp.py::test_lit"}
    covering = Covering({PATH: {2: one, 1: set()}}, BOTH)
    assert covering.tests(broken("return True")) == list(one)
    assert judge(tree, broken("return True"), covering) == "survived"
    assert judge(tree, broken("return True"), Covering({PATH: {1: one}}, BOTH)) == "no test"


def test_the_tests_of_a_line_quickest_first() -> None:
    lines = {1: set(), 2: set(BOTH), 3: {"test_lamp.py::test_lit"}, 5: set()}
    covering = Covering({PATH: lines}, BOTH)
    assert covering.tests(Break(PATH, 2, 2, str)) == list(BOTH)
    assert covering.tests(Break(PATH, 4, 3, str)) == ["test_lamp.py::test_lit"], "a line inside a longer statement"
    assert covering.tests(Break(PATH, 1, 1, str)) == list(BOTH), "what runs at import is every test's of the file"
    assert covering.tests(Break(PATH, 9, 9, str)) == []
    assert covering.tests(Break("bot/other.py", 1, 1, str)) == []


def test_the_list_shows_where_and_what() -> None:
    path = max((mutants.ROOT / "bot" / "seal").glob("*.py"), key=lambda p: p.stat().st_size)
    name = str(path.relative_to(mutants.ROOT))
    each = next(iter(breaks(name, path.read_text())))
    lines = shown(each, "survived", 7).splitlines()
    assert lines[0] == f"{name}:{each.line}: survived (7 tests)"
    assert any(line.startswith("    -") for line in lines)
    assert any(line.startswith("    +") for line in lines)
