"""V: who guesses return numbers is slowed; who owns one is not, whatever others do."""

import asyncio
import time
from dataclasses import replace

from tests.conftest import OpenBot
from tests.e2e.test_cases import listening

GUESSES = 4
SLOWED = 1.9  # seconds that so many guesses of one chat take at least
OWNER = 1.0  # seconds that another's first look-up takes at most


async def test_v_guesses_of_one_chat_are_slowed_and_no_one_elses(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, ["[Yes, go on]"])
        said = len(heard)
        began = time.perf_counter()
        for number in range(GUESSES):
            await bot.deliver(chat.said(f"{number}" * 20))
        while not heard[said:]:  # noqa: ASYNC110  the first is answered at once
            await asyncio.sleep(0.01)
        other = time.perf_counter()
        await bot.deliver(replace(chat.said("7" * 20), account="another", address="another"))
        await bot.deliver(replace(chat.said("danger"), account="a third", address="a third"))
        while not any("Leave this chat" in out.text for out in heard):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert time.perf_counter() - other < OWNER
        await bot.settled()
        assert time.perf_counter() - began >= SLOWED
        wrong = [out for out in heard[said:] if "number" in out.text and "Leave" not in out.text]
        assert len(wrong) >= 2
