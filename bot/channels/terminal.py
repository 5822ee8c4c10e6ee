"""One conversation in a terminal: options are numbered, words work as on a phone."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.channels.letters import ticked
from bot.talk.events import Arrival, CameBack, Deleted, Edited, Envelope, Event, MessageRef, Pressed, Refused, Said
from bot.talk.outgoing import Abilities, Outgoing

PERSON = "me"  # account and address: nobody else sits here


class Terminal:
    """See `bot.talk.outgoing.Channel`. `hear` gets every message, for transcripts.

    `shown` is what can be pressed now, labels to button data; `prompt` is the message that it stands under.
    """

    name = "terminal"
    abilities = Abilities(buttons=True, orders=True)

    def __init__(self, console: Console | None = None, hear: Callable[[Outgoing], None] | None = None) -> None:
        """Without a `console` nothing is printed."""
        self._console = console
        self._hear = hear
        self._count = 0
        self._update = 0
        self.prompt = MessageRef("0", 0, True)
        self.shown: dict[str, str] = {}

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        """Print it. A changed message is printed anew, under the id that it has."""
        message = out.edits or self._next(ours=True)
        if out.choices or out.extras:
            self.prompt = message
            self.shown = {choice.label: choice.data for choice in (*out.choices, *out.extras)}
        if self._hear:
            self._hear(out)
        if self._console:
            self._print(self._console, out)
        return (message,)

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        """Nothing: what a terminal has shown stays there, and `abilities` say so."""
        return True

    def _print(self, console: Console, out: Outgoing) -> None:
        lines = [Text(out.text)]
        lines += [Text(f"  {n}  {ticked(choice)}", style="bold") for n, choice in enumerate(out.choices, 1)]
        if out.extras:
            lines.append(Text("  · ".join(ticked(choice) for choice in out.extras), style="dim"))
        console.print(Panel(Text("\n").join(lines), width=min(console.width, 76), border_style="dim"))

    def _next(self, *, ours: bool) -> MessageRef:
        """Both sides' messages are counted together, so that their order is known."""
        self._count += 1
        return MessageRef(str(self._count), self._count, ours)

    def said(self, text: str) -> Arrival:
        """A line that was typed."""
        message = self._next(ours=False)
        return self.arrival(Said(text, message), message)

    def pressed(self, label: str) -> Arrival:
        """A button by its label. KeyError where there is none."""
        return self.arrival(Pressed(self.shown[label], self.prompt))

    def came_back(self) -> Arrival:
        """/start, or the terminal opened."""
        return self.arrival(CameBack())

    # What no terminal can do, and other messengers can: for transcripts and tests.

    def edited(self, message: MessageRef, text: str) -> Arrival:
        """An earlier line reads otherwise."""
        return self.arrival(Edited(text, message), message)

    def deleted(self, message: MessageRef) -> Arrival:
        """An earlier line is taken back."""
        return self.arrival(Deleted(message))

    def refused(self, kind: str, burst: str = "") -> Arrival:
        """Something that is no text."""
        message = self._next(ours=False)
        return self.arrival(Refused(kind, message, burst), message)

    def arrival(self, event: Event, message: MessageRef | None = None) -> Arrival:
        """An event in its envelope, as the next update."""
        self._update += 1
        return Arrival(Envelope(self.name, str(self._update), PERSON, PERSON, message), event)

    async def talk(
        self, take: Callable[[Arrival], Awaitable[None]], settled: Callable[[], Awaitable[None]], source: TextIO
    ) -> None:
        """Until end of input: a line is a message, /start comes back."""
        await take(self.came_back())
        await settled()
        while True:
            print("> ", end="", flush=True, file=sys.stderr)
            line = await asyncio.to_thread(source.readline)
            if not line:
                return
            words = line.rstrip("\n")
            if not words:
                continue
            await take(self.came_back() if words == "/start" else self.said(words))
            await settled()
