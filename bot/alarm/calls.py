"""Who rang how often today: in memory only, because on disk it would tell who reported."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

A_DAY = 5  # ringing versions of one account that ring; later ones join
SPACE = 60.0  # seconds from an account's last alarm to one more, after its five were taken
MOST = 50_000  # accounts


@dataclass(frozen=True)
class Calls:
    """What one account did today: how many alarms, the last one's id, and when it began (steady clock)."""

    count: int
    alarm: bytes
    began: float


class Today:
    """One account's first five ringing versions a day ring. Later ones join the last of them while it is open.

    Where that one was taken there is nobody left whom they could join: then a new alarm begins, a minute after
    the one before at the earliest, so that a call is spaced, but never lost.
    """

    def __init__(self) -> None:
        """Nobody rang yet."""
        self._day = 0
        self._calls: dict[Hashable, Calls] = {}

    def last(self, key: Hashable, day: int) -> Calls | None:
        """The calls of an account that has used up its five."""
        self._turn(day)
        calls = self._calls.get(key)
        return calls if calls is not None and calls.count >= A_DAY else None

    def rang(self, key: Hashable, day: int, alarm: bytes, now: float) -> float:
        """Count one more alarm. Returns when it is to ring, on the steady clock: now, or later for a sixth."""
        self._turn(day)
        calls = self._calls.pop(key, None)
        begins = now if calls is None or calls.count < A_DAY else max(now, calls.began + SPACE)
        self._calls[key] = replace(calls or Calls(0, b"", 0.0), alarm=alarm, began=begins)
        self._calls[key] = replace(self._calls[key], count=self._calls[key].count + 1)
        while len(self._calls) > MOST:
            del self._calls[next(iter(self._calls))]
        return begins

    def _turn(self, day: int) -> None:
        if day != self._day:
            self._day = day
            self._calls.clear()
