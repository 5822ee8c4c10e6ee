"""How many reports one chat may send in a day. In memory only: on disk it would tell who reported."""

from collections import Counter
from collections.abc import Callable

DAY = 86_400


class ReportsToday:
    """Counted by a conversation's id, which its next conversation has too. Days are UTC."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self._day = 0
        self._sent: Counter[bytes] = Counter()
        self._refused: set[bytes] = set()

    def _today(self) -> Counter[bytes]:
        day = int(self._clock()) // DAY
        if day != self._day:
            self._day, self._sent, self._refused = day, Counter(), set()
        return self._sent

    def count(self, conversation: bytes) -> None:
        """One more was sent."""
        self._today()[conversation] += 1

    def enough(self, conversation: bytes) -> bool:
        """It may send no more today."""
        return self._today()[conversation] >= self._most

    def is_first_refusal(self, conversation: bytes) -> bool:
        """Whether the operator is to hear of it: once a chat and day."""
        first = conversation not in self._refused
        self._refused.add(conversation)
        return first
