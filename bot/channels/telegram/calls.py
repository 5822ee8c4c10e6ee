"""How often a call is tried: once, until it is taken, or until it is answered."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.health import Health, trouble_of
from bot.talk.outgoing import Undeliverable

log = logging.getLogger("stonechat.telegram")
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between two tries of a message
INSIST = 5.0  # seconds between two tries of what has to be taken
Call = Callable[[str, dict[str, Any]], Awaitable[Any]]


class Calls:
    """`call` is one try: a method's name and its values to its result, or TelegramError."""

    def __init__(self, call: Call, health: Health, token: str) -> None:
        """`token` is never shown: what a platform or a proxy says of it is cleaned of it."""
        self._call, self._health, self._token = call, health, token

    async def once(self, method: str, values: dict[str, Any]) -> Any:
        """One try. Raises TelegramError."""
        return await self._call(method, values)

    async def tries(self, method: str, values: dict[str, Any]) -> bool:
        """Something that may fail without harm. False: it was not taken."""
        try:
            await self._call(method, values)
        except TelegramError as error:
            log.info("%s was not taken (%s)", method, type(error).__name__)
            return False
        return True

    async def insist(self, method: str, values: dict[str, Any]) -> None:
        """Until it is taken. Meanwhile the operator is told why it is not, in the platform's own words (P16)."""
        while True:
            try:
                await self._call(method, values)
            except TelegramError as error:
                self._health.bad(method, self.refused(method, error))
                await asyncio.sleep(max(INSIST, retry_after(error)))
            else:
                self._health.good(method)
                return

    def refused(self, method: str, error: TelegramError) -> str:
        """Why a call was not taken, for the operator."""
        if isinstance(error, BadRequest | Forbidden):
            reason = str(error).replace(self._token, "…")
            return f"Telegram refuses {method}: {reason}; check telegram_webhook; it is tried again"
        return trouble_of(error, self._token)

    async def persist(self, method: str, values: dict[str, Any]) -> Any:
        """Call until it is answered: waits as told, or longer each time. Raises Undeliverable or BadRequest."""
        wait = FIRST_WAIT
        while True:
            try:
                result = await self._call(method, values)
            except (Forbidden, ChatMigrated):
                raise Undeliverable("this chat does not take messages") from None
            except BadRequest:
                raise
            except TelegramError as error:
                if isinstance(error, InvalidToken):  # behind a webhook nothing else would tell
                    self._health.bad("sending", trouble_of(error, self._token))
                await asyncio.sleep(retry_after(error) or wait * random.uniform(0.5, 1.5))
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                self._health.good("sending")
                return result


def retry_after(error: TelegramError) -> float:
    """Seconds that the platform asks to wait; 0 where it asks for nothing."""
    if not isinstance(error, RetryAfter):
        return 0.0
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
