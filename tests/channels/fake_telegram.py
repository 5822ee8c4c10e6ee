"""A strict Bot API server for tests: real HTTP, aiogram's typed models, and the limits that those lack.

It follows the published Bot API: methods, long polling, offsets, callback data, entity of messages, 48 hours.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiogram.methods
import aiogram.types
from aiohttp import ClientError, ClientSession, web
from pydantic import BaseModel

TOKEN = "123456789:AAFakeTokenForTestsOnly_abcdefghijklm"  # gitleaks:allow
BOT_ID = 123456789
REACTION = 0.03  # seconds between reading and answering, far less than any person needs
METHODS = {
    name.lower(): getattr(aiogram.methods, name)
    for name in (
        "GetUpdates",
        "SendMessage",
        "EditMessageText",
        "AnswerCallbackQuery",
        "DeleteMessage",
        "DeleteMessages",
        "SetMyCommands",
        "LeaveChat",
        "GetMe",
        "SetWebhook",
        "DeleteWebhook",
        "GetWebhookInfo",
    )
}


class Strict(AssertionError):
    """The bot broke the published schema."""


def no_extras(model: BaseModel, path: str = "") -> None:
    """aiogram's models allow unknown fields; a real server would ignore them, we do not."""
    if model.model_extra:
        raise Strict(f"{path or type(model).__name__}: unknown fields {sorted(model.model_extra)}")
    for name in type(model).model_fields:
        _walk(getattr(model, name), f"{path}.{name}")


def _walk(value: Any, path: str) -> None:
    if isinstance(value, BaseModel):
        no_extras(value, path)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _walk(each, f"{path}[{number}]")


@dataclass
class Shown:
    """One message as it stands in a chat."""

    id: int
    text: str
    rows: list[list[dict[str, str]]]
    date: float
    from_bot: bool
    quotes: int | None = None
    deleted: bool = False
    topic: int = 0


@dataclass
class Failure:
    """What the server does instead of an answer. `after` lets the effect take place first."""

    method: str
    status: int = 500
    body: bytes = b'{"ok":false,"error_code":500,"description":"Internal Server Error"}'
    content_type: str = "application/json"
    after: bool = False
    cut: bool = False
    times: int = 1
    chat: int | None = None


@dataclass
class FakeTelegram:
    """`calls` are (method, values) in the order of their arrival."""

    clock: Callable[[], float] = time.time
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    chats: dict[int, dict[int, Shown]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    notices: dict[str, str] = field(default_factory=dict)
    confirmed: int = 0
    next_update: int = 1000
    next_message: int = 100
    refuse_token: bool = False
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    refuse_webhook: str = ""  # the platform's reason
    webhook_error: tuple[str, int] = ("", 0)  # of the last delivery: reason, seconds since 1970
    meaningless: int = 0  # offsets from here on are of numbers that are gone: see starts_anew
    hides: bool = False
    closed_topics: set[int] = field(default_factory=set)
    webhook: dict[str, Any] = field(default_factory=dict)
    deliver_to: str = ""  # where the public address of the webhook leads in this test
    refused: list[int] = field(default_factory=list)
    _delivering: "asyncio.Task[None] | None" = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> "FakeTelegram":
        app = web.Application(client_max_size=60 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", getattr(self, "port", 0), reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._delivering is not None:
            self._delivering.cancel()
        await self._runner.cleanup()

    # --- the server ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        if request.match_info["token"] not in self.tokens or self.refuse_token:
            return _error(401, "Unauthorized")
        if method not in METHODS:
            return _error(404, "Not Found")
        raw = await request.read()
        if request.content_type != "application/json" and raw:
            return _error(400, "Bad Request: only JSON is used here")
        values = json.loads(raw) if raw else {}
        try:
            model = METHODS[method].model_validate(values)
            no_extras(model, method)
            self._limits(method, values)
        except (Strict, ValueError) as error:
            self.complaints.append(f"{method}: {error}")
            return _error(400, f"Bad Request: {type(error).__name__}")
        self.calls.append((method, values))
        failure = self._failure(method, values)
        if failure and not failure.after:
            return await self._fail(request, failure)
        answer = await getattr(self, f"_{method}")(values)
        async with self.changed:
            self.changed.notify_all()
        if failure:
            return await self._fail(request, failure)
        return answer if isinstance(answer, web.Response) else web.json_response({"ok": True, "result": answer})

    def _failure(self, method: str, values: dict[str, Any]) -> Failure | None:
        for failure in self.failures:
            if failure.method.lower() == method and failure.chat in (None, values.get("chat_id")):
                failure.times -= 1
                if failure.times <= 0:
                    self.failures.remove(failure)
                return failure
        return None

    async def _fail(self, request: web.Request, failure: Failure) -> web.StreamResponse:
        if failure.cut:
            response = web.StreamResponse(headers={"Content-Length": "100000", "Content-Type": "application/json"})
            await response.prepare(request)
            await response.write(b'{"ok":true,"res')
            assert request.transport is not None
            request.transport.abort()
            return response
        return web.Response(status=failure.status, body=failure.body, content_type=failure.content_type)

    def _limits(self, method: str, values: dict[str, Any]) -> None:
        text = values.get("text")
        if method in ("sendmessage", "editmessagetext"):
            if not isinstance(text, str) or not text.strip():
                raise Strict("text is empty")
            if len(text.encode("utf-16-le")) // 2 > 4096:
                raise Strict("text is longer than 4096 UTF-16 units")
        for row in (values.get("reply_markup") or {}).get("inline_keyboard", []):
            if not row:
                raise Strict("an empty row of buttons")
            for button in row:
                if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                    raise Strict("callback_data is not 1 to 64 bytes")
                if not button["text"]:
                    raise Strict("a button without words")
        if method == "setmycommands" and not re.fullmatch("(?:[a-z]{2})?", values.get("language_code", "")):
            raise Strict("language_code is no two-letter ISO 639-1 code")
        if method == "deletemessages" and not 1 <= len(values["message_ids"]) <= 100:
            raise Strict("1 to 100 ids can be deleted at once")
        for command in values.get("commands", []):
            if not 1 <= len(command["description"]) <= 256:
                raise Strict("a command's description is 1 to 256 characters")

    async def _setwebhook(self, values: dict[str, Any]) -> Any:
        if not values["url"].startswith("https://"):
            return _error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", values.get("secret_token") or "x"):
            return _error(400, "Bad Request: secret token contains unallowed characters")
        if self.refuse_webhook:
            return _error(400, f"Bad Request: bad webhook: {self.refuse_webhook}")
        self.webhook = values
        if self._delivering is None and self.deliver_to:
            self._delivering = asyncio.create_task(self._deliver())
        return True

    async def _deletewebhook(self, values: dict[str, Any]) -> Any:
        self.webhook = {}
        if self._delivering is not None:
            self._delivering.cancel()
            self._delivering = None
        if values.get("drop_pending_updates"):
            self.updates.clear()
        return True

    async def _getwebhookinfo(self, values: dict[str, Any]) -> Any:
        info: dict[str, Any] = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        reason, when = self.webhook_error
        return info | ({"last_error_message": reason, "last_error_date": when} if reason else {})

    async def _deliver(self) -> None:
        """One update after the other, again until it is answered with 2xx."""
        async with ClientSession() as session:
            while True:
                async with self.changed:
                    await self.changed.wait_for(lambda: bool(self.updates))
                    update = self.updates[0]
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                body = json.dumps(update).encode("ascii")
                try:
                    async with session.post(self.deliver_to, data=body, headers=headers) as answer:
                        status, raw = answer.status, await answer.read()
                except (ClientError, OSError):
                    status, raw = 0, b""
                if not 200 <= status < 300:
                    self.refused.append(status)
                    await asyncio.sleep(0.1)
                    continue
                if raw:
                    values = json.loads(raw)
                    method = values.pop("method").lower()
                    no_extras(METHODS[method].model_validate(values), method)
                    await getattr(self, f"_{method}")(values)
                async with self.changed:
                    self.updates = [u for u in self.updates if u["update_id"] != update["update_id"]]
                    self.confirmed = max(self.confirmed, update["update_id"] + 1)
                    self.changed.notify_all()

    async def _getupdates(self, values: dict[str, Any]) -> Any:
        if self.webhook:
            return _error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = values.get("offset") or 0
        shown = 0
        if self.meaningless and offset >= self.meaningless:
            shown = offset if self.hides else 0
        elif offset > 0:
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
            self.confirmed = max(self.confirmed, offset)
        wanted = values.get("allowed_updates")
        timeout = min(values.get("timeout") or 0, 3)
        async with self.changed:
            self.changed.notify_all()  # who waits for a confirmation need not wait for the poll's end
            if not self.updates and timeout:
                try:
                    await asyncio.wait_for(self.changed.wait_for(lambda: bool(self.updates)), timeout)
                except TimeoutError:
                    return []
        found = [
            u
            for u in self.updates
            if u["update_id"] >= shown and (not wanted or any(k in wanted or k.startswith("x_") for k in u))
        ]
        return web.Response(
            body=json.dumps({"ok": True, "result": found[: values.get("limit") or 100]}).encode("ascii"),
            content_type="application/json",
        )

    def _message(self, chat: int, shown: Shown) -> dict[str, Any]:
        sender = {"id": BOT_ID, "is_bot": True, "first_name": "Bot"}
        message = {
            "message_id": shown.id,
            "date": int(shown.date),
            "chat": {"id": chat, "type": "private"},
            "from": sender,
            "text": shown.text,
        }
        if shown.topic:
            message |= {"message_thread_id": shown.topic, "is_topic_message": True}
        no_extras(aiogram.types.Message.model_validate(message))
        return message

    async def _sendmessage(self, values: dict[str, Any]) -> Any:
        chat = int(values["chat_id"])
        topic = values.get("message_thread_id", 0)
        if topic in self.closed_topics:
            return _error(400, "Bad Request: message thread not found")
        self.next_message += 1
        quotes = (values.get("reply_parameters") or {}).get("message_id")
        rows = (values.get("reply_markup") or {}).get("inline_keyboard", [])
        shown = Shown(self.next_message, values["text"], rows, self.clock(), True, quotes, topic=topic)
        self.chats.setdefault(chat, {})[shown.id] = shown
        return self._message(chat, shown)

    async def _editmessagetext(self, values: dict[str, Any]) -> Any:
        chat = int(values["chat_id"])
        shown = self.chats.get(chat, {}).get(values["message_id"])
        if shown is None or shown.deleted:
            return _error(400, "Bad Request: message to edit not found")
        if not shown.from_bot:
            return _error(400, "Bad Request: message can't be edited")
        rows = (values.get("reply_markup") or {}).get("inline_keyboard", [])
        if (shown.text, shown.rows) == (values["text"], rows):
            return _error(400, "Bad Request: message is not modified: specified new message content is the same")
        shown.text, shown.rows = values["text"], rows
        return self._message(chat, shown)

    async def _answercallbackquery(self, values: dict[str, Any]) -> Any:
        if values.get("text"):
            self.notices[values["callback_query_id"]] = values["text"]
        self.answered.append(values["callback_query_id"])
        return True

    async def _deletemessages(self, values: dict[str, Any]) -> Any:
        messages = self.chats.get(int(values["chat_id"]), {})
        if any(self._too_old(messages.get(m)) for m in values["message_ids"]):
            return _error(400, "Bad Request: message can't be deleted")
        for message in values["message_ids"]:
            if message in messages:
                messages[message].deleted = True
        return True

    async def _deletemessage(self, values: dict[str, Any]) -> Any:
        shown = self.chats.get(int(values["chat_id"]), {}).get(values["message_id"])
        if shown is None or shown.deleted:
            return _error(400, "Bad Request: message to delete not found")
        if self._too_old(shown):
            return _error(400, "Bad Request: message can't be deleted")
        shown.deleted = True
        return True

    def _too_old(self, shown: Shown | None) -> bool:
        return shown is not None and self.clock() - shown.date > 48 * 3600

    async def _setmycommands(self, values: dict[str, Any]) -> Any:
        return True

    async def _leavechat(self, values: dict[str, Any]) -> Any:
        self.left.append(int(values["chat_id"]))
        return True

    async def _getme(self, values: dict[str, Any]) -> Any:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Bot", "username": "example_bot"}

    # --- what people do ---

    async def push(self, content: dict[str, Any], *, check: bool = True, update_id: int | None = None) -> int:
        """Queue one update. `check`: it must be one that the real server could send."""
        self.next_update += 1
        number = self.next_update if update_id is None else update_id
        update = {"update_id": number, **content}
        if check:
            no_extras(aiogram.types.Update.model_validate(update))
        async with self.changed:
            self.updates.append(update)
            self.changed.notify_all()
        return number

    def starts_anew(self, number: int, *, hides: bool) -> None:
        """As after a week without updates: numbers go on from here.

        `hides`: what is below an offset of the old numbers is not shown; else such an offset means nothing.
        """
        self.meaningless, self.hides = self.next_update, hides
        self.next_update = self.confirmed = number
        assert self.next_update < self.meaningless

    async def wait(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), seconds)

    async def wait_confirmed(self, update: int, seconds: float = 20) -> None:
        await self.wait(lambda: self.confirmed > update, seconds)


def _error(status: int, description: str, **parameters: Any) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)


def too_many(seconds: int) -> Failure:
    body = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}"}
    return Failure("SendMessage", 429, json.dumps({**body, "parameters": {"retry_after": seconds}}).encode())


@dataclass
class Person:
    """Somebody with a Telegram account, who hears what the bot says."""

    server: FakeTelegram
    id: int
    heard: int = 0
    last_callback: str = ""

    def _sender(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": "Ana Secretname", "username": "ana_secretuser"}

    def _chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": "Ana Secretname"}

    def _new(self, text: str, message_id: int | None = None) -> dict[str, Any]:
        if message_id is None:
            self.server.next_message += 1
            message_id = self.server.next_message
        shown = Shown(message_id, text, [], self.server.clock(), False)
        self.server.chats.setdefault(self.id, {})[message_id] = shown
        return {
            "message_id": message_id,
            "date": int(shown.date),
            "chat": self._chat(),
            "from": self._sender(),
        }

    async def says(self, text: str, **more: Any) -> int:
        message = {**self._new(text), "text": text, **more}
        return await self.server.push({"message": message}, check=not _has_surrogate(text))

    async def sends(self, **content: Any) -> int:
        """A message of another kind than text."""
        return await self.server.push({"message": {**self._new(""), **content}})

    async def edits(self, message_id: int, text: str, **more: Any) -> int:
        message = {**self._new(text, message_id), "text": text, "edit_date": int(self.server.clock()), **more}
        return await self.server.push({"edited_message": message})

    async def presses(self, label: str) -> int:
        """The newest button with this label."""
        for shown in sorted(self.messages(), key=lambda m: -m.id):
            for button in (b for row in shown.rows for b in row):
                if button["text"].removeprefix("✓ ") == label:
                    return await self._presses_until_it_counts(button["callback_data"], shown)
        raise AssertionError(f"no button {label!r} in {self.screen()!r}")

    async def _presses_until_it_counts(self, data: str, shown: Shown) -> int:
        """Who is told to read first presses again."""
        while True:
            number = await self.presses_data(data, shown)
            callback = self.last_callback
            with contextlib.suppress(AssertionError, TimeoutError):
                await self.server.wait(lambda callback=callback: callback in self.server.answered, 2)
            if not self.server.notices.pop(callback, ""):
                return number
            await asyncio.sleep(0.1)

    async def presses_data(self, data: str, shown: Shown) -> int:
        self.last_callback = str(self.server.next_update + 7_000_000)
        callback = {
            "id": self.last_callback,
            "from": self._sender(),
            "chat_instance": "1",
            "data": data,
            "message": self.server._message(self.id, shown),
        }
        return await self.server.push({"callback_query": callback})

    def messages(self, *, deleted: bool = False) -> list[Shown]:
        """What stands in the chat."""
        return [m for m in self.server.chats.get(self.id, {}).values() if deleted or not m.deleted]

    def from_bot(self) -> list[Shown]:
        return [m for m in self.messages() if m.from_bot]

    def screen(self) -> str:
        """The newest message of the bot."""
        found = self.from_bot()
        return found[-1].text if found else ""

    async def reads(self, words: str, seconds: float = 20) -> str:
        """Wait until the newest message of the bot holds these words."""
        try:
            await self.server.wait(lambda: words in self.screen(), seconds)
        except TimeoutError:
            raise AssertionError(f"never heard {words!r}; the screen says {self.screen()!r}") from None
        # Nobody answers before the sender even knows that it was delivered: then it would be typed ahead (R21).
        await asyncio.sleep(REACTION)
        return self.screen()


def _has_surrogate(text: str) -> bool:
    return any(0xD800 <= ord(c) <= 0xDFFF for c in text)
