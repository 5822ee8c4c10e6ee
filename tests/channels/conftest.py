"""A bot over Telegram against the strict fake, in one process, over real HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.wiring import Bot
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.conftest import Clock, OpenBot


@pytest.fixture
async def telegram(clock: Clock) -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(clock=clock) as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def ana(telegram: FakeTelegram) -> Person:
    return Person(telegram, 900_100_200)


@pytest.fixture
def ben(telegram: FakeTelegram) -> Person:
    return Person(telegram, 900_100_300)


RunBot = Callable[..., AbstractAsyncContextManager[Bot]]


@pytest.fixture
def running(open_test_bot: OpenBot, telegram: FakeTelegram) -> RunBot:
    @asynccontextmanager
    async def run(sensitive: str = "allow", **more: Any) -> AsyncIterator[Bot]:
        async with open_test_bot(**more) as bot:
            channel = Telegram(
                TOKEN,
                telegram.url,
                sensitive=sensitive,
                private_only="Please write to me in a private chat.",
                descriptions={"en": [("help", "What you can write")], "fr": [("help", "Ce que vous pouvez écrire")]},
                poll=1,
            )
            bot.house.channels["telegram"] = channel
            await channel.start()
            await bot.start()
            polling = asyncio.create_task(channel.poll(bot.conversations.take))
            try:
                yield bot
            finally:
                polling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await polling
                await bot.conversations.stop()
                await channel.close()

    return run


# What is done after the story, and what is read then; `[Label]` is a press.
STORY_TO_END = (
    ("[Done]", "In which country"),
    ("Kenya", "What did you do with the UN"),
    ("skip", "How are you now"),
    ("skip", "who may see it"),
    ("[Only your team]", "What name should we use"),
    ("skip", "write to you again"),
    ("[I come back with my number]", "You may send it now"),
    ("[Send it now]", "Your return number is"),
)


async def begin(person: Person) -> None:
    """Up to the first question after the consent."""
    await person.says("/start")
    await person.reads("safe to write")
    await person.presses("Yes, go on")
    await person.reads("Do you agree to start")
    await person.presses("Yes, I agree")
    await person.reads("If you stop before the end")


async def to_story(person: Person) -> None:
    await begin(person)
    await person.presses("No, destroy it")
    await person.reads("Who are you telling us about")
    await person.presses("Me")
    await person.reads("under 18")
    await person.presses("No")
    await person.reads("What happened")


async def to_send(person: Person, story: str = "They took my passport.") -> None:
    await to_story(person)
    await person.says(story)
    await person.reads("Saved.")
    await person.presses("Done")
    await person.reads("In which country")
    await person.says("Kenya")
    await person.reads("What did you do with the UN")
    await person.says("2")
    await person.reads("How are you now")
    await person.says("skip")
    await person.reads("who may see it")
    await person.presses("Yes, to the UN team")
    await person.reads("What name")
    await person.says("Ana Secretname")
    await person.reads("write to you again")
    await person.presses("Yes, in this chat")
    await person.reads("safe to write?")
    await person.presses("Any time")
    await person.reads("You may send it now")


async def submit(person: Person) -> str:
    """Send, write the number down; the number without its gaps."""
    await person.presses("Send it now")
    text = await person.reads("Your return number")
    number = "".join(c for c in text.split("Your return number is")[1] if c.isdigit())[:24]
    await person.presses("I wrote it down")
    await person.reads("Thank you for trusting us")
    return number
