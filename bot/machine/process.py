"""This process: how a signal ends it, how little it looks for garbage."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine, Iterator
from typing import Any

from bot.machine.hardening import harden


def run_until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is there; SIGTERM and SIGINT cancel the work."""
    harden()
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

    async def main() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:  # a second one would break off what closes files and threads, and it might never end
                ended = True
                task.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


@contextlib.contextmanager
def no_collecting() -> Iterator[None]:
    """Reading YAML and catalogues makes many objects that all stay: looking for garbage among them costs a third."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle_memory() -> None:
    """Flows and catalogues stay for good: looking for garbage among them took a seventh of all CPU."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
