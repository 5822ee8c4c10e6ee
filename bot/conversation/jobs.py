"""What waits for a conversation: one queue for all that can happen to it."""

import asyncio
import time
from dataclasses import dataclass, field

from bot.conversation.standing import Thread
from bot.conversation.watch import Moved
from bot.talk.events import Arrival, Event, MessageRef, Missed


class Tick:
    """Time passed: look whether something is due."""


@dataclass(frozen=True, slots=True)
class SendEnded:
    """Messages of ours stand in `thread`; all up to `turn` was said, and `place` was asked for (None: nothing was).

    `since` is the nonce of what was asked, and when the call that sent it returned, by our steady clock. `life` tells
    for whom they were sent: a conversation that ended since, and perhaps began anew, is another.
    """

    life: object
    thread: Thread
    messages: tuple[MessageRef, ...]
    place: str | None
    since: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The intake signed for this version of its report."""

    version: int


class StillRings:
    """After a start: its alarm may not be on disk yet."""


@dataclass(frozen=True, slots=True)
class Lost:
    """`channel` lost what came; conversations of other channels are not concerned."""

    channel: str
    event: Missed


What = Arrival | Event | Tick | SendEnded | Lost | Acknowledged | StillRings | Moved


@dataclass(slots=True)
class Job:
    """Something that happened, and who waits for its commit. `update` is empty for what came from inside.

    `reached` is when it reached us by our steady clock; `notice` is shown beside the button that was pressed.
    """

    what: What
    update: bytes = b""
    done: "asyncio.Future[str | None] | None" = None
    came: float = field(default_factory=time.perf_counter)
    reached: float = 0.0
    notice: str | None = None
    over: bool = False

    def finish(self, error: BaseException | None = None) -> None:
        """Its effect is on disk; with an error: it is not, and the platform must deliver it again."""
        self.over = True
        if self.done is None or self.done.done():
            return
        if error is None:
            self.done.set_result(self.notice)
        else:
            self.done.set_exception(error)
