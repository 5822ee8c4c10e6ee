"""The values that pass between a flow and the rest of the house. All frozen, none with behaviour of its own."""

from typing import Literal

from msgspec import Struct

from bot.talk.sentences import DateValue

State = Literal["answered", "skipped", "not_sure"]


class PartRef(Struct, frozen=True, array_like=True):
    """One sealed part of an answer. `order` is the platform's own order of messages; nothing of what was said."""

    number: int
    order: int
    cls: str


class Answer(Struct, frozen=True, array_like=True):
    """What a step holds. `sitting` tells whether its values may still be shown in the review."""

    state: State
    values: tuple[str, ...] = ()
    date: DateValue | None = None
    parts: tuple[PartRef, ...] = ()
    sitting: int = 0
    order: int = 0
    day: str = ""
    language: str = ""
    by_rule: bool = False


class ToSeal(Struct, frozen=True):
    """Words on their way to be sealed. They exist nowhere else."""

    number: int
    text: str
    cls: str
