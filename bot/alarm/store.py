"""What an alarm needs kept. Nothing here comes from a report: a random id, a day, whether it rang."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.alarm.rehearsing import Rehearsed

KEPT = 7  # days


@dataclass(frozen=True)
class OpenAlarm:
    """An alarm that nobody took. `day` is days since 1970; `rang`: some target took it once."""

    id: bytes
    day: int
    rang: bool


class AlarmStore(Protocol):
    """Every method is durable when it returns, and raises AlarmError where it can't be."""

    async def add(self, alarm: bytes, day: int) -> None:
        """Open an alarm. One that is open already stays as it is."""
        ...

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        """Those that nobody took, in the order of their ids."""
        ...

    async def note_rung(self, alarms: Collection[bytes], minute: int, place: int) -> None:
        """These rang. `minute` (since 1970, see `ladder.noted`) and `place` are kept once for all of them together."""
        ...

    async def last_rung(self) -> tuple[int, int] | None:
        """(minute, place) of the last ring, while any alarm is open."""
        ...

    async def taken(self, alarms: Collection[bytes] | None = None) -> int:
        """Somebody took these; None: every one that rang. One that never rang is not taken by people who can't know of
        it, unless it is named. Returns how many there were; nothing of them stays."""
        ...

    async def forget_old(self, today: int, spare: Collection[bytes] = ()) -> Sequence[OpenAlarm]:
        """Drop alarms of KEPT days ago and before, except `spare`. Returns what was dropped."""
        ...

    async def rehearsed(self, rehearsal: Rehearsed) -> None:
        """Remember it, in place of an earlier one of the same mark."""
        ...

    async def rehearsals(self) -> Sequence[Rehearsed]:
        """The newest of each target."""
        ...

    async def close(self) -> None:
        """Let go of it. It is not used after."""
        ...


class MemoryStore:
    """An AlarmStore that forgets: for the demo and for tests. A restart that shares it is a restart."""

    def __init__(self) -> None:
        """Nothing rings, nothing was rehearsed."""
        self._open: dict[bytes, OpenAlarm] = {}
        self._last: tuple[int, int] | None = None
        self._rehearsals: dict[bytes, Rehearsed] = {}

    async def add(self, alarm: bytes, day: int) -> None:
        """Open an alarm, durably. One that is open already stays as it is."""
        self._open.setdefault(alarm, OpenAlarm(alarm, day, False))

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        """Those that nobody took, in the order of their ids."""
        return tuple(self._open[alarm] for alarm in sorted(self._open))

    async def note_rung(self, alarms: Collection[bytes], minute: int, place: int) -> None:
        """These rang; minute and place are kept once for all of them."""
        there = [a for a in alarms if a in self._open]
        for alarm in there:
            self._open[alarm] = replace(self._open[alarm], rang=True)
        if there:
            self._last = minute, place

    async def last_rung(self) -> tuple[int, int] | None:
        """(minute, place) of the last ring, while any alarm is open."""
        return self._last

    async def taken(self, alarms: Collection[bytes] | None = None) -> int:
        """Drop these, or every one that rang. Returns how many there were."""
        named = [a.id for a in self._open.values() if (a.rang if alarms is None else a.id in alarms)]
        self._drop(named)
        return len(named)

    async def forget_old(self, today: int, spare: Collection[bytes] = ()) -> Sequence[OpenAlarm]:
        """Drop alarms of KEPT days ago and before, except `spare`; they are returned."""
        old = tuple(a for a in await self.open_alarms() if today - a.day >= KEPT and a.id not in spare)
        self._drop([a.id for a in old])
        return old

    def _drop(self, alarms: Sequence[bytes]) -> None:
        for alarm in alarms:
            del self._open[alarm]
        if not self._open:
            self._last = None

    async def rehearsed(self, rehearsal: Rehearsed) -> None:
        """Remember it, in place of an earlier one of the same mark."""
        self._rehearsals[rehearsal.mark] = rehearsal

    async def rehearsals(self) -> Sequence[Rehearsed]:
        """The newest of each target."""
        return tuple(self._rehearsals[mark] for mark in sorted(self._rehearsals))

    async def close(self) -> None:
        """Nothing to let go of."""
