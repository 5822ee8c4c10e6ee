"""Channels turn platform updates into events, and prompts into messages. They know nothing of flows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import StonechatError


class Undeliverable(StonechatError):
    """This chat can't be written to (blocked, gone). It rests until its person writes again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Words ready to be sent. `edits` is the message to change in place, `quotes` the person's own to answer to.

    `language` is the one that they are in, where the channel has words of its own to show beside.
    """

    text: str
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    edits: int | None = None
    quotes: int | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One platform update, free of the platform. `update` is its id there, `message` what it came as or pressed on.

    `kind` is said, edited, deleted, pressed, refused, came_back or blocked; `raw` is set aside sealed if a step fails;
    `language` is what the platform says of its person's.
    """

    channel: str
    update: str
    account: str
    address: str
    kind: str
    text: str = ""
    message: int = 0
    replies_to: int = 0
    sent: int = 0
    raw: bytes = b""
    language: str = ""


Deliver = Callable[[Incoming], Awaitable[None]]


class Channel(Protocol):
    """`capabilities` decide how a prompt is shown: buttons, edit, delete, files."""

    name: str
    capabilities: tuple[str, ...]

    async def send(self, address: str, out: Outgoing) -> tuple[int, ...]:
        """Send until it is sent, waiting as the platform asks. Raises Undeliverable.

        Returns the message ids, the one with the buttons last.
        """
        ...

    async def delete(self, address: str, messages: Sequence[int]) -> bool:
        """Delete messages of both sides. False: some of them stay."""
        ...


def in_groups(messages: Sequence[int], size: int) -> list[list[int]]:
    return [list(messages[i : i + size]) for i in range(0, len(messages), size)]


def plain(text: str) -> str:
    """A lone surrogate becomes U+FFFD; everything else stays as it was typed."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
