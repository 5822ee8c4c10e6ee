"""How a bot account stands at the platform: for the watch over a webhook, and for who looks after the bot.

Source: Bot API, getMe, getWebhookInfo and "WebhookInfo".
"""

import time
from typing import Any

from msgspec import Struct
from telegram.error import TelegramError

from bot.channels.telegram.answers import LONGEST_REASON
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


def standing_of(info: Any, name: str = "", now: float | None = None) -> Standing:
    """What getWebhookInfo says. An error counts while it is fresh and something waits, or it just came."""
    info = info if isinstance(info, dict) else {}

    def number(key: str) -> int:
        return found if isinstance(found := info.get(key), int) else 0

    url, error = str(info.get("url") or ""), str(info.get("last_error_message") or "")
    reason = "".join(c if c.isprintable() else " " for c in error)[:LONGEST_REASON]
    erred, pending = number("last_error_date"), number("pending_update_count")
    trouble = ""
    if url and reason and pending and (time.time() if now is None else now) - erred < FRESH:
        trouble = (
            f"Telegram can't deliver to the webhook: {reason}; {pending} wait; check telegram_webhook and the proxy"
        )
    return Standing(name, url, pending, reason, erred, trouble)


async def look(token: str, api: str, seconds: float) -> Standing:
    """Ask the platform who this bot is and how its deliveries fare. Never raises: what is wrong is its `trouble`."""
    request = AiohttpRequest(1, seconds)
    base = f"{api.rstrip('/')}/bot{token}"
    try:
        me = await request.call(f"{base}/GetMe", {})
        name = str(me.get("username") or "") if isinstance(me, dict) else ""
        return standing_of(await request.call(f"{base}/GetWebhookInfo", {}), name)
    except TelegramError as error:
        return Standing(trouble=trouble_of(error, token))
    finally:
        await request.shutdown()
