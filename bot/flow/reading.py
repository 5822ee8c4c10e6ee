"""What a flow needs to understand typed words. `words/` implements it; flow knows only this."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from bot.talk.sentences import DateValue, Message

Distress = Literal["despair", "threatened"]


class CountryReading(Struct, frozen=True):
    """`codes` are ISO 3166-1 alpha-2. `sure` only where each was named exactly; `rest` is what else was typed.

    `note`: a part was named whose status is disputed; say that it takes no side.
    """

    codes: tuple[str, ...] = ()
    sure: bool = False
    rest: str = ""
    note: bool = False


class Reader(Protocol):
    """Pure, quick, and it never raises: what it can't read is empty."""

    def options(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[tuple[str, ...], ...]:
        """For each thing that was named, the ids that it may mean. Empty: nothing was understood."""
        ...

    def exact(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[str, ...]:
        """The ids of those that the text names by all of its words, and by nothing else."""
        ...

    def beginning(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[str, ...]:
        """The ids of those whose words begin with the text, up to the end of a word."""
        ...

    def numbers(self, text: str, language: str = "en") -> tuple[int, ...]:
        """Numbers of any script (`1, 3`, `1 and 3`, `1-3`), when there is nothing else in the text."""
        ...

    def counted(self, text: str, language: str) -> tuple[int, ...]:
        """Numbers of options in words too (`the second`, `number 2`, `one to three`), when there is nothing else."""
        ...

    def date(self, text: str, language: str, now: datetime, ahead: bool = False) -> tuple[DateValue, ...]:
        """Every day or span that the text can mean. `ahead`: the question asks for a day to come."""
        ...

    def country(self, text: str, language: str) -> CountryReading:
        """The countries that are named, or may be."""
        ...

    def command(self, text: str, language: str) -> str | None:
        """help, back, skip, pause, erase, human, language, status, danger, done, yes, no, who, is_it_safe,
        what_now, or None."""
        ...

    def is_contact(self, text: str) -> bool:
        """A phone number or e-mail address stands in it."""
        ...

    def distress(self, text: str, languages: Sequence[str]) -> frozenset[Distress]:
        """`despair`: its writer wants to die. `threatened`: others threaten or hurt somebody. In any language here."""
        ...

    def pleasantry(self, text: str, languages: Sequence[str]) -> str | None:
        """`greeting` or `thanks` in any of these languages, where the text is nothing else."""
        ...

    def return_number(self, text: str) -> str | None:
        """The digits of what was meant as a return number (18 to 30 of them), also within other words."""
        ...
