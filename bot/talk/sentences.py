"""Sentences that are not yet words: what is to be said, in no language so far."""

from datetime import date
from typing import Literal

from msgspec import Struct

from bot.talk.events import MessageRef

Precision = Literal["day", "week", "month", "quarter", "year"]


class Message(Struct, frozen=True):
    """A sentence that is still to be put in words: its context in the catalogue, the English, its values.

    Where `plural` is given, the first whole number among the values decides between the forms.
    """

    context: str
    text: str
    values: "dict[str, Value]" = {}
    plural: str = ""


class DateValue(Struct, frozen=True, array_like=True):
    """A day, or the first day of what the precision names (`2026-03`, month: 1 March 2026)."""

    day: date
    precision: Precision

    def code(self) -> str:
        """`2026-03-05`, `2026-W10`, `2026-03`, `2026-Q1` or `2026`: ISO 8601 but for the quarter."""
        match self.precision:
            case "day":
                return self.day.isoformat()
            case "week":
                year, week, _ = self.day.isocalendar()
                return f"{year}-W{week:02}"
            case "month":
                return f"{self.day:%Y-%m}"
            case "quarter":
                return f"{self.day.year}-Q{(self.day.month + 2) // 3}"
            case "year":
                return f"{self.day.year}"


Value = str | int | Message | DateValue | tuple[Message, ...]


Block = Message | tuple[Message, ...]  # a paragraph: one sentence, or lines that belong together


class Button(Struct, frozen=True):
    """`data` is short and never trusted; `chosen` shows a tick."""

    label: Message
    data: str
    chosen: bool = False


class Prompt(Struct, frozen=True):
    """What the bot is to say next. How `choices` and `extras` stand on a screen is the channel's business.

    `choices` answer the question, in the order of their numbers; `extras` stand under every question besides (back,
    skip, help, danger). `quotes` is the reporter's own message. `head` comes before everything, also before what is
    said about the last answer: a locked phone shows the first line. `consent`: a press may agree to something, pass
    something on or destroy it, so nobody is to press it unread.
    """

    paragraphs: tuple[Block, ...] = ()
    choices: tuple[Button, ...] = ()
    extras: tuple[Button, ...] = ()
    quotes: MessageRef | None = None
    head: Message | None = None
    consent: bool = False
