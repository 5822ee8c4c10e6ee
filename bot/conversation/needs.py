"""What one conversation needs of all of them: see door.py."""

from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

from bot.conversation.chores import Chores
from bot.conversation.limits import ReportsToday
from bot.conversation.planning import Planner
from bot.conversation.standing import Standing
from bot.conversation.turnstile import Turnstile
from bot.conversation.writing import Writer
from bot.errors import NotKept


class Door(Protocol):
    """One for all conversations of a bot."""

    today: ReportsToday
    chores: Chores
    planner: Planner
    writer: Writer
    turns: Turnstile
    sends: Turnstile

    def rested(self, conversation: bytes) -> Standing | None:
        """Where it stood when it was set aside in memory; it rests no more."""
        ...

    def may_be_stored(self, conversation: bytes) -> bool:
        """It may have a row. False: it has none."""
        ...

    def note_stored(self, conversation: bytes, stored: bool) -> None:
        """It has a row now (or may have one), or none any more."""
        ...

    def was_taken(self, update: bytes) -> bool:
        """It took effect not long ago."""
        ...

    def remember(self, updates: Iterable[bytes]) -> None:
        """They took effect."""
        ...

    def guess(self, conversation: bytes, number: str) -> None:
        """Look a return number up, in its turn."""
        ...

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """A task of its own."""
        ...

    def leave(self, conversation: bytes) -> None:
        """Nobody is here any more."""
        ...

    def sweep_later(self, conversation: bytes) -> None:
        """Its key is gone, its row could not be deleted."""
        ...

    def handed(self, report: str, version: int, conversation: bytes) -> None:
        """This version waits for its acknowledgement, and the conversation wants to hear of it."""
        ...

    def trouble(self, error: NotKept) -> None:
        """The store takes nothing."""
        ...
