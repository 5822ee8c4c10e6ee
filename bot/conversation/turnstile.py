"""Whose turn it is when more is to be done than can be done at once: who was served least lately goes first.

Work is let through in rounds of the event loop, a few at a time, so that what arrives is read between them: three
hundred who write without a pause hold up nobody who writes now and then (S03). Nobody is refused, and where nobody
waits nothing is slower.
"""

import asyncio
from heapq import heappop, heappush

APART = 0.5  # seconds from one answer to the next of one chat that is not behind others: quicker than a hand
LATER = 1.0  # seconds that a chat which was only opened is behind others: a thousand can be opened by a machine
CROWD = 8  # who wait: from then on whoever goes on at the same place is answered once a second
REMEMBERED = 60.0  # seconds that this stays so
AGAIN = 1.0  # seconds


class Pace:
    """Of one conversation: from when on it is its turn, in seconds of the event loop's clock."""

    __slots__ = ("_free",)

    def __init__(self) -> None:
        self._free = 0.0

    def due(self, now: float, *, opens: bool = False) -> float:
        """For what is done next. `opens`: nothing was said, the chat was only opened."""
        due = max(now, self._free) + (LATER if opens else 0.0)
        self._free = due + APART
        return due


class Turnstile:
    """`at_once` is how many go through in one round of the event loop. `crowded`: many waited not long ago."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._crowded_until = 0.0
        self._passed = 0  # in this round
        self._count = 0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    async def enter(self, due: float) -> None:
        """Wait for one's turn; who is `due` first goes first."""
        if not self._waiting and self._passed < self._at_once:
            self._let_through()
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heappush(self._waiting, (due, self._count, future))
        if len(self._waiting) >= CROWD:
            self._crowded_until = asyncio.get_running_loop().time() + REMEMBERED
        await future

    @property
    def crowded(self) -> bool:
        return asyncio.get_running_loop().time() < self._crowded_until

    def _let_through(self) -> None:
        if not self._passed:
            asyncio.get_running_loop().call_soon(self._round)
        self._passed += 1

    def _round(self) -> None:
        self._passed = 0
        while self._waiting and self._passed < self._at_once:
            future = heappop(self._waiting)[2]
            if not future.done():  # else it was cancelled meanwhile
                future.set_result(None)
                self._let_through()
