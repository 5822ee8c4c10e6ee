"""Return numbers that somebody types: one at a time a chat, two seconds apart, never in anybody else's way.

No delay is shared between chats, so that nobody can lock an owner out; nothing of a guess is written, so that after a
crash its person types it again.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.conversation.house import House
from bot.flow.session import begins
from bot.report.return_number import Receipt, derive, is_number
from bot.talk.events import LookedUp

APART = 2.0  # seconds between two of one chat
WAITING = 1_000  # chats that guess at once; above them the newest guess is not answered


class Guesses:
    """`tell` hands what came of it to its conversation. `pause` waits, in seconds."""

    def __init__(
        self,
        house: House,
        tell: Callable[[bytes, LookedUp], None],
        spawn: Callable[[Coroutine[Any, Any, Any]], None],
        pause: Callable[[float], Coroutine[Any, Any, Any]] = asyncio.sleep,
    ) -> None:
        self._house, self._tell, self._spawn, self._pause = house, tell, spawn, pause
        # A thread of its own: reports are never behind guesses. It lives when somebody guesses.
        self._thread = ThreadPoolExecutor(1, "guesses")
        self._next: dict[bytes, str] = {}  # the newest number of each chat that guesses; "" while it only waits

    def guess(self, conversation: bytes, number: str) -> None:
        """Look a number up. While an earlier one of this chat is under way the newest takes the place of others."""
        if not is_number(number):  # a slip of the hand: told at once, for it costs nothing
            self._tell(conversation, LookedUp(None, slip=True))
            return
        if conversation in self._next:
            self._next[conversation] = number
        elif len(self._next) < WAITING:
            self._next[conversation] = number
            self._spawn(self._guess(conversation))

    async def _guess(self, conversation: bytes) -> None:
        try:
            while number := self._next[conversation]:
                self._next[conversation] = ""
                self._tell(conversation, await self._looked_up(number))
                await self._pause(APART)
        finally:
            del self._next[conversation]

    async def _looked_up(self, number: str) -> LookedUp:
        loop = asyncio.get_running_loop()
        receipt: Receipt = await loop.run_in_executor(self._thread, derive, number, self._house.salt)
        row = await self._house.store.receipt(receipt.lookup)
        if row is None:
            return LookedUp(None, begins=begins(number))
        waits = await self._house.store.is_waiting(receipt.identity.recipient.text)
        return LookedUp(row.day, waits=waits, begins=begins(number))

    def stop(self) -> None:
        """No more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
