"""The bot as a real process, and people who answer whatever it asks, as often as it asks."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.conftest import IDENTITY, RECOVERY

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """`start` again after a kill goes on with the same state."""

    folder: Path
    server: FakeTelegram
    intake: str = ""
    before: tuple[str, ...] = ()
    debug: bool = False
    errors: bytearray = field(default_factory=bytearray)
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    phone: str = ""

    def settings(self) -> dict[str, Any]:
        recipients = self.folder / "recipients.txt"
        recipients.write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
        return {
            "state": str(self.folder / "state"),
            "keys": str(self.folder / "keys"),
            "recipients": str(recipients),
            "intake": self.intake or f"folder:{self.folder / 'inbox'}",
            "telegram_token": TOKEN,
            "languages": ["en"],
            "telegram_api": self.server.url,
            "telegram_sensitive": "allow",
            "organisation": "Example",
            "first_read": 24,
            "phone": self.phone,
        }

    async def start(self, point: str = "none", count: int = 1) -> None:
        self.starts += 1
        command = [*self.before, sys.executable, "-m", "tests.faults.entry", point, str(count)]
        self.process = await asyncio.create_subprocess_exec(
            *command,
            "debug" if self.debug else "quiet",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(self.settings()).encode())
        self.process.stdin.close()
        self._ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        waiting = asyncio.create_task(self._ready.wait())
        dead = asyncio.create_task(self.process.wait())
        await asyncio.wait([waiting, dead], return_when=asyncio.FIRST_COMPLETED, timeout=30)
        waiting.cancel()
        dead.cancel()

    async def _read(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.errors += line
            if b"stonechat: ready" in line:
                self._ready.set()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.process is not None
        if self.alive:
            self.process.send_signal(number)
        code = await self.process.wait()
        await self._reader
        return code

    async def keep_alive(self) -> None:
        """Start it again whenever it dies."""
        while True:
            assert self.process is not None
            await self.process.wait()
            await self._reader
            await self.start()


@dataclass
class Agent:
    """Somebody who answers by what stands on the screen, once for each question that comes."""

    person: Person
    story: Sequence[str]
    danger: bool = False
    takes_back: bool = False
    done: bool = False
    number: str = ""
    _said: int = 0
    _last: tuple[int, str] = (0, "")

    async def act(self) -> None:
        """Answer until the farewell stands there."""
        await self.person.says("/start")
        quiet = 0
        while not self.done:
            shown = self.person.from_bot()
            # A number that was shown twice is written down twice; the second press begins a new conversation.
            self.done = any("A trained person reads it" in m.text or "We erased it here" in m.text for m in shown)
            newest = (shown[-1].id, shown[-1].text) if shown else (0, "")
            if newest == self._last:
                quiet += 1
                if quiet > 150:  # nothing for a while: look again, as a person would
                    self._last, quiet = (0, "again"), 0
                    if not shown:
                        await self.person.says("/start")
                await asyncio.sleep(0.02)
                continue
            self._last, quiet = newest, 0
            await self._answer(newest[1])

    async def _answer(self, screen: str) -> None:
        buttons = (
            ("safe to write?\n\nSomeone", "I am in danger now" if self.danger else "Yes, go on"),
            ("May our team read what you tell us", "Yes, read it and act"),
            ("What is going on", "Taken or held"),
            ("Who needs help", "Someone else"),
            ("How may we reach you", "In this chat"),
            ("who else may see it", "Ask me first"),
            ("A person is told now", "That is all for now"),
            ("Do you agree to start", "Yes, I agree"),
            ("If you stop before the end", "No, destroy it"),
            ("Who are you telling us about", "Me"),
            ("Are you under 18", "No"),
            ("who may see it", "Only your team"),
            ("write to you again", "I come back with my number"),
            ("You may send it now", "Send it now"),
            ("Start, or go on", "Go on"),
            ("Which country do you mean", "None of these"),
            ("Do you want to keep it", "Drop it"),
        )
        if self.takes_back and "A person is told now" in screen:
            await self.person.says("erase")
            return
        if "Begin with the country" in screen:
            await self.person.says(self.story[0])
            return
        for words, label in buttons:
            if words in screen:
                await self._press(label)
                return
        if "Your return number is" in screen:
            self.number = screen
            await self._press("I wrote it down")
        elif "What happened, and about when" in screen and not self._said:
            for line in self.story:
                self._said += 1
                await self.person.says(line)
        elif "Saved. Send more" in screen:
            # Done only when all that was said is confirmed: a person sees the second tick.
            await self.person.server.wait(lambda: not self._waiting(), 60)
            await self._press("Done")
        elif "In which country" in screen:
            await self.person.says("Kenya")
        elif any(w in screen for w in ("What did you do with the UN", "How are you now", "What name should")):
            await self.person.says("skip")

    def _waiting(self) -> bool:
        return any(u.get("message", {}).get("chat", {}).get("id") == self.person.id for u in self.person.server.updates)

    async def _press(self, label: str) -> None:
        try:
            await self.person.presses(label)
        except AssertionError:
            self._last = (0, "")
            await asyncio.sleep(0.05)
