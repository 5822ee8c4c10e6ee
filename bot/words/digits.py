"""Numbers that people type: which options they mean, and return numbers, also within other words."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from bot.words.calendar import western_digits

LONGEST = 200  # characters; more is a story, not a choice
KEYCAP = re.compile("[\ufe0f\u20e3]")
TEN = "🔟"
NUMBER = r"\d{1,3}"
BETWEEN = r"[\s,.;)،、؛&+/]"
RANGE = re.compile(rf"({NUMBER})\s*[-–—]\s*({NUMBER})")
WIDEST = 40  # options that a range may name
RUN = re.compile(r"(?<!\d)\d(?:[\s.\-–—_·]{0,3}\d){17,}(?!\d)")
YEAR = re.compile(r"(?:19|20)\d\d")
MEANT = range(18, 31)  # digits that were meant as a return number: 24, or some with a slip


def read_numbers(text: str, ands: Sequence[str]) -> tuple[int, ...]:
    """`1, 3`, `1 and 3`, `1-3` (up to), `1️⃣ 3️⃣`, `②`, in any script; empty where anything else stands in it.

    `ands` are the language's words for "and".
    """
    if len(text) > LONGEST or not any(map(str.isnumeric, text.replace(TEN, "10"))):
        return ()
    plain = unicodedata.normalize("NFKC", KEYCAP.sub(" ", text.replace(TEN, " 10 ")))  # ② is 2
    plain = f" {western_digits(plain).strip()} "
    for word in ands:
        plain = _and(word).sub(" ", plain)
    plain = RANGE.sub(_spread, plain).strip()
    if not re.fullmatch(rf"{NUMBER}(?:{BETWEEN}+{NUMBER})*[.)]?", plain):
        return ()
    return tuple(dict.fromkeys(int(n) for n in re.findall(r"\d+", plain)))


@cache
def _and(word: str) -> re.Pattern[str]:
    """Between two numbers. Arabic writes its "and" onto the next one."""
    return re.compile(rf"(?<=[\s\d]){re.escape(word)}\s*(?=\d)", re.IGNORECASE)


def _spread(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    if not first < last <= first + WIDEST:
        return found[0]
    return f" {' '.join(str(n) for n in range(first, last + 1))} "


def return_number(text: str) -> str | None:
    """The digits of what was meant as a return number, wherever it stands in a text; None where there is none.

    A row of dates has as many digits and is none: its groups are days, months and years.
    """
    if len(text) > 10_000 or sum(map(str.isdecimal, text)) < MEANT.start:
        return None
    for found in RUN.finditer(western_digits(text)):
        groups = re.findall(r"\d+", found[0])
        digits = "".join(groups)
        dates = len(groups) > 2 and all(len(g) <= 2 or YEAR.fullmatch(g) for g in groups) and max(map(len, groups)) == 4
        if len(digits) in MEANT and not dates:
            return digits
    return None
