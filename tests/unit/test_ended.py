"""F05: a process that is ended while it opens its databases ends: a thread that nobody stops would keep it for ever."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.seal.signing import Signer
from bot.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]


async def store(folder: Path) -> Any:
    return await SqliteStore.open(folder / "stonechat.db")


async def intake(folder: Path) -> Any:
    return await Embedded.start(await IntakeStore.open(folder / "intake", Signer.from_seed(bytes(32)), ()))


def left() -> int:
    return sum("_connection_worker_thread" in thread.name for thread in threading.enumerate())


@pytest.mark.case("F05")
@pytest.mark.parametrize("opens", [store, intake])
async def test_f05_ended_at_any_step_of_opening_no_thread_is_left(
    tmp_path: Path, opens: Callable[[Path], Awaitable[Any]]
) -> None:
    before, steps = left(), 0
    while True:
        task = asyncio.ensure_future(opens(tmp_path / str(steps)))
        for _ in range(steps):
            # A step is whatever wakes the loop: so each await of the opening is met in turn.
            await asyncio.wait([task], timeout=0.002)
        steps += 1
        if task.done():
            await task.result().close()
            break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    for _ in range(200):
        if left() == before:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{left() - before} threads are left, ended at {steps} moments")


@pytest.mark.case("F05")
@pytest.mark.skipif(sys.platform != "linux", reason="the process is made as Linux's are")
def test_f05_a_second_signal_breaks_off_no_closing() -> None:
    code = """
import asyncio
from bot.machine.process import run_until_signal
async def work():
    try:
        print("ready", flush=True)
        await asyncio.sleep(60)
    finally:
        print("closing", flush=True)
        await asyncio.sleep(0.3)
        print("closed", flush=True)
run_until_signal(work())
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip()]
        process.send_signal(signal.SIGTERM)
        said.append(process.stdout.readline().strip())
        process.send_signal(signal.SIGTERM)
        said += process.stdout.read().split()
        assert process.wait(10) == 0
    assert said == ["ready", "closing", "closed"]
