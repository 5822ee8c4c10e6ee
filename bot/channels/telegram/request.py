"""python-telegram-bot's request interface on aiohttp: one call to the platform.

An error never carries the URL (the token is in it) or a body.
"""

from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import msgspec
from aiohttp.connector import Connection
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.answers import NoAnswer, parse, result_of
from bot.channels.telegram.failures import reason_of

MOST = 32 << 20  # bytes of one answer, unpacked; a hundred updates are far smaller
CONNECT = 10.0  # seconds for a connection
SPARE = 10.0  # seconds for a whole call, besides those for a silence in it
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Plain:
    """A call's values as they are: python-telegram-bot's own way through its objects costs as much as the call."""

    parameters: dict[str, Any]


class Wary(aiohttp.TCPConnector):
    """Never uses a connection on which something came that nobody asked for.

    It would be taken for the answer to the next call, and that call's message would be lost.
    """

    async def connect(self, *words: Any, **named: Any) -> Connection:
        """See `BaseConnector.connect`."""
        while True:
            found = await super().connect(*words, **named)
            if found.protocol is None or not found.protocol.should_close:
                return found
            found.close()


class AiohttpRequest(BaseRequest):
    """One pooled session. `read_timeout` is in seconds."""

    def __init__(self, connections: int, read_timeout: float) -> None:
        """At most `connections` at once; the session is opened by the first call."""
        self._connections, self._read_timeout = connections, read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds until a silent connection is given up."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session, if it is not open."""
        if self._session is None:
            wait = self._read_timeout
            self._session = aiohttp.ClientSession(
                connector=Wary(limit=self._connections, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=wait + SPARE, connect=CONNECT, sock_read=wait),
            )

    async def shutdown(self) -> None:
        """Close the session; a later call opens another."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, url: str, values: dict[str, Any]) -> Any:
        """The result of one call. Raises TelegramError of the kind that the platform's answer means."""
        return result_of(*await self.do_request(url, "POST", cast(RequestData, Plain(values))))

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """(status, body). Raises NetworkError. Redirects are not followed: they would take the token elsewhere."""
        if self._session is None:
            await self.initialize()
        assert self._session is not None
        body = _encode(request_data.parameters) if request_data is not None else None
        try:
            async with self._session.request(method, url, data=body, allow_redirects=False) as response:
                return response.status, await _read(response)
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except TelegramError:
            raise
        except Exception as error:  # what is no HTTP makes parsers raise anything; one answer ends no bot
            raise NetworkError(reason_of(error)) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """A JSON object. Raises NoAnswer."""
        return parse(payload)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises NoAnswer where it has no end that the platform's answers have."""
    packed = response.headers.get("Content-Encoding")  # a megabyte of it may be a gigabyte
    if not packed and response.content_length is not None and response.content_length <= MOST:
        return await response.read()
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) > MOST:
            raise NoAnswer("the answer is too long")
    return bytes(found)
