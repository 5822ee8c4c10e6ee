"""One target: rung for as many alarms as wait for it, tried again until it took them, never for one that was taken.

What it says is always the same, so alarms that come together share one message. A target that hangs or fails keeps
nobody waiting but itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from bot.alarm.sending import AlarmError, Notice, Sender
from bot.alarm.waiting import Sleep, pause

log = logging.getLogger("stonechat.alarm")
GAP = 5.0  # seconds between two messages to one target; ntfy.sh lets one pass every five
FIRST, LONGEST = 30.0, 300.0  # seconds from a failure to the next try

Ids = Collection[bytes]


def backoff(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row; `chance` from 0 to 1 spreads it over a quarter."""
    return min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST) * (1 - chance / 4)


class Bell:
    """One target's bell; `run` it.

    `still_open` says which alarms nobody took, asked before every message; `took` hears which ones a message that the
    target took was for.
    """

    def __init__(
        self,
        sender: Sender,
        notice: Notice,
        still_open: Callable[[Ids], Awaitable[Ids]],
        took: Callable[["Bell", Ids], Awaitable[None]],
        steady: Callable[[], float],
        sleep: Sleep,
        chance: Callable[[], float],
    ) -> None:
        """`steady` in seconds of the process; `chance` gives a number from 0 to 1."""
        self.sender, self.failures = sender, 0  # failures in a row
        self._notice, self._still_open, self._took = notice, still_open, took
        self._steady, self._sleep, self._chance = steady, sleep, chance
        self._wanted: set[bytes] = set()
        self._outcomes: list[asyncio.Future[bool]] = []
        self._news = asyncio.Event()
        self._began = self._ended = float("-inf")

    def ring(self, alarms: Ids) -> "asyncio.Future[bool]":
        """Ring for these. The future says how the next try went: True, the target took it (or nobody needs it now)."""
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._outcomes.append(outcome)
        if not self._wanted.issuperset(alarms):
            self._news.set()  # somebody new does not wait until an old failure is forgiven
        self._wanted.update(alarms)
        return outcome

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not self._wanted:
                self._news.clear()
                await self._news.wait()
            await self._rest()
            self._news.clear()
            try:
                await self._round()
            except Exception as error:  # whatever it is, this bell must not end
                log.error("%s: an unforeseen error (%s)", self.sender.name, type(error).__name__)
                await self._sleep(FIRST)

    async def _rest(self) -> None:
        if (left := self._began + GAP - self._steady()) > 0:
            await self._sleep(left)
        if self.failures:
            left = self._ended + backoff(self.failures, self._chance()) - self._steady()
            if left > 0 and not self._news.is_set():
                await pause(self._sleep, left, self._news.wait())

    async def _round(self) -> None:
        """One message for all who wait."""
        asked, outcomes, self._outcomes = set(self._wanted), self._outcomes, []
        took = False
        try:
            wanted = await self._still_open(asked)
            took = not wanted or await self._sent()
            self._wanted -= asked if took else asked.difference(wanted)
            if took and wanted:
                await self._took(self, wanted)
        finally:
            if not self._wanted:  # who asked again meanwhile got what they asked for
                outcomes, self._outcomes = outcomes + self._outcomes, []
            for outcome in outcomes:
                if not outcome.done():
                    outcome.set_result(took)

    async def _sent(self) -> bool:
        self._began = self._steady()
        try:
            await self.sender.send(self._notice)
        except AlarmError as error:
            log.error("%s", error)
        except Exception as error:
            log.error("%s: an unforeseen error (%s)", self.sender.name, type(error).__name__)
        else:
            if self.failures:
                log.warning("%s is reached again", self.sender.name)
            self.failures = 0
            return True
        finally:
            self._ended = self._steady()
        self.failures += 1
        return False
