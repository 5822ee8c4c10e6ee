"""From the outbox to the intake: at least once, the report id is the key, only an acknowledgement purges."""

import asyncio
import contextlib
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
LOOK = 30.0  # seconds between two looks
SCRUB_AGAIN = 2.0  # the same while something that was purged can still be read
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

    async def scrub(self) -> bool | None:
        """What was purged is no longer readable in any file. False: not yet, ask again."""
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

    async def tidy(self, today: date) -> None:
        """Once a day and at the start: destroy, or have destroyed, what is over. Raises HandoffError."""
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
        spread: int = 0,
        tidy: Callable[[date], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` in seconds since 1970; `took` is told what was done and when it began (perf_counter).

        Calm reports leave at a random moment of `spread` minutes, so that times at an intake link nobody to a phone.
        That moment is in memory alone: on disk it would be the instant of a submission. `tidy` destroys what is over
        its day, where the intake does not do that by itself.
        """
        self._tidy, self._tidied = tidy, ""
        self._outbox, self._connector, self._clock, self._took = outbox, connector, clock, took
        self._wake = asyncio.Event()
        self._one_round = asyncio.Lock()
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._ringing: set[str] = set()
        self._spread = spread * 60
        self._leaves: dict[str, tuple[int, float]] = {}  # a report's version that waits, and when it may leave
        self._wished: set[str] = set()  # erasures that were seen
        self._unscrubbed = False
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
        times = (*self._not_before.values(), *(at for _, at in self._leaves.values()))
        soonest = min((t - self._clock() for t in times if t > self._clock()), default=LOOK)
        return min(max(soonest, 0.2), SCRUB_AGAIN if self._unscrubbed else LOOK)

    async def round(self) -> None:
        """One pass over what may leave now; never two at a time, so that no report leaves twice at once."""
        async with self._one_round:
            now = self._clock()
            await self._tidy_once_a_day(now)
            try:
                # What is to be destroyed goes first: its owner waits for nothing else.
                for erasure in await self._wishes():
                    if self._not_before.get(erasure.report, 0) <= now:
                        await self._try(erasure.report, self._erase(erasure))
                for report in await self._may_leave(now):
                    await self._try(report, self._hand_over(report))
            except StonechatError:
                return
            finally:
                await self._scrub()

    async def _wishes(self) -> Sequence[Erasure]:
        """What is to be destroyed. The commit that brought a new one deleted something: that is scrubbed."""
        found = await self._outbox.erasures()
        reports = {each.report for each in found}
        self._unscrubbed = self._unscrubbed or bool(reports - self._wished)
        self._wished = reports
        return found

    async def _may_leave(self, now: float) -> list[str]:
        """Reports whose time has come: what rings at once and before all others, what is calm when chance says so."""
        waiting = await self._outbox.outbox(int(now))
        known, self._leaves = self._leaves, {}
        for report, version in waiting:
            seen, at = known.get(report, (0, now + self._chance()))
            if seen != version and await self._rings(report):
                at = now
            self._leaves[report] = version, at
        leaving = [r for r, _ in waiting if max(self._leaves[r][1], self._not_before.get(r, 0)) <= now]
        return sorted(leaving, key=lambda report: report not in self._ringing)

    def _chance(self) -> float:
        return random.SystemRandom().uniform(0, self._spread) if self._spread else 0.0

    async def _rings(self, name: str) -> bool:
        report = await self._outbox.outgoing(name)
        if report is None or not rings(report):
            return False
        self._ringing.add(name)
        return True

    async def _scrub(self) -> None:
        """Until it was done: somebody may be reading (a backup)."""
        if self._unscrubbed:
            with contextlib.suppress(StonechatError):
                self._unscrubbed = await self._outbox.scrub() is False

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
            began = time.perf_counter()
            try:
                await self._connector.hand_over(report)
                self._took("handoff", began)
            except Gone as gone:
                log.warning("%s", gone)
            await self._outbox.handed_over(name, report.version)
            self._unscrubbed = True

    async def _erase(self, erasure: Erasure) -> None:
        await self._connector.erase(erasure)
        await self._outbox.erased(erasure.report)
        self._unscrubbed = True

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
