"""Numbers and addresses of a sentence, which its translation must have, too: somebody calls them."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.words.catalogue import PLACE
from bot.words.folding import western_digits

DOMAIN = r"(?:[a-z0-9-]+\.)+(?:org|eu|net|com|int|info|io|is|me|ch|de|fr|uk|onion)(?![\w.-]*\w)"
ADDRESS = re.compile(
    rf"https?://[^\s<>()\[\]{{}}»”\"،؛]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.@/]){DOMAIN}(?:/[^\s<>()»”\"،؛]*)?"
    r"|(?<![\w./])[/@][a-z_]{3,}",
    re.ASCII | re.IGNORECASE,
)
HOST = re.compile(r"(?:https?://)?[^/]*", re.IGNORECASE)
LIKE_A_DOMAIN = re.compile(r"(?<![\w.@/-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w-])")  # in our own English there is no other
NUMBER = re.compile(r"\d+")
LONG_NUMBER = re.compile(r"[+＋]?\d(?:[\s().\-–/\u00a0\u202f]{0,2}\d)+")
PHONE = 6  # digits; what has fewer is never grouped anew
ABROAD = re.compile(r"[+＋]\s?(\d+)")
CLOCK = re.compile(r"(\d{1,2})(?:[:.]\d\d)?\s?([ap])\.?m\b", re.IGNORECASE)
RANGE = re.compile(
    r"(?<![\d:+])(\d{1,2}(?::\d\d)?|\d{4})(?:\s+to\s+|\s?[-–—]\s?)(\d{1,2}(?::\d\d)?|\d{4})(?![\d:]|\s?\d)"
)
TELLING = re.compile(r"\d|[@/]|\w\.\w")  # without one of these there is no number and no address


def wrong_numbers(singular: str, plural: str, string: str) -> Iterator[str]:
    """Each with its mend. `plural` is empty where there is none; a form for one number may say it in words."""
    english = f"{singular}\n{plural}" if plural else singular
    if not TELLING.search(english) and not TELLING.search(string):
        return
    ours, theirs = _addresses(english), _addresses(string)
    lost = [a for a in LIKE_A_DOMAIN.findall(ADDRESS.sub(" ", english)) if a not in string.lower()]
    if lost or (ours != theirs and not (plural and not theirs - ours)):
        odd = [*(theirs - ours), *(ours - theirs), *lost]
        yield f"has another address than the English ({', '.join(odd)}); keep it to the letter"
    texts = [_bare(singular), _bare(plural), _bare(string)]
    if odd := _in_forms(*texts) if plural else _by_line(texts[0], texts[2]):
        yield f"has other numbers than the English ({', '.join(odd)}); keep them"
    elif not plural and (turned := _turned(texts[0], texts[2])):
        yield f"has numbers in another order than the English ({turned}); keep their order"


def _bare(text: str) -> str:
    return western_digits(ADDRESS.sub(" ", PLACE.sub(" ", text)))


def _addresses(text: str) -> Counter[str]:
    found = (a.rstrip(".,;:!?") for a in ADDRESS.findall(PLACE.sub(" ", text)))
    return Counter(a.lower() if "@" in a else HOST.sub(lambda m: m.group().lower(), a, count=1) for a in found)


def _by_line(english: str, string: str) -> list[str]:
    """Line by line, where there are as many."""
    lines = english.split("\n"), string.split("\n")
    pairs = list(zip(*lines, strict=True)) if len(lines[0]) == len(lines[1]) else [(english, string)]
    return next((odd for ours, theirs in pairs if (odd := _other_numbers(ours, theirs))), [])


def _in_forms(singular: str, plural: str, string: str) -> list[str]:
    """A number that one form alone has may be said in words; one that both have is another matter."""
    one, many, found = (Counter(_number(n) for n in NUMBER.findall(text)) for text in (singular, plural, string))
    return [*(n for n in found if n not in one and n not in many), *((one & many) - found)]


def _other_numbers(english: str, string: str) -> list[str]:
    if abroad := Counter(ABROAD.findall(english)) - Counter(ABROAD.findall(string)):
        return [f"+{n}" for n in abroad]
    wanted, found = (Counter(_number(n) for n in NUMBER.findall(text)) for text in (english, string))
    for hour, half in CLOCK.findall(english):
        late = str(int(hour) % 12 + (12 if half.lower() == "p" else 0))
        if late != hour and re.search(rf"(?<!\d){hour}\s?h(?:\d\d)?\b", string):
            return [f"{hour} h"]
        if late in found and hour in wanted:
            found[late] -= 1
            wanted[hour] -= 1
    if +wanted == +found or _phones(english) == _phones(string):
        return []  # the same numbers, grouped as people there write them
    return [*(+found - wanted).elements(), *(+wanted - found).elements()]


def _phones(text: str) -> tuple[Counter[str], Counter[str]]:
    """Long numbers without what groups them, and all others."""
    joined: Counter[str] = Counter()

    def out(found: re.Match[str]) -> str:
        digits = "".join(c for c in found.group() if c.isdecimal())
        if len(digits) < PHONE:
            return found.group()
        joined[digits] += 1
        return " "

    rest = LONG_NUMBER.sub(out, text)
    return joined, Counter(_number(n) for n in NUMBER.findall(rest))


def _number(digits: str) -> str:
    """8 h is 08:00; a phone number keeps its 0."""
    return digits[1:] if len(digits) == 2 and digits[0] == "0" else digits


def _turned(english: str, string: str) -> str:
    """A range whose end stands before its beginning: no language does, but somebody who writes right to left may."""
    for first, last in RANGE.findall(english):
        at = [m.start() for n in (first, last) if (m := re.search(rf"(?<!\d){_time(n)}(?!\d)", string))]
        if first != last and len(at) == 2 and at[1] < at[0]:
            return f"{first}, {last}"
    return ""


def _time(number: str) -> str:
    hour, _, minutes = number.partition(":")
    return rf"0?{int(hour)}\s?(?:h|:|\.)\s?{minutes}" if minutes else number
