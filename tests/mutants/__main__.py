"""`python -m tests.mutants [HOW MANY] [SEED] [MINUTES] [FILE OR FOLDER OF bot/ ...]`: see the package.

Writes build/mutants.txt. TESTS in the environment (paths, with spaces) names the only tests to meet them: quicker, and
what survives may still be noticed by others.
"""

import contextlib
import difflib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from coverage import CoverageData

from tests.mutants.breaking import Break, sample

ROOT = Path(__file__).parents[2]
ROOMS = ("seal", "report", "conversation", "store", "intake", "flow", "alarm")  # of bot/
LEFT_OUT = ("faults", "browser", "fuzz")  # tests in processes of their own: nobody knows which lines they cover
WORKERS = 2
START = 20.0  # seconds that a run of no test may take
FIRST = 15.0  # seconds of tests that each break meets at first: most are noticed by then
TIMES = 3  # as long as its tests took, measured with coverage on


@dataclass(frozen=True)
class Covering:
    """Tests by file and line, and their seconds."""

    lines: dict[str, dict[int, set[str]]]
    took: dict[str, float]

    @cached_property
    def about(self) -> dict[str, Counter[str]]:
        """How many lines of each file a test runs, and of all files ('')."""
        found: dict[str, Counter[str]] = {"": Counter()}
        for path, lines in self.lines.items():
            found[path] = Counter(test for tests in lines.values() for test in tests)
            found[""].update(found[path])
        return found

    def tests(self, each: Break) -> list[str]:
        """The tests of its line, those first that are most about its file.

        A line that runs while it is imported is every test's of its file.
        """
        lines = self.lines.get(each.path, {})
        found = lines.get(each.line) or lines.get(each.statement) or set()
        if not found and (each.line in lines or each.statement in lines):
            found = set().union(*lines.values())
        return sorted(found, key=lambda test: (-self.about[each.path][test] / self.about[""][test], test))

    def split(self, tests: list[str]) -> tuple[list[str], list[str]]:
        """As many as take FIRST seconds, at least one; and the rest."""
        ends = list(accumulate(self.took[test] for test in tests))
        most = max(1, sum(end <= FIRST for end in ends))
        return tests[:most], tests[most:]


def copied(into: Path) -> Path:
    """The tree without what a test does not need."""
    ignore = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "node_modules", "*.egg-info")
    return Path(shutil.copytree(ROOT, into, ignore=ignore))


def run(tree: Path, words: list[str], seconds: float, **more: str) -> tuple[int, str]:
    """pytest in a tree. (its exit code, what it said); -1 where it took too long, with all that it had started."""
    command = [sys.executable, "-m", "pytest", "--no-header", "-p", "no:cacheprovider", *words]
    # Without files of bytecode: those are known by size and second, and a break can keep both.
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree), **more}
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=tree, env=environ, stdout=said, stderr=said, start_new_session=True)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(0)
        return code, said.read()


def cover(tree: Path, folder: Path) -> Covering:
    """One run of the suite as it stands."""
    (folder / "rc").write_text("[run]\nsource = bot\n")
    words = ["-n", str(WORKERS), "--dist", "worksteal", "-p", "tests.mutants.watching"]
    words += ["--cov=bot", f"--cov-config={folder / 'rc'}", "--cov-context=test", "--cov-report="]
    words += os.environ.get("TESTS", "").split() or [f"--ignore=tests/{each}" for each in LEFT_OUT]
    _, said = run(tree, words, 3600, MUTANTS_TOOK=str(folder / "took"), COVERAGE_FILE=str(folder / "data"))
    print(said.strip().splitlines()[-1], flush=True)
    took: dict[str, float] = json.loads((folder / "took").read_text())
    data = CoverageData(str(folder / "data"))
    data.read()
    lines: dict[str, dict[int, set[str]]] = {}
    for path in data.measured_files():
        tests = {line: {c.rpartition("|")[0] for c in known} for line, known in data.contexts_by_lineno(path).items()}
        lines[str(Path(path).relative_to(tree))] = {line: names & took.keys() for line, names in tests.items()}
    return Covering(lines, took)


def judge(tree: Path, each: Break, tests: list[str], seconds: float) -> str:
    """killed, survived, or too slow (noticed as well). `seconds` is what the tests take."""
    path = tree / each.path
    whole = path.read_text(encoding="utf-8")
    (tree / "tests.txt").write_text("\n".join(tests))
    try:
        path.write_text(each.make(), encoding="utf-8")
        code, _ = run(tree, ["-x", "@tests.txt"], START + TIMES * seconds)
    finally:
        path.write_text(whole, encoding="utf-8")
    return {0: "survived", -1: "too slow"}.get(code, "killed")


def shown(each: Break, result: str) -> str:
    """One break for the list: where, and what became of the line."""
    before, after = (ROOT / each.path).read_text(encoding="utf-8").splitlines(), each.make().splitlines()
    changed = [line for line in difflib.unified_diff(before, after, lineterm="", n=0) if line[:3] not in ("---", "+++")]
    return "\n".join([f"{each.path}:{each.line}: {result}", *(f"    {c}" for c in changed[1:])])


Tried = tuple[Break, str, list[str]]  # a break, what became of it, the tests that it did not meet yet


def go(wanted: list[Tried], covering: Covering, trees: list[Path], until: float, *, all_of: bool) -> Iterator[Tried]:
    """Each break in the tree of whichever worker is free, until the time is over."""
    free: SimpleQueue[Path] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def one(tried: Tried) -> Tried:
        each, _, tests = tried
        if not tests or time.monotonic() > until:
            return tried
        now, later = (tests, []) if all_of else covering.split(tests)
        tree = free.get()
        try:
            return each, judge(tree, each, now, sum(covering.took[test] for test in now)), later
        finally:
            free.put(tree)

    with ThreadPoolExecutor(len(trees)) as pool:
        try:
            for number, tried in enumerate(pool.map(one, wanted), 1):
                yield tried
                if number % 25 == 0:
                    print(f"{number} of {len(wanted)}", flush=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # who interrupts it waits for two breaks, not for all


def report(found: list[Tried], covering: Covering, seed: int, out: TextIO) -> str:
    """The list of what nobody noticed, and the figure."""
    counted = Counter(result for _, result, _ in found)
    for each, result, left in sorted(found, key=lambda tried: (tried[0].path, tried[0].line)):
        if result in ("survived", "no test"):
            tests = len(covering.tests(each))
            print(shown(each, f"{result}, {tests - len(left)} of {tests} tests"), file=out)
    tried = counted.total() - counted["not tried"]
    noticed = counted["killed"] + counted["too slow"]
    figure = f"{noticed} of {tried} breaks were noticed ({noticed / max(tried, 1):.0%}), seed {seed}: {dict(counted)}"
    print(figure, file=out)
    return figure


def files_in(where: Sequence[str]) -> list[Path]:
    """Of files and folders below bot/."""
    places = [ROOT / "bot" / each for each in where]
    return sorted(path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place]))


def main(most: int = 400, seed: int = 12, minutes: int = 60, *where: str) -> None:
    until = time.monotonic() + minutes * 60
    paths = files_in(where or ROOMS)
    found = sample({str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in paths}, most, seed)
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        Path(name).chmod(0o755)  # some tests run what they test as another user
        trees = [copied(Path(name) / f"tree{number}") for number in range(WORKERS)]
        covering = cover(trees[0], Path(name))
        wanted = [(each, "not tried", covering.tests(each)) for each in found]
        first = list(go([w for w in wanted if w[2]], covering, trees, until, all_of=False))
        # What got through meets the rest of its tests while there is time.
        alive, over = ([t for t in first if (t[1] == "survived") is it] for it in (True, False))
        whole = [*over, *go(alive, covering, trees, until, all_of=True)]
    whole += [(each, "no test", []) for each, _, tests in wanted if not tests]
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "mutants.txt").open("w", encoding="utf-8") as out:
        print(report(whole, covering, seed, out))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), *sys.argv[4:])
