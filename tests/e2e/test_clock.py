"""F04: a clock that jumps destroys nobody's draft before the operator was told and had time."""

import logging
import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.conversation.chores import LABEL
from bot.machine.clock import RELEASED, clock_trouble
from bot.operating.checks import machine
from bot.store import ChoreRow, ReceiptRow
from bot.talk.events import MessageRef
from bot.wiring import Bot
from tests.conftest import NOON, Clock, OpenBot, Steady, make_settings
from tests.e2e.test_broken_lines import Telegrams, on_telegram
from tests.e2e.test_cases import passes
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, walk


async def both(bot: Bot, clock: Clock, steady: Clock, hours: float) -> None:
    """Time passes, and the bot looks every few minutes as it does in earnest."""
    for _ in range(max(1, round(hours * 4))):
        steady.pass_(minutes=15)
        await passes(bot, clock, 0.25)


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
async def test_F04_left_alone_it_lives_as_long_as_it_would_have(open_test_bot: OpenBot, clock: Clock) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        await both(bot, clock, steady, 1)
        clock.pass_(hours=200)
        await both(bot, clock, steady, 70)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 3)
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


# --- O15 ---

YEAR = 365 * 24
BOOT = 60.0  # seconds since 1970 at which a machine without a battery starts
JUMPS = [-20 * YEAR, -YEAR, -80, -5, -1, 1, 5, 30, 80, YEAR, 20 * YEAR]


@pytest.mark.parametrize("hours", JUMPS)
async def test_o15_a_draft_lives_its_hours_whatever_the_clock_is_set_to(
    open_test_bot: OpenBot, clock: Clock, hours: int
) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        await both(bot, clock, steady, 0.5)
        clock.pass_(hours=hours)
        await both(bot, clock, steady, 70)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 4)
        assert await bot.store.conversations() == []


@pytest.mark.parametrize("hours", [80, YEAR])
async def test_o15_there_and_back(open_test_bot: OpenBot, clock: Clock, hours: int) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        for _ in range(3):
            await both(bot, clock, steady, 1)
            clock.pass_(hours=hours)
            await both(bot, clock, steady, 2)
            clock.pass_(hours=-hours)
        await both(bot, clock, steady, 60)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 6)
        assert await bot.store.conversations() == []


async def test_o15_a_machine_that_starts_in_1970(open_test_bot: OpenBot, clock: Clock) -> None:
    """Drafts from before it went off, and those of its first minutes, live on when the network tells it the time."""
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        await passes(bot, clock, 0)
    clock.now, steady = BOOT, Clock(5.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        chat = await walk(bot, [])
        (old,) = await bot.store.conversations()
        del chat
        await both(bot, clock, steady, 0.5)
        assert await bot.store.conversations() == [old]
        clock.now = NOON + 3600
        await both(bot, clock, steady, 60)
        assert await bot.store.conversations() == [old]
        await both(bot, clock, steady, 14)
        assert await bot.store.conversations() == []


@pytest.mark.parametrize("restarted", [False, True])
async def test_o15_a_draft_begun_in_1970(open_test_bot: OpenBot, clock: Clock, restarted: bool) -> None:
    clock.now, steady = BOOT, Clock(5.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        chat = await walk(bot, UP_TO_NAME)
        await both(bot, clock, steady, 1)
        if not restarted:
            clock.now = NOON
            await both(bot, clock, steady, 60)
            assert len(await bot.store.conversations()) == 1
            await both(bot, clock, steady, 14)
            assert await bot.store.conversations() == []
            return
    clock.now = NOON
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await both(bot, clock, steady, 60)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 14)
        assert await bot.store.conversations() == []
    del chat


async def test_o15_wrong_at_the_start_and_mended_within_the_hour(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        await passes(bot, clock, 0)
    clock.pass_(hours=YEAR)
    steady = Clock(5.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await both(bot, clock, steady, 0.5)
        clock.pass_(hours=-YEAR)
        await both(bot, clock, steady, 60)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 14)
        assert await bot.store.conversations() == []


@pytest.mark.parametrize("hours", JUMPS)
async def test_o15_a_number_stays_a_day_and_its_receipt_a_year(
    open_test_bot: OpenBot, clock: Clock, hours: int
) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
        await both(bot, clock, steady, 1)
        clock.pass_(hours=hours)
        await both(bot, clock, steady, 20)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 6)
        assert await bot.store.conversations() == []
        rows = await bot.store._all("SELECT lookup, day, expires FROM receipts")
        (receipt,) = (ReceiptRow(*row) for row in rows)
        days = round((receipt.expires - clock()) / 86_400)
        assert 362 <= days <= 367
        assert abs((date.fromisoformat(receipt.day) - datetime.fromtimestamp(clock(), UTC).date()).days) <= 3


class Away(Telegrams):
    """A platform that can be away."""

    is_away = False

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        if self.is_away:
            raise OSError
        return await super().delete(address, messages)


def as_schema_1(bot: Bot, row: ChoreRow, database: Path) -> None:
    """What the first version would have written in its place."""
    chore = bot.conversations.chores.maker.read(row)
    assert chore is not None
    messages = tuple(message.order for message in chore.delete)
    record = msgspec.msgpack.encode((chore.channel, chore.address, messages, "", 0, ""))
    with sqlite3.connect(database) as db:
        db.execute("UPDATE chores SET record=? WHERE id=?", (bot.house.keys.encrypt(row.id, LABEL, record), row.id))


@pytest.mark.parametrize("older", [False, True], ids=["", "of schema 1"])
@pytest.mark.parametrize("hours", [-20 * YEAR, -YEAR, -30, 30, YEAR])
async def test_o15_what_waits_leaves_and_chores_are_done(
    open_test_bot: OpenBot, clock: Clock, tmp_path: Path, hours: int, older: bool
) -> None:
    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        chat = Away(clock)
        await on_telegram(bot, chat, ["/start", *UP_TO_NAME, *TO_THE_END])
        chat.is_away = True
        await on_telegram(bot, chat, ["[I wrote it down]"])
        chores = await bot.store.chores(2**62)
        assert chores
        for row in chores if older else []:
            as_schema_1(bot, row, tmp_path / "state" / "stonechat.db")
        clock.pass_(hours=hours)
        await bot.conversations.chores.round()
        await both(bot, clock, steady, 2)
        assert {c.id for c in await bot.store.chores(int(clock()))} >= {c.id for c in chores}
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
        chat.is_away = False
        await both(bot, clock, steady, 1)
        assert await bot.store.chores(2**62) == []
        assert chat.deleted_at


async def test_o15_a_move_that_the_store_refuses_is_made_later(open_test_bot: OpenBot, clock: Clock) -> None:
    from bot.store import StoreError

    steady = Clock(1_000.0)
    async with open_test_bot(monotonic=Steady(steady)) as bot:
        await walk(bot, UP_TO_NAME)
        await both(bot, clock, steady, 0.5)
        commit, move = bot.store.commit, bot.store.move

        async def full(*what: Any) -> Any:
            raise StoreError("full")

        bot.store.commit = bot.store.move = full  # type: ignore[method-assign]
        clock.pass_(hours=YEAR)
        await both(bot, clock, steady, 1)
        bot.store.move = move  # type: ignore[method-assign]
        await both(bot, clock, steady, 1)
        bot.store.commit = commit  # type: ignore[method-assign]
        await both(bot, clock, steady, 60)
        assert len(await bot.store.conversations()) == 1
        await both(bot, clock, steady, 12)
        assert await bot.store.conversations() == []


async def test_o15_n16_a_clock_from_before_the_release_is_told(
    open_test_bot: OpenBot, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    caplog.set_level(logging.WARNING)
    clock.now = 1_577_880_000.0
    said = "the clock says 2020-01-01, before this program was made (2026-01-01); set it (timedatectl)"
    async with open_test_bot():
        assert said in caplog.text
    assert clock_trouble(clock) == said
    assert clock_trouble(lambda: RELEASED) == ""
    monkeypatch.setattr("time.time", clock)
    (found,) = machine.clock(make_settings(tmp_path))
    assert (found.state, f"{found.what}; {found.mend}") == ("warning", said)
