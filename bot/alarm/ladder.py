"""When an alarm that nobody took rings again, and whom. Pure.

0    the first on the rota, at once
5    the same again: a phone in another room
15   the next on the rota
30   the next
60   the next, and then one every hour, round and round, until somebody takes it
"""

from dataclasses import dataclass, replace

MINUTE = 60.0
STEPS = (0, 5, 15, 30, 60)  # minutes after the beginning
LATER = 60  # minutes between two steps after the last
AFTER_START = 600.0  # seconds from the noted last ring (up to five minutes early) to the first after a start


@dataclass(frozen=True)
class Ladder:
    """An open alarm on its way through the rota. `due`: when `step` rings, in seconds of the process's steady clock."""

    due: float
    step: int = 0
    shift: int = 0

    def place(self, size: int) -> int:
        """Whose turn `step` is, of `size` places, from 0. The first is rung twice."""
        return (self.shift + max(0, self.step - 1)) % size

    def climbed(self, now: float) -> "Ladder":
        """As it stands once `step` was rung. A machine that slept rings once, not once for each step that it missed."""
        return replace(self, due=now + wait_after(self.step) * MINUTE, step=self.step + 1)


def wait_after(step: int) -> int:
    """Minutes from one step to the next."""
    return STEPS[step + 1] - STEPS[step] if step + 1 < len(STEPS) else LATER


def begun(now: float) -> Ladder:
    """An alarm that begins now, on the steady clock: the first step is due."""
    return Ladder(now)


def taken_up(now: float, wall: float, last: tuple[int, int] | None) -> Ladder:
    """The ladder, after a start, of an alarm that rang before it; it goes on with the next place, from the second step.

    `last` is (minute since 1970 rounded down to five, place) of the last ring. A bot that starts over and over must
    neither ring at every start nor fall silent, whatever the wall clock says.
    """
    if last is None:
        return Ladder(now, 1)
    minute, place = last
    wait = minute * MINUTE + AFTER_START - wall
    return Ladder(now + (wait if 0 < wait <= AFTER_START else 0.0), 1, place + 1)


def noted(wall: float) -> int:
    """The minute since 1970 that is written down for a ring: rounded down to five."""
    return int(wall // (5 * MINUTE)) * 5
