"""From the outbox to the intake: at least once, the report id is the key, only an acknowledgement purges."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
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
        """(report, version) of what may leave now; what rings stands first."""
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
        return self.not_before.get(name, 0) <= now

    def done(self, name: str) -> None:
        self.tries.pop(name, None)
        self.not_before.pop(name, None)

    def later(self, name: str, now: float) -> None:
        tries = self.tries[name] = self.tries.get(name, 0) + 1
        # Spread, so that many reports do not come back to an intake all at once.
        wait = min(FIRST * 2 ** min(tries - 1, 12), LONGEST) * (0.5 + random.random())
        self.not_before[name] = now + min(wait, self.longest)

    def pause(self, now: float) -> float:
        """Seconds until something may be tried again."""
        soonest = min((at - now for at in self.not_before.values()), default=30.0)
        return min(max(soonest, 0.2), 30.0)


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
    ) -> None:
        """`clock` in seconds since 1970; `took` is told what was done and when it began (perf_counter)."""
        self._outbox, self._connector, self._clock, self._took = outbox, connector, clock, took
        self._lanes = _Lane(True, RINGING_LONGEST), _Lane(False, LONGEST * 2)
        self._kinds: dict[tuple[str, int], bool] = {}  # whether a version that waits rings
        self._busy: set[str] = set()
        self.acknowledged: Callable[[str, int], None] = lambda report, version: None
        """Is told of every version that the intake acknowledged."""
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
            try:
                await asyncio.wait_for(lane.news.wait(), lane.pause(self._clock()))
            except TimeoutError:
                pass
            finally:
                lane.news.clear()

    async def round(self) -> None:
        """One pass over what may leave now, what rings first."""
        for lane in self._lanes:
            await self._round(lane)

    async def _round(self, lane: _Lane) -> None:
        """Never two of one lane at a time, and of both never the same report: it leaves once."""
        async with lane.one_round:
            now = self._clock()
            try:
                # What is to be destroyed goes before other calm reports: its owner waits for nothing else.
                for erasure in () if lane.rings else await self._outbox.erasures():
                    if lane.may_try(erasure.report, now):
                        await self._try(lane, erasure.report, partial(self._erase, erasure))
                waiting = await self._waiting(lane, now)
                for report in waiting:
                    await self._try(lane, report, partial(self._hand_over, report))
                if waiting:
                    await self._outbox.scrub()
            except StonechatError:
                return

    async def _waiting(self, lane: _Lane, now: float) -> list[str]:
        """What may leave by this lane."""
        there = await self._outbox.outbox(int(now))
        self._kinds = {each: rings for each, rings in self._kinds.items() if each in there}
        for each in there:
            if each not in self._kinds and (report := await self._outbox.outgoing(each[0])) is not None:
                self._kinds[report.report, report.version] = rings(report)
        return [each[0] for each in there if self._kinds.get(each) is lane.rings and lane.may_try(each[0], now)]

    async def _hand_over(self, name: str) -> None:
        report = await self._outbox.outgoing(name)
        if report is None:
            return
        began, acknowledged = time.perf_counter(), True
        try:
            await self._connector.hand_over(report)
            self._took("handoff", began)
        except Gone as gone:
            log.warning("%s", gone)
            acknowledged = False
        await self._outbox.handed_over(name, report.version)
        if acknowledged:
            self.acknowledged(name, report.version)

    async def _erase(self, erasure: Erasure) -> None:
        await self._connector.erase(erasure)
        await self._outbox.erased(erasure.report)

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
            lane.later(name, self._clock())
            return
        except Exception as error:
            log.error("handing over failed: %s; it is tried again", type(error).__name__)
            lane.later(name, self._clock())
            return
        finally:
            self._busy.discard(name)
            for other in self._lanes:
                if name in other.skipped:
                    other.skipped.discard(name)
                    other.news.set()
        self.healthy = True
        lane.done(name)
