"""S03: many who write without a pause hold up nobody who writes now and then."""

import asyncio
import time

import pytest

from bot.conversation.turnstile import CROWD
from bot.wiring import Bot
from tests.conftest import OpenBot
from tests.e2e.test_guesses import Chats, of, until

WAY = "1|2|3|1|1".split("|")  # up to the story


async def to_the_story(bot: Bot, chats: Chats) -> None:
    bot.house.channels["terminal"] = chats
    await bot.deliver(of(chats.came_back(), "teller"))
    await bot.settled()
    for number in WAY:
        await bot.deliver(of(chats.said(number), "teller"))
        await bot.settled()
    assert "What happened" in chats.told[-1][1]


async def crowd(bot: Bot) -> None:
    await asyncio.gather(*(bot.conversations.sends.enter(0.0) for _ in range(2 * CROWD)))
    assert bot.conversations.sends.crowded


async def test_s03_in_a_crowd_lines_are_saved_at_once_and_answered_once_a_second(
    open_test_bot: OpenBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.conversation.AGAIN", 0.3)
    async with open_test_bot() as bot:
        chats = Chats()
        await to_the_story(bot, chats)
        await crowd(bot)
        began = time.monotonic()
        await bot.deliver(of(chats.said("The first line."), "teller"))
        await until(lambda: "Saved" in chats.told[-1][1])
        assert time.monotonic() - began < 0.25, "the first answer does not wait"
        said = len(chats.told)
        for line in ("A second line.", "A third."):
            await bot.deliver(of(chats.said(line), "teller"))
        (teller,) = await bot.store.conversations()
        assert len(await bot.store.parts(teller)) == 3, "what was said is on disk, whenever it is answered"
        assert len(chats.told) == said
        await until(lambda: len(chats.told) > said)
        await bot.settled()
        assert len(chats.told) == said + 1, "two lines, one answer"


async def test_s03_whatever_else_is_said_is_answered_at_once(
    open_test_bot: OpenBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.conversation.AGAIN", 3600)
    async with open_test_bot() as bot:
        chats = Chats()
        await to_the_story(bot, chats)
        await crowd(bot)
        for line in ("The first line.", "A second line."):
            await bot.deliver(of(chats.said(line), "teller"))
            await asyncio.sleep(0.05)
        said = len(chats.told)
        await bot.deliver(of(chats.said("done"), "teller"))
        await asyncio.wait_for(until(lambda: len(chats.told) > said), 5)
        assert "In which country" in chats.told[-1][1]


async def test_where_nobody_waits_every_line_is_answered(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chats = Chats()
        await to_the_story(bot, chats)
        for line in ("The first line.", "A second line.", "A third."):
            said, began = len(chats.told), time.monotonic()
            await bot.deliver(of(chats.said(line), "teller"))
            await bot.settled()
            assert len(chats.told) == said + 1
            assert time.monotonic() - began < 0.9


async def test_s03_a_chat_that_is_only_opened_holds_up_no_fetching(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chats = Chats()
        await to_the_story(bot, chats)
    async with open_test_bot() as bot:
        bot.house.channels["terminal"] = chats
        await bot.conversations.resume()
        assert bot.conversations.take(of(chats.came_back(), "newcomer")).done()
        assert not bot.conversations.take(of(chats.came_back(), "teller")).done(), "a row is changed: after the commit"
        assert not bot.conversations.take(of(chats.said("hello"), "another")).done(), "words wait for their turn"
        assert not bot.conversations.take(of(chats.came_back(), "newcomer")).done(), "it is there by now"
        await bot.settled()
        assert {who for who, _ in chats.told[-4:]} >= {"newcomer", "another"}
        bot.conversations.healthy = False
        assert not bot.conversations.take(of(chats.came_back(), "late")).done(), "the store is away: it comes again"
        await bot.settled()


async def test_who_ended_and_comes_back_is_looked_for_again(open_test_bot: OpenBot) -> None:
    """What is remembered about rows follows them: begun, written, erased, begun anew."""
    async with open_test_bot() as bot:
        chats = Chats()
        bot.house.channels["terminal"] = chats
        await bot.conversations.resume()
        for _ in range(2):
            await to_the_story(bot, chats)
            (teller,) = await bot.store.conversations()
            assert bot.conversations.may_be_stored(teller)
            await bot.deliver(of(chats.said("erase"), "teller"))
            await bot.settled()
            assert await bot.store.conversations() == []
            assert not bot.conversations.may_be_stored(teller)
