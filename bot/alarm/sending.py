"""What rings: one message of fixed words, and whoever can carry it to a person."""

from dataclasses import dataclass
from typing import Protocol

from bot.errors import StonechatError

LIMIT = 30.0  # seconds for one try of one target, all in all: some mail servers greet late on purpose


class AlarmError(StonechatError):
    """A target did not take it, or an alarm could not be written. Says no address, topic, token or word."""


@dataclass(frozen=True)
class Notice:
    """The same for everyone: nothing in it comes from a report. `kind` is ring or rehearsal."""

    kind: str
    title: str
    body: str


class Sender(Protocol):
    """One target."""

    @property
    def name(self) -> str:
        """Safe to show and to log: 'alarm 2 (mailto)'."""
        ...

    @property
    def mark(self) -> bytes:
        """Two bytes that change with the target: a rehearsal counts only for what it rang. See `mark_of`."""
        ...

    @property
    def weakness(self) -> str:
        """What doctor should say of it though it works; empty where there is nothing."""
        ...

    async def send(self, notice: Notice) -> None:
        """Return only when the target took it. Raises AlarmError, within LIMIT."""
        ...

    async def check(self) -> None:
        """As far as one can look without ringing. Raises AlarmError, within LIMIT."""
        ...
