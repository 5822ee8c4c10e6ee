"""S04: connections that say nothing, or not all, shut nobody out: phone page, intake, webhook."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from bot.channels.telegram.webhook import make_webhook
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.machine import serving
from bot.machine.serving import Served
from bot.running import open_phone
from bot.seal.signing import Signer
from tests.conftest import OpenBot

IDLE = 205


@contextlib.asynccontextmanager
async def idle(url: str, begin: bytes) -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many connections that send `begin`, which is no whole request, and no more."""
    host, _, port = url.removeprefix("http://").partition(":")
    opened = [await asyncio.open_connection(host, int(port)) for _ in range(IDLE)]
    for _, writer in opened:
        writer.write(begin)
    await asyncio.sleep(0.2)
    try:
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.close()


@contextlib.asynccontextmanager
async def an_intake(tmp_path: Path) -> AsyncIterator[str]:
    store = await IntakeStore.open(tmp_path / "i", Signer.from_seed(b"i" * 32), (), lambda: date(2026, 11, 25))
    served = await Embedded.start(store)
    try:
        yield served.url
    finally:
        await served.close()


BEGINNINGS = {"nothing": b"", "half a head": b"GET /live HTTP/1.1\r\nHost: a\r\nX-", "one letter": b"G"}


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS.keys())
async def test_s04_idle_connections_do_not_shut_the_intake(tmp_path: Path, begin: bytes) -> None:
    async with an_intake(tmp_path) as url, idle(url, begin), aiohttp.ClientSession() as session:
        for path in ("/live", f"/reports/{'a' * 26}/parts"):
            async with session.get(url + path, timeout=aiohttp.ClientTimeout(5)) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS.keys())
async def test_s04_idle_connections_do_not_shut_the_phone_page(open_test_bot: OpenBot, begin: bytes) -> None:
    async with open_test_bot() as bot:
        page = await open_phone(bot, "127.0.0.1:0")
        try:
            async with (
                idle(page.url, begin),
                aiohttp.ClientSession() as session,
                session.get(page.url, timeout=aiohttp.ClientTimeout(5)) as answer,
            ):
                assert answer.status == 200
        finally:
            await page.close()


async def test_s04_idle_connections_do_not_shut_the_webhook() -> None:
    class Channel:
        name = "telegram"

    app = make_webhook(Channel(), lambda arrival: None, "https://bot.example.org/hook", "secret")  # type: ignore
    served = await Served.start(app, "127.0.0.1", 0)
    try:
        hook = b"POST /hook HTTP/1.1\r\n"
        async with (
            idle(served.url, hook),
            aiohttp.ClientSession() as session,
            session.post(served.url + "/hook", data=json.dumps({})) as answer,
        ):
            assert answer.status in (401, 403, 404), "asked, and refused for its secret alone"
    finally:
        await served.close()


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS.keys())
async def test_s04_who_says_nothing_is_sent_away(tmp_path: Path, begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD", 0.5)
    async with an_intake(tmp_path) as url, idle(url, begin) as readers:
        async with asyncio.timeout(10):
            for reader in readers:
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""


async def test_s04_the_same_after_a_first_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD", 0.5)
    async with an_intake(tmp_path) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200" in await reader.readuntil(b"live\n")
        writer.write(b"GET /li")
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()


async def test_s04_a_long_request_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD", 0.2)

    async def slow(scope: object, receive: object, send) -> None:  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.8)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    served = await Served.start(slow, "127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as session, session.get(served.url) as answer:
            assert answer.status == 200
    finally:
        await served.close()


async def test_s04_the_watcher_has_a_place_where_all_others_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BUSY", 5)
    go = asyncio.Event()

    async def app(scope, receive: object, send) -> None:  # type: ignore[no-untyped-def]
        if scope["path"] == "/slow":
            await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    served = await Served.start(app, "127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as session:
            waiting = [asyncio.create_task(session.get(served.url + "/slow")) for _ in range(5)]
            await asyncio.sleep(0.3)
            found = {}
            for path in ("/other", "/live", "/ready"):
                async with session.get(served.url + path) as answer:
                    found[path] = answer.status
            assert found == {"/other": 503, "/live": 200, "/ready": 200}
            go.set()
            assert [(await each).status for each in waiting] == [200] * 5
    finally:
        await served.close()
