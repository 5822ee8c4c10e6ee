"""Promises 1 to 3 on the phone page under kill -9: what was acknowledged is there, once, in order."""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.channels.conftest import STORY_TO_END
from tests.conftest import IDENTITY, RECOVERY, free_port
from tests.faults.process import BINDING
from tests.faults.test_kills import handed_over, until

ROOT = Path(__file__).parents[2]


@dataclass
class Bot:
    """`stonechat run` with the phone page alone; started again, it goes on with the same state."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        state = self.folder / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        (state / "recipients.txt").write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
        settings = {
            "STATE": str(state),
            "KEYS": str(self.folder / "keys"),
            "PHONE": f"127.0.0.1:{self.port}",
            "INTAKE": f"folder:{self.folder / 'inbox'}",
            "LANGUAGES": "en",
            "HANDOFF_SPREAD": "0",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)} | {f"STONECHAT_{k}": v for k, v in settings.items()},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def kill(self) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@dataclass
class Page:
    """What the page's script does: it connects again, and sends again what was not acknowledged."""

    bot: Bot
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    count: int = 0
    newest: int = 0
    seen: int = 0
    shown: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    socket: Any = None

    async def live(self) -> None:
        """Until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError, TypeError, ConnectionError):
                    address = self.bot.url.replace("http", "ws", 1) + "/talk"
                    async with session.ws_connect(address, headers={"Origin": self.bot.url}) as self.socket:
                        hello = {"type": "hello", "token": self.token, "seen": self.newest}
                        await self.socket.send_json(hello)
                        while True:
                            await self._take(await self.socket.receive_json())
                self.socket = None
                await asyncio.sleep(0.05)

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "room":
                for entry in frame["entries"]:
                    self._show(entry)
                for waiting in list(self.waiting.values()):
                    await self.socket.send_json(waiting)
            case "message":
                self._show(frame)
            case "ack":
                self.waiting.pop(frame["key"], None)
                self.newest = max(self.newest, frame["id"])
        self.changed.set()

    def _show(self, frame: dict[str, Any]) -> None:
        self.newest = max(self.newest, frame["id"])
        if not frame["own"]:
            self.shown = "\n\n".join(frame["paragraphs"])
            if buttons := (*frame["choices"], *frame["extras"]):
                self.seen, self.buttons = frame["id"], {b["label"]: b["data"] for b in buttons}

    async def send(self, **frame: Any) -> None:
        self.count += 1
        key = f"{self.count}-{secrets.token_hex(8)}"
        self.waiting[key] = {**frame, "key": key}
        if self.socket is not None:
            with contextlib.suppress(Exception):
                await self.socket.send_json(self.waiting[key])

    async def until(self, *words: str) -> None:
        """One of these stands there, and all that was sent is acknowledged."""
        async with asyncio.timeout(60):
            while not (any(w in self.shown for w in words) and not self.waiting):
                self.changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 3)

    async def step(self, does: str, *then: str) -> None:
        """Do it, and again where a crash took it before it counted (a press is no promise of its own)."""
        if does[1:-1] in BINDING:  # a press of these counts only once they could be read: the words count at once
            does = does[1:-1]
        for _ in range(20):
            if does.startswith("[") and does[1:-1] in self.buttons:
                await self.send(type="press", data=self.buttons[does[1:-1]], message=self.seen)
            elif not does.startswith("["):
                await self.send(type="say", text=does, seen=self.seen)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(6):
                    await self.until(*then)
                return
            if not does.startswith("["):
                await self.until(*then)
                return
        pytest.fail(f"{does}: {self.shown}")


async def test_F01_random_kills_on_the_phone_page(tmp_path: Path) -> None:
    """Somebody writes forty lines while the bot is killed again and again."""
    bot = Bot(tmp_path)
    await bot.start()
    page = Page(bot)
    living = asyncio.create_task(page.live())
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    try:
        await page.send(type="start")
        await page.until("safe to write")
        for does, then in (
            ("[Yes, go on]", "Do you agree"),
            ("[Yes, I agree]", "If you stop"),
            ("[No, destroy it]", "Who are you"),
            ("[Me]", "Are you under 18"),
            ("[No]", "What happened, and about when"),
        ):
            await page.step(does, then)
        lines = [f"line {n:02}" for n in range(20)]

        async def killing() -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.1, 1.2))
                await bot.kill()
                await bot.start()

        killer = asyncio.create_task(killing())
        for line in lines:
            await page.send(type="say", text=line, seen=page.seen)
            await asyncio.sleep(chance.uniform(0.05, 0.35))
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        assert bot.process is not None
        if bot.process.returncode is not None:
            await bot.start()
        await page.until("Saved. Send more")
        for does, then in STORY_TO_END:
            await page.step(does, then)
        await until(lambda: len(handed_over(tmp_path)) == 1)
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await bot.kill()
    (report,) = handed_over(tmp_path)
    parts = (report.document or {})["answers"]["act_story"]["parts"]
    assert [report.texts[p["part"]] for p in parts] == lines


async def test_no_word_of_the_phone_page_in_any_log(tmp_path: Path) -> None:
    """Promise 6 with every logger at DEBUG: frames, the token and the page's address hold words and accounts."""
    from tests.channels.fake_telegram import FakeTelegram
    from tests.faults.process import Process

    async with FakeTelegram() as server:
        bot = Bot(tmp_path)
        process = Process(tmp_path, server, debug=True, fresh=True, phone=f"127.0.0.1:{bot.port}")
        await process.start()
        page = Page(bot)
        living = asyncio.create_task(page.live())
        try:
            await page.send(type="start")
            await page.until("safe to write")
            for does, then in (
                ("[Yes, go on]", "Do you agree"),
                ("[Yes, I agree]", "If you stop"),
                ("[No, destroy it]", "Who are you"),
                ("[Me]", "Are you under 18"),
                ("[No]", "What happened, and about when"),
                ("Unmistakable secret words", "Saved. Send more"),
                *STORY_TO_END,
            ):
                await page.step(does, then)
            assert page.socket is not None
            await page.socket.send_str('{"type": "Unmistakable rubbish"}')
            await until(lambda: page.socket is None or page.socket.closed, 5)
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            await process.kill(15)
        log = process.errors.decode(errors="replace")
    assert "stonechat" in log
    for words in ("Unmistakable", "Kenya", page.token, "secret words"):
        assert words not in log, words
