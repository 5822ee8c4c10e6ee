"""What its owner locked: apart, closed for our programs, destroyed after its day, freed by a newer version (X10)."""

from pathlib import Path

import pytest

from bot.intake.store import Refused
from bot.operating.open import print_report
from bot.report.opened import LockedError, open_report
from tests.conftest import IDENTITY, Clock, OpenBot
from tests.e2e.test_cases import listening
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, walk

NOT_YET = "[Not yet: lock it, erase it after 30 days]"
LOCKED = [*UP_TO_NAME[:-2], NOT_YET, *TO_THE_END]
CALL = ["danger", "[Yes, read it and act]"]


def lying(folder: Path) -> tuple[list[Path], list[Path]]:
    """(reports among the others, reports held apart)"""
    inbox = folder / "inbox"
    apart = sorted((inbox / "locked").iterdir()) if (inbox / "locked").exists() else []
    return sorted(p for p in inbox.iterdir() if p.name != "locked"), apart


async def test_x10_it_lies_apart_and_stays_closed(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        _, heard = await listening(bot, [*LOCKED, "[I wrote it down]"])
        await bot.handoff.round()
        among, apart = lying(tmp_path)
        assert among == []
        (report,) = apart
        assert (report.stat().st_mode & 0o777, (report.parent).stat().st_mode & 0o777) == (0o700, 0o700)
        with pytest.raises(LockedError, match="destroyed after 2026-10-21"):
            open_report(report, [IDENTITY], bot.house.signer.public)
        with pytest.raises(LockedError):
            print_report(report, [], None, "")
        assert "erased after 30 days" in heard[-1].text
        assert "within 24 hours" not in heard[-1].text


async def test_x10_a_folder_destroys_it_after_its_day(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        await listening(bot, [*LOCKED, "[I wrote it down]"])
        await bot.handoff.round()
        clock.pass_(hours=30 * 24)
        await bot.handoff.round()
        assert len(lying(tmp_path)[1]) == 1, "its last day is not over"
        clock.pass_(hours=24)
        await bot.handoff.round()
        assert lying(tmp_path) == ([], [])


async def test_x10_a_newer_version_frees_it(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, LOCKED)
        await bot.handoff.round()
        assert len(lying(tmp_path)[1]) == 1
        await walk(bot, CALL, chat)
        await bot.handoff.round()
        among, apart = lying(tmp_path)
        assert apart == []
        opened = open_report(among[0], [IDENTITY])
        assert (opened.manifest.ring, opened.manifest.delete_after) == (True, None)
        clock.pass_(hours=40 * 24)
        await bot.handoff.round()
        assert lying(tmp_path)[0] == among, "what was freed is destroyed no more"


async def test_x10_locked_after_people_could_read_it(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """The newest word counts the other way round too: it goes from among the others."""
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [*CALL, "[Missing]", "[Me]", "Kenya", "[Do not write to me]", "[Ask me first]"])
        await bot.handoff.round()
        assert len(lying(tmp_path)[0]) == 1
        await walk(bot, ["[Tell us more]", "[Yes, go on]", *UP_TO_NAME[3:-2], NOT_YET, *TO_THE_END], chat)
        await bot.handoff.round()
        among, apart = lying(tmp_path)
        assert (len(among), len(apart)) == (0, 1)
        await walk(bot, ["erase"], chat)
        await bot.handoff.round()
        assert lying(tmp_path) == ([], [])


async def test_x10_what_an_older_version_left_among_the_others_goes_apart(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock
) -> None:
    async with open_test_bot() as bot:
        await listening(bot, [*LOCKED, "[I wrote it down]"])
        await bot.handoff.round()
        (report,) = lying(tmp_path)[1]
        report.rename(tmp_path / "inbox" / report.name)
        clock.pass_(hours=24)
        await bot.handoff.round()
        among, apart = lying(tmp_path)
        assert (among, [p.name for p in apart]) == ([], [report.name])


async def test_x10_the_embedded_intake_keeps_it_closed_until_freed(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(intake="embedded") as bot:
        chat, _ = await listening(bot, LOCKED)
        await bot.handoff.round()
        assert bot.embedded is not None
        intake = bot.embedded.store
        ((report, _, _),) = await intake.reports()
        with pytest.raises(Refused, match="locked this report") as refused:
            await intake.export(report, tmp_path / "out")
        assert refused.value.status == 423
        assert not (tmp_path / "out").exists()
        await walk(bot, CALL, chat)
        await bot.handoff.round()
        intake._today = lambda: __import__("datetime").date(2027, 1, 1)
        await intake.tidy()
        await intake.export(report, tmp_path / "out")
        assert open_report(tmp_path / "out", [IDENTITY]).manifest.ring


def test_x10_the_label_says_what_it_does_in_three_languages() -> None:
    from tests.flows.pure import world

    flow, words = world("en", "fr", "ar")
    option = flow.steps["consent_share"].option("not_yet")
    assert option is not None
    for language in ("en", "fr", "ar"):
        label = words.of(language).put(option.label)
        assert "30" in label
        assert len(label) <= 40
