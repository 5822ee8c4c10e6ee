"""Whether somebody writes that they want to die, or that others threaten them: by reviewed lists, a language each.

Each list has an opposite: what is found there first is taken out ("he told me to kill myself"). Small words that stand
anywhere ("just", "really") are left out of both before they are compared. The lists: flows/typed.yaml.
"""

import re
from collections.abc import Callable, Sequence

from bot.flow.reading import Distress
from bot.words.calendar import folded

READ = 4_000  # characters
KINDS = ("despair", "threatened")
JOINED = "[وفل]?"  # Arabic writes its "and", "so", "for" onto the next word


class Feelings:
    """Of some languages together: nobody keeps to one when it is bad."""

    def __init__(self, languages: Sequence[Callable[[str], Sequence[str]]]) -> None:
        """Each gives the words of a list of flows/typed.yaml in one language."""

        def all_of(key: str) -> list[str]:
            return [folded(phrase) for words in languages for phrase in words(key)]

        self._small = re.compile(rf"\b(?:{_any(all_of('distress.small'))})\b")
        self._need = re.compile(rf"(?:{_any(all_of('command.danger'))})\b")
        self._says = {kind: self._phrases(all_of(kind)) for kind in KINDS}
        self._not = {kind: self._phrases(all_of(f"{kind}.not")) for kind in KINDS}

    def _phrases(self, phrases: Sequence[str]) -> "re.Pattern[str]":
        return re.compile(rf"\b{JOINED}(?:{_any([self._plain(p) for p in phrases])})\b")

    def _plain(self, text: str) -> str:
        return " ".join(self._small.sub(" ", text).split())

    def read(self, text: str) -> frozenset[Distress]:
        """What the text says of both. A message that begins with a word of need tells of a threat."""
        whole = folded(text[:READ])
        plain = self._plain(whole)
        found: set[Distress] = set()
        if self._says["despair"].search(left := self._not["despair"].sub(" | ", plain)):
            found.add("despair")
            plain = self._says["despair"].sub(" | ", left)
        if self._need.match(whole) or self._says["threatened"].search(self._not["threatened"].sub(" | ", plain)):
            found.add("threatened")
        return frozenset(found)


def _any(phrases: Sequence[str]) -> str:
    """The longest first: what stands within another is not found before it."""
    return "|".join(re.escape(p) for p in sorted({*phrases} - {""}, key=len, reverse=True)) or r"(?!)"
