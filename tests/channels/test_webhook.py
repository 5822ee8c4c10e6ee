"""Webhook mode as `stonechat run` has it: confirmed means committed, strangers get nothing, switching loses nothing."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.report.opened import open_report
from bot.running import serve
from bot.store import StoreError
from bot.store.sqlite import SqliteStore
from tests.channels.conftest import STORY_TO_END, to_story
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.conftest import IDENTITY, free_port, make_settings

HOOK = "https://bot.example/hook-path"


@asynccontextmanager
async def run(server: FakeTelegram, folder: Path, webhook: bool = True) -> AsyncIterator[str]:
    """The bot; the address that the public one leads to."""
    port = free_port()
    local = f"http://127.0.0.1:{port}/hook-path"
    server.deliver_to = local
    settings = make_settings(
        folder,
        telegram_token=TOKEN,
        telegram_api=server.url,
        telegram_sensitive="allow",
        telegram_webhook=HOOK if webhook else "",
        telegram_listen=f"127.0.0.1:{port}",
    )
    task = asyncio.create_task(serve(settings))
    method = "setwebhook" if webhook else "getupdates"
    before = len(server.calls)
    await server.wait(lambda: task.done() or any(m == method for m, _ in server.calls[before:]))
    assert not task.done(), task
    try:
        yield local
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def handed_over(folder: Path) -> Path:
    """The one report, once it is there whole."""
    for _ in range(200):
        found = [p for p in (folder / "inbox").glob("*") if not p.name.startswith(".")]
        if found:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no report was handed over")


async def to_the_end(ana: Person) -> None:
    for says, then in STORY_TO_END:
        await (ana.presses(says[1:-1]) if says.startswith("[") else ana.says(says))
        await ana.reads(then)


async def test_a_whole_report_over_the_webhook(tmp_path: Path, telegram: FakeTelegram, ana: Person) -> None:
    async with run(telegram, tmp_path):
        assert telegram.webhook["url"] == HOOK
        assert len(telegram.webhook["secret_token"]) == 64
        assert telegram.webhook["drop_pending_updates"] is False
        await to_story(ana)
        await ana.says("Over the webhook.")
        await ana.reads("Saved.")
        await to_the_end(ana)
        report = await handed_over(tmp_path)
    assert "Over the webhook." in open_report(report, [IDENTITY]).texts.values()
    assert telegram.answered, "presses are answered with the update itself"
    assert not any(method == "answercallbackquery" for method, _ in telegram.calls)


@pytest.mark.case("H09")
async def test_H09_strangers_get_no_detail(
    tmp_path: Path, telegram: FakeTelegram, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with run(telegram, tmp_path) as url, aiohttp.ClientSession() as session:
        secret = telegram.webhook["secret_token"]
        right = {"X-Telegram-Bot-Api-Secret-Token": secret}
        update = {"update_id": 5, "message": {**ana._new("Unmistakable"), "text": "Unmistakable"}}
        good = json.dumps(update).encode()

        async def post(body: bytes, headers: dict[str, str], method: str = "POST", to: str = url) -> tuple[int, bytes]:
            async with session.request(method, to, data=body, headers=headers) as answer:
                return answer.status, await answer.read()

        assert await post(good, {}) == (401, b"")
        assert await post(good, {"X-Telegram-Bot-Api-Secret-Token": secret[:-1] + "x"}) == (401, b"")
        assert await post(good, {"X-Telegram-Bot-Api-Secret-Token": "é"}) == (401, b"")
        assert (await post(b"", right, "GET"))[0] == 405
        assert (await post(good, right, to=url + "x"))[0] == 404
        with contextlib.suppress(aiohttp.ClientError, ConnectionError):
            assert await post(b"x" * (10 << 20), right) == (413, b"")
        for body in (b"", b"[]", b"{", b"\xff\xfe", b"{}", b'{"update_id": "x"}', b'{"update_id": -1}'):
            assert await post(body, right) == (400, b"")
        assert ana.from_bot() == []
        assert (await post(b'{"update_id": 1, "message": {"text": 5}}', right))[0] == 200, "left out alone"
        assert (await post(good, right))[0] == 200
        await ana.reads("Are you somewhere safe")
        shown = len(ana.from_bot())
        assert (await post(good, right))[0] == 200
        await asyncio.sleep(0.2)
        assert len(ana.from_bot()) == shown, "a replay does nothing"
    assert "Unmistakable" not in caplog.text
    assert secret not in caplog.text


async def test_what_could_not_be_written_is_delivered_again(
    tmp_path: Path, telegram: FakeTelegram, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = SqliteStore.commit, False

    async def commit(self: SqliteStore, turn: Any) -> bool:
        if broken and turn.updates:
            raise StoreError("the disk is full")
        return await real(self, turn)

    monkeypatch.setattr(SqliteStore, "commit", commit)
    async with run(telegram, tmp_path):
        await to_story(ana)
        broken = True
        update = await ana.says("While the disk is full.")
        for _ in range(100):
            if telegram.refused:
                break
            await asyncio.sleep(0.02)
        assert set(telegram.refused) == {503}
        assert telegram.confirmed <= update
        broken = False
        await telegram.wait_confirmed(update)
        await ana.reads("Saved.")


async def test_switching_between_polling_and_webhook_loses_nothing(
    tmp_path: Path, telegram: FakeTelegram, ana: Person
) -> None:
    async with run(telegram, tmp_path, webhook=False):
        await to_story(ana)
        await ana.says("By polling.")
        await ana.reads("Saved.")
    await ana.says("While nobody was there, 1.")
    async with run(telegram, tmp_path):
        await telegram.wait(lambda: not telegram.updates)
        update = await ana.says("By webhook.")
        await telegram.wait_confirmed(update)
    await ana.says("While nobody was there, 2.")
    async with run(telegram, tmp_path, webhook=False):
        assert telegram.webhook == {}
        await telegram.wait(lambda: not telegram.updates or telegram.confirmed > update + 1)
        await ana.reads("Saved.")
        await to_the_end(ana)
        report = await handed_over(tmp_path)
    opened = open_report(report, [IDENTITY])
    parts = (opened.document or {})["answers"]["act_story"]["parts"]
    assert [opened.texts[p["part"]] for p in parts] == [
        "By polling.",
        "While nobody was there, 1.",
        "By webhook.",
        "While nobody was there, 2.",
    ]


@pytest.mark.case("P05")
async def test_P05_a_webhook_of_somebody_else_is_not_taken_away(
    tmp_path: Path, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.webhook = {"url": "https://other.example"}
    async with run(telegram, tmp_path, webhook=False):
        for _ in range(100):
            if "a webhook is set" in caplog.text:
                break
            await asyncio.sleep(0.02)
        assert "a webhook is set" in caplog.text
        assert telegram.webhook == {"url": "https://other.example"}
