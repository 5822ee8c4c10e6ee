"""K02: a restore brings nothing back that was erased since its backup."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.handoff import Gone
from bot.operating.backup import back_up, restore
from bot.operating.reports import export_reports, go, list_reports
from tests.conftest import OpenBot, make_settings
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import walk


@pytest.mark.parametrize("known", [True, False], ids=["old state", "nobody knows"])
async def test_k02_an_erased_report_does_not_come_back(
    open_test_bot: OpenBot, tmp_path: Path, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(tmp_path, intake="embedded")
    async with open_test_bot(intake="embedded") as bot:
        chat = await walk(bot, DANGER)
        await bot.handoff.round()
        assert bot.embedded is not None
        ((report, _, _),) = await bot.embedded.store.reports()
        await asyncio.to_thread(back_up, settings, tmp_path / "backup")
        await walk(bot, ["erase"], chat)
        await bot.handoff.round()
        assert await bot.embedded.store.reports() == []
    (tmp_path / "state").rename(tmp_path / "old")
    restore(settings, tmp_path / "backup", tmp_path / "old" if known else None)
    assert (tmp_path / "state/intake/parts" / report).exists() is not known
    if known:
        await asyncio.to_thread(list_reports, settings, "", False)
        assert capsys.readouterr().out == "0 reports\n"
        async with open_test_bot(intake="embedded") as bot:
            assert bot.embedded is not None
            assert await bot.embedded.store.reports() == []
        return
    await asyncio.to_thread(list_reports, settings, "", False)
    assert "closed until" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="erased since"):
        await asyncio.to_thread(export_reports, settings, tmp_path / "out", "", False)
    assert not (tmp_path / "out").exists()
    go(settings)
    await asyncio.to_thread(export_reports, settings, tmp_path / "out", "", False)
    assert (tmp_path / "out" / report / "manifest.json").exists()


async def test_k02_a_folder_remembers_what_was_erased(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, DANGER)
        ((report, _, _),) = await bot.store.outbox_keys()
        version = await bot.handoff._outbox.outgoing(report)
        assert version is not None
        await bot.handoff.round()
        await walk(bot, ["erase"], chat)
        await bot.handoff.round()
        with pytest.raises(Gone):
            await bot.handoff._connector.hand_over(version)
    assert list((tmp_path / "inbox").iterdir()) == []
    assert report not in (tmp_path / "inbox.erased").read_text()
    assert len((tmp_path / "state/tombstones").read_text().splitlines()) == 1
