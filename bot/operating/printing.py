"""The one way out to a person's terminal: text is only text, without markup, control codes or direction marks."""

import unicodedata

from rich.console import Console
from rich.text import Text

JOINERS = "\u200c\u200d"  # within words of Persian, Hindi and others, and within emoji: they move nothing


def harmless(text: str) -> str:
    """Control and direction characters shown as what they are, so that no text can disturb the terminal."""

    def shown(letter: str) -> str:
        if letter == "\n" or letter.isprintable() or letter in JOINERS:
            return letter
        return " " if unicodedata.category(letter) == "Zs" else f"<U+{ord(letter):04X}>"

    return "".join(map(shown, text))


def one_line(text: str) -> str:
    """The same where a line feed would make a second line of it: names of files, what a manifest says."""
    return harmless(text).replace("\n", "<U+000A>")


class Printer:
    """Every line of a report goes through it."""

    def __init__(self, console: Console) -> None:
        """A console whose stream replaces what it can't show."""
        self._console = console

    def line(self, text: str, depth: int = 0, style: str = "") -> None:
        """One thing that is said, `depth` steps in; its own line breaks stay inside that."""
        pad = "  " * depth
        lines = (f"{pad}{line}" for line in harmless(text).split("\n"))
        self._console.print(Text("\n".join(lines), style=style), soft_wrap=True)
