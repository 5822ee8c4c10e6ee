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

    async def open_alarms(self) -> Sequence[OpenAlarm]: ...

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

    async def rehearsals(self) -> Sequence[Rehearsed]: ...

    async def close(self) -> None: ...


class MemoryStore:
    """An AlarmStore that forgets: for the demo and for tests. A restart that shares it is a restart."""

    def __init__(self) -> None:
        self._open: dict[bytes, OpenAlarm] = {}
        self._last: tuple[int, int] | None = None
        self._rehearsals: dict[bytes, Rehearsed] = {}

    async def add(self, alarm: bytes, day: int) -> None:
        self._open.setdefault(alarm, OpenAlarm(alarm, day, False))

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        return tuple(self._open[alarm] for alarm in sorted(self._open))

    async def note_rung(self, alarms: Collection[bytes], minute: int, place: int) -> None:
        there = [a for a in alarms if a in self._open]
        for alarm in there:
            self._open[alarm] = replace(self._open[alarm], rang=True)
        if there:
            self._last = minute, place

    async def last_rung(self) -> tuple[int, int] | None:
        return self._last

    async def taken(self, alarms: Collection[bytes] | None = None) -> int:
        named = [a.id for a in self._open.values() if (a.rang if alarms is None else a.id in alarms)]
        self._drop(named)
        return len(named)

    async def forget_old(self, today: int, spare: Collection[bytes] = ()) -> Sequence[OpenAlarm]:
        old = tuple(a for a in await self.open_alarms() if today - a.day >= KEPT and a.id not in spare)
        self._drop([a.id for a in old])
        return old

    def _drop(self, alarms: Sequence[bytes]) -> None:
        for alarm in alarms:
            del self._open[alarm]
        if not self._open:
            self._last = None

    async def rehearsed(self, rehearsal: Rehearsed) -> None:
        self._rehearsals[rehearsal.mark] = rehearsal

    async def rehearsals(self) -> Sequence[Rehearsed]:
        return tuple(self._rehearsals[mark] for mark in sorted(self._rehearsals))

    async def close(self) -> None:
        pass
