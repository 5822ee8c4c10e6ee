"""`stonechat chat`: one conversation in this terminal."""

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console

from bot.channels.terminal import PERSON, Terminal
from bot.machine.files import write_private
from bot.machine.logs import quiet_logs
from bot.machine.process import run_until_signal
from bot.operating.transcript import Transcript
from bot.settings import Settings
from bot.talk.events import Arrival
from bot.wiring import Bot, open_bot

CUT = 4096  # bytes of a line, its end included, that a terminal hands over: termios(3), "Canonical mode"


class Told:
    """Lines of a terminal. One that the system cut is told: what was typed behind it is lost."""

    def __init__(self, source: TextIO) -> None:
        """`source` may be a file as well: nothing is cut there."""
        self._source = source

    def readline(self) -> str:
        """The next line with its end; empty at the end of input."""
        line = self._source.readline()
        if len(line.encode()) >= CUT and self._source.isatty():
            what = "this terminal hands over 4,095 letters of a line at most: the end of it is missing"
            print(f"stonechat: warning: {what}; send it in shorter lines", file=sys.stderr)
        return line


def run_chat(settings: Settings, flows: Path | None, record: Path | None) -> None:
    """Until the person leaves; then what was said is written to `record` as a golden transcript."""
    quiet_logs(logging.WARNING)
    transcript = Transcript()
    run_until_signal(chat(settings, flows, transcript))
    if record:
        write_private(record, transcript.text("recorded").encode())


async def chat(settings: Settings, flows: Path | None, transcript: Transcript) -> None:
    """One conversation in this terminal."""
    # It ends with this conversation, so a report leaves at once; who sits here has no other person to hide among.
    async with open_bot(replace(settings, handoff_spread=0), flows_folder=flows) as bot:
        terminal = Terminal(Console(), transcript.hears)
        bot.house.channels["terminal"] = terminal
        await bot.start()

        async def deliver(arrival: Arrival) -> None:
            transcript.says(getattr(arrival.event, "text", "/start"))
            await bot.deliver(arrival)

        await terminal.talk(deliver, bot.settled, cast(TextIO, Told(sys.stdin)))
        await bot.conversations.stop()
        print(f"\n{_end(bot, settings)}".rstrip("\n"), file=sys.stderr)


def _end(bot: Bot, settings: Settings) -> str:
    """What becomes of a conversation that its person left by Ctrl-D; empty where there is nothing to say."""
    standing = bot.conversations.standing(bot.house.keys.conversation(Terminal.name, PERSON))
    if standing is None or standing.session.submitted:
        return ""
    if not standing.revision:
        return "stonechat: the chat ended; nothing was kept"
    what = "what was handed over stays with the intake, and the rest" if standing.handed else "it was not sent, and"
    return f"stonechat: the chat ended; {what} waits as a draft: 'stonechat chat' goes on with it"
