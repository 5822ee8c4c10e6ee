"""Conversations that rest, as bytes in memory or in the store alone, go on as if they had been awake."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import door, memory
from bot.conversation.conversation import Conversation
from tests.channels.conftest import RunBot
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.faults.process import Agent
from tests.faults.test_kills import handed_over, stories, until


async def test_all_reports_are_whole_where_nobody_stays_awake(
    running: RunBot,
    telegram: FakeTelegram,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(door, "AWAKE", 1)
    monkeypatch.setattr(door, "SPARE", 0)
    monkeypatch.setattr(door, "RESTING", 3)
    rested = loaded = 0
    take = memory.Resting.take

    def taking(self: memory.Resting, owner: bytes) -> Any:
        nonlocal rested
        found = take(self, owner)
        rested += found is not None
        return found

    monkeypatch.setattr(memory.Resting, "take", taking)
    gc.collect()
    older = [o for o in gc.get_objects() if isinstance(o, Conversation)]  # of tests that failed before this one
    request.addfinalizer(gc.enable)
    gc.disable()
    async with running() as bot:
        load = bot.store.load

        async def loading(owner: bytes) -> bytes | None:
            nonlocal loaded
            found = await load(owner)
            loaded += found is not None
            return found

        monkeypatch.setattr(bot.store, "load", loading)
        agents = [Agent(Person(telegram, 800 + n), [f"{n}: {m}" for m in range(3)]) for n in range(12)]

        async def slowly(agent: Agent) -> None:
            real = agent._answer

            async def answer(screen: str) -> None:
                await asyncio.sleep(0.3)  # a note of what was sent is written: the conversation may rest
                await real(screen)

            agent._answer = answer  # type: ignore[method-assign]
            await agent.act()

        async def look() -> None:
            while True:
                await bot.conversations.look()
                await asyncio.sleep(0.05)

        looking = asyncio.create_task(look())
        await asyncio.wait_for(asyncio.gather(*(slowly(a) for a in agents)), 90)
        looking.cancel()
        await bot.settled()
        await until(lambda: len(handed_over(tmp_path)) == len(agents))
        assert rested > 10
        assert loaded > 10
        held = sum(isinstance(o, Conversation) and not any(o is each for each in older) for o in gc.get_objects())
        assert held <= len(agents), "what rests is gone from memory, though no garbage was looked for"
        assert bot.house.keys._keys == {}, "and of nobody a key stays in memory"  # type: ignore[attr-defined]
    stories(agents, handed_over(tmp_path))
