"""One conversation in a terminal: options are numbered, words work as on a phone."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.channels import Deliver, Incoming, Outgoing


class Terminal:
    """`shown` is what stands there: labels to button data. `hear` gets every message, for transcripts."""

    name = "terminal"
    capabilities: tuple[str, ...] = ("buttons",)

    def __init__(self, console: Console | None = None, hear: Callable[[Outgoing], None] | None = None) -> None:
        self._console = console
        self._hear = hear
        self._count = 0
        self._update = 0
        self.prompt = 0
        self.shown: dict[str, str] = {}

    async def send(self, address: str, out: Outgoing) -> tuple[int, ...]:
        if out.edits is None:
            self._count += 1
        message = out.edits or self._count
        if out.rows:
            self.prompt = message
            self.shown = {label.removeprefix("✓ "): data for row in out.rows for label, data in row}
        if self._hear:
            self._hear(out)
        if self._console:
            self._print(self._console, out)
        return (message,)

    async def delete(self, address: str, messages: Sequence[int]) -> bool:
        return True

    def _print(self, console: Console, out: Outgoing) -> None:
        lines = [Text(out.text)]
        numbered = [row[0][0] for row in out.rows if len(row) == 1 and not is_extra(row[0][1])]
        lines += [Text(f"  {n}  {label}", style="bold") for n, label in enumerate(numbered, 1)]
        words = [label for row in out.rows for label, data in row if len(row) > 1 or is_extra(data)]
        if words:
            lines.append(Text("  · ".join(words), style="dim"))
        console.print(Panel(Text("\n").join(lines), width=min(console.width, 76), border_style="dim"))

    def said(self, text: str) -> Incoming:
        self._count += 1
        return self.incoming("said", text, self._count)

    def pressed(self, label: str) -> Incoming:
        """A button by its label. KeyError where there is none."""
        return self.incoming("pressed", self.shown[label], self.prompt)

    def came_back(self) -> Incoming:
        return self.incoming("came_back", "", 0)

    def incoming(self, kind: str, text: str, message: int) -> Incoming:
        self._update += 1
        return Incoming(self.name, str(self._update), "me", "me", kind, text, message)

    async def talk(self, deliver: Deliver, settled: Callable[[], Awaitable[None]], source: TextIO) -> None:
        """Until end of input: a line is a message, /start comes back."""
        await deliver(self.came_back())
        await settled()
        while True:
            print("> ", end="", flush=True, file=sys.stderr)
            line = await asyncio.to_thread(source.readline)
            if not line:
                return
            words = line.rstrip("\n")
            if not words:
                continue
            await deliver(self.came_back() if words == "/start" else self.said(words))
            await settled()


def is_extra(data: str) -> bool:
    """Buttons that stand under every question; a transcript leaves them out."""
    return data.rpartition(":")[2] in ("~back", "~skip", "~help", "~danger")
