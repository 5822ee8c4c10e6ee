"""From the outbox to the intake: at least once, the report id is the key, only an acknowledgement purges."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

from bot.errors import StonechatError
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport, rings

log = logging.getLogger("stonechat.handoff")
FIRST, LONGEST = 2.0, 900.0  # seconds between two tries of one report
RINGING_LONGEST = 30.0  # the same where somebody is in danger


class HandoffError(StonechatError):
    """The intake did not take a report this time. It stays, sealed."""


class Gone(HandoffError):
    """The intake proved, by its pinned key, that it destroyed this report and takes it never again."""


class Outbox(Protocol):
    """What handing over needs of the store."""

    async def outbox(self, now: int) -> Sequence[tuple[str, int]]:
        """(report, version) of what may leave now; what rings should stand first."""
        ...

    async def outgoing(self, report: str) -> SealedReport | None:
        """The newest version of a report that waits, whole; None where none does any more."""
        ...

    async def handed_over(self, report: str, version: int) -> None:
        """This version is done with: purge it. A newer one that came meanwhile stays."""
        ...

    async def scrub(self) -> None:
        """What was purged is no longer readable in any file."""
        ...

    async def erasures(self) -> Sequence[Erasure]:
        """What an intake still has to destroy."""
        ...

    async def erased(self, report: str) -> None:
        """The intake has destroyed it: forget the wish."""
        ...


class Connector(Protocol):
    """One way to an intake."""

    async def hand_over(self, report: SealedReport) -> None:
        """Return only when the intake has it for good. Raises HandoffError; Gone where no try can ever succeed."""
        ...

    async def erase(self, erasure: Erasure) -> None:
        """Return only when the intake has destroyed it and will never take it again. Raises HandoffError."""
        ...

    async def close(self) -> None:
        """Let go of connections. It is not used after."""
        ...


class Handoff:
    """Hands over what waits, oldest first; each report backs off alone."""

    def __init__(
        self,
        outbox: Outbox,
        connector: Connector,
        clock: Callable[[], float],
        took: Callable[[str, float], None] = lambda what, began: None,
        tidy: Callable[[date], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` in seconds since 1970; `took` is told what was done and when it began (perf_counter).

        `tidy` destroys what is over its day, where the intake does not do that by itself.
        """
        self._tidy, self._tidied = tidy, ""
        self._outbox, self._connector, self._clock, self._took = outbox, connector, clock, took
        self._wake = asyncio.Event()
        self._one_round = asyncio.Lock()
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._ringing: set[str] = set()
        self.healthy = True

    def wake(self) -> None:
        """Something new waits, or may leave: look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.round()
            try:
                await asyncio.wait_for(self._wake.wait(), self._pause())
            except TimeoutError:
                pass
            finally:
                self._wake.clear()

    def _pause(self) -> float:
        soonest = min((t - self._clock() for t in self._not_before.values()), default=30.0)
        return min(max(soonest, 0.2), 30.0)

    async def round(self) -> None:
        """One pass over what may leave now; never two at a time, so that no report leaves twice at once."""
        async with self._one_round:
            now = self._clock()
            await self._tidy_once_a_day(now)
            try:
                # What is to be destroyed goes first: its owner waits for nothing else.
                for erasure in await self._outbox.erasures():
                    if self._not_before.get(erasure.report, 0) <= now:
                        await self._try(erasure.report, self._erase(erasure))
                waiting = [r for r, _ in await self._outbox.outbox(int(now)) if self._not_before.get(r, 0) <= now]
                for report in waiting:
                    await self._try(report, self._hand_over(report))
                if waiting:
                    await self._outbox.scrub()
            except StonechatError:
                return

    async def _tidy_once_a_day(self, now: float) -> None:
        today = datetime.fromtimestamp(now, UTC).date()
        if self._tidy is None or self._tidied == today.isoformat():
            return
        try:
            await self._tidy(today)
            self._tidied = today.isoformat()
        except StonechatError as error:
            log.error("%s", error)

    async def _hand_over(self, name: str) -> None:
        report = await self._outbox.outgoing(name)
        if report is not None:
            if rings(report):
                self._ringing.add(name)
            began = time.perf_counter()
            try:
                await self._connector.hand_over(report)
                self._took("handoff", began)
            except Gone as gone:
                log.warning("%s", gone)
            await self._outbox.handed_over(name, report.version)

    async def _erase(self, erasure: Erasure) -> None:
        await self._connector.erase(erasure)
        await self._outbox.erased(erasure.report)

    async def _try(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StonechatError as error:
            if self.healthy:
                log.error("%s", error)
            self.healthy = False
            self._later(name)
            return
        except Exception as error:
            log.error("handing over failed: %s; it is tried again", type(error).__name__)
            self._later(name)
            return
        self.healthy = True
        self._tries.pop(name, None)
        self._not_before.pop(name, None)
        self._ringing.discard(name)

    def _later(self, name: str) -> None:
        tries = self._tries[name] = self._tries.get(name, 0) + 1
        # Spread, so that many reports do not come back to an intake all at once.
        wait = min(FIRST * 2 ** min(tries - 1, 12), LONGEST) * (0.5 + random.random())
        self._not_before[name] = self._clock() + (min(wait, RINGING_LONGEST) if name in self._ringing else wait)
