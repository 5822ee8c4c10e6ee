"""To an intake over HTTP: parts one by one, what is there already is skipped, the signed manifest commits the whole."""

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from bot.handoff import HandoffError
from bot.report.acknowledgement import IntakeKey
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport

TIMEOUT = aiohttp.ClientTimeout(total=120, connect=15, sock_read=60)
MOST = 64 * 1024  # bytes of an answer that are read


class HttpConnector:
    """`pinned` checks each acknowledgement; a 200 of anything else proves nothing."""

    def __init__(self, url: str, pinned: IntakeKey) -> None:
        self._url, self._pinned = url.rstrip("/"), pinned
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def hand_over(self, report: SealedReport) -> None:
        await self._reached(self._hand_over(report))

    async def erase(self, erasure: Erasure) -> None:
        await self._reached(self._erase(erasure))

    async def _reached(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._error(f"the intake can't be reached ({type(error).__name__})") from None

    def _error(self, what: str) -> HandoffError:
        return HandoffError(what, mend="check STONECHAT_INTAKE; the report stays sealed and is sent again")

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
        answer = await self._call("GET", f"/reports/{report.report}/parts", None)
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
            raw = await response.content.read(MOST)
            if response.status not in (200, 201, 204):
                raise self._error(f"the intake answered {response.status}")
            try:
                return json.loads(raw) if raw else {}
            except ValueError:
                raise self._error("the intake's answer is not JSON: is something else answering?") from None
