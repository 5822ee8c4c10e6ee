"""Backup and restore: what waits goes on, drafts open for nobody, nothing is taken twice, nothing is overwritten."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.operating.backup import back_up, restore
from bot.report.opened import open_report
from tests.conftest import IDENTITY, OpenBot, make_settings
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, everything, opens_nothing, walk


@pytest.mark.case("O07")
async def test_O07_a_backup_of_a_running_bot_comes_back(
    open_test_bot: OpenBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = make_settings(tmp_path)
    async with open_test_bot() as bot:
        chat = await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        number = await bot.store._all("SELECT lookup FROM receipts")
        count = await asyncio.to_thread(back_up, settings, tmp_path / "backup")
        assert count == len([p for p in (tmp_path / "backup").rglob("*") if p.is_file()])
        await walk(bot, ["[I wrote it down]"], chat)
    assert not [p for p in (tmp_path / "backup").rglob("*") if p.stat().st_mode & 0o077]
    assert not list((tmp_path / "backup").rglob("*.key.*"))
    shutil.rmtree(tmp_path / "state")
    shutil.rmtree(tmp_path / "keys")
    restore(settings, tmp_path / "backup")
    async with open_test_bot() as bot:
        await bot.conversations.resume()
        assert [bytes(r[0]) for r in await bot.store._all("SELECT lookup FROM receipts")] == [
            bytes(r[0]) for r in number
        ]
        assert await bot.store.waiting() == 0, "nothing in a backup opens what waited: its owner may have erased it"
        await bot.handoff.round()
        assert await bot.store.conversations() == [], "its key is gone"
    assert "reports that waited can't be opened any more" in caplog.text
    assert list((tmp_path / "inbox").glob("**/manifest.json")) == []


async def test_a_backup_opens_no_draft(open_test_bot: OpenBot, tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await asyncio.to_thread(back_up, settings, tmp_path / "backup")
        assert b"Unmistakable" not in everything(tmp_path / "backup")
        await walk(bot, ["erase"], chat)
        opens_nothing(tmp_path / "backup", tmp_path / "keys")


async def test_the_embedded_intake_is_in_it(open_test_bot: OpenBot, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, intake="embedded")
    async with open_test_bot(intake="embedded") as bot:
        await walk(bot, DANGER)
        await bot.handoff.round()
        assert bot.embedded is not None
        ((report, version, _),) = await bot.embedded.store.reports()
        await asyncio.to_thread(back_up, settings, tmp_path / "backup")
    shutil.rmtree(tmp_path / "state")
    restore(settings, tmp_path / "backup")
    async with open_test_bot(intake="embedded") as bot:
        assert bot.embedded is not None
        assert [(r, v) for r, v, _ in await bot.embedded.store.reports()] == [(report, version)]
        await bot.embedded.store.export(report, tmp_path / "out")
    assert open_report(tmp_path / "out", [IDENTITY]).manifest.ring


async def test_nothing_is_overwritten(open_test_bot: OpenBot, tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    with pytest.raises(SettingsError, match="nothing to back up"):
        back_up(settings, tmp_path / "backup")
    async with open_test_bot():
        back_up(settings, tmp_path / "backup")
        with pytest.raises(SettingsError, match="there already"):
            back_up(settings, tmp_path / "backup")
        with pytest.raises(SettingsError, match="there is a state already"):
            restore(settings, tmp_path / "backup")
    with pytest.raises(SettingsError, match="no backup"):
        restore(replace(settings, state=tmp_path / "new"), tmp_path)
