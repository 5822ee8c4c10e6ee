"""By HTTPS, in the shape that ntfy publishes (docs.ntfy.sh/publish): a POST of the text to the topic."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.header import Header
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.alarm.sending import LIMIT, AlarmError, Notice
from bot.alarm.targets import Push, mark_of

MEND = "see the address and its token; 'stonechat alarm rehearse' tries it"
MOST = 16 * 1024  # bytes of an answer that are read
# A rehearsal is as loud as the real thing: else it proves nothing about the night.
HEADERS = {"Priority": "urgent", "Tags": "rotating_light", "Content-Type": "text/plain; charset=utf-8"}


class PushSender:
    """See `bot.alarm.sending.Sender`. `tls`: certificates to trust."""

    def __init__(self, name: str, target: Push, tls: ssl.SSLContext | None = None, limit: float = LIMIT) -> None:
        """`limit`: seconds for one try, all in all."""
        self.name, self._target, self._limit = name, target, limit
        self._tls: ssl.SSLContext | bool = tls or True
        self.weakness = "its topic is short and has no token: strangers can guess it" if target.guessable else ""
        self.mark = mark_of(target.kind, target.url)

    async def send(self, notice: Notice) -> None:
        """Return only when the answer is ntfy's own. Raises AlarmError."""
        headers = HEADERS | {"Title": _header(notice.title)}
        answer = await self._call("POST", self._target.url, notice.body.encode(), headers)
        # A captive portal or a proxy answers 200 too.
        if answer.get("event") != "message" or not answer.get("id"):
            raise self._error("the answer is not ntfy's: is something else answering?")

    async def check(self) -> None:
        """Ask the server whether it is healthy; no topic is named. Raises AlarmError."""
        url = urlsplit(self._target.url)
        above = url.path.rpartition("/")[0]
        answer = await self._call("GET", f"{url.scheme}://{url.netloc}{above}/v1/health", None, {})
        if answer.get("healthy") is not True:
            raise self._error("the server says that it is not healthy")

    async def _call(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        if self._target.token:
            headers = headers | {"Authorization": f"Bearer {self._target.token}"}
        async with self._reached(), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            # A redirect would carry the token, and the topic, to wherever it points.
            request = session.request(method, url, data=body, headers=headers, allow_redirects=False, ssl=self._tls)
            async with request as response:
                if response.status != 200:
                    raise self._error(f"the server answered {response.status}")
                return _object(await _read(response.content))

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limit):
                yield
        except TimeoutError:
            raise self._error("the server took too long") from None
        except (aiohttp.ClientSSLError, ssl.SSLError):
            raise self._error("the server's certificate is not trusted, or it speaks no TLS") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._error(f"the server can't be reached ({type(error).__name__})") from None

    def _error(self, what: str) -> AlarmError:
        return AlarmError(what, where=self.name, mend=MEND)


async def _read(content: aiohttp.StreamReader) -> bytes:
    found = b""
    while len(found) < MOST and (chunk := await content.read(MOST - len(found))):
        found += chunk
    return found


def _object(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _header(text: str) -> str:
    """ntfy reads RFC 2047 in headers; plain letters go as they are."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=10_000).encode()
