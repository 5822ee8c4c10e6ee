"""Sentences that are not yet words: what is to be said, in no language so far."""

from datetime import date, timedelta
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
    """A day, or the first day of what the precision names (`2026-03`, month: 1 March 2026).

    `until` makes it a span, "June to August": the first day of its last day, week, month, quarter or year.
    """

    day: date
    precision: Precision
    until: date | None = None

    def code(self) -> str:
        """`2026-03-05`, `2026-W10`, `2026-03`, `2026-Q1`, `2026`: ISO 8601 but for quarters; a span has a `/`."""
        first = _code(self.day, self.precision)
        return first if self.until is None else f"{first}/{_code(self.until, self.precision)}"

    def last_day(self) -> date:
        """The last day that it can mean."""
        start = self.until or self.day
        months = {"month": 1, "quarter": 3, "year": 12}.get(self.precision, 0)
        if not months:
            return start + timedelta(days=6 if self.precision == "week" else 0)
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return date(year, month + 1, 1) - timedelta(days=1)


def _code(day: date, precision: Precision) -> str:
    match precision:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year}"


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
