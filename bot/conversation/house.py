"""What a conversation needs of the house, handed in by the wiring."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.channels import Channel
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.wording import text
from bot.seal.recipients import RecipientsByClass
from bot.seal.signing import Signer
from bot.store import Store
from bot.talk.sentences import Block, Message, Prompt


class Keys(Protocol):
    """Keys that die with their owner: see store/keyring.py."""

    def conversation(self, channel: str, account: str) -> bytes: ...
    def update(self, channel: str, update: str) -> bytes: ...
    def create(self, owner: bytes) -> None: ...
    def has(self, owner: bytes) -> bool: ...
    def release(self, owner: bytes) -> None: ...
    def destroy(self, owner: bytes) -> None: ...
    def owners(self) -> Iterator[bytes]: ...
    def encrypt(self, owner: bytes, label: bytes, data: bytes) -> bytes: ...
    def decrypt(self, owner: bytes, label: bytes, data: bytes) -> bytes | None: ...


class Wording(Protocol):
    """Prompts in words: see words/catalogue.py."""

    def prompt(
        self, prompt: Prompt, say: tuple[Block, ...], language: str
    ) -> tuple[str, list[list[tuple[str, str]]]]: ...
    def texts(self, messages: tuple[Block, ...], language: str) -> str: ...
    def direction(self, language: str) -> str: ...
    def offer(self, catalogue: Any) -> None: ...


class Meter(Protocol):
    """Figures for the operator: see metrics.py. `began` is a time.perf_counter()."""

    def update(self, channel: str) -> None: ...
    def error(self, kind: str) -> None: ...
    def took(self, what: str, began: float) -> None: ...


class Unmetered:
    """Nobody watches."""

    def update(self, channel: str) -> None: ...
    def error(self, kind: str) -> None: ...
    def took(self, what: str, began: float) -> None: ...


Triage = Callable[[Flow, Session, datetime], str]


@dataclass
class House:
    """One running bot. `clock` gives seconds since 1970; `wake_handoff` says that a report waits."""

    store: Store
    keys: Keys
    words: Wording
    flows: Mapping[tuple[str, int], Flow]
    flow: Flow
    recipients: RecipientsByClass
    signer: Signer
    salt: bytes
    check_words: tuple[str, ...]
    triage: Triage
    channels: dict[str, Channel] = field(default_factory=dict)
    draft_hours: Mapping[str, int] = field(default_factory=dict)
    spread: int = 0
    receipt_days: int = 365
    reports_a_day: int = 20
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    seen_before: float = 0.0  # what the clock said when this state was last looked at; 0 for a new one
    looked: Callable[[], None] = lambda: None
    wake_handoff: Callable[[], None] = lambda: None
    meter: Meter = field(default_factory=Unmetered)
    rebooted_until: int = 0
    seen_errors: dict[str, int] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def flow_of(self, session: Session) -> Flow | None:
        """The version that the session began with."""
        return self.flows.get((session.flow, session.version))

    def failed(self, kind: str) -> None:
        """Something went wrong; what, without a word of anybody."""
        self.seen_errors[kind] = self.seen_errors.get(kind, 0) + 1
        self.meter.error(kind)

    def say(self, name: str, **values: Any) -> Message:
        return text(self.flow, name, **values)
