"""The values that pass between a flow and the rest of the house. All frozen, none with behaviour of its own."""

from typing import Literal

from msgspec import Struct

from bot.talk.events import MessageRef
from bot.talk.sentences import DateValue

State = Literal["answered", "skipped", "not_sure"]


class PartRef(Struct, frozen=True, array_like=True):
    """One sealed part of an answer, and the message that it came in; nothing of what was said.

    `after_silence`: somebody typed it on the neutral screen of a report that people can read already, so nobody knows
    who. `forwarded`: it is somebody else's words, passed on by its reporter.
    """

    number: int
    message: MessageRef
    cls: str
    after_silence: bool = False
    forwarded: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all parts: the order of the messages first, then that of its pieces."""
        return self.message.order, self.number


class Answer(Struct, frozen=True, array_like=True):
    """What a step holds. `sitting` tells whether its values may still be shown in the review.

    `message` is the one that its values were typed in, so that an edit of that message finds them;
    `text` is the version of a consent's words under which it was given, on `day` and in `language`.
    """

    state: State
    values: tuple[str, ...] = ()
    date: DateValue | None = None
    parts: tuple[PartRef, ...] = ()
    sitting: int = 0
    message: MessageRef | None = None
    day: str = ""
    language: str = ""
    by_rule: bool = False
    text: int = 0


class ToSeal(Struct, frozen=True):
    """Words on their way to be sealed. They exist nowhere else."""

    number: int
    text: str
    cls: str
