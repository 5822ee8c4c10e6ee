"""Serving the intake: on loopback only, until requests are signed."""

import asyncio
import time

from bot.intake.app import make_app
from bot.intake.store import IntakeStore
from bot.machine.addresses import loopback
from bot.machine.serving import Served

DAY = 86_400
TIDY_SECONDS = 3600
WHY = "until requests are signed, nobody else may reach it"


def address(listen: str) -> tuple[str, int]:
    """(host, port). Raises SettingsError for any address that others can reach."""
    return loopback(listen, "the intake", WHY)


class Embedded:
    """The intake in the bot's own process, over real HTTP on a port of its own."""

    def __init__(self, store: IntakeStore, served: Served) -> None:
        """Use `start`."""
        self.store, self._served, self.url = store, served, served.url

    @classmethod
    async def start(cls, store: IntakeStore, listen: str = "127.0.0.1:0") -> "Embedded":
        """Swept, then listening. `listen` is HOST:PORT on loopback, port 0 for any free one. Raises SettingsError."""
        try:
            await store.sweep()
            return cls(store, await Served.start(make_app(store), *address(listen)))
        except BaseException:
            store.stop()
            raise

    async def serve(self) -> None:
        """Until cancelled, tidying every hour; not in an hour in which the clock went on by a day: it may be wrong."""
        ahead = time.time() - time.monotonic()
        while True:
            ahead, before = time.time() - time.monotonic(), ahead
            if ahead - before < DAY:
                await self.store.tidy()
            await asyncio.wait([self._served.task], timeout=TIDY_SECONDS)
            if self._served.task.done():
                return

    async def close(self) -> None:
        """Stop listening, then close the store."""
        await self._served.close()
        await self.store.close()
