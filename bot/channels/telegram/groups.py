"""Groups and channels, where nothing can be told safely: one sentence, leave, then silence (S08).

A group's messages cost two calls each before, and a group that is full of talk had no end of them.
"""

import asyncio

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.recent import Recent

REMEMBERED = 10_000  # groups
WAITS = (0.0, 5.0, 60.0)  # seconds before each try to leave


class Groups:
    """`sentence` is what is said before leaving; empty: nothing is."""

    def __init__(self, calls: Calls, sentence: str) -> None:
        """No group is known yet."""
        self._calls, self._sentence = calls, sentence
        self._left = Recent(REMEMBERED)

    def is_new(self, chat: int) -> bool:
        """Whether anything is still to be done there."""
        return self._left.adds(chat)

    async def leave(self, chat: int) -> None:
        """Say it once, and go. Where even that fails the bot stays silent: a message there costs nothing any more."""
        if self._sentence:
            await self._calls.tries("SendMessage", {"chat_id": chat, "text": self._sentence})
        for wait in WAITS:
            await asyncio.sleep(wait)
            if await self._calls.tries("LeaveChat", {"chat_id": chat}):
                return
