"""What goes out, in words, and what a channel can do with it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import Struct

from bot.errors import StonechatError
from bot.talk.events import Arrival, MessageRef


class Undeliverable(StonechatError):
    """This chat can't be written to (blocked, gone). It rests until its person writes again."""


class Choice(Struct, frozen=True, array_like=True):
    """Something to press, or to type by its number or its words. `data` comes back when it is pressed."""

    label: str
    data: str
    chosen: bool = False


class Outgoing(Struct, frozen=True):
    """Words ready to be sent. `paragraphs` are in their order; a channel decides how they are parted.

    `choices` answer the question, in the order of their numbers; `extras` stand under every question besides (back,
    skip, help). `edits` is the message of ours to change in place, `quotes` the person's own to answer to. `language`
    is the one that the words are in, where the channel has words of its own to show beside. `consent`: a press binds,
    so these choices take none before they can have been read; such a message is always a new one. `kept` are the ids of
    the person's own messages that can be taken back now.
    """

    paragraphs: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    extras: tuple[Choice, ...] = ()
    edits: MessageRef | None = None
    quotes: MessageRef | None = None
    language: str = ""
    consent: bool = False
    kept: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The paragraphs with an empty line between them."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can do: it decides how what is to be said is shown, and what a flow may ask there.

    `deletes` says whose messages it can take back, for `deletes_for` seconds after they were sent (0: at any time).
    `orders`: ids of both sides' messages stand in one order of the platform's own. `longest_text` is in the platform's
    own units (0: no limit). `sensitive` is the operator's wish for names, stories and files here: allow them, ask
    first, or refuse them. `vanishes`: messages go by themselves.
    """

    buttons: bool = False
    edits: bool = False
    deletes: Literal["none", "own", "both"] = "none"
    deletes_for: int = 0
    orders: bool = False
    files: bool = False
    vanishes: bool = False
    longest_text: int = 0
    sensitive: Literal["allow", "ask", "refuse"] = "allow"

    def words(self) -> tuple[str, ...]:
        """What a flow's `when: {channel: […]}` may ask for."""
        found = [name for name in ("buttons", "edits", "files", "vanishes") if getattr(self, name)]
        if self.deletes != "none":
            found.append("deletes")
        return (*found, f"sensitive_{self.sensitive}")


# Done when its effect is on disk; the result is a short notice to show beside a button that was pressed, if any.
Take = Callable[[Arrival], "asyncio.Future[str | None]"]


class Channel(Protocol):
    """One way to people: platform updates to arrivals, words to messages. It knows nothing of flows."""

    name: str
    abilities: Abilities

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        """Send until it is sent, waiting as the platform asks. Raises Undeliverable.

        Returns the messages as the platform numbered them, the one with the choices last.
        """
        ...

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        """Take messages back. False: some of them stay."""
        ...
