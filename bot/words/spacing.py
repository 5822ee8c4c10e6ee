"""Spaces that never break a line, before and after the signs that a language names. Knows no language."""

import re
import unicodedata
from collections.abc import Collection, Mapping

NARROW, WIDE = "\u202f", "\u00a0"
ANY = f"[ {NARROW}{WIDE}]"
# What may stand behind a sign that was written onto its word: else it is no sign of a sentence (12:30, https://).
ENDS = r"""(?=[\s»”")\]?!.,;:…]|$)"""


class Spacing:
    """Which space stands `before` and `after` a sign. A space that is there is replaced, one that lacks is put in."""

    def __init__(self, before: Mapping[str, str] | None = None, after: Mapping[str, str] | None = None) -> None:
        self._before, self._after = dict(before or {}), dict(after or {})
        closing = {sign for sign in self._before if unicodedata.category(sign) in ("Pf", "Pe")}
        together = _any_of(set(self._before) - closing)  # "?!" is one sign, "!»" is two
        self._at = re.compile(
            rf"(?<=\S){ANY}+({_any_of(self._before)})|(?<=\S)(?<!{together})({together}){ENDS}"
            rf"|(?<=\S)({_any_of(closing)}){ENDS}"
        )
        self._behind = re.compile(rf"({_any_of(self._after)}){ANY}*(?=\S)")

    def __call__(self, text: str) -> str:
        """The text as a reader sees it. Doing it twice changes nothing."""
        text = self._behind.sub(lambda found: found[1] + self._after[found[1]], text)
        return self._at.sub(lambda found: self._before[sign := found[1] or found[2] or found[3]] + sign, text)


def _any_of(signs: Collection[str]) -> str:
    """One of these; what never fits where there are none."""
    return f"[{''.join(map(re.escape, sorted(signs)))}]" if signs else "(?!)."


NOT_SPACED = Spacing()
