"""A plan: where a conversation stands then, what is written, what follows. Values only."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from bot.conversation.standing import Chore, Standing
from bot.flow.model import Flow
from bot.store import Change
from bot.talk.events import MessageRef
from bot.talk.outgoing import Abilities
from bot.talk.sentences import Block


class Say(Struct, frozen=True):
    """To be said now: words about what happened, then the question that stands (`ask`), in place of `edits`."""

    blocks: tuple[Block, ...]
    ask: bool
    edits: MessageRef | None = None


class ReportLeaves(Struct, frozen=True):
    """Something waits in the outbox."""


class Ring(Struct, frozen=True):
    """Somebody is in danger: people are to be told, under this random id."""

    alarm: bytes


class Count(Struct, frozen=True):
    """A report of this chat was sent today."""


class Guess(Struct, frozen=True):
    """A return number is to be looked up."""

    number: str


class CarryOut(Struct, frozen=True):
    """A chore of a conversation that was never written: in memory alone."""

    chore: Chore


class Anew(Struct, frozen=True):
    """Its person goes on: a new conversation stands there at once, in memory until its first answer. `say`: before."""

    standing: Standing
    say: tuple[Block, ...]


After = Say | ReportLeaves | Ring | Count | Guess | CarryOut | Anew


class Plan(Struct, frozen=True):
    """`standing` None: nobody is here any more, and the key goes. `owed` become chores with the same commit.

    `whatever`: the key goes and the chores are done even where the store can take nothing.
    """

    standing: Standing | None
    changes: tuple[Change, ...] = ()
    owed: tuple[Chore, ...] = ()
    after: tuple[After, ...] = ()
    whatever: bool = False


class Terms(Struct, frozen=True):
    """What a conversation's flow and channel allow."""

    flow: Flow
    abilities: Abilities
    paragraphs: Callable[[Sequence[Block]], tuple[str, ...]]
    say: Callable[[str], Block]
