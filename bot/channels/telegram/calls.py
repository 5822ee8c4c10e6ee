"""How often a call is tried: once, until it is taken, or until it is answered."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.account import Account
from bot.channels.telegram.health import Health, trouble_of
from bot.talk.outgoing import Undeliverable

log = logging.getLogger("stonechat.telegram")
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between two tries of a message
INSIST = 5.0  # seconds between two tries of what has to be taken
PATIENCE = 10.0  # seconds without any message taken, until somebody is told
BRIEF = (0.5, 1.0, 3.0, 5.0, 0.0)  # seconds after each try; the platform takes such an answer for some seconds alone
LONG = 60  # seconds; who asks for such a rest is told of at once
Call = Callable[[str, dict[str, Any]], Awaitable[Any]]


class Calls:
    """`call` is one try: a method's name and its values to its result, or TelegramError."""

    def __init__(self, call: Call, health: Health, account: Account) -> None:
        """The account's token is never shown: what a platform or a proxy says of it is cleaned of it."""
        self._call, self._health, self._account = call, health, account
        self._failing = 0.0  # since when no message was taken, on the steady clock; 0: the last one was
        self._waiting = 0  # messages that are tried again

    async def once(self, method: str, values: dict[str, Any]) -> Any:
        """One try. Raises TelegramError."""
        return await self._call(method, values)

    async def tries(self, method: str, values: dict[str, Any]) -> bool:
        """Something that may fail without harm. False: it was not taken."""
        try:
            await self._call(method, values)
        except TelegramError as error:
            log.debug("%s was not taken (%s)", method, type(error).__name__)
            return False
        return True

    async def briefly(self, method: str, values: dict[str, Any]) -> None:
        """What is worth something for some seconds alone, as the notice beside a button that was pressed."""
        for wait in BRIEF:
            try:
                await self._call(method, values)
            except (BadRequest, Forbidden):  # it is too late
                return
            except TelegramError as error:
                log.debug("%s was not taken (%s)", method, type(error).__name__)
                await asyncio.sleep(max(wait, min(retry_after(error), BRIEF[-2])))
            else:
                return

    async def patiently(self, method: str, values: dict[str, Any]) -> None:
        """What is missed by nobody for a while: until it is answered, however long the platform is away."""
        wait = INSIST
        while True:
            try:
                await self._call(method, values)
            except (BadRequest, Forbidden) as error:
                log.warning("Telegram refuses %s: %s", method, self._account.cleaned(str(error)))
                return
            except TelegramError as error:
                await asyncio.sleep(max(wait, retry_after(error)))
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                return

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
            reason = self._account.cleaned(str(error))
            return f"Telegram refuses {method}: {reason}; check telegram_webhook; it is tried again"
        return trouble_of(error, self._account)

    async def persist(self, method: str, values: dict[str, Any]) -> Any:
        """Call until it is answered: waits as told, or longer each time. Raises Undeliverable or BadRequest."""
        wait = 0.0
        try:
            while True:
                try:
                    result = await self._call(method, values)
                except (Forbidden, ChatMigrated):
                    self._answered()
                    raise Undeliverable("this chat does not take messages") from None
                except BadRequest:
                    self._answered()
                    raise
                except TelegramError as error:
                    self._failed(error)
                    self._waiting += not wait
                    wait = min(wait * 2 or FIRST_WAIT, LONGEST_WAIT)
                    await asyncio.sleep(retry_after(error) or wait * random.uniform(0.5, 1.5))
                else:
                    self._answered()
                    return result
        finally:
            if wait:
                self._waiting -= 1
                if not self._waiting:  # what was given up would be told of for ever
                    self._failing = 0.0
                    self._health.forget("sending")

    def _answered(self) -> None:
        self._failing = 0.0
        self._health.good("sending")
        self._health.good("token")

    def _failed(self, error: TelegramError) -> None:
        """One chat's bad minute is no trouble of the platform's: that is told when no message was taken for a while."""
        if isinstance(error, InvalidToken):  # behind a webhook nothing else would tell
            self._health.bad("token", trouble_of(error, self._account))
            return
        now = time.monotonic()
        self._failing = self._failing or now
        if now - self._failing >= PATIENCE or retry_after(error) >= LONG:
            self._health.bad("sending", trouble_of(error, self._account))


def retry_after(error: TelegramError) -> float:
    """Seconds that the platform asks to wait; 0 where it asks for nothing."""
    if not isinstance(error, RetryAfter):
        return 0.0
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
