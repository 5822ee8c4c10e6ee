"""What waits for a conversation, and what a batch of it comes to before it is committed."""

import asyncio
import time
from dataclasses import dataclass, field

from bot.channels import Incoming
from bot.conversation.record import Handed, Record, Thread
from bot.flow.events import Event
from bot.flow.session import Session
from bot.flow.values import ToSeal
from bot.store import PartRow
from bot.talk.sentences import Block


class Tick:
    """Time passed: look whether something is due."""


@dataclass
class Job:
    """An event that waits, and who waits for its commit."""

    event: Incoming | Event | Tick
    update: bytes = b""
    done: "asyncio.Future[None] | None" = None
    came: float = field(default_factory=time.perf_counter)

    def finish(self, error: BaseException | None = None) -> None:
        if self.done is None or self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


@dataclass
class Effect:
    """What a batch of events comes to, before it is committed."""

    session: Session
    thread: Thread
    handed: Handed | None = None
    jobs: list[Job] = field(default_factory=list)
    say: list[Block] = field(default_factory=list)
    ask: bool = False
    seal: list[ToSeal] = field(default_factory=list)
    sealed: tuple[PartRow, ...] | None = None
    drop: list[int] = field(default_factory=list)
    edits: int = 0
    do: str = ""
    number: str = ""

    def __post_init__(self) -> None:
        self.began = self.thread  # what was known when this began
        self.before = self.session  # how it stood before the newest event

    @property
    def record(self) -> Record:
        return Record(self.session, self.thread, self.handed)

    @property
    def updates(self) -> tuple[bytes, ...]:
        return tuple(j.update for j in self.jobs if j.update)
