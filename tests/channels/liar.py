"""What stands between the bot and the platform, and lies: an HTTP server that hands on what it is not told to spoil.

A lie is bytes that are sent as they are, or a function. Everything is counted: what reached the platform, what was
answered truly, what was spoilt after it took effect.
"""

import asyncio
import contextlib
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Forward = Callable[[], Awaitable[bytes]]
Spoil = Callable[["Wire", Forward], Awaitable[None]]
Lie = bytes | Spoil


@dataclass
class Wire:
    """One connection of the bot."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_heard: bool = False

    async def answers(self, raw: bytes) -> None:
        """The truth, whole."""
        self.is_heard = True
        await self.says(raw)

    async def says(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    def cut(self) -> None:
        """As if the cable was pulled: a reset, not an end."""
        self.writer.transport.abort()


@dataclass
class Liar:
    """`lie(method, count)` gives what is done with that call, or None: it is handed on."""

    port_behind: int
    lie: Callable[[str, int], Lie | None] = lambda method, count: None
    asked: list[str] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    """Calls that took effect, and whose true answer nobody heard."""

    async def __aenter__(self) -> "Liar":
        self._open: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._one(Wire(reader, writer)):
                pass
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _one(self, wire: Wire) -> bool:
        """False: this connection has ended."""
        request = await _request(wire.reader)
        method = request.split(b" ", 2)[1].rpartition(b"/")[2].decode().lower()
        self.asked.append(method)
        has_effect = False

        async def forward() -> bytes:
            nonlocal has_effect
            answer = await self._ask(request)
            self.reached[method] = self.reached.get(method, 0) + 1
            has_effect = True
            return answer

        lie = self.lie(method, self.asked.count(method))
        if lie is None:
            await wire.says(await forward())
            return True
        try:
            if isinstance(lie, bytes):
                await wire.says(lie)
            else:
                await lie(wire, forward)
        finally:
            if has_effect and not wire.is_heard:
                self.lost[method] = self.lost.get(method, 0) + 1
        if not wire.writer.transport.is_closing():
            wire.writer.close()
        return False

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port_behind)
        try:
            writer.write(request)
            return await _response(reader)
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(_length(head))


async def _response(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


# --- what is said instead of an answer ---


def http(status: int, body: bytes = b"", *headers: str, length: int | None = None, kind: str = "text/html") -> bytes:
    """An answer. `length` lies about the body's."""
    lines = [f"HTTP/1.1 {status} Odd", f"Content-Type: {kind}", *headers]
    if not any(h.lower().startswith("transfer-encoding") for h in headers):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def said(value: object, status: int = 200, *headers: str) -> bytes:
    return http(status, json.dumps(value).encode(), *headers, kind="application/json")


def error(code: int, description: object = "Odd", **parameters: object) -> bytes:
    """The platform's own envelope."""
    body = {"ok": False, "error_code": code, "description": description}
    return said(body | ({"parameters": parameters} if parameters else {}), code)


async def closes(wire: Wire, forward: Forward) -> None:
    wire.writer.close()


async def resets(wire: Wire, forward: Forward) -> None:
    wire.cut()


async def resets_after(wire: Wire, forward: Forward) -> None:
    """It took effect; its answer is never heard."""
    await forward()
    wire.cut()


async def halves(wire: Wire, forward: Forward) -> None:
    answer = await forward()
    await wire.says(answer[: len(answer) - 5])
    wire.cut()


async def says_nothing(wire: Wire, forward: Forward) -> None:
    await asyncio.sleep(30)


async def drips(wire: Wire, forward: Forward) -> None:
    """A byte now and then, so that no silence is ever long enough."""
    with contextlib.suppress(OSError):
        for byte in http(200, b" " * 100_000):
            await wire.says(bytes([byte]))
            await asyncio.sleep(0.05)


async def has_no_end(wire: Wire, forward: Forward) -> None:
    with contextlib.suppress(OSError):
        await wire.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await wire.says(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


async def has_no_head(wire: Wire, forward: Forward) -> None:
    with contextlib.suppress(OSError):
        await wire.says(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            await wire.says(b"X-%d: %s\r\n" % (number, b"x" * 1000))


async def promises(wire: Wire, forward: Forward) -> None:
    """100 Continue without an end."""
    with contextlib.suppress(OSError):
        for _ in range(200):
            await wire.says(b"HTTP/1.1 100 Continue\r\n\r\n")
            await asyncio.sleep(0.005)


def bomb() -> bytes:
    """Half a megabyte that is half a gigabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = bytearray()
    for _ in range(512):
        packed += packer.compress(b" " * (1 << 20))
    return http(200, bytes(packed + packer.flush()), "Content-Encoding: gzip", kind="application/json")


TRUE = b'{"ok":true,"result":true}'
HTML = b"<html><body>Welcome! Please log in.</body></html>"
STATUSES = (
    *(201, 202, 203, 204, 205, 206, 207, 226),
    *(300, 301, 302, 303, 304, 305, 307, 308),
    *(400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 418, 421, 422, 425, 426),
    *(428, 429, 431, 444, 451, 495, 499),
    *(500, 501, 502, 503, 504, 505, 507, 508, 511, *range(520, 531), 598, 599, 999),
)
LIES: dict[str, Lie] = {
    **{f"{status} with a page": http(status, HTML) for status in STATUSES if status not in (204, 205, 304)},
    **{f"{status} with nothing": http(status) for status in STATUSES},
    "200 with a page": http(200, HTML),
    "200 with nothing": http(200),
    "0 as a status": b"HTTP/1.1 0 No\r\nContent-Length: 0\r\n\r\n",
    "101 of its own": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "102, and no more": b"HTTP/1.1 102 Processing\r\n\r\n",
    "103, then a page": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(200, HTML),
    "100 without an end": promises,
    "204 with a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 25\r\n\r\n" + TRUE,
    "304 with a body": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 25\r\n\r\n" + TRUE,
    "well, and an error": said({"ok": True, "result": []}, 502),
    "a list": said([]),
    "null": said(None),
    "a word": said("ok"),
    "a number": said(5),
    "true": said(True),
    "json that is no envelope": said({"portal": "log in"}),
    "an error of another service": said({"error": {"code": 403, "message": "blocked"}}, 403),
    "ok without a result": said({"ok": True}),
    "ok as a word": said({"ok": "true", "result": True}),
    "ok as a number": said({"ok": 1, "result": True}),
    "null as a result": said({"ok": True, "result": None}),
    "a word as a result": said({"ok": True, "result": "x"}),
    "a number as a result": said({"ok": True, "result": 1}),
    "false as a result": said({"ok": True, "result": False}),
    "an empty object as a result": said({"ok": True, "result": {}}),
    "not ok, no more": said({"ok": False}),
    "not ok, a code as a word": said({"ok": False, "error_code": "403", "description": "x"}, 403),
    "not ok, without words": said({"ok": False, "error_code": 403}, 403),
    "not ok, words as a list": error(403, ["x"]),
    "ok twice": http(200, b'{"ok":true,"ok":false,"result":true}', kind="application/json"),
    "a rest": error(429, "Too Many Requests: retry after 1", retry_after=1),
    "a rest without an end": error(429, "Too Many Requests"),
    "a rest of nothing": error(429, "Too Many", retry_after=0),
    "a rest below nothing": error(429, "Too Many", retry_after=-(10**30)),
    "a rest as a word": error(429, "Too Many", retry_after="x"),
    "a rest as a list": error(429, "Too Many", retry_after=[]),
    "parameters as a list": said({"ok": False, "error_code": 429, "description": "x", "parameters": []}, 429),
    "the platform is busy": error(500, "Internal Server Error"),
    "the platform restarts": error(502, "Bad Gateway"),
    "the platform's gateway": error(504, "Gateway Timeout"),
    "a code that is none": error(-1, "x"),
    "a code beyond all": error(10**30, "x"),
    "half an object": http(200, b'{"ok":true,"result":', kind="application/json"),
    "two objects": http(200, TRUE + TRUE, kind="application/json"),
    "not utf-8": http(200, b"\xff\xfe\x00{", kind="application/json"),
    "utf-16": http(200, TRUE.decode().encode("utf-16"), kind="application/json; charset=utf-16"),
    "utf-7 by its name": http(200, HTML, kind="application/json; charset=utf-7"),
    "a charset that is none": http(200, HTML, kind='application/json; charset="\\"x'),
    "deep": http(200, b'{"a":' * 20_000, kind="application/json"),
    "NaN": http(200, b'{"ok":true,"result":NaN}', kind="application/json"),
    "a number of a million digits": http(200, b'{"ok":true,"result":' + b"9" * 1_000_000 + b"}"),
    "nothing but spaces": http(200, b" " * 1000),
    "shorter than it says": http(200, TRUE, length=1000),
    "longer than it says": http(200, TRUE, length=5),
    "a length below nothing": http(200, TRUE, length=-5),
    "a length that is a word": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + TRUE,
    "a length beyond all": http(200, TRUE, length=10**18),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 25\r\n\r\n" + TRUE,
    "chunks that are none": http(200, b"zz\r\nxx\r\n", "Transfer-Encoding: chunked"),
    "chunks without an end": http(200, b"5\r\nhello\r\n", "Transfer-Encoding: chunked"),
    "chunks and a length": http(200, b"0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 25"),
    "gzip that is none": http(200, b"no gzip", "Content-Encoding: gzip"),
    "gzip that is cut": http(200, gzip.compress(HTML * 100)[:-20], "Content-Encoding: gzip"),
    "gzip of a page": http(200, gzip.compress(HTML), "Content-Encoding: gzip"),
    "deflate that is none": http(200, b"no deflate", "Content-Encoding: deflate"),
    "packed by something unknown": http(200, b"\x00\x01", "Content-Encoding: x-odd"),
    "brotli that is none": http(200, b"\x00\x01", "Content-Encoding: br"),
    "a cookie": http(200, HTML, "Set-Cookie: session=1; Path=/", "Refresh: 0; url=http://x.example"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "HTTP/0.9": HTML,
    "HTTP/2 in the clear": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
    "a TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "zeros": b"\x00" * 5000,
    "a header without an end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    "a header that is none": b"HTTP/1.1 200 OK\r\n\xff\xfe\x00: x\r\nno colon\r\n\r\n",
    "heads without an end": has_no_head,
    "closed at once": closes,
    "reset at once": resets,
    "cut in the middle": http(200, TRUE[:10], length=25),
}
SLOW: dict[str, Lie] = {"silence": says_nothing, "a slow drip": drips, "a body without an end": has_no_end}
AFTER: dict[str, Lie] = {"reset after its effect": resets_after, "half an answer": halves}
