"""The newest of many numbers, in bounded memory."""

from collections import OrderedDict


class Recent:
    """At most `most` numbers; the oldest are forgotten."""

    def __init__(self, most: int) -> None:
        """Empty."""
        self._most = most
        self._known: OrderedDict[int, None] = OrderedDict()

    def adds(self, number: int) -> bool:
        """Remember it. False: it was known."""
        if number in self._known:
            self._known.move_to_end(number)
            return False
        self._known[number] = None
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return True
