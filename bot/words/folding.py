"""Text made alike, for comparison only: what is shown never goes through here."""

import unicodedata
from collections.abc import Callable

# Letters that people write either way, and those of Persian and Urdu keyboards.
ALIKE = str.maketrans(
    {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ـ": "", "œ": "oe", "æ": "ae", "ß": "ss"}
    | {"ı": "i", "ø": "o", "ł": "l", "đ": "d"}
)
REMEMBERED = 20_000  # characters; whoever sends all of Unicode fills no memory


class _Table(dict[int, str]):
    """For str.translate: each character is asked about once."""

    def __init__(self, means: Callable[[str], str]) -> None:
        super().__init__()
        self._means = means

    def __missing__(self, code: int) -> str:
        found = self._means(chr(code))
        if len(self) < REMEMBERED:
            self[code] = found
        return found


def _digit(char: str) -> str:
    return str(int(char)) if char.isdecimal() and not char.isascii() else char


def _plain(char: str) -> str:
    return "" if unicodedata.combining(char) else _digit(char)


DIGITS = _Table(_digit)
PLAIN = _Table(_plain)
BARE = _Table(lambda char: plain if (plain := _plain(char)) == "" or plain.isalnum() else " ")


def western_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return text if text.isascii() else text.translate(DIGITS)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold().translate(ALIKE))


def plain_letters(text: str) -> str:
    """Lower case, no accents, no vowel marks; digits western; punctuation stays."""
    return text.lower() if text.isascii() else _decomposed(text).translate(PLAIN)


def folded(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces."""
    return " ".join((text.lower() if text.isascii() else _decomposed(text)).translate(BARE).split())
