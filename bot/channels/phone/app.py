"""The page and its websocket. Messages are numbered by the page, and acknowledged after their commit."""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope
from starlette.types import Send as AsgiSend
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.letters import plain
from bot.channels.phone.channel import Phone
from bot.talk.events import Arrival
from bot.talk.outgoing import Take

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("line.js", "links.js", "screen.js", "phone.js")
MOST_FRAME = 256 * 1024  # bytes of one frame; the page stops a little earlier
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
POLICY_VIOLATION = 1008  # close code, RFC 6455
Token = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}-[0-9a-f]{16}$")]
Language = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{0,35}$")]


Id = Annotated[
    int, msgspec.Meta(ge=0, lt=2**52)
]  # of a message; milliseconds since 1970, so it goes on after a restart


class Hello(Struct, frozen=True, tag="hello", forbid_unknown_fields=True):
    """The first frame: which page this is, its browser's language, the newest message that it knows."""

    token: Token
    language: Language = ""
    seen: Id = 0


class Say(Struct, frozen=True, tag="say", forbid_unknown_fields=True):
    """`key` is the page's own number of this message; the same one again is the same message."""

    key: Key
    text: str
    seen: Id = 0


class Press(Struct, frozen=True, tag="press", forbid_unknown_fields=True):
    """A button: what stood behind it, and the id of its message."""

    key: Key
    data: str
    message: Id


class TakeBack(Struct, frozen=True, tag="take", forbid_unknown_fields=True):
    """An own message is taken back, by its id."""

    key: Key
    message: Id


class Start(Struct, frozen=True, tag="start", forbid_unknown_fields=True):
    """The page was opened anew, and knows of nothing before."""

    key: Key


class Ping(Struct, frozen=True, tag="ping", forbid_unknown_fields=True):
    """Are you there? A browser tells a page nothing of a network that is dead."""


Frame = Hello | Say | Press | TakeBack | Start | Ping
_decoder = msgspec.json.Decoder(Frame)


def _read(raw: str) -> Frame:
    """Raises ValueError. Half an emoji, cut by a keyboard or a paste, does not cost its sentence."""
    frame: Frame
    try:
        frame = _decoder.decode(raw)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        frame = _decoder.decode(plain(json.dumps(json.loads(raw), ensure_ascii=False)))
    return frame


class Guard:
    """Only this machine's own names, only pages of our own: a site elsewhere can't reach the page through a browser."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` is what is guarded."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        """One request or websocket."""
        if not _is_ours(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            else:
                await Response("this address is for this machine only", 403)(scope, receive, send)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS.items()]
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_ours(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    port = scope["server"][1]
    hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]")}
    host = headers.get(b"host", b"")
    if host not in hosts:
        return False
    origin = headers.get(b"origin")
    if scope["type"] == "websocket":
        return bool(origin == b"http://" + host)
    return origin is None or bool(origin == b"http://" + host)


class Talk:
    """One websocket of one page."""

    def __init__(self, phone: Phone, take: Take, socket: WebSocket) -> None:
        """`take` gets what the page sends."""
        self._phone, self._take, self._socket = phone, take, socket
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until it is gone, whichever side ends it."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._talk()

    async def _talk(self) -> None:
        await self._socket.accept()
        hello = await self._frame()
        if not isinstance(hello, Hello):
            await self._socket.close(POLICY_VIOLATION)
            return
        room = self._phone.room(hello.token)
        send = self._socket.send_json
        await room.enter(send, hello.seen)
        try:
            while (frame := await self._frame()) is not None:
                if isinstance(frame, Ping):
                    await send({"type": "pong"})
                    continue
                if not room.is_of(send):
                    continue  # another tab has it now; what was sent here is sent again from there, or from here
                arrival = self._arrival(hello, frame)
                if arrival is None:
                    break
                task = asyncio.create_task(self._acknowledge(frame, arrival, self._take(arrival)))
                self._acknowledging.add(task)
                task.add_done_callback(self._acknowledging.discard)
            await self._socket.close(POLICY_VIOLATION)
        finally:
            room.leave(send)

    async def _frame(self) -> Frame | None:
        try:
            return _read(await self._socket.receive_text())
        except (KeyError, ValueError, RecursionError):
            return None  # not text, not JSON, or no frame that we know

    def _arrival(self, hello: Hello, frame: Frame) -> Arrival | None:
        match frame:
            case Say():
                return self._phone.said(hello.token, frame.key, frame.text, frame.seen, hello.language)
            case Press():
                return self._phone.pressed(hello.token, frame.key, frame.data, frame.message, hello.language)
            case TakeBack():
                return self._phone.taken_back(hello.token, frame.key, frame.message, hello.language)
            case Start():
                return self._phone.came_back(hello.token, frame.key, hello.language)
        return None

    async def _acknowledge(self, frame: Any, arrival: Arrival, done: "asyncio.Future[str | None]") -> None:
        """Only when its effect is on disk; where it can't be written the page sends it again."""
        kind, notice = "ack", None
        try:
            notice = self._phone.answered(arrival, await done)
        except Exception:
            kind = "later"
        message = arrival.envelope.message
        with contextlib.suppress(Exception):
            told: dict[str, Any] = {"id": message.order if message else 0, "at": arrival.envelope.sent}
            if notice:
                told["notice"] = notice
                self._phone.not_picked(arrival)
            elif kind == "ack":
                self._phone.forget_own(arrival)
            await self._socket.send_json({"type": kind, "key": frame.key} | told)


def _without(strings: Mapping[str, Mapping[str, str]]) -> str:
    """What is read where no script runs, or none of ours: nobody is left with an empty page."""
    said = ((code, each.get("dir", "auto"), each.get("page_without", "")) for code, each in strings.items())
    return "".join(f'<p lang="{escape(c)}" dir="{escape(d)}">{escape(text)}</p>' for c, d, text in said if text)


def make_app(
    phone: Phone,
    take: Take,
    strings: Mapping[str, Mapping[str, str]],
    routes: Sequence[BaseRoute] = (),
    beside: str = "",
) -> Starlette:
    """The ASGI app. `strings` are the page's own sentences by language; `routes` and `beside` (markup that stands
    beside the phone) are for who shows more than the phone."""

    async def page(request: Request) -> Response:
        markup = (STATIC / "phone.html").read_text(encoding="utf-8")
        markup = markup.replace("<!-- without -->", _without(strings))
        return HTMLResponse(markup.replace("<!-- beside -->", beside))

    async def words(request: Request) -> Response:
        return JSONResponse(strings)

    async def talk(socket: WebSocket) -> None:
        await Talk(phone, take, socket).run()

    def file(name: str) -> Route:
        async def serve(request: Request) -> Response:
            return FileResponse(STATIC / name)

        return Route(f"/{name}", serve, methods=["GET"])

    files = [file(name) for name in ("phone.css", *SCRIPTS, "icon.svg")]
    return Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/words.json", words, methods=["GET"]),
            WebSocketRoute("/talk", talk),
            *files,
            *routes,
        ],
        middleware=[Middleware(Guard)],
    )
