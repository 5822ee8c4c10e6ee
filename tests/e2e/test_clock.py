"""F04: a clock that jumps destroys nobody's draft before the operator was told and had time."""

import pytest

from tests.conftest import Clock, OpenBot, Steady
from tests.e2e.test_cases import passes
from tests.e2e.test_promises import UP_TO_NAME, walk


@pytest.mark.case("F04")
async def test_F04_a_year_on_waits_an_hour_and_says_so(
    open_test_bot: OpenBot, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        await passes(bot, clock, 0.01)
        clock.pass_(hours=365 * 24)  # the wall clock alone: nothing really passed
        await passes(bot, clock, 0)
        assert "the clock is 365 days on" in caplog.text
        assert len(await bot.store.conversations()) == 1
        steady.pass_(minutes=50)
        await passes(bot, clock, 0.8)
        assert len(await bot.store.conversations()) == 1
        clock.pass_(hours=-365 * 24)  # the operator mended it
        steady.pass_(minutes=20)
        await passes(bot, clock, 0.3)
        assert len(await bot.store.conversations()) == 1, "its time is not over"
        steady.pass_(hours=73)
        await passes(bot, clock, 73)
        await passes(bot, clock, 0)
        assert await bot.store.conversations() == []


@pytest.mark.case("F04")
async def test_F04_left_alone_for_an_hour_it_goes_on(open_test_bot: OpenBot, clock: Clock) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        clock.pass_(hours=200)
        await passes(bot, clock, 0)
        steady.pass_(minutes=61)
        await passes(bot, clock, 1.1)
        assert await bot.store.conversations() == []


@pytest.mark.case("F04")
async def test_F04_an_hour_back_destroys_nothing_and_goes_on(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await passes(bot, clock, -1)
        assert len(await bot.store.conversations()) == 1
        await walk(bot, ["[I come back with my number]"], chat)
        await passes(bot, clock, 70)
        assert len(await bot.store.conversations()) == 1


@pytest.mark.case("F04")
async def test_F04_a_start_after_days_waits_too(
    open_test_bot: OpenBot, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        await passes(bot, clock, 0)
    clock.pass_(hours=100)
    async with open_test_bot() as bot:
        await passes(bot, clock, 0)
        assert "the clock is 4 days on" in caplog.text
        assert len(await bot.store.conversations()) == 1
        await passes(bot, clock, 1.1)
        assert await bot.store.conversations() == []
