"""Text made alike, for comparison only: what is shown never goes through here."""

import unicodedata

APART = {n: " " for n in range(128) if not chr(n).isalnum()}
# Letters that people write either way, and those of Persian and Urdu keyboards.
ALIKE = str.maketrans(
    {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ـ": "", "œ": "oe", "æ": "ae", "ß": "ss"}
    | {"ı": "i", "ø": "o", "ł": "l", "đ": "d"}
)


def western_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def plain_letters(text: str) -> str:
    """Lower case, no accents, no vowel marks; digits western; punctuation stays."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", western_digits(text).casefold().translate(ALIKE))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def folded(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces."""
    if text.isascii():
        return " ".join(text.lower().translate(APART).split())
    return " ".join("".join(c if c.isalnum() else " " for c in plain_letters(text)).split())
