"""A channel without a bot behind it: what it brings is kept, and nothing answers but the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.channels.telegram import Telegram
from bot.talk.events import Arrival, Event
from tests.channels.fake_telegram import TOKEN, FakeTelegram

SENTENCE = "Please write to me in a private chat."


@dataclass
class Taking:
    """Stands where conversations stand: an arrival is on disk at once, unless `fails` says otherwise."""

    arrivals: list[Arrival] = field(default_factory=list)
    fails: Callable[[Arrival], bool] = lambda arrival: False
    notice: str | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def take(self, arrival: Arrival) -> "asyncio.Future[str | None]":
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self.fails(arrival):
            done.set_exception(OSError("the disk is full"))
        else:
            self.arrivals.append(arrival)
            done.set_result(self.notice)
        return done

    @property
    def events(self) -> list[Event]:
        return [arrival.event for arrival in self.arrivals]


@asynccontextmanager
async def channel(server: FakeTelegram, token: str = TOKEN, **options: Any) -> AsyncIterator[Telegram]:
    """A Telegram channel that neither polls nor has a webhook."""
    found = Telegram(token, options.pop("api", server.url), private_only=SENTENCE, **({"poll": 1} | options))
    await found.start()
    try:
        yield found
    finally:
        await found.close()


@asynccontextmanager
async def polling(server: FakeTelegram, **options: Any) -> AsyncIterator[tuple[Telegram, Taking]]:
    """The same, polling."""
    taking = Taking()
    async with channel(server, **options) as found:
        task = asyncio.create_task(found.poll(taking.take))
        try:
            yield found, taking
        finally:
            ended = task.done()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert not ended, "a poll never ends by itself"


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Until it holds; for what no server can tell."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
