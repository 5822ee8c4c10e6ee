"""Greetings and thanks: whole messages of nothing else, however people string them together."""

import re
from collections.abc import Callable, Iterable
from typing import Literal

from bot.words.folding import folded

Kind = Literal["greeting", "thanks"]
LONGEST = 60  # characters; more is no mere greeting
TONE = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")  # of a hand's skin, and what makes a sign a picture
DRAWN_OUT = re.compile(r"(.)\1{2,}")  # hellooo


class Pleasantries:
    """What people greet and thank with, of several languages. `words` gives the list behind a key of typed.yaml."""

    def __init__(self, words: Iterable[Callable[[str], tuple[str, ...]]]) -> None:
        every = list(words)
        kinds: tuple[tuple[Kind | None, str], ...] = (
            (None, "greeting.with"),
            ("thanks", "thanks"),
            ("greeting", "greeting"),
        )
        self._kinds: dict[str, Kind | None] = {
            _compared(word): kind for kind, key in kinds for of in every for word in of(key) if word != "-"
        }
        self._most = max((len(phrase.split()) for phrase in self._kinds), default=0)

    def read(self, text: str) -> Kind | None:
        """What this is, if it is nothing more than that."""
        if len(text) > LONGEST:
            return None
        whole = _compared(text)
        return self._all_of(whole) or self._all_of(DRAWN_OUT.sub(r"\1", whole))

    def _all_of(self, whole: str) -> Kind | None:
        """Taken apart, the longest phrase first: thanks count before a greeting, and what only goes with them alone
        is neither."""
        tokens, found = whole.split(), set[Kind | None]()
        while tokens:
            sizes = range(min(self._most, len(tokens)), 0, -1)
            size = next((n for n in sizes if " ".join(tokens[:n]) in self._kinds), 0)
            if not size:
                return None
            found.add(self._kinds[" ".join(tokens[:size])])
            tokens = tokens[size:]
        return "thanks" if "thanks" in found else "greeting" if "greeting" in found else None


def _compared(text: str) -> str:
    return folded(text) or TONE.sub("", text.strip())  # a hand that waves has no letters
