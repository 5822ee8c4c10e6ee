"""kill -9 at any instant: rung at least once, never silent. Real processes, a real file, a real server."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alarm import OpenAlarm, SqliteAlarms
from tests.alarm.sinks import Ntfy, ntfy_server

ROOT = Path(__file__).parents[2]
KILLS = max(6, int(os.environ.get("STONECHAT_KILLS", "0")) // 20)


@pytest.fixture
async def ntfy() -> AsyncIterator[Ntfy]:
    async with ntfy_server() as found:
        yield found


async def start(folder: Path, ntfy: Ntfy, point: str, count: int = 0) -> asyncio.subprocess.Process:
    words = (str(folder), f"{ntfy.url}/a-topic-that-nobody-guesses", point, str(count))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alarm.entry", *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


async def heard(ntfy: Ntfy, count: int) -> None:
    async with asyncio.timeout(30):
        while len(ntfy.messages) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def left(folder: Path) -> list[OpenAlarm]:
    store = await SqliteAlarms.open(folder / "alarm.db")
    found = list(await store.open_alarms())
    await store.close()
    return found


async def noted(folder: Path, count: int) -> None:
    async with asyncio.timeout(30):
        while sum(a.rang for a in await left(folder)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.mark.parametrize("point", ["after_add", "before_send", "after_send"])
async def test_killed_before_it_is_noted_it_rings_after_the_start(tmp_path: Path, ntfy: Ntfy, point: str) -> None:
    process = await start(tmp_path, ntfy, point, 1)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    before = len(ntfy.messages)
    assert before == (point == "after_send")
    assert [a.rang for a in await left(tmp_path)] == [False]
    process = await start(tmp_path, ntfy, "nowhere")
    await heard(ntfy, before + 1)
    await noted(tmp_path, 1)
    await end(process)


async def test_killed_before_it_is_written_nobody_was_told_that_it_rings(tmp_path: Path, ntfy: Ntfy) -> None:
    process = await start(tmp_path, ntfy, "before_add", 1)
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert said == b""
    assert await left(tmp_path) == []


async def test_killed_after_it_is_noted_it_stays_open_and_rings_again_by_the_plan(tmp_path: Path, ntfy: Ntfy) -> None:
    process = await start(tmp_path, ntfy, "after_note", 1)
    await asyncio.wait_for(process.wait(), 60)
    assert [a.rang for a in await left(tmp_path)] == [True]
    process = await start(tmp_path, ntfy, "nowhere", 1)  # another one, so that there is something to wait for
    await heard(ntfy, 2)
    await noted(tmp_path, 2)
    await end(process)
    assert len(ntfy.messages) == 2


async def test_killed_at_random_instants_every_alarm_that_was_promised_is_heard(tmp_path: Path, ntfy: Ntfy) -> None:
    chance = random.Random(7)
    promised: set[str] = set()
    for _ in range(KILLS):
        process = await start(tmp_path, ntfy, "nowhere", 3)
        assert process.stdout is not None
        promised.add((await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip())
        await asyncio.sleep(chance.random() * 0.05)
        await end(process)
        promised.update((await process.stdout.read()).decode().split())
    open_ = {a.id.hex() for a in await left(tmp_path)}
    assert promised <= open_
    process = await start(tmp_path, ntfy, "nowhere")
    await noted(tmp_path, len(open_))
    await end(process)
    assert ntfy.messages
