"""F05: a process that is ended while it opens its databases ends: a thread that nobody stops would keep it for ever."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.seal.signing import Signer
from bot.store.sqlite import SqliteStore


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
