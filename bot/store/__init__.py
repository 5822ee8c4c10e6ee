"""What a conversation needs kept: the protocol and its values. `sqlite.py` is the default store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.errors import NotKept, StonechatError
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport

ErasureRow = Erasure  # an intake still has to destroy this


class StoreError(NotKept):
    """The store can't take or give anything now (full, locked, broken). Nothing was changed."""


class Unwritable(StonechatError):
    """This one turn can't be written, now or later: its values are no values. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """One sealed part. `header` is encrypted under the conversation's key, `payload` is worthless without it."""

    number: int
    header: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class OutboxReport(SealedReport):
    """A report on its way to the intake. `ready` is when it may leave (seconds since 1970).

    `key` names the key that its parts are closed under (closed.py); empty: they are whole.
    """

    ready: int
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """What lets its owner ask for a report: a derived id, the day of receipt, the day on which this goes."""

    lookup: bytes
    day: str
    expires: int


@dataclass(frozen=True, slots=True)
class ChoreRow:
    """Something still to do at a platform (messages to delete), encrypted under a key of its own."""

    id: bytes
    record: bytes
    due: int


# --- what a commit can change ---


@dataclass(frozen=True, slots=True)
class Stand:
    """The conversation stands there now: its encrypted record, and when it needs a look (seconds since 1970)."""

    record: bytes
    due: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """The conversation is over: its row and all its parts go."""


@dataclass(frozen=True, slots=True)
class AddPart:
    """A sealed part more."""

    part: PartRow


@dataclass(frozen=True, slots=True)
class DropPart:
    """A part less."""

    number: int


@dataclass(frozen=True, slots=True)
class DropParts:
    """All parts that were there before this commit go."""


@dataclass(frozen=True, slots=True)
class Hand:
    """A version waits to be handed over, in the place of an older one that waits. `receipt` comes with the first."""

    report: OutboxReport
    receipt: ReceiptRow | None = None


@dataclass(frozen=True, slots=True)
class Erase:
    """What waits of a report goes, its receipt too, and the intake has to destroy what it holds."""

    erasure: ErasureRow
    lookup: bytes


@dataclass(frozen=True, slots=True)
class Owe:
    """A chore more."""

    chore: ChoreRow


Change = Stand | End | AddPart | DropPart | DropParts | Hand | Erase | Owe


@dataclass(frozen=True, slots=True)
class Commit:
    """The effect of one or more updates of one conversation: all of it, or nothing.

    `updates` are keyed hashes. `revision` is the conversation's after this commit, one more than the stored one (1 for
    the first); 0 where the conversation itself is not touched.
    """

    conversation: bytes
    revision: int = 0
    updates: tuple[bytes, ...] = ()
    changes: tuple[Change, ...] = ()


class Outcome(Enum):
    """What became of a commit. Only WRITTEN changed anything."""

    WRITTEN = "written"
    REPEATED = "repeated"  # one of its updates took effect before
    MOVED = "moved"  # somebody else wrote this conversation meanwhile


class Store(Protocol):
    """Every method is durable when it returns. All raise StoreError and nothing else, `commit` also Unwritable."""

    async def load(self, conversation: bytes) -> tuple[int, bytes] | None:
        """A conversation's revision and its encrypted record."""
        ...

    async def commit(self, turn: Commit) -> Outcome:
        """Write one turn, all or nothing."""
        ...

    async def seen(self, updates: Sequence[bytes]) -> set[bytes]:
        """Those of the updates that took effect before."""
        ...

    async def parts(self, conversation: bytes) -> list[PartRow]:
        """A conversation's parts, in the order of their numbers."""
        ...

    async def conversations(self) -> list[bytes]:
        """The ids of all that are stored."""
        ...

    async def due(self, now: int) -> list[bytes]:
        """Conversations that need a look: a draft to destroy, messages to delete."""
        ...

    async def chores(self, now: int) -> list[ChoreRow]:
        """What is to be done at a platform by now (seconds since 1970)."""
        ...

    async def chore_done(self, chore: bytes) -> None:
        """It is done, or over its time."""
        ...

    async def receipt(self, lookup: bytes) -> ReceiptRow | None:
        """What a return number's id leads to."""
        ...

    async def outbox(self, now: int) -> list[tuple[str, int]]:
        """(report, version) of what may leave now: what rings first, then the oldest."""
        ...

    async def is_waiting(self, key: str) -> bool:
        """Whether a report whose manifest names this public key of a return number was not acknowledged yet."""
        ...

    async def outgoing(self, report: str) -> OutboxReport | None:
        """The version that waits, whole."""
        ...

    async def outbox_keys(self) -> list[tuple[str, int, bytes]]:
        """(report, version, name of its key) of all that wait."""
        ...

    async def handed_over(self, report: str, version: int) -> list[bytes]:
        """The intake has this version: purge it (`scrub` ends that). A newer one that came meanwhile stays.

        Returns the names of the keys that open nothing any more.
        """
        ...

    async def erasures(self) -> list[ErasureRow]:
        """What the intake still has to destroy."""
        ...

    async def erased(self, report: str) -> None:
        """The intake has destroyed it."""
        ...

    async def scrub(self) -> bool:
        """What was purged is no longer readable in any file of the store. False: somebody reads it; ask again."""
        ...

    async def waiting(self) -> int:
        """Reports in the outbox."""
        ...

    async def figures(self) -> tuple[int, int, int]:
        """(open conversations, reports in the outbox, when the oldest of them might have left: seconds since 1970)."""
        ...

    async def forget_old(self, now: int) -> None:
        """Update hashes after 48 hours, receipts after their day."""
        ...

    async def move(self, moved: Callable[[int], int]) -> None:
        """The clock was set: every instant outside of records, in one transaction. What is due is the records' own."""
        ...

    async def forget_drafts(self) -> int:
        """Delete all open conversations and chores: their keys are gone. Returns how many there were."""
        ...

    async def close(self) -> None:
        """Let go of it. What waits to be written is cancelled."""
        ...
