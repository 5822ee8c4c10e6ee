"""How a bot account stands at the platform: for the watch over a webhook, and for who looks after the bot.

Source: Bot API, getMe, getWebhookInfo and "WebhookInfo".
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from telegram.error import TelegramError

from bot.channels.telegram.account import Account
from bot.channels.telegram.answers import checked, one_line
from bot.channels.telegram.health import trouble_of
from bot.channels.telegram.request import AiohttpRequest

FRESH = 300  # seconds that an error of a delivery counts as one of now


class Standing(Struct, frozen=True):
    """`url` is where updates are delivered to (empty: they are fetched); `pending` wait there; `error` is the last one.

    `erred` is when that was, in seconds since 1970. `trouble` is one line for the operator; empty where all is well.
    """

    name: str = ""
    url: str = ""
    pending: int = 0
    error: str = ""
    erred: int = 0
    trouble: str = ""


def host_of(url: str) -> str:
    """A webhook's host: its path is as good as a secret, and may hold a token."""
    try:
        found = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        found = ""
    return one_line(found) or "an address that is none"


def standing_of(info: Any, name: str = "", now: float | None = None, since: float = float("inf")) -> Standing:
    """What getWebhookInfo says. An error counts where something waits, while it is fresh or nothing came after it.

    `since` is when the last delivery came, in seconds since 1970: the platform waits longer from try to try.
    """
    info = info if isinstance(info, dict) else {}

    def number(key: str) -> int:
        return found if isinstance(found := info.get(key), int) else 0

    url, reason = str(info.get("url") or ""), one_line(str(info.get("last_error_message") or ""))
    erred, pending = number("last_error_date"), number("pending_update_count")
    is_fresh = (time.time() if now is None else now) - erred < FRESH
    trouble = ""
    if url and reason and pending and (is_fresh or erred > since):
        trouble = (
            f"Telegram can't deliver to the webhook: {reason}; {pending} wait; check telegram_webhook and the proxy"
        )
    return Standing(name, url, pending, reason, erred, trouble)


async def look(token: str, api: str, seconds: float, kept: str = "") -> Standing:
    """Ask the platform who this bot is and how its deliveries fare. Never raises: what is wrong is its `trouble`."""
    account = Account(token, api, kept)
    async with asking(account, seconds) as ask:
        try:
            me = await ask("GetMe")
            return standing_of(await ask("GetWebhookInfo"), str(me.get("username") or ""))
        except TelegramError as error:
            return Standing(trouble=trouble_of(error, account))


@asynccontextmanager
async def asking(account: Account, seconds: float) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Calls of somebody who looks in: a method's name and its values to its result. They raise TelegramError."""
    request = AiohttpRequest(1, seconds)

    async def ask(method: str, **values: Any) -> Any:
        return checked(method, await request.call(f"{account.base}/{method}", values), values)

    try:
        yield ask
    finally:
        await request.shutdown()
