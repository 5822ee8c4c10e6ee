"""From the outbox to the intake: at least once, the report id is the key, only an acknowledgement purges."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
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
        """(report, version) of what may leave now; what rings stands first."""
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


@dataclass
class _Lane:
    """Reports of one kind, one after the other. `longest`: seconds between two tries of one of them."""

    rings: bool
    longest: float
    news: asyncio.Event = field(default_factory=asyncio.Event)
    one_round: asyncio.Lock = field(default_factory=asyncio.Lock)
    tries: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, float] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)  # the other lane had them

    def may_try(self, name: str, now: float) -> bool:
        at = self.not_before.get(name, 0)
        return at <= now or at > now + 2 * self.longest  # such a pause was never made: the clock was set back

    def done(self, name: str) -> None:
        self.tries.pop(name, None)
        self.not_before.pop(name, None)

    def later(self, name: str, now: float) -> None:
        tries = self.tries[name] = self.tries.get(name, 0) + 1
        # Spread, so that many reports do not come back to an intake all at once.
        wait = min(FIRST * 2 ** min(tries - 1, 12), LONGEST) * (0.5 + random.random())
        self.not_before[name] = now + min(wait, self.longest)


class Handoff:
    """Hands over what waits; each report backs off alone.

    What rings has a lane of its own: it waits for no calm report's upload, and for no other's silence.
    """

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
        self._lanes = _Lane(True, RINGING_LONGEST), _Lane(False, LONGEST * 2)
        self._spread = spread * 60
        self._leaves: dict[str, float] = {}  # when a report that waits may leave
        self._wished: set[str] = set()  # erasures that were seen
        self._unscrubbed = False
        self._kinds: dict[tuple[str, int], bool] = {}  # whether a version that waits rings
        self._busy: set[str] = set()
        self.acknowledged: Callable[[str, int], None] = lambda report, version: None
        """Is told of every version that the intake acknowledged."""
        self.counted: Callable[[bool], None] = lambda rings: None
        """The same for figures: whether it rings, and nothing else of it."""
        self.failed: Callable[[str], None] = lambda kind: None
        """Is told of every hand-over that failed."""
        self.is_clock_believed: Callable[[], bool] = lambda: True
        """Nothing is destroyed for its day while it is not."""
        self.healthy = True

    def wake(self) -> None:
        """Something new waits, or may leave: look now."""
        for lane in self._lanes:
            lane.news.set()

    async def run(self) -> None:
        """Until cancelled."""
        running = [asyncio.create_task(self._run(lane)) for lane in self._lanes]
        try:
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, lane: _Lane) -> None:
        while True:
            await self._round(lane)
            # Not wait_for: Python 3.11's swallows an end that comes in the same moment as news.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause(lane)):
                    await lane.news.wait()
            lane.news.clear()

    def _pause(self, lane: _Lane) -> float:
        """Seconds until something may be tried."""
        now = self._clock()
        times = (*lane.not_before.values(), *(() if lane.rings else self._leaves.values()))
        soonest = min((at - now for at in times if at > now), default=LOOK)
        return min(max(soonest, 0.2), SCRUB_AGAIN if self._unscrubbed else LOOK)

    async def round(self) -> None:
        """One pass over what may leave now, what rings first."""
        for lane in self._lanes:
            await self._round(lane)

    async def _round(self, lane: _Lane) -> None:
        """Never two of one lane at a time, and of both never the same report: it leaves once."""
        async with lane.one_round:
            now = self._clock()
            try:
                if not lane.rings:
                    await self._tidy_once_a_day(now)
                    # What is to be destroyed goes before other calm reports: its owner waits for nothing else.
                    for erasure in await self._wishes():
                        if lane.may_try(erasure.report, now):
                            await self._try(lane, erasure.report, partial(self._erase, erasure))
                for report in await self._may_leave(lane, now):
                    await self._try(lane, report, partial(self._hand_over, report))
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

    async def _may_leave(self, lane: _Lane, now: float) -> list[str]:
        """Reports of this lane whose time has come: what rings at once, what is calm when chance says so."""
        there = await self._outbox.outbox(int(now))
        self._kinds = {each: rings for each, rings in self._kinds.items() if each in there}
        for each in there:
            if each not in self._kinds and (report := await self._outbox.outgoing(each[0])) is not None:
                self._kinds[report.report, report.version] = rings(report)
        if not lane.rings:
            self._draw(there, now)
        mine = [name for name, version in there if self._kinds.get((name, version)) is lane.rings]
        return [r for r in mine if lane.may_try(r, now) and (lane.rings or self._leaves[r] <= now)]

    def _draw(self, there: Sequence[tuple[str, int]], now: float) -> None:
        """When each may leave. What rang once goes at once, whatever its next version says."""
        known, self._leaves = self._leaves, {}
        for name, version in there:
            at = known.get(name)
            if self._kinds.get((name, version)):
                at = now
            set_back = at is not None and at > now + self._spread
            self._leaves[name] = now + self._chance() if at is None or set_back else at

    def _chance(self) -> float:
        return random.SystemRandom().uniform(0, self._spread) if self._spread else 0.0

    async def _scrub(self) -> None:
        """Until it was done: somebody may be reading (a backup). What is purged meanwhile asks for another."""
        if not self._unscrubbed:
            return
        self._unscrubbed, done = False, False
        try:
            with contextlib.suppress(StonechatError):
                done = await self._outbox.scrub() is not False
        finally:
            self._unscrubbed = self._unscrubbed or not done

    async def _tidy_once_a_day(self, now: float) -> None:
        today = datetime.fromtimestamp(now, UTC).date()
        if self._tidy is None or self._tidied == today.isoformat() or not self.is_clock_believed():
            return
        try:
            await self._tidy(today)
            self._tidied = today.isoformat()
        except StonechatError as error:
            log.error("%s", error)

    async def _hand_over(self, name: str) -> None:
        report = await self._outbox.outgoing(name)
        if report is None:
            return
        began, acknowledged = time.perf_counter(), True
        try:
            await self._connector.hand_over(report)
            self._took("handoff", began)
            self.counted(rings(report))
        except Gone as gone:
            log.warning("%s", gone)
            acknowledged = False
        await self._outbox.handed_over(name, report.version)
        self._unscrubbed = True
        if acknowledged:
            self.acknowledged(name, report.version)

    async def _erase(self, erasure: Erasure) -> None:
        await self._connector.erase(erasure)
        await self._outbox.erased(erasure.report)
        self._unscrubbed = True

    async def _try(self, lane: _Lane, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if name in self._busy:
            lane.skipped.add(name)  # the other lane has it, and wakes this one
            return
        self._busy.add(name)
        try:
            await work()
        except StonechatError as error:
            if self.healthy:
                log.error("%s", error)
            self.healthy = False
            self.failed("handoff")
            lane.later(name, self._clock())
            return
        except Exception as error:
            log.error("handing over failed: %s; it is tried again", type(error).__name__)
            self.failed("handoff")
            lane.later(name, self._clock())
            return
        finally:
            self._busy.discard(name)
            for other in self._lanes:
                if name in other.skipped:
                    other.skipped.discard(name)
                    other.news.set()
        if not self.healthy:
            log.warning("reports are handed over again")
        self.healthy = True
        for each in self._lanes:
            each.done(name)
