"""What stays in memory of conversations that rest, and of updates that were taken: bounded, and small."""

from collections import OrderedDict
from collections.abc import Callable

from bot.conversation.record import decode, encode
from bot.conversation.standing import Standing


class Resting:
    """Standings in bytes, a tenth of what they take when awake. The longest unused go first: the store has them all."""

    def __init__(self, most: int, gone: Callable[[bytes], None]) -> None:
        self._most, self._gone = most, gone
        self._records: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()

    def put(self, conversation: bytes, standing: Standing) -> None:
        """It rests from now on."""
        self._records[conversation] = standing.revision, encode(standing)
        while len(self._records) > self._most:
            self._gone(self._records.popitem(last=False)[0])

    def take(self, conversation: bytes) -> Standing | None:
        """It rests no more."""
        found = self._records.pop(conversation, None)
        return decode(found[1], found[0]) if found is not None else None


class Recent:
    """Whether something was among the last `most` or so, and not longer ago than `seconds` or twice that.

    Two sets that take turns cost half of one in order. Things age because a platform may begin its numbers anew.
    """

    def __init__(self, most: int, seconds: float = 86_400) -> None:
        self._most, self._seconds, self._since = most, seconds, 0.0
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def __contains__(self, thing: bytes) -> bool:
        return thing in self._young or thing in self._old

    def add(self, thing: bytes) -> None:
        """The newest."""
        if len(self._young) >= self._most:
            self._turn()
        self._young.add(thing)

    def age(self, now: float) -> None:
        """Look at the time (seconds)."""
        if now - self._since >= self._seconds:
            self._since = now
            self._turn()

    def _turn(self) -> None:
        self._young, self._old = set(), self._young
