"""S01: who guesses return numbers waits for nobody but themselves, and nobody waits for them."""

import asyncio
import threading
from collections import Counter

from msgspec import structs

from bot.conversation.guesses import APART
from bot.report.return_number import new_number
from bot.talk.events import Arrival, MessageRef
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from tests.conftest import OpenBot
from tests.e2e.test_promises import Account

WRONG, SLIP = "can't find it", "number"


class Chats(Account):
    """Several chats of one channel: who was told what, in its order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        super().__init__(lambda out: None)

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        self.told.append((address, out.text))
        return await super().send(address, out)

    def answers(self) -> Counter[str]:
        return Counter(address for address, text in self.told if WRONG in text)


def of(arrival: Arrival, who: str) -> Arrival:
    return structs.replace(arrival, envelope=structs.replace(arrival.envelope, account=who, address=who))


class Waits:
    """In the place of a clock: each guesser's two seconds last until the test says so."""

    def __init__(self, bot: Bot) -> None:
        self.under_way: list[tuple[float, asyncio.Future[None]]] = []
        bot.conversations._guesses._pause = self.pause

    async def pause(self, seconds: float) -> None:
        self.under_way.append((seconds, asyncio.get_running_loop().create_future()))
        await self.under_way[-1][1]

    def over(self) -> None:
        for _, future in self.under_way:
            if not future.done():
                future.set_result(None)


async def until(true: object) -> None:
    while not true():  # type: ignore[operator]  # noqa: ASYNC110  a task of its own answers
        await asyncio.sleep(0.005)


async def test_v_s01_one_guess_at_a_time_a_chat_and_an_owner_waits_for_nobody(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chats, waits = Chats(), Waits(bot)
        bot.house.channels["terminal"] = chats
        for who in ("guesser", "owner"):
            await bot.deliver(of(chats.came_back(), who))
        for _ in range(200):
            await bot.deliver(of(chats.said(new_number()), "guesser"))
        await bot.deliver(of(chats.said(new_number()), "owner"))
        await until(lambda: chats.answers() == {"guesser": 1, "owner": 1})
        assert [seconds for seconds, _ in waits.under_way] == [APART] * 2
        waits.over()  # the newest of all that waited is looked up, then nothing is left
        await until(lambda: chats.answers() == {"guesser": 2, "owner": 1})
        waits.over()
        await bot.settled()
        assert chats.answers() == {"guesser": 2, "owner": 1}
        assert bot.conversations._guesses._next == {}


async def test_s01_a_slip_is_told_as_a_slip_without_work(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chats, waits = Chats(), Waits(bot)
        bot.house.channels["terminal"] = chats
        await bot.deliver(of(chats.came_back(), "owner"))
        number = new_number()
        slip = f"{(int(number[0]) + 1) % 10}{number[1:]}"
        for typed in (slip, number[:-1], number + "7"):
            await bot.deliver(of(chats.said(typed), "owner"))
            await bot.settled()
            assert SLIP in chats.told[-1][1]
            assert WRONG not in chats.told[-1][1]
        assert waits.under_way == []


async def test_s01_a_guess_is_confirmed_before_it_is_looked_up(open_test_bot: OpenBot) -> None:
    """Polling goes on past it; nothing of it is written, so that after a crash its person types it again."""
    async with open_test_bot() as bot:
        chats = Chats()
        bot.house.channels["terminal"] = chats
        await bot.deliver(of(chats.came_back(), "owner"))
        gate = threading.Event()
        bot.conversations._guesses._thread.submit(gate.wait)
        await asyncio.wait_for(bot.deliver(of(chats.said(new_number()), "owner")), 5)
        assert chats.answers() == {}
        gate.set()
        await until(lambda: chats.answers() == {"owner": 1})
        assert await bot.store._all("SELECT 1 FROM updates") == []
