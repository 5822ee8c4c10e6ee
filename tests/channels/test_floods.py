"""H01: who floods holds up nobody, fills nothing, and still gets an answer."""

import asyncio

import pytest

from bot.flow.telling import MOST_PARTS
from tests.channels.conftest import RunBot, begin, to_story
from tests.channels.fake_telegram import FakeTelegram, Person


@pytest.mark.case("H01")
async def test_H01_a_thousand_messages_of_one_account(
    running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person
) -> None:
    async with running() as bot:
        await to_story(ana)
        await begin(ben)
        before = len(telegram.calls)
        for n in range(1_000):
            await ana.says(f"flood {n}")
        flood = telegram.next_update
        # Somebody else is answered while the flood is still on its way.
        await ben.presses("No, destroy it")
        await ben.reads("Who are you telling us about")
        await telegram.wait_confirmed(flood, 30)
        await bot.settled()
        (owner,) = [o for o in await bot.store.conversations() if await bot.store.parts(o)]
        assert len(await bot.store.parts(owner)) == MOST_PARTS
        said = [c for c in telegram.calls[before:] if c[0] == "sendmessage" and c[1]["chat_id"] == ana.id]
        assert len(said) < 120, "words about many messages go out together"
        update = await ana.says("danger")
        await telegram.wait_confirmed(update)
        await ana.reads("Leave this chat if you need to")


@pytest.mark.case("H01")
async def test_H01_a_thousand_accounts_at_once(running: RunBot, telegram: FakeTelegram, ben: Person) -> None:
    """They begin and go no further: nothing is written for them, and somebody in danger is answered."""
    async with running() as bot:
        crowd = [Person(telegram, 50_000_000 + n) for n in range(1_000)]
        for person in crowd:
            await person.says("/start")
        await ben.says("danger")
        await ben.reads("Leave this chat if you need to", 30)
        await telegram.wait(lambda: not telegram.updates or telegram.confirmed >= telegram.next_update, 30)
        for _ in range(200):
            if all(person.from_bot() for person in crowd):
                break
            await asyncio.sleep(0.05)
        assert all("safe to write" in person.screen() for person in crowd)
        assert await bot.store.conversations() == []
