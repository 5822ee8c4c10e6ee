"""python-telegram-bot's request interface on aiohttp, with JSON read by msgspec.

An error never carries the URL (the token is in it) or a body.
"""

import json
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import msgspec
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Plain:
    """A call's values as they are: python-telegram-bot's own way through its objects costs as much as the call."""

    parameters: dict[str, Any]


class AiohttpRequest(BaseRequest):
    """One pooled session. `read_timeout` is in seconds."""

    def __init__(self, connections: int, read_timeout: float) -> None:
        self._connections, self._read_timeout = connections, read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            wait = self._read_timeout
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=wait + 10, connect=10, sock_read=wait),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, url: str, values: dict[str, Any]) -> Any:
        """The result of one call. Raises TelegramError of the kind that the platform's answer means."""
        return await self.post(url, cast(RequestData, Plain(values)))  # do_request below looks at nothing else of it

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
        if self._session is None:
            await self.initialize()
        assert self._session is not None
        body = _encode(request_data.parameters) if request_data is not None else None
        try:
            async with self._session.request(method, url, data=body, allow_redirects=False) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"the connection failed ({type(error).__name__})") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Fast where it is clean; the forgiving parser where one lone surrogate would refuse a whole batch."""
        try:
            found = _decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            try:
                found = json.loads(payload.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                raise TelegramError("the answer is not JSON") from None
        if not isinstance(found, dict):
            raise TelegramError("the answer is not an object")
        return found
