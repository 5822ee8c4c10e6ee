"""What a watcher is told: lives, is ready, figures; and no word, name, number or account."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.running import serve
from bot.store import StoreError
from bot.store.sqlite import SqliteStore
from tests.channels.conftest import to_story
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.channels.test_webhook import to_the_end
from tests.conftest import free_port, make_settings


@asynccontextmanager
async def watched(server: FakeTelegram, folder: Path, **more: Any) -> AsyncIterator[str]:
    port = free_port()
    settings = make_settings(
        folder,
        telegram_token=TOKEN,
        telegram_api=server.url,
        telegram_sensitive="allow",
        metrics=f"127.0.0.1:{port}",
        **more,
    )
    task = asyncio.create_task(serve(settings))
    await server.wait(lambda: task.done() or any(m == "getupdates" for m, _ in server.calls))
    assert not task.done(), task
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def fetch(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_figures_of_a_whole_report_name_nobody(tmp_path: Path) -> None:
    async with FakeTelegram() as server, watched(server, tmp_path) as url:
        ana = Person(server, 900_100_200)
        await to_story(ana)
        await ana.says("Unmistakable words.")
        await ana.reads("Saved.")
        _, during = await fetch(f"{url}/metrics")
        assert value(during, "stonechat_drafts") == 1
        await to_the_end(ana)
        assert await fetch(f"{url}/live") == (200, "live\n")
        assert await fetch(f"{url}/ready") == (200, "ready\n")
        _, text = await fetch(f"{url}/metrics")
        assert value(text, 'stonechat_updates_total{channel="telegram"}') >= 14
        assert value(text, "stonechat_turn_seconds_count") >= 10
        assert value(text, "stonechat_send_seconds_count") >= 10
        assert value(text, "stonechat_ready") == 1
        assert value(text, "stonechat_outbox_reports") in (0, 1)
        for words in ("Unmistakable", "Kenya", "900100200", "Secretname", TOKEN):
            assert words not in text
        labels = set(re.findall(r"(\w+)=\"", text))
        assert labels <= {"channel", "kind", "le"}


@pytest.mark.case("F02 P06")
async def test_F02_P06_trouble_is_told_one_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, broken = SqliteStore.commit, False

    async def commit(self: SqliteStore, turn: Any) -> bool:
        if broken:
            raise StoreError("the disk is full")
        return await real(self, turn)

    monkeypatch.setattr(SqliteStore, "commit", commit)
    async with FakeTelegram() as server, watched(server, tmp_path) as url:
        ana = Person(server, 900_100_200)
        await to_story(ana)
        broken = True
        await ana.says("lost?")
        await ana.reads("We have a problem on our side")
        status, text = await fetch(f"{url}/ready")
        assert (status, text) == (503, "the store can't be written\n")
        _, figures = await fetch(f"{url}/metrics")
        assert value(figures, 'stonechat_errors_total{kind="store"}') >= 1
        assert value(figures, "stonechat_ready") == 0
        server.refuse_token = True
        for _ in range(100):
            status, text = await fetch(f"{url}/ready")
            if "Telegram refuses the token" in text:
                break
            await asyncio.sleep(0.05)
        assert "Telegram refuses the token" in text
