"""One fact asked in two places: the newest answer counts, in every field of what is handed over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Clock, OpenBot
from tests.e2e.test_cases import listening, passes, reports
from tests.e2e.test_promises import UP_TO_NAME, walk

TO_SHARE = UP_TO_NAME[:10]
IN_DANGER = ["danger", "[Yes, read it and act]", "[Taken or held]", "[Someone else]", "Kenya, since this morning"]
NOT_YET = "[Not yet: lock it, erase it after 30 days]"


async def test_x02_danger_after_not_yet_rings_and_stays(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [*TO_SHARE, NOT_YET, *IN_DANGER])
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert report.manifest.ring
        assert report.manifest.delete_after is None
        await walk(bot, ["[In this chat]", "[Ask me first]", "[That is all for now]"], chat)
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert report.manifest.ring
        assert report.manifest.delete_after is None
        assert "share" not in (report.document or {})["consent"]


async def test_x02_not_yet_after_danger_is_the_newer_word(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [*IN_DANGER, "[In this chat]", "[Ask me first]", "[Tell us more]"])
        more = [line for line in TO_SHARE if line not in ("[Yes, I agree]", "[No, destroy it]")]
        await walk(bot, [*more, NOT_YET, "[I come back with my number]", "[Send it now]"], chat)
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        today = datetime.fromtimestamp(clock(), UTC)
        assert not report.manifest.ring
        assert report.manifest.delete_after == f"{today + timedelta(days=30):%Y-%m-%d}"
        consent = (report.document or {})["consent"]
        assert consent["share"]["answer"] == "not_yet"
        assert "d_share" not in consent


CALM = {"this_chat": "[Yes, in this chat]", "never": "[No, never]", "i_will_return": "[I come back with my number]"}
URGENT = {"this_chat": "[In this chat]", "never": "[Do not write to me]", "via_helper": "[Through someone I trust]"}


@pytest.mark.parametrize("before", CALM)
@pytest.mark.parametrize("then", URGENT)
async def test_x03_contact_in_danger_counts(open_test_bot: OpenBot, tmp_path: Path, before: str, then: str) -> None:
    async with open_test_bot() as bot:
        await listening(bot, [*TO_SHARE, "[Only your team]", "skip", CALM[before], *IN_DANGER, URGENT[then]])
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        if then == "never":
            assert report.contact is not None
            assert (report.contact.how, report.contact.address, report.contact.channel) == ("never", None, None)
        else:
            assert report.contact is not None
            assert report.contact.how == then
            assert (report.contact.address is not None) == (then == "this_chat")
        document = report.document or {}
        assert document["answers"]["d_contact"] == then
        assert "contact_back" not in document["answers"]
        assert document["fields"]["contact_back"] == "replaced"


@pytest.mark.parametrize("before", URGENT)
@pytest.mark.parametrize("then", CALM)
async def test_x03_contact_after_danger_counts(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock, before: str, then: str
) -> None:
    async with open_test_bot() as bot:
        helper = ["My sister, at the market"] if before == "via_helper" else []
        chat, _ = await listening(bot, [*IN_DANGER, URGENT[before], *helper, "[Ask me first]", "[Tell us more]"])
        more = [line for line in TO_SHARE if line not in ("[Yes, I agree]", "[No, destroy it]")]
        await walk(bot, [*more, "[Only your team]", "skip", CALM[then]], chat)
        await passes(bot, clock, 0)
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert report.contact is not None
        assert report.contact.how == then
        assert (report.document or {})["answers"]["contact_back"] == then
        assert (report.document or {})["fields"]["d_contact"] == "replaced"
        assert (report.document or {})["consent"]["share"]["answer"] == "only_you"
        assert "d_share" not in (report.document or {})["consent"]
