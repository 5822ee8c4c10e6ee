"""Whether the clock can be believed, and what becomes of stored instants when it was set.

A small machine starts in 1970 until the network tells it the time; a wrong server sets a clock a year on. What truly
passed is known by the steady clock: so instants from before the jump are moved with it, and nobody's time is shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass

JUMP = 600  # seconds between the clock and the steady one that nobody calls a jump
DAY = 86_400
GRACE = 3600  # seconds that nothing is destroyed after the clock went on by more than a day


@dataclass(frozen=True)
class Moved:
    """The clock was set `by` seconds on: what was written from `since` to `until` by it is moved, but for the moment
    of the jump (`new`, seconds before `until + by`), which is of the clock as it is now."""

    by: int
    since: float
    until: float
    new: float = 0.0

    def __call__(self, instant: int) -> int:
        """This instant by the clock as it is now."""
        now = self.until + self.by
        if not instant or not self.since <= instant <= self.until or now - self.new <= instant <= now:
            return instant
        return instant + self.by


class Watch:
    """Looked at once a minute. `seen` is what the clock said when this state was last looked at; 0 for a new one.

    `released`: before that day of this program's no clock is right.
    """

    def __init__(
        self, clock: Callable[[], float], steady: Callable[[], float], seen: float, released: float = 0.0
    ) -> None:
        self._clock, self._steady, self._released = clock, steady, released
        self._wall, self._at = clock(), steady()
        self._away = self._wall - seen if seen else 0.0
        self._seen, self._first = seen, True
        self._hold_until = 0.0
        self._since = 0.0 if -JUMP <= self._away <= DAY else self._wall  # whose instants are of this clock

    @property
    def is_believed(self) -> bool:
        """Nothing may be destroyed for being old else."""
        wall, steady = self._clock(), self._steady()
        jumped = abs(wall - self._wall - (steady - self._at)) > JUMP
        return not jumped and steady >= self._hold_until and not (self._first and self._away > DAY)

    @property
    def is_before_release(self) -> bool:
        """It stands before this program was made."""
        return self._clock() < self._released

    def look(self) -> tuple[Moved | None, float]:
        """What is to be moved, and by how many seconds the clock is on, where that is to be told (else 0)."""
        wall, steady = self._clock(), self._steady()
        passed = steady - self._at
        drift = wall - self._wall - passed
        until = self._wall + passed
        moved, told = None, 0.0
        if self._first:
            self._first = False
            told = self._away if abs(self._away) > DAY else 0.0
            if self._seen and self._seen < self._released <= wall:  # written by a clock that was never right
                moved = Moved(int(self._away), 0.0, self._released)
                self._since = 0.0
        if abs(drift) > JUMP:
            moved, told = Moved(int(drift), self._since, until, passed + 1), drift
            if self._seen > self._wall and self._since:  # it went back while nobody looked, and is right again
                told = max(told, wall - self._seen)
            self._since = self._since + drift if self._since else 0.0
        if told > DAY:
            self._hold_until = steady + GRACE
        elif steady >= self._hold_until and self._hold_until:
            self._since, self._hold_until = 0.0, 0.0  # nobody mended it: it is right
        self._wall, self._at = wall, steady
        return moved, told
