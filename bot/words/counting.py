"""Numbers of options as people say them: `the second`, `number 2`, `one to three`, `le deuxième`, `الأول والثالث`.

Read with the numbers and ordinals that dates have; any other word ("1 or so", "maybe two") makes it no choice.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

from bot.words.amounts import Lexemes, joined_numbers
from bot.words.digits import TEN, WIDEST
from bot.words.folding import folded, western_digits
from bot.words.lexicon import Lexeme, Lexicon, Typed

LONGEST = 60  # characters; more is a story, not a choice
CUT = re.compile(r"[,;،؛+&/]|\s-\s|\n")
MARKS = re.compile(r"[#*\"'«»“”!?؟:.()\[\]{}°]")
NUMBER = re.compile(r"(?<!\w)n(?:[o°º]|um|r)?\.?\s*(?=\d)", re.IGNORECASE)  # No. 2, n° 2
WORDS = ("number.", "nth.", "date.and", "date.to", "date.one", "date.nth_mark", "date.between", "prefixes")
NOWHEN = date(2026, 1, 1)  # no number depends on the day


def words_of_numbers(language: str, typed: Typed) -> Lexicon:
    """The part of a language's words of dates that are numbers."""
    return Lexicon(language, {key: words for key, words in typed.items() if key.startswith(WORDS)})


def counted(text: str, lexicons: Sequence[Lexicon], said: frozenset[str]) -> tuple[int, ...]:
    """The numbers that are named, and nothing else is; `said` are words beside them: number, option, please."""
    if len(text) > LONGEST:
        return ()
    plain = western_digits(unicodedata.normalize("NFKC", text.replace(TEN, "10")))  # ② is 2
    plain = MARKS.sub(" ", NUMBER.sub(" ", plain))
    for lexicon in lexicons:
        found = [_piece(piece, lexicon, said) for piece in CUT.split(plain) if piece.strip()]
        if found and all(found):
            return tuple(dict.fromkeys(n for numbers in found for n in numbers))
    return ()


def _piece(text: str, lexicon: Lexicon, said: frozenset[str]) -> tuple[int, ...]:
    words = f" {folded(text)} "
    for word in sorted(said, key=len, reverse=True):
        words = words.replace(f" {word} ", " ")
    kept = words.strip()
    readings = list(lexicon.readings(kept, NOWHEN, False))
    # "One" is the article, too: that counts only where nothing else does.
    for each in ([r for r in readings if not any(x.unit == "article" for x in r)], readings):
        if meant := {n for lexemes in each if (n := _numbers(lexemes, lexicon))}:
            return meant.pop() if len(meant) == 1 else ()
    return ()


def _numbers(lexemes: Lexemes, lexicon: Lexicon) -> tuple[int, ...]:
    bare = tuple(x for x in lexemes if x.kind != "between" and x.unit != "article")
    return tuple(dict.fromkeys(_read(joined_numbers(bare, lexicon.units_first)))) if bare else ()


def _read(lexemes: Lexemes) -> Iterator[int]:
    """`1`, `1 and 3`, `1 to 3`. Anything else is nothing at all: `the first two`, `two weeks`."""
    numbers, joints = lexemes[::2], lexemes[1::2]
    if len(lexemes) == 2 and lexemes[0].kind == "nth" and lexemes[1] == Lexeme("number", 1, unit="word"):
        numbers, joints = lexemes[:1], ()  # "the second one"
    plain = all(x.kind in ("number", "nth") and x.b < 4 and x.unit != "year" for x in numbers)
    if not plain or len(numbers) != len(joints) + 1 or any(x.kind not in ("and", "to") for x in joints):
        return
    yield numbers[0].a
    for joint, before, number in zip(joints, numbers, numbers[1:], strict=False):
        if joint.kind == "to" and before.a < number.a <= before.a + WIDEST:
            yield from range(before.a + 1, number.a)
        yield number.a
