"""V: who guesses return numbers is slowed; who owns one is not, whatever others do."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.channels import Outgoing
from bot.seal.receipt import new_number
from tests.conftest import OpenBot
from tests.e2e.test_promises import Account

GUESSES = 4
SLOWED = 1.9  # seconds that so many guesses of one chat take at least
WRONG = "find that number"


class Chats(Account):
    """Several chats of one channel: who was told what, in its order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        super().__init__(lambda out: None, "terminal", ("buttons",))

    async def send(self, address: str, out: Outgoing) -> tuple[int, ...]:
        self.told.append((address, out.text))
        return await super().send(address, out)

    def answers(self, who: Sequence[str]) -> list[str]:
        return [address for address, text in self.told if address in who and WRONG in text]


async def test_v_guesses_of_one_chat_are_slowed_and_no_one_elses(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chats = Chats()
        bot.house.channels["terminal"] = chats
        people = ("guesser", "owner")
        for who in people:
            await bot.deliver(replace(chats.came_back(), account=who, address=who))
        await bot.settled()
        began = time.perf_counter()
        for _ in range(GUESSES):
            await bot.deliver(replace(chats.said(new_number()), account="guesser", address="guesser"))
        await bot.deliver(replace(chats.said(new_number()), account="owner", address="owner"))
        while "owner" not in chats.answers(people):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert chats.answers(people).count("guesser") < GUESSES, "an owner does not wait behind them"
        await bot.settled()
        assert time.perf_counter() - began >= SLOWED
        assert set(chats.answers(people)) == set(people)
