"""`danger` once a report was sent: it goes on, rings at once, and holds all that was told (X04)."""

from pathlib import Path

import pytest

from tests.conftest import Clock, OpenBot
from tests.e2e.test_cases import listening, passes, reports
from tests.e2e.test_danger import inbox
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, everything, walk

CALM = [*UP_TO_NAME, *TO_THE_END]
CALL = ["danger", "[Yes, read it and act]", "[Taken or held]"]


@pytest.mark.parametrize("handed_over", [False, True])
async def test_x04_danger_after_sending_makes_a_ringing_version_of_the_whole(
    open_test_bot: OpenBot, tmp_path: Path, handed_over: bool
) -> None:
    """While the calm report still waits for its random minute, and while its number still stands there."""
    async with open_test_bot(handoff_spread=0 if handed_over else 30) as bot:
        chat, heard = await listening(bot, CALM)
        assert "Your return number is" in heard[-1].text
        number = heard[-1].text
        await bot.handoff.round()
        before = [each.manifest for each in reports(tmp_path)] if inbox(tmp_path) else []
        await walk(bot, CALL[:1], chat)
        assert "Front Line Defenders" in heard[-1].text
        assert "May our team read this" in heard[-1].text
        await walk(bot, CALL[1:], chat)
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert [m.report for m in before] in ([], [report.manifest.report])
        assert (report.manifest.state, report.manifest.ring) == ("open", True)
        assert report.manifest.version > len(before)
        assert report.document is not None
        assert report.document["urgency"] == "P0"
        assert report.document["answers"]["d_what"] == "taken"
        assert UP_TO_NAME[5] in report.texts.values()
        await walk(bot, ["[Me]", "Kenya, since today", "[Do not write to me]", "[Ask me first]"], chat)
        await walk(bot, ["[That is all for now]"], chat)
        assert heard[-1].text.split("\n\n")[1:2] == number.split("\n\n")[1:2]
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert (report.manifest.state, report.manifest.ring) == ("submitted", True)
        await walk(bot, ["[I wrote it down]"], chat)
        assert report.manifest.report.encode() not in everything(tmp_path / "state", tmp_path / "keys")


async def test_x04_a_second_call_rings_again(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """Where it may be read already, nothing is asked before the new version leaves."""
    async with open_test_bot() as bot:
        lines = [*CALL, "[Me]", "Kenya", "[Do not write to me]", "[Ask me first]", "[That is all for now]"]
        chat, heard = await listening(bot, lines)
        await bot.handoff.round()
        (before,) = reports(tmp_path)
        await walk(bot, ["danger"], chat)
        assert "tell us more" in heard[-1].text
        await bot.handoff.round()
        (after,) = reports(tmp_path)
        assert after.manifest.version == before.manifest.version + 1
        assert (after.manifest.state, after.manifest.ring) == ("open", True)
        assert set(before.texts.values()) == set(after.texts.values())


async def test_x04_a_locked_report_is_freed_by_a_call(open_test_bot: OpenBot, tmp_path: Path) -> None:
    not_yet = [line if line != "[Only your team]" else "[Not yet: lock it, erase it after 30 days]" for line in CALM]
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [*not_yet, *CALL])
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert (report.manifest.ring, report.manifest.delete_after) == (True, None)
        assert chat is not None


async def test_x04_only_the_list_leads_back_to_the_number(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, CALM)
        number = heard[-1].text
        await bot.handoff.round()
        (before,) = reports(tmp_path)
        await walk(bot, ["danger", "[No, I only wanted this list]"], chat)
        assert heard[-1].text == number
        await bot.handoff.round()
        assert reports(tmp_path)[0].manifest == before.manifest
        await walk(bot, ["danger"], chat)
        await passes(bot, clock, 25)
        assert await bot.store.conversations() == []


async def test_x04_later_it_is_a_new_report_that_rings(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [*CALM, "[I wrote it down]"])
        await bot.handoff.round()
        await walk(bot, CALL, chat)
        await bot.handoff.round()
        both = reports(tmp_path)
        assert sorted(each.manifest.ring for each in both) == [False, True]
        assert len({each.manifest.report for each in both}) == 2


async def test_x04_a_call_survives_a_restart_and_erase_stays_true(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await listening(bot, [*CALM, *CALL])
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [], first_update=500)
        await bot.deliver(chat.said("erase"))
        await bot.settled()
        await bot.handoff.round()
        assert inbox(tmp_path) == [], [o.text for o in heard]
