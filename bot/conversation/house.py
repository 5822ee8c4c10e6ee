"""What a conversation needs of the house, handed in by the wiring."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.wording import text
from bot.seal.recipients import RecipientsByClass
from bot.seal.signing import Signer
from bot.store import Store
from bot.store.closed import OutboxKeys
from bot.talk.outgoing import Abilities, Channel, Outgoing
from bot.talk.sentences import Block, Message, Prompt


class Keys(Protocol):
    """Keys that die with what they encrypt, each under a name of 16 bytes: see store/keyring.py."""

    def conversation(self, channel: str, account: str) -> bytes:
        """The id of an account's conversation, which is also its key's name."""
        ...

    def update(self, channel: str, update: str) -> bytes:
        """A platform's update id as it may be stored."""
        ...

    def create(self, name: bytes) -> None:
        """A new key, on disk when this returns. Raises NotKept."""
        ...

    def release(self, name: bytes) -> None:
        """It is not needed in memory for now."""
        ...

    def destroy(self, name: bytes) -> None:
        """What was encrypted under it opens nowhere any more. Raises NotKept: it stays."""
        ...

    def forsake(self, name: bytes) -> None:
        """The same, now or as soon as the disk lets us."""
        ...

    def check(self) -> None:
        """A key could be kept now. Raises NotKept."""
        ...

    def names(self) -> Iterator[bytes]:
        """Of all keys that are there."""
        ...

    def encrypt(self, name: bytes, label: bytes, data: bytes) -> bytes:
        """`label` says what it is: it opens as nothing else."""
        ...

    def decrypt(self, name: bytes, label: bytes, data: bytes) -> bytes | None:
        """None where the key is gone or does not fit. Raises NotKept where that can't be seen now."""
        ...


class Wording(Protocol):
    """Prompts in words: see words/catalogue.py."""

    def prompt(self, prompt: Prompt, say: tuple[Block, ...], language: str) -> Outgoing:
        """The head, what is said about the last answer, the question, what can be chosen."""
        ...

    def texts(self, messages: tuple[Block, ...], language: str) -> str:
        """Sentences in words, with an empty line between them."""
        ...

    def direction(self, language: str) -> str:
        """ltr or rtl."""
        ...

    def offer(self, catalogue: Any) -> None:
        """A catalogue takes the place of its language's older one."""
        ...

    def paragraphs(self, blocks: Sequence[Block], language: str) -> tuple[str, ...]:
        """Sentences in words, each block a paragraph."""
        ...


class Meter(Protocol):
    """Figures for the operator: see metrics.py. `began` is a time.perf_counter()."""

    def update(self, channel: str) -> None:
        """One came."""
        ...

    def error(self, kind: str) -> None:
        """Something went wrong."""
        ...

    def reported(self, rings: bool) -> None:
        """The intake acknowledged a version of a report."""
        ...

    def took(self, what: str, began: float) -> None:
        """Something is done."""
        ...


class Unmetered:
    """Nobody watches."""

    def update(self, channel: str) -> None:
        """Not counted."""

    def error(self, kind: str) -> None:
        """Not counted."""

    def reported(self, rings: bool) -> None:
        """Not counted."""

    def took(self, what: str, began: float) -> None:
        """Not counted."""


Ring = Callable[[bytes, bytes], Awaitable[bool]]
"""(who rings, random id of the alarm) → whether it is on disk, so that no crash can lose it."""


async def nobody_rings(account: bytes, alarm: bytes) -> bool:
    """There is no alarm."""
    return True


Triage = Callable[[Flow, Session, datetime], str]


def steady() -> float:
    """Seconds that nobody sets; a machine that slept counts them too, where it can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class House:
    """One running bot. `clock` gives seconds since 1970; `wake_handoff` says that a report waits.

    `facts` are the backings of sentences that hold at this moment for everybody: see flow/promises.py.
    """

    store: Store
    keys: Keys
    outbox_keys: OutboxKeys
    words: Wording
    flows: Mapping[tuple[str, int], Flow]
    flow: Flow
    recipients: RecipientsByClass
    signer: Signer
    salt: bytes
    check_words: tuple[str, ...]
    triage: Triage
    channels: dict[str, Channel] = field(default_factory=dict)
    draft_ttl: int = 72  # hours; less where a channel can take messages back for less
    receipt_days: int = 365
    reports_a_day: int = 20
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = steady
    seen_before: float = 0.0  # what the clock said when this state was last looked at; 0 for a new one
    looked: Callable[[], None] = lambda: None
    released: float = 0.0  # this program was made then: before it no clock is right
    wake_handoff: Callable[[], None] = lambda: None
    facts: Callable[[], frozenset[str]] = frozenset
    ring: Ring = nobody_rings
    meter: Meter = field(default_factory=Unmetered)
    rebooted_until: int = 0
    seen_errors: dict[str, int] = field(default_factory=dict)

    def abilities_of(self, channel: str) -> Abilities:
        """None at all where that channel is not set up any more."""
        found = self.channels.get(channel)
        return found.abilities if found is not None else Abilities()

    def hours_on(self, channel: str) -> int:
        """How long a draft lives there: no longer than its messages can be taken back."""
        abilities = self.abilities_of(channel)
        limit = abilities.deletes_for // 3600 if abilities.deletes != "none" else 0
        return min(self.draft_ttl, limit) if limit else self.draft_ttl

    def now(self) -> datetime:
        """The clock as a time of day, UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def flow_of(self, session: Session) -> Flow | None:
        """The version that the session began with."""
        return self.flows.get((session.flow, session.version))

    def failed(self, kind: str) -> None:
        """Something went wrong; what, without a word of anybody."""
        self.seen_errors[kind] = self.seen_errors.get(kind, 0) + 1
        self.meter.error(kind)

    def say(self, name: str, **values: Any) -> Message:
        """One of the bot's own sentences."""
        return text(self.flow, name, **values)
