"""The machine's own faults: a full disk (a small file system made for it), SIGTERM under load."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.conftest import to_story
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.faults.process import Agent, Process
from tests.faults.test_kills import handed_over, stories, until, walked


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes, mounted as the state folder."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can't be mounted here (it needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Every byte that is left."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


@pytest.mark.case("F02")
async def test_F02_a_full_disk_loses_nothing_and_goes_on_by_itself(tmp_path: Path, small: Path) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        await process.start()
        ana = Person(server, 500)
        await to_story(ana)
        first = await ana.says("Before it was full.")
        await server.wait_confirmed(first)
        ballast = fill(small)
        sent = []
        for n in range(40):  # what the log already has room for is taken; then nothing is
            sent.append(await ana.says(f"{n}: " + "words " * 600))
            await asyncio.sleep(0.05)
            if "We have a problem on our side" in ana.screen():
                break
        await ana.reads("We have a problem on our side")
        assert server.confirmed <= sent[-1], "what could not be written is not confirmed"
        assert process.alive
        ballast.unlink()
        await server.wait_confirmed(sent[-1], 30)
        await ana.reads("Saved.", 20)
        assert process.alive
        assert await process.kill(signal.SIGTERM) in (0, -signal.SIGTERM)


@pytest.mark.case("F05")
async def test_F05_sigterm_under_load_stops_soon_and_loses_nothing(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        await process.start()
        agents = [Agent(Person(server, 700 + n), [f"{n}: first", f"{n}: second"]) for n in range(6)]
        acting = asyncio.create_task(walked(process, agents, 90))
        for times in (1, 2, 1):
            await asyncio.sleep(0.8)
            assert process.process is not None
            running, began = process.process, time.monotonic()
            for _ in range(times):  # a second one while it stops changes nothing
                if running.returncode is None:
                    os.kill(running.pid, signal.SIGTERM)
            await asyncio.wait_for(running.wait(), 10)
            assert time.monotonic() - began < 10
        await acting
        await until(lambda: len(handed_over(tmp_path)) == len(agents), 30)
        await process.kill()
        stories(agents, handed_over(tmp_path))
        assert server.complaints == []


class Group:
    """A group of processes with a limit of memory, as a container has one."""

    def __init__(self, folder: Path, limit: str) -> None:
        self.folder, self._limit = folder, limit

    def enter(self, first: bool = False) -> tuple[str, ...]:
        """What stands before a command that is to run inside. `first`: the kernel ends it before the others."""
        score = 1000 if first else 0
        script = f'echo $$ > "$0/cgroup.procs" && echo {score} > /proc/$$/oom_score_adj && exec "$@"'
        return ("sh", "-c", script, str(self.folder))

    def limit(self, size: int) -> None:
        (self.folder / self._limit).write_text(str(size))

    def kills(self) -> int:
        """How often the kernel ended somebody here for want of memory. -1 where it does not say."""
        path = self.folder / ("memory.events" if self._limit == "memory.max" else "memory.oom_control")
        words = path.read_text().split() if path.exists() else []
        return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else -1


@pytest.fixture
def group() -> Iterator[Group]:
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        folder = Path(root) / f"stonechat-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        found = Group(folder, limit)
        if found.kills() >= 0:
            yield found
            for pid in (folder / "cgroup.procs").read_text().split():  # where the test failed
                os.kill(int(pid), signal.SIGKILL)
            for _ in range(100):
                try:
                    folder.rmdir()
                    return
                except OSError:  # its last process is still being taken away
                    time.sleep(0.05)
            return
        folder.rmdir()
    pytest.skip("no group with a limit of memory can be made here (it needs root and the kernel's memory controller)")


@pytest.mark.case("F09")
async def test_F09_the_memory_limit_kills_it_and_nothing_is_lost(tmp_path: Path, group: Group) -> None:
    """Beside the bot something eats the container's memory: the kernel ends the bot, and it comes back."""
    group.limit(320 << 20)
    eater = "held = []\nwhile True: held.append(bytearray(b'x' * (4 << 20)))"
    async with FakeTelegram() as server:
        process = Process(tmp_path, server, before=group.enter(first=True))
        await process.start()
        agents = [Agent(Person(server, 700 + n), [f"{n}: {m}" for m in range(4)]) for n in range(20)]
        acting = asyncio.create_task(walked(process, agents, 120))
        for kill in (1, 2):
            await until(lambda kill=kill: process.starts >= kill and process.alive)
            await asyncio.sleep(0.2)  # among all that it is asked
            hungry = await asyncio.create_subprocess_exec(*group.enter(), sys.executable, "-c", eater)
            await until(lambda kill=kill: not process.alive or process.starts > kill)
            if hungry.returncode is None:  # with nothing else left to end, the kernel ends it too
                hungry.kill()
            await hungry.wait()
        await acting
        await until(lambda: len(handed_over(tmp_path)) == len(agents))
        assert process.starts >= 3, "it was ended twice and came back"
        assert group.kills() >= 2
        await process.kill()
        stories(agents, handed_over(tmp_path))
        assert server.complaints == []
