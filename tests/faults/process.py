"""The bot as a real process, and people who answer whatever it asks, as often as it asks."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.conftest import IDENTITY, RECOVERY
from tests.faults import entry

ROOT = Path(__file__).parents[2]


BINDING = (
    "Yes, read it and act",
    "Ask me first",
    "That is all for now",
    "Yes, I agree",
    "No, destroy it",
    "Only your team",
    "Send it now",
)
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.faults.warm"])


class Forked:
    """A forked process as asyncio shows its own: `pid`, `returncode`, `stderr`, `wait`, `send_signal`."""

    def __init__(self, process: multiprocessing.context.ForkServerProcess, stderr: asyncio.StreamReader) -> None:
        assert process.pid is not None
        self.pid, self.stderr = process.pid, stderr
        self._process, self._ended = process, asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, self._on_end, loop)

    def _on_end(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._process.sentinel)
        self._process.join()
        self._ended.set()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode if self._ended.is_set() else None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it ended, and its end is not heard of yet
            os.kill(self.pid, number)

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode


async def forked(settings: dict[str, Any], point: str, count: int, debug: bool) -> Forked:
    reading, writing = FORKING.Pipe(duplex=False)
    process = FORKING.Process(target=entry.run, args=(settings, point, count, debug, writing), daemon=True)
    process.start()
    writing.close()
    stderr, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    pipe = os.fdopen(os.dup(reading.fileno()), "rb", buffering=0)
    reading.close()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stderr), pipe)
    return Forked(process, stderr)


@dataclass
class Process:
    """`start` again after a kill goes on with the same state.

    `fresh`: an interpreter of its own; otherwise it forks from one that has imported everything already, so that
    killing and starting take a test a tenth of the time. A kill is the same kill. `api`: what stands before the
    platform, if anything does.
    """

    folder: Path
    server: FakeTelegram
    intake: str = ""
    before: tuple[str, ...] = ()
    debug: bool = False
    fresh: bool = False
    api: str = ""
    errors: bytearray = field(default_factory=bytearray)
    process: "asyncio.subprocess.Process | Forked | None" = None
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
            "telegram_api": self.api or self.server.url,
            "telegram_sensitive": "allow",
            "organisation": "Example",
            "first_read": 24,
            "handoff_spread": 0,
            "phone": self.phone,
        }

    async def start(self, point: str = "none", count: int = 1) -> None:
        self.starts += 1
        if self.fresh or self.before:
            self.process = await self._executed(point, str(count), "debug" if self.debug else "quiet")
        else:
            self.process = await forked(self.settings(), point, count, self.debug)
        self._ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        waiting = asyncio.create_task(self._ready.wait())
        dead = asyncio.create_task(self.process.wait())
        await asyncio.wait([waiting, dead], return_when=asyncio.FIRST_COMPLETED, timeout=30)
        waiting.cancel()
        dead.cancel()

    async def _executed(self, *words: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *self.before,
            sys.executable,
            "-m",
            "tests.faults.entry",
            *words,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(self.settings()).encode())
        process.stdin.close()
        return process

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
    """Somebody who answers by what stands on the screen, once for each question that comes.

    `calm` is waited for before each answer.
    """

    person: Person
    story: Sequence[str]
    danger: bool = False
    takes_back: bool = False
    calm: Callable[[], Awaitable[None]] | None = None
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
            self.done = any("Thank you for trusting us" in m.text or "We erased it here" in m.text for m in shown)
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
            if self.calm:
                await self.calm()
            await self._answer(newest[1])

    async def _answer(self, screen: str) -> None:
        buttons = (
            ("safe to write?\n\nSomeone", "I am in danger now" if self.danger else "Yes, go on"),
            ("May our team read this", "Yes, read it and act"),
            ("What is going on", "Taken or held"),
            ("Who needs help", "Someone else"),
            ("How may we reach you", "In this chat"),
            ("who else may see it", "Ask me first"),
            ("We put it on top of the list", "That is all for now"),
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
        if self.takes_back and "We put it on top of the list" in screen:
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
            if label in BINDING:  # a press of these counts only once they could be read: the words count at once
                await self.person.says(label)
            else:
                await self.person.presses(label)
        except AssertionError:
            self._last = (0, "")
            await asyncio.sleep(0.05)
