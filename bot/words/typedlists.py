"""Lists of words to type (`typed.…`): how one is cut into words, and what can't be one."""

import re
from collections.abc import Iterator, Mapping

COMMA = re.compile("[,،、，]")
OTHER = re.compile(r"[;؛；|\n]")
NOTHING = "-"
# These are no words of a language: the program asks which of them it is.
FIXED: Mapping[str, frozenset[str]] = {
    "typed.date.last_stands": frozenset({"before", "after"}),
    "typed.number.first_stands": frozenset({"tens", "units"}),
    "typed.date.seasons_in": frozenset({"north", "south"}),
}
# Whoever types one of these needs an answer: a language without a word for it would be silent.
NEEDED = re.compile(r"typed\.(?:command\.\w+|despair|threatened)\Z")
DISTINCT = re.compile(r"typed\.(number|date\.weekday)\.\d+\Z")


def words_in(listed: str) -> list[str]:
    """What stands between the commas, of any script; `-` stands for nothing."""
    return [w for word in COMMA.split(listed) if (w := word.strip()) and w != NOTHING]


def wrong_list(context: str, english: str, string: str) -> Iterator[str]:
    """Each with its mend."""
    words = words_in(string)
    if fixed := FIXED.get(context):
        if not words or not set(words) <= fixed:
            yield f"is no list of words; write {' or '.join(sorted(fixed))}, in English"
        return
    if OTHER.search(string) and not OTHER.search(english):
        yield "separates words by something else than commas; write commas"
    if not words and (NEEDED.match(context) or string.strip() != NOTHING):
        way_out = "repeat one of a like list" if NEEDED.match(context) else "write one, or - where there is none"
        yield f"has no word; {way_out}"
