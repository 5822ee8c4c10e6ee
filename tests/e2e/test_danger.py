"""The danger path: help before anything, nothing stored without a yes, each answer out at once, erase at any moment."""

from pathlib import Path

import pytest

from bot.report.opened import Opened
from bot.wiring import Bot
from tests.conftest import Clock, OpenBot
from tests.e2e.test_cases import listening, passes, reports
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, Account, everything, walk

LINE = "Kenya, my brother Ali, since this morning"
DANGER = [
    "danger", "[Yes, read it and act]", "[Taken or held]", "[Someone else]", LINE, "[Through someone I trust]",
    "My Unmistakable-Sister", "[Ask me first]",
]  # fmt: skip
MORE = ["[Tell us more]", *[line for line in UP_TO_NAME if line not in ("[Yes, I agree]", "[No, destroy it]")]]


def inbox(folder: Path) -> list[Path]:
    return sorted((folder / "inbox").iterdir()) if (folder / "inbox").exists() else []


async def test_each_answer_leaves_at_once_and_rings(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, DANGER[:1])
        await bot.handoff.round()
        assert inbox(tmp_path) == []
        seen: list[Opened] = []
        for line in DANGER[1:]:
            await walk(bot, [line], chat)
            await bot.handoff.round()
            seen += reports(tmp_path)
        assert [o.manifest.version for o in seen] == list(range(1, len(DANGER)))
        assert {o.manifest.state for o in seen} == {"open"}
        assert all(o.manifest.ring for o in seen)
        assert len({o.manifest.report for o in seen}) == 1
        documents = [o.document or {} for o in seen]
        assert [d["answers"].get("d_what") for d in documents] == [None, *["taken"] * 6]
        assert documents[-1]["urgency"] == "P0"
        assert documents[-1]["answers"]["d_name_since"] == ["KE"]
        assert documents[-1]["consent"]["d_share"]["answer"] == "ask_me_first"
        assert sorted(seen[-1].texts.values()) == sorted([LINE, "My Unmistakable-Sister"])
        assert sorted(e.cls for e in seen[-1].entries.values()) == ["contact", "identity"]


async def test_before_the_yes_nothing_is_stored_and_a_no_leaves_nothing(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        before = everything(tmp_path / "state", tmp_path / "keys")
        chat, heard = await listening(bot, ["danger"])
        assert heard[-1].text.startswith("Leave this chat if you need to")
        await walk(bot, ["they are here and I am afraid of them", "[No, I only wanted this list]", "danger"], chat)
        assert everything(tmp_path / "state", tmp_path / "keys") == before


async def test_the_open_report_becomes_the_full_one(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, DANGER)
        await bot.handoff.round()
        (first,) = reports(tmp_path)
        await walk(bot, [*MORE, *TO_THE_END], chat)
        assert "Your return number is" in heard[-1].text
        await bot.handoff.round()
        (last,) = reports(tmp_path)
        assert last.manifest.report == first.manifest.report
        assert last.manifest.state == "submitted"
        assert last.manifest.ring
        # How to reach them was asked anew since, and what belonged to the older answer went with it.
        assert set(first.texts.values()) - {"My Unmistakable-Sister"} < set(last.texts.values())
        assert UP_TO_NAME[5] in last.texts.values()
        # Promise 5 counts from the last version.
        await walk(bot, ["[I wrote it down]"], chat)
        assert last.manifest.report.encode() not in everything(tmp_path / "state", tmp_path / "keys")


EVERYWHERE = [*DANGER, *MORE, *TO_THE_END]


@pytest.mark.parametrize("answers", range(1, len(EVERYWHERE) + 1))
async def test_erase_is_true_at_every_moment(open_test_bot: OpenBot, tmp_path: Path, answers: int) -> None:
    """Whether it lies here, waits, was handed over, or was sent for good."""
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, EVERYWHERE[:answers])
        if answers % 2:
            await bot.handoff.round()
        await walk(bot, ["erase"], chat)
        expected = "We erased it here" if answers > 1 else "We forgot this chat"
        assert expected in heard[-1].text or "We erased it here" in heard[-1].text
        await bot.handoff.round()
        assert inbox(tmp_path) == []
        for table in ("conversations", "parts", "outbox", "outbox_parts", "receipts", "erasures"):
            assert await bot.store._all(f"SELECT 1 FROM {table}") == [], table
        await bot.conversations.chores.settled()
        assert list(bot.house.keys.names()) == []


async def test_erase_while_the_intake_is_away(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """The wish survives a restart, and nothing that waited leaves after it."""
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, DANGER[:5])
        await bot.handoff.round()
        (report,) = inbox(tmp_path)
        await walk(bot, [*DANGER[5:], "erase"], chat)
        assert await bot.store.waiting() == 0
    async with open_test_bot() as bot:
        assert [e.report for e in await bot.store.erasures()] == [report.name]
        await bot.handoff.round()
        assert await bot.store.erasures() == []
    assert inbox(tmp_path) == []


async def test_erase_by_button_is_asked_about_once(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [*DANGER[:3], "back", "back", "[No, I only wanted this list]"])
        assert "Are you sure" in heard[-1].text
        await walk(bot, ["[Yes, erase it]"], chat)
        await bot.handoff.round()
    assert inbox(tmp_path) == []


async def test_silence_after_the_yes_leaves_what_is_there(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        _, heard = await listening(bot, DANGER[:5])
        await passes(bot, clock, 73)
        assert await bot.store.conversations() == []
        assert "our team may read what you sent" in heard[-1].text
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert report.manifest.state == "open"
    assert LINE in report.texts.values()


async def test_a_message_that_is_taken_back_leaves_the_next_version(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, DANGER[:4])
        line = chat.said(LINE)
        await bot.deliver(line)
        await bot.settled()
        await bot.handoff.round()
        assert LINE in reports(tmp_path)[0].texts.values()
        await bot.deliver(chat.deleted(line.event.message))
        await bot.settled()
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert LINE not in report.texts.values()
        assert len(list(inbox(tmp_path)[0].glob("0*.age"))) == 0


async def said_danger_at(bot: Bot, where: list[str]) -> tuple[Account, str]:
    chat, heard = await listening(bot, where)
    await walk(bot, ["danger"], chat)
    return chat, heard[-1].text


@pytest.mark.parametrize("answered", range(len(UP_TO_NAME)))
async def test_danger_works_from_every_question_and_leads_back(open_test_bot: OpenBot, answered: int) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, UP_TO_NAME[:answered])
        stood = heard[-1].text
        await walk(bot, ["danger"], chat)
        assert heard[-1].text.startswith("Leave this chat if you need to")
        assert "May our team read" in heard[-1].text
        await walk(bot, ["[No, I only wanted this list]"], chat)
        if "Saved. Send more" not in stood:  # a story that is being told counts as told
            assert heard[-1].text.split("\n\n")[-1] in stood


@pytest.mark.parametrize("menu", [["back", "[Look at it first]"], ["language"], ["human"]])
async def test_danger_works_from_every_menu(open_test_bot: OpenBot, menu: list[str]) -> None:
    async with open_test_bot(languages=("en", "fr")) as bot:
        start = ["English", *UP_TO_NAME, "[I come back with my number]"]
        _, text = await said_danger_at(bot, [*start, *menu[1:]])
        assert "May our team read" in text


async def test_the_number_of_an_open_report_is_shown_at_its_end_and_works(open_test_bot: OpenBot) -> None:
    from tests.flows.walking import NUMBER

    async with open_test_bot() as bot:
        chat, heard = await listening(bot, DANGER)
        assert not any(NUMBER.search(o.text) for o in heard)
        await walk(bot, ["[That is all for now]"], chat)
        number = NUMBER.search(heard[-1].text)
        assert number
        await bot.handoff.round()
        await walk(bot, ["[I wrote it down]", number.group(0)], chat)
        for _ in range(200):
            if "We have had it since" in heard[-1].text:
                return
            import asyncio

            await asyncio.sleep(0.02)
            await bot.settled()
        pytest.fail(heard[-1].text)
