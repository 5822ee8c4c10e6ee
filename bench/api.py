"""A light Bot API server: updates out, messages in. It keeps one state for each chat: what was shown there last."""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "123456789:AAFakeTokenForBenchmarksOnly_abcdefgh"
MOST = 100  # updates in one answer, as the platform has it
REST = 5  # seconds that a chat in `refused` asks for


@dataclass
class Api:
    """`answered` is set when the bot wrote to that chat; sends to chats in `refused` are answered with 429."""

    answered: dict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    shown: dict[int, tuple[int, list[Any]]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    stopped: bool = False
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _next_update: int = 1
    _next_message: int = 1
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

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
        self._wake.set()
        await self._runner.cleanup()

    @property
    def waiting(self) -> int:
        """Updates that are not confirmed yet."""
        return len(self._updates)

    def forget(self, chat: int) -> None:
        """Nothing was shown there."""
        self.answered.pop(chat, None)
        self.shown.pop(chat, None)

    # --- what a person does ---

    def act(self, chat: int, action: str) -> None:
        """`[label]` is a press on what stands there; the rest is typed."""
        if action.startswith("["):
            self._press(chat, action[1:-1])
        else:
            self._say(chat, action)

    def _say(self, chat: int, text: str) -> None:
        where, who = _person(chat)
        message, self._next_message = self._next_message, self._next_message + 1
        inner: dict[str, Any] = {"message_id": message, "date": int(time.time()), "chat": where, "from": who}
        if text.startswith("/"):
            inner["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self._push({"message": {**inner, "text": text}})

    def _press(self, chat: int, label: str) -> None:
        where, who = _person(chat)
        message, rows = self.shown[chat]
        data = next(b["callback_data"] for row in rows for b in row if b["text"].removeprefix("✓ ") == label)
        shown = {"message_id": message, "date": int(time.time()), "chat": where, "text": "x"}
        self._push({"callback_query": {"id": "1", "from": who, "chat_instance": "1", "message": shown, "data": data}})

    def _push(self, content: dict[str, Any]) -> None:
        self._updates.append({"update_id": self._next_update, **content})
        self._next_update += 1
        self._wake.set()

    # --- what the bot calls ---

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        raw = await request.read()
        if request.content_type == "application/json":
            values = json.loads(raw) if raw else {}
        else:
            values = {k: _loads(v) for k, v in (await request.post()).items()}
        result: Any = True
        if method == "getupdates":
            result = await self._unconfirmed(int(values.get("offset") or 0))
        elif method == "getme":
            result = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "bench_bot"}
        elif method in ("sendmessage", "editmessagetext"):
            if int(values["chat_id"]) in self.refused:
                return _too_many()
            result = self._sent(values)
        return web.json_response({"ok": True, "result": result})

    def _sent(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = int(values["chat_id"])
        message = values.get("message_id")
        if message is None:
            message, self._next_message = self._next_message, self._next_message + 1
        self.shown[chat] = (int(message), (values.get("reply_markup") or {}).get("inline_keyboard", []))
        self.answered[chat].set()
        return {
            "message_id": int(message),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "A"},
            "text": values["text"],
        }

    async def _unconfirmed(self, offset: int) -> list[dict[str, Any]]:
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        if not self._updates and not self.stopped:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), 1)
            except TimeoutError:
                return []
        return self._updates[:MOST]


def _person(chat: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"id": chat, "type": "private", "first_name": "A"},
        {"id": chat, "is_bot": False, "first_name": "A"},
    )


def _too_many() -> web.Response:
    description = f"Too Many Requests: retry after {REST}"
    answer = {"ok": False, "error_code": 429, "description": description, "parameters": {"retry_after": REST}}
    return web.json_response(answer, status=429)


def _loads(value: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
