"""Fetching updates: confirmed is only what is on disk; where nothing is gained there is a pause.

The platform's numbers are its own affair: after a week without updates they go on anywhere, also lower (Bot API,
"Update"). So the offset follows what came last, and after an answer that had nothing more to confirm it is 0: "from the
earliest unconfirmed". A bot that held on to its highest number heard nobody any more (P13).
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.account import Account
from bot.channels.telegram.answers import NotThere
from bot.channels.telegram.calls import LONGEST_WAIT, Call, retry_after
from bot.channels.telegram.health import AT_ONCE, STUCK, Health, log, trouble_of
from bot.channels.telegram.recent import Recent
from bot.channels.telegram.updates import ALLOWED, number_of

PAUSE = 1.0  # seconds at least from one poll to the next that gains nothing
FIRST_WAIT = 1.25  # seconds after a poll that failed; a fifth more or less, and twice as long each time
SLOW = 5.0  # seconds at least, where only a person can mend it
LONGEST_REST = 300.0  # seconds; what waits at the platform is kept for a day alone, and who told us to wait may lie
TELLING = 3  # polls in a row that gained nothing, until somebody is told
REMEMBERED = 5_000  # numbers of updates that were taken

TakeOne = Callable[[Any], "tuple[asyncio.Future[str | None] | None, str]"]


class Taken(Struct, frozen=True):
    """What a batch led to. `offset` confirms what is on disk; None: nothing in it can be confirmed.

    `news`: something was taken that is new. `whole`: nothing of it has to come again.
    """

    offset: int | None
    news: bool
    whole: bool


class Polling:
    """`call` is one try of a method; `take_one` reads one update; `answer` ends a button's spinning."""

    def __init__(
        self,
        call: Call,
        take_one: TakeOne,
        answer: Callable[[str, str | None], None],
        health: Health,
        seconds: int,
        account: Account,
    ) -> None:
        """`seconds` is how long one poll waits for something to come."""
        self._call, self._take_one, self._answer = call, take_one, answer
        self._health, self._seconds, self._account = health, seconds, account
        self._known = Recent(REMEMBERED)
        self._idle = 0

    async def run(self) -> None:
        """Until cancelled: fetch, take, confirm."""
        offset, wait = 0, FIRST_WAIT
        while True:
            began = time.monotonic()
            try:
                updates = await self._fetch(offset)
            except TelegramError as error:
                wait = await self._rest(error, wait)
                continue
            wait = FIRST_WAIT
            self._health.good("token")
            taken = await self._take_all(updates)
            if not updates:  # all is confirmed: whatever comes from now on is new, also under a number of before
                offset, self._known = 0, Recent(REMEMBERED)
            elif taken.offset is not None:
                offset = taken.offset
            await self._pace(began, bool(updates), taken)

    async def _fetch(self, offset: int) -> list[Any]:
        values = {"offset": offset, "timeout": self._seconds, "allowed_updates": list(ALLOWED)}
        updates: list[Any] = await self._call("GetUpdates", values)
        return updates

    async def _rest(self, error: TelegramError, wait: float) -> float:
        """Seconds for the next time."""
        self._health.bad("receiving", trouble_of(error, self._account))
        slow = isinstance(error, Conflict | InvalidToken | NotThere)
        seconds = (max(wait, SLOW) if slow else wait) * random.uniform(0.8, 1.2)
        await asyncio.sleep(max(seconds, min(retry_after(error), LONGEST_REST)))
        return min(wait * 2, LONGEST_WAIT)

    async def _pace(self, began: float, brought: bool, taken: Taken) -> None:
        """A loop that gains nothing pauses, and says so."""
        rest = PAUSE - (time.monotonic() - began)
        if taken.news or (not brought and rest <= 0):
            self._idle = 0
            self._health.good("receiving")
            return
        self._idle += 1
        if not taken.whole:  # it is our own store that can't write, and that is told elsewhere
            self._idle = 0
            self._health.good("receiving")
        elif brought and self._idle >= TELLING:
            self._health.bad("receiving", STUCK)
        elif not brought:
            self._health.good("receiving")
            if self._idle == TELLING:
                log.warning("%s", AT_ONCE)
        await asyncio.sleep(max(0.0, rest))

    async def _take_all(self, updates: list[Any]) -> Taken:
        """Queue all, then wait for all."""
        waiting = [(number, *self._take_one(raw)) for raw in updates if (number := number_of(raw)) >= 0]
        again: list[int] = []
        news = False
        for number, future, callback in waiting:
            notice = None
            try:
                if future is not None:
                    notice = await future
            except Exception:
                again.append(number)  # it comes again; what was written meanwhile is known by its id
            else:
                news = self._known.adds(number) or news
            if callback:
                self._answer(callback, notice)
        if not waiting:
            return Taken(None, news, True)
        return Taken(min(again) if again else max(n for n, _, _ in waiting) + 1, news, not again)
