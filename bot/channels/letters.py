"""What every channel does to letters: half characters, the tick before what is chosen, lines that know their side."""

import unicodedata

from bot.talk.outgoing import Choice

RIGHT_TO_LEFT = ("R", "AL")
FIRST_RIGHT = "\u0590"  # Hebrew begins here; nothing below it is written from the right
OPENS, CLOSES = "\u2066\u2067\u2068", "\u2069"  # isolates: what stands inside says nothing about the line around it
LEAD = "\u200f"  # right-to-left mark: no width, and as strong as a letter


def plain(text: str) -> str:
    """A lone surrogate becomes U+FFFD; everything else stays as it was typed.

    Half an emoji comes from keyboards and pastes that cut one in two. It can't be written as UTF-8, so it would cost
    the whole message.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ticked(choice: Choice) -> str:
    """Its label, with a tick where it is chosen: for channels that can't show that in another way."""
    return f"✓ {choice.label}" if choice.chosen else choice.label


def led(text: str) -> str:
    """Each line of a right-to-left text begins on its own side, also where it begins with a name or a number.

    A messenger takes a line's direction from its first strong letter outside of isolates. A line `label: value` whose
    both sides are isolated has none, so it was shown from left to right: label and value changed places.
    """
    if not text or max(text) < FIRST_RIGHT:
        return text
    strong = [unicodedata.bidirectional(c) for c in text]
    if sum(s in RIGHT_TO_LEFT for s in strong) <= strong.count("L"):
        return text
    return "\n".join(line if not line.strip() or _begins_right(line) else LEAD + line for line in text.split("\n"))


def _begins_right(line: str) -> bool:
    """The rules P2 and P3 of Unicode's bidirectional algorithm (UAX #9)."""
    depth = 0
    for letter in line:
        if letter in OPENS:
            depth += 1
        elif letter in CLOSES:
            depth = max(0, depth - 1)
        elif not depth and (kind := unicodedata.bidirectional(letter)) in ("L", *RIGHT_TO_LEFT):
            return kind in RIGHT_TO_LEFT
    return False
