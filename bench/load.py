"""A light Bot API server and a closed loop of reporters: each does the next thing 20 ms after the bot answered."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

RAMP = 2.0  # seconds until all reporters are there
REACTION = 0.02  # seconds from an answer to what its reporter does next: nobody overtakes the bot's own answer
TOKEN = "123456789:AAFakeTokenForBenchmarksOnly_abcdefgh"


@dataclass
class Load:
    """`latencies` are seconds from an update's arrival at the server to the bot's answer."""

    reporters: int
    actions: Sequence[str]
    latencies: list[float] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    done: int = 0
    reports: int = 0
    next_update: int = 1
    next_message: int = 1
    stopped: bool = False
    answered: dict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    shown: dict[int, tuple[int, list[Any]]] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> int:
        """Start; returns the port."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port: int = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        return port

    async def close(self) -> None:
        self.stopped = True
        self.wake.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        raw = await request.read()
        if request.content_type == "application/json":
            values = json.loads(raw) if raw else {}
        else:
            values = {k: _loads(v) for k, v in (await request.post()).items()}
        result: Any = True
        if method == "getupdates":
            result = await self._updates(int(values.get("offset") or 0))
        elif method == "getme":
            result = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "bench_bot"}
        elif method in ("sendmessage", "editmessagetext"):
            result = self._sent(values)
        return web.json_response({"ok": True, "result": result})

    def _sent(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = int(values["chat_id"])
        message = values.get("message_id")
        if message is None:
            message, self.next_message = self.next_message, self.next_message + 1
        self.shown[chat] = (int(message), (values.get("reply_markup") or {}).get("inline_keyboard", []))
        self.answered[chat].set()
        return {
            "message_id": int(message),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "A"},
            "text": values["text"],
        }

    async def _updates(self, offset: int) -> list[dict[str, Any]]:
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        if not self.updates and not self.stopped:
            self.wake.clear()
            try:
                await asyncio.wait_for(self.wake.wait(), 1)
            except TimeoutError:
                return []
        return self.updates[:100]

    def _push(self, content: dict[str, Any]) -> None:
        self.updates.append({"update_id": self.next_update, **content})
        self.next_update += 1
        self.wake.set()

    def _person(self, chat: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return (
            {"id": chat, "type": "private", "first_name": "A"},
            {"id": chat, "is_bot": False, "first_name": "A"},
        )

    def _say(self, chat: int, text: str) -> None:
        where, who = self._person(chat)
        message, self.next_message = self.next_message, self.next_message + 1
        inner: dict[str, Any] = {"message_id": message, "date": int(time.time()), "chat": where, "from": who}
        if text.startswith("/"):
            inner["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self._push({"message": {**inner, "text": text}})

    def _press(self, chat: int, label: str) -> None:
        where, who = self._person(chat)
        message, rows = self.shown[chat]
        data = next(b["callback_data"] for row in rows for b in row if b["text"].removeprefix("✓ ") == label)
        shown = {"message_id": message, "date": int(time.time()), "chat": where, "text": "x"}
        self._push({"callback_query": {"id": "1", "from": who, "chat_instance": "1", "message": shown, "data": data}})

    async def _reporter(self, first: int, wait: float) -> None:
        chat = first
        await asyncio.sleep(wait)
        while not self.stopped:
            await self._do(chat, lambda chat=chat: self._say(chat, "/start"))
            for action in self.actions:
                if self.stopped:
                    return
                if action.startswith("["):
                    await self._do(chat, lambda a=action, c=chat: self._press(c, a[1:-1]))
                else:
                    await self._do(chat, lambda a=action, c=chat: self._say(c, a))
            self.reports += 1
            self.answered.pop(chat, None)
            self.shown.pop(chat, None)
            chat += self.reporters

    async def _do(self, chat: int, act: Any) -> None:
        event = self.answered[chat]
        event.clear()
        began = time.perf_counter()
        act()
        await event.wait()
        self.latencies.append(time.perf_counter() - began)
        self.done += 1
        await asyncio.sleep(REACTION)

    async def begin(self) -> None:
        """Reporters come one after the other, as people do, so that they are not all at the same question."""
        waits = [n * RAMP / self.reporters for n in range(self.reporters)]
        self._tasks = [asyncio.create_task(self._reporter(1000 + n, wait)) for n, wait in enumerate(waits)]
        await asyncio.sleep(RAMP + 1)
        self.latencies, self.done, self.reports = [], 0, 0

    async def run(self, seconds: float) -> None:
        """Reporters at work for so long."""
        await asyncio.sleep(seconds)
        self.stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _loads(value: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
