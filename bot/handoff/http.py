"""To an intake over HTTP: parts one by one, what is there already is skipped, the signed manifest commits the whole."""

import asyncio
import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Coroutine
from datetime import date
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.handoff import Gone, HandoffError
from bot.report.acknowledgement import IntakeKey
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport

TIMEOUT = aiohttp.ClientTimeout(total=120, connect=15, sock_read=60)
MEND = "check STONECHAT_INTAKE; the report stays sealed and is sent again"
ASKED = re.compile(r"[0-9a-f]{32}\Z")
MOST = 64 * 1024  # bytes of an answer
ASK_AGAIN = 3_600.0  # seconds
MOST_LISTED = 1 << 20  # bytes of a list of parts; 2,000 parts, the most of a report, take 200 KiB

log = logging.getLogger("stonechat.handoff")


class _Status(HandoffError):
    """An answer that is no success. `answer` is its body, where that is JSON."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__(f"the intake answered {status}", mend=MEND)
        self.status, self.answer = status, answer


class _TooLong(HandoffError):
    """An answer beyond its bound."""


class HttpConnector:
    """`pinned` checks each acknowledgement; a 200 of anything else proves nothing."""

    def __init__(
        self, url: str, pinned: IntakeKey, erased: Callable[[str], tuple[list[str], str]] | None = None
    ) -> None:
        """`url` is the intake's. `erased` tells an intake that came back with a backup what was erased since: given
        what it asks with, the tombstones and our signature.
        """
        self._url, self._pinned, self._erased = url.rstrip("/"), pinned, erased
        self._asked = float("-inf")  # when the intake was last asked whether it came back with a backup
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def hand_over(self, report: SealedReport) -> None:
        """Parts, then the manifest. Raises HandoffError, or Gone."""
        try:
            await self._reached(self._hand_over(report))
        except _Status as error:
            if error.status == HTTPStatus.GONE:
                self._gone(report.report, error.answer)
            raise
        await self._tell()  # after it: nothing that rings waits for this

    async def erase(self, erasure: Erasure) -> None:
        """The owner's wish. Raises HandoffError."""
        await self._reached(self._erase(erasure))

    async def tidy(self, today: date) -> None:
        """An intake that came back with a backup is told what was erased since, though nothing waits for it."""
        await self._tell()

    async def _tell(self) -> None:
        """It only helps the intake: what fails here keeps no report back, and is tried again."""
        if self._erased is None or time.monotonic() - self._asked < ASK_AGAIN:
            return
        try:
            await self._reached(self._answer(self._erased))
        except _Status as error:
            if error.status != HTTPStatus.NOT_FOUND:  # an older intake knows no such thing
                log.warning("telling the intake what was erased failed: %s", error)
                return
        except HandoffError:
            return
        self._asked = time.monotonic()

    async def _answer(self, erased: Callable[[str], tuple[list[str], str]]) -> None:
        answer = await self._call("GET", "/tombstones", None)
        asked = answer.get("asks") if isinstance(answer, dict) else None
        if isinstance(asked, str) and ASKED.match(asked):
            tombstones, signature = await asyncio.to_thread(erased, asked)
            body = json.dumps({"asked": asked, "tombstones": tombstones, "signature": signature}).encode()
            await self._call("PUT", "/tombstones", body)

    def _gone(self, report: str, answer: Any) -> None:
        """Raises Gone if the intake itself says so: an unsigned 410, of whoever stands between, destroys nothing."""
        try:
            self._check(self._pinned.check_erased, answer, "erased", report)
        except HandoffError:
            raise self._error("something answered 410 without the intake's signature") from None
        raise Gone("the intake answered 410: it destroyed a report before this version came; it is sent no more")

    async def _reached(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._error(f"the intake can't be reached ({type(error).__name__})") from None

    def _error(self, what: str) -> HandoffError:
        return HandoffError(what, mend=MEND)

    async def _hand_over(self, report: SealedReport) -> None:
        there = await self._there(report)
        for name, data in report.parts:
            if hashlib.sha256(data).hexdigest() not in there.get(name, ()):
                await self._call("PUT", f"/reports/{report.report}/parts/{name}", data)
        body = json.dumps({"manifest": report.manifest.decode(), "signature": report.signature}).encode()
        answer = await self._call("PUT", f"/reports/{report.report}/versions/{report.version}", body)
        self._check(self._pinned.check_received, answer, "received", report.report, report.version, report.manifest)

    async def _erase(self, erasure: Erasure) -> None:
        body = json.dumps({"owner": erasure.owner, "signature": erasure.signature}).encode()
        answer = await self._call("DELETE", f"/reports/{erasure.report}", body)
        self._check(self._pinned.check_erased, answer, "erased", erasure.report)

    def _check(self, check: Callable[..., None], answer: Any, key: str, *of: Any) -> None:
        try:
            signed = str(answer[key])
        except (KeyError, TypeError):
            raise self._error("the intake's answer is no acknowledgement") from None
        try:
            check(signed, *of)
        except Exception:
            raise self._error("the acknowledgement is not signed by the pinned intake key") from None

    async def _there(self, report: SealedReport) -> dict[str, list[str]]:
        """What need not be sent again. It only saves work: a list that can't be used is an empty one."""
        try:
            answer = await self._call("GET", f"/reports/{report.report}/parts", None)
        except _TooLong:
            return {}
        parts = answer.get("parts") if isinstance(answer, dict) else None
        if not isinstance(parts, dict):
            return {}
        return {str(k): [str(each) for each in v] for k, v in parts.items() if isinstance(v, list)}

    async def _call(self, method: str, path: str, body: bytes | None) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Content-Type": "application/octet-stream"} if body is not None else {}
        async with self._session.request(
            method, self._url + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            raw = await _whole(response, MOST_LISTED if method == "GET" else MOST)
            if response.status not in (200, 201, 204):
                raise _Status(response.status, _json(raw))
            answer = _json(raw) if raw else {}
            if answer is None:
                raise self._error("the intake's answer is not JSON: is something else answering?")
            return answer


async def _whole(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body to its end: one read gives what one packet brought. Raises _TooLong beyond `most` bytes."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most:
            raise _TooLong("the intake's answer is too long", mend=MEND)
    return bytes(body)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
