"""What a conversation needs kept: the protocol and its values. `sqlite.py` is the default store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import StonechatError
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport

ErasureRow = Erasure  # an intake still has to destroy this


class StoreError(StonechatError):
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
    """A report on its way to the intake. `ready` is when it may leave (seconds since 1970)."""

    ready: int


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


@dataclass(frozen=True, slots=True)
class Commit:
    """The effect of one or more updates of one conversation: all of it, or nothing.

    `updates` are keyed hashes. `record` None deletes the conversation; `due` is when it needs a look (seconds since
    1970). A version in the outbox takes the place of an older one that waits there; an erasure takes them all.
    """

    conversation: bytes
    updates: tuple[bytes, ...] = ()
    record: bytes | None = None
    due: int = 0
    add_parts: tuple[PartRow, ...] = ()
    drop_parts: tuple[int, ...] = ()
    drop_all: bool = False
    outbox: OutboxReport | None = None
    receipt: ReceiptRow | None = None
    erasure: ErasureRow | None = None
    drop_receipt: bytes = b""
    chores: tuple[ChoreRow, ...] = ()
    set_aside: tuple[bytes, ...] = ()


class Store(Protocol):
    """Every method is durable when it returns. All raise StoreError and nothing else, `commit` also Unwritable."""

    async def load(self, conversation: bytes) -> bytes | None:
        """A conversation's encrypted record."""
        ...

    async def commit(self, turn: Commit) -> bool:
        """Write one turn, all or nothing. False: one of its updates took effect before, and nothing was written."""
        ...

    async def seen(self, updates: Sequence[bytes]) -> set[bytes]:
        """Those of the updates that took effect before."""
        ...

    async def parts(self, conversation: bytes) -> list[PartRow]: ...

    async def conversations(self) -> list[bytes]: ...

    async def due(self, now: int) -> list[bytes]:
        """Conversations that need a look: a draft to destroy, messages to delete."""
        ...

    async def chores(self, now: int) -> list[ChoreRow]: ...

    async def chore_done(self, chore: bytes) -> None: ...

    async def receipt(self, lookup: bytes) -> ReceiptRow | None: ...

    async def outbox(self, now: int) -> list[tuple[str, int]]:
        """(report, version) of what may leave now, oldest first."""
        ...

    async def outgoing(self, report: str) -> OutboxReport | None: ...

    async def handed_over(self, report: str, version: int) -> None:
        """The intake has this version: purge it (`scrub` ends that). A newer one that came meanwhile stays."""
        ...

    async def erasures(self) -> list[ErasureRow]:
        """What the intake still has to destroy."""
        ...

    async def erased(self, report: str) -> None:
        """The intake has destroyed it."""
        ...

    async def scrub(self) -> None:
        """What was purged is no longer readable in any file of the store."""
        ...

    async def waiting(self) -> int:
        """Reports in the outbox."""
        ...

    async def figures(self) -> tuple[int, int, int]:
        """(open conversations, reports in the outbox, when the oldest of them might have left: seconds since 1970)."""
        ...

    async def forget_old(self, now: int) -> None:
        """Update hashes after 48 hours, receipts after their day, what was set aside after 7 days."""
        ...

    async def forget_drafts(self) -> int:
        """Delete all open conversations and chores: their keys are gone. Returns how many there were."""
        ...

    async def close(self) -> None: ...
