"""The result of one event: what a conversation is to say, seal, drop and do."""

from msgspec import Struct

from bot.flow.session import Session
from bot.flow.values import ToSeal
from bot.talk.sentences import Block


class Start(Struct, frozen=True):
    """Its person agreed: from here on things are written."""


class Forget(Struct, frozen=True):
    """Nothing was written so far, and nothing is to be."""


class Erase(Struct, frozen=True):
    """Destroy the draft, and what was handed over of it."""


class Submit(Struct, frozen=True):
    """Hand the report over."""


class Finish(Struct, frozen=True):
    """The return number was written down: close the conversation. `another`: its person tells of somebody else now."""

    another: bool = False


class LookUp(Struct, frozen=True):
    """Somebody typed what was meant as a return number: its digits, however many."""

    number: str


Do = Start | Forget | Erase | Submit | Finish | LookUp


class Turn(Struct, frozen=True):
    """`say` comes before the prompt, which follows from the session alone; `ask`: the prompt is to be said as well.

    `drop` are the numbers of parts to destroy; `do` is what the conversation is to do besides.
    """

    session: Session
    say: tuple[Block, ...] = ()
    seal: tuple[ToSeal, ...] = ()
    drop: tuple[int, ...] = ()
    do: Do | None = None
    ask: bool = True
