"""Lines that a mutation run broke and no test noticed, where a promise hangs on them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.talk.events import MessageRef
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from tests.conftest import Clock, OpenBot
from tests.e2e.test_cases import listening, passes, reports
from tests.e2e.test_promises import NAME, STORY, TO_THE_END, UP_TO_NAME, walk
from tests.flows.walking import Chat, like_telegram

TO_COUNTRY = UP_TO_NAME[:7]
AFTER_COUNTRY = UP_TO_NAME[8:]


async def test_an_edited_town_takes_the_place_of_the_old_one(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, TO_COUNTRY)
        said = chat.said("Kenya, Unmistakable-Town")
        await bot.deliver(said)
        await bot.settled()
        (owner,) = await bot.store.conversations()
        before = await bot.store.parts(owner)
        await bot.deliver(chat.edited(said.event.message, "Kenya, Another-Town"))
        await bot.settled()
        after = await bot.store.parts(owner)
        assert len(after) == len(before)
        assert before[-1] not in after
        await walk(bot, [*AFTER_COUNTRY, *TO_THE_END], chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    answers = (report.document or {})["answers"]
    assert answers["act_where"] == ["KE"]
    assert [report.texts[p["part"]] for p in answers["act_where_words"]["parts"]] == ["Another-Town"]
    assert "Unmistakable-Town" not in report.texts.values()


async def test_a_country_that_is_taken_back_goes_with_its_town_and_is_asked_again(
    open_test_bot: OpenBot, tmp_path: Path
) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, TO_COUNTRY)
        said = chat.said("Kenya, Unmistakable-Town")
        await bot.deliver(said)
        await bot.settled()
        await bot.deliver(chat.deleted(said.event.message))
        await bot.settled()
        await walk(bot, ["Uganda", *AFTER_COUNTRY, *TO_THE_END], chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    answers = (report.document or {})["answers"]
    assert answers["act_where"] == ["UG"]
    assert "act_where_words" not in answers
    assert sorted(report.texts.values()) == sorted([STORY, NAME])


@pytest.mark.parametrize(("press", "name"), [("[Yes, keep it]", "Ana +34 600 123 456"), ("[Write it again]", "Ana B")])
async def test_a_doubtful_answer_given_anew_touches_no_other(
    open_test_bot: OpenBot, tmp_path: Path, press: str, name: str
) -> None:
    async with open_test_bot() as bot:
        again = ["back", "Ana +34 600 123 456", press, *([name] if press == "[Write it again]" else [])]
        chat, _ = await listening(bot, [*UP_TO_NAME, *again])
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    answers = (report.document or {})["answers"]
    assert sorted(report.texts.values()) == sorted([STORY, "Unmistakable-Town", name])
    assert (answers["reporter_role"], answers["act_where"], answers["un_how"]) == ("self", ["KE"], ["spoke"])
    assert (report.document or {})["consent"]["share"]["answer"] == "un_confidential"


async def test_words_that_came_with_an_erase_begin_anew(open_test_bot: OpenBot) -> None:
    """All in one batch: what was sent after the end belongs to nobody's old report, and is answered."""
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, UP_TO_NAME)
        (owner,) = await bot.store.conversations()
        take, said = bot.conversations.take, len(heard)
        done = [take(chat.said("erase")), take(chat.said("hello")), take(chat.said("hello?"))]
        await asyncio.wait_for(asyncio.gather(*done), 20)
        await bot.settled()
        assert await bot.store.conversations() == []
        assert any("safe to write" in out.text for out in heard[said:])
        assert bot.house.seen_errors == {}
        await walk(bot, UP_TO_NAME, chat)
        assert await bot.store.conversations() == [owner]


@pytest.mark.parametrize(("word", "left"), [("yes", 0), ("no", 1)])
async def test_yes_and_no_are_understood_where_erasing_is_asked_about(
    open_test_bot: OpenBot, word: str, left: int
) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [*UP_TO_NAME, *["back"] * 30, "[Not now, forget this chat]"])
        assert "Are you sure" in heard[-1].text
        await walk(bot, [word], chat)
        assert len(await bot.store.conversations()) == left


async def test_words_before_the_consent_lead_round_no_limit(open_test_bot: OpenBot) -> None:
    async with open_test_bot(reports_a_day=1) as bot:
        chat, heard = await listening(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"])
        await bot.deliver(chat.came_back())
        await bot.settled()
        await walk(bot, ["They came at night and took my papers.", "[Yes, go on]", "[Yes, I agree]"], chat)
        assert heard[-1].text.startswith("We can't start a new one today.")
        assert await bot.store.conversations() == []


class Stubborn(Chat):
    """A platform that deletes nothing."""

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        await super().delete(address, messages)
        return False


class Telegrams(Chat):
    """Remembers when each message was sent and when it was to be deleted, in seconds."""

    def __init__(self, clock: Clock) -> None:
        self.heard: list[Outgoing] = []
        super().__init__(self.heard.append, "telegram", like_telegram("allow"))
        self.clock, self.sent, self.deleted_at = clock, {}, {}  # type: ignore[var-annotated]

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        found = await super().send(address, out)
        for message in found:
            self.sent.setdefault(message.id, self.clock())
        return found

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        for message in messages:
            self.deleted_at.setdefault(message.id, self.clock())
        return await super().delete(address, messages)


async def on_telegram(bot: Bot, chat: Chat, lines: list[str]) -> None:
    bot.house.channels["telegram"] = chat
    for line in lines:
        event = chat.came_back() if line == "/start" else chat.said(line)
        await bot.deliver(chat.pressed(line[1:-1]) if line.startswith("[") else event)
        await bot.settled()


async def test_tidying_that_fails_rings_no_phone(open_test_bot: OpenBot, clock: Clock) -> None:
    heard: list[Outgoing] = []
    async with open_test_bot() as bot:
        chat = Stubborn(heard.append, "telegram", like_telegram("allow"))
        await on_telegram(bot, chat, ["/start", *UP_TO_NAME[:6]])
        for _ in range(2):  # kept awake, so that it does not expire
            await passes(bot, clock, 22)
            await on_telegram(bot, chat, ["hello", "[Go on]"])
        said = len(heard)
        await passes(bot, clock, 2)
        assert chat.gone
        assert len(heard) == said


async def test_a_number_stays_a_whole_day_unless_it_was_written_down(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat = Telegrams(clock)
        await on_telegram(bot, chat, ["/start", *UP_TO_NAME, TO_THE_END[0]])
        await passes(bot, clock, 30)
        await on_telegram(bot, chat, ["[Send it now]"])
        if "Your return number" not in chat.heard[-1].text:
            await on_telegram(bot, chat, ["[Go on]", "[Send it now]"])
        assert "Your return number" in chat.heard[-1].text
        for _ in range(23):
            await passes(bot, clock, 1)
        assert len(await bot.store.conversations()) == 1
        await passes(bot, clock, 2)
        assert await bot.store.conversations() == []


async def test_a_number_goes_while_telegram_still_deletes_it(open_test_bot: OpenBot, clock: Clock) -> None:
    """Shown by an edit of an old message, it is as old as that one: 48 hours count from there."""
    async with open_test_bot() as bot:
        chat = Telegrams(clock)
        await on_telegram(bot, chat, ["/start", *UP_TO_NAME, TO_THE_END[0]])
        await passes(bot, clock, 30)
        await on_telegram(bot, chat, ["[Send it now]"])
        if "Your return number" not in chat.heard[-1].text:
            await on_telegram(bot, chat, ["[Go on]", "[Send it now]"])
        shown = chat.heard[-1].edits or chat.prompt
        for _ in range(25):
            await passes(bot, clock, 1)
        assert chat.deleted_at[shown.id] - chat.sent[shown.id] <= 48 * 3600
