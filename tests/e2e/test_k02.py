"""K02: a restore brings nothing back that was erased since its backup."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.errors import SettingsError
from bot.handoff import Gone
from bot.handoff.http import HttpConnector
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.operating.backup import back_up, restore
from bot.operating.reports import export_reports, go, list_reports
from bot.report.acknowledgement import IntakeKey
from bot.report.tombstone import told, tombstone
from bot.seal.signing import OWNER, TOMBSTONES, Signer
from bot.state import secret_file
from tests.conftest import OpenBot, make_settings
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import walk
from tests.unit.test_intake import BOT, INTAKE, OTHER, erasure, make_report


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


async def test_k02_an_intake_of_its_own_machine_is_told_by_its_bots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes back with a backup: two bots remember what was erased, and it opens when both have told."""
    settings = make_settings(tmp_path, intake="embedded")
    folder = settings.state / "intake"
    folder.mkdir(parents=True)
    signer = Signer.from_seed(secret_file(folder / "intake.key", 32))
    erased, kept, of_other = make_report(), make_report(), make_report(signer=OTHER)
    async with intake(folder, signer) as (first, _, links):
        for link, report in zip((links[0], links[0], links[1]), (erased, kept, of_other), strict=True):
            await link.hand_over(report)
        back_up(settings, tmp_path / "backup")
        await links[0].erase(erasure(erased.report))
        assert len(await first.reports()) == 2
    settings.state.rename(tmp_path / "lost")
    restore(settings, tmp_path / "backup")
    assert (folder / "parts" / erased.report).exists()
    async with intake(folder, signer, [erased.report]) as (store, url, links):
        asked = await store.asks()
        assert len(asked) == 32
        for body in (
            {"asked": asked, "tombstones": [], "signature": INTAKE.sign(told(asked, []), TOMBSTONES)},
            {"asked": asked, "tombstones": [], "signature": BOT.sign(told(asked, []), OWNER)},
            {"asked": "0" * 32, "tombstones": [], "signature": BOT.sign(told("0" * 32, []), TOMBSTONES)},
            {"asked": "", "tombstones": [], "signature": BOT.sign(told("", []), TOMBSTONES)},
            {"asked": asked, "tombstones": ["x"], "signature": BOT.sign(told(asked, ["x"]), TOMBSTONES)},
        ):
            async with aiohttp.ClientSession() as session, session.put(f"{url}/tombstones", json=body) as answer:
                assert answer.status in (400, 403, 409)
        assert await store.asks() == asked
        await links[0].tidy(date(2026, 11, 25))
        assert not (folder / "parts" / erased.report).exists()
        assert {report for report, _, _ in await store.reports()} == {kept.report, of_other.report}
        with pytest.raises(Gone):
            await links[0].hand_over(erased)
        assert await store.asks() == asked, "the other bot has not told yet"
        with pytest.raises(SettingsError, match="erased since"):
            await asyncio.to_thread(export_reports, settings, tmp_path / "out", "", False)
        await links[1].hand_over(make_report(signer=OTHER))  # with a report it looks, too
        assert await store.asks() == ""
        await asyncio.to_thread(export_reports, settings, tmp_path / "out", "", False)
    assert capsys.readouterr().out.startswith("3 reports into")


async def test_k02_an_older_intake_and_one_that_is_away_keep_no_report_back(tmp_path: Path) -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.json_response({"title": "no such thing"}, status=404)

    app = web.Application()
    app.router.add_route("*", "/tombstones", nothing)
    asked: list[str] = []

    def tells(nonce: str) -> tuple[list[str], str]:
        asked.append(nonce)
        return [], ""

    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    for url in (f"http://127.0.0.1:{port}", "http://127.0.0.1:1"):
        link = HttpConnector(url, IntakeKey(INTAKE.public), tells)
        await link.tidy(date(2026, 11, 25))
        await link.close()
    assert asked == []
    await runner.cleanup()


@asynccontextmanager
async def intake(
    folder: Path, signer: Signer, buried: Sequence[str] = ()
) -> AsyncIterator[tuple[IntakeStore, str, list[HttpConnector]]]:
    """An intake that knows two bots, and their ways to it. `buried` is what the first of them remembers."""
    store = await IntakeStore.open(folder, signer, (BOT.public, OTHER.public))
    served = await Embedded.start(store)

    def memory(bot: Signer, reports: Sequence[str]) -> Callable[[str], tuple[list[str], str]]:
        found = [tombstone(report) for report in reports]
        return lambda asked: (found, bot.sign(told(asked, found), TOMBSTONES))

    links = [
        HttpConnector(served.url, IntakeKey(signer.public), memory(bot, known))
        for bot, known in ((BOT, buried), (OTHER, ()))
    ]
    try:
        yield store, served.url, links
    finally:
        for link in links:
            await link.close()
        await served.close()
