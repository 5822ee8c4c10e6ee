"""English that was left where a translation should stand: a whole sentence, or one of several."""

import re

from bot.words.catalogue import PLACE
from bot.words.folding import folded

WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
SAME = 3  # words; fewer may well be the same in two languages
SAME_ELSEWHERE = 2  # where another script is written, only names are
PART = 5  # words of one sentence among others
SAID = 3  # words in small letters, without which it is a name


def is_english_left(context: str, english: str, string: str, latin: bool) -> bool:
    """Whether English stands in a translation. `latin`: the language is written in English's letters."""
    if context.startswith(("typed.", "codes.countries.")):
        return False
    bare, said = PLACE.sub("", english), folded(string)
    words = WORD.findall(bare)
    if context.startswith("help.") and sum(w.islower() for w in words) < SAID:
        return False
    if said == folded(english):
        return len(words) >= (SAME if latin else SAME_ELSEWHERE) and any(w.islower() for w in words)
    pieces = SENTENCE.split(english)
    return len(pieces) > 1 and any(len(WORD.findall(PLACE.sub("", p))) >= PART and folded(p) in said for p in pieces)
