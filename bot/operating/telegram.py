"""How the Telegram account stands, for `stonechat doctor`; and `stonechat telegram delete-webhook`.

Nothing here polls: that would take a running bot's own poll away from it.
"""

import asyncio
import time
from typing import Literal

from telegram.error import TelegramError

from bot.channels.telegram.account import Account
from bot.channels.telegram.calls import retry_after
from bot.channels.telegram.health import trouble_of
from bot.channels.telegram.looking import Standing, asking, host_of, look, standing_of
from bot.errors import SettingsError, StonechatError
from bot.settings import Settings, kept_at
from bot.state import webhook_mark

PATIENCE = 14.0  # seconds for one call
AGAIN = 3  # tries of a call that has to be taken
Found = tuple[Literal["good", "warning", "bad"], str, str]


def account_of(settings: Settings) -> Account:
    """The account that the settings name. Raises SettingsError where they name none."""
    if not settings.telegram_token:
        raise SettingsError("no Telegram bot is set", mend="set telegram_token_file (docs/settings.md)")
    return Account(settings.telegram_token, settings.telegram_api, kept_at(settings.telegram_token))


async def telegram_standing(settings: Settings) -> Found:
    """How it is, what it is, and the mend; doctor asks for the same things as `run`."""
    account = account_of(settings)
    found = await look(account.token, account.api, PATIENCE, account.kept)
    waits = f"; {found.pending} updates wait there" if found.pending else ""
    last = f"; its last error: {found.error}{_when(found)}" if found.error else ""
    if found.trouble:
        what, _, mend = found.trouble.partition("; ")
        return "bad", f"{what}{waits if waits not in what else ''}", mend or "look again later"
    if found.url and not settings.telegram_webhook and not webhook_mark(settings.state).exists():
        what = f"@{found.name} has a webhook, at {host_of(found.url)}, that this bot did not set: nothing can be polled"
        return "bad", f"{what}{waits}{last}", "stop the program that set it, then 'stonechat telegram delete-webhook'"
    if settings.telegram_webhook and found.url != settings.telegram_webhook:
        now = f"delivers to {host_of(found.url)}" if found.url else "has no webhook yet"
        what = f"@{found.name} answers; it {now}, not to telegram_webhook{waits}{last}"
        return "warning", what, "the next 'stonechat run' sets it"
    return "warning" if last and waits else "good", f"@{found.name} answers{waits}{last}", ""


def _when(found: Standing) -> str:
    """The day and time of an error, as the platform says it."""
    if not 0 < found.erred < 2**40:
        return ""
    return time.strftime(" (%Y-%m-%d %H:%M UTC)", time.gmtime(found.erred))


def delete_webhook(settings: Settings) -> str:
    """Take the webhook away, so that the bot can poll; what waits stays. One line of what was done.

    Raises SettingsError where the settings want one, StonechatError where the platform does not take it.
    """
    account = account_of(settings)
    if settings.telegram_webhook:
        raise SettingsError(
            "telegram_webhook is set: a running bot would set it again", mend="take it out of the settings first"
        )
    return asyncio.run(_deleted(account, settings))


async def _deleted(account: Account, settings: Settings) -> str:
    for left in reversed(range(AGAIN)):
        try:
            async with asking(account, PATIENCE) as ask:
                before = standing_of(await ask("GetWebhookInfo"))
                if before.url:
                    await ask("DeleteWebhook", drop_pending_updates=False)
            break
        except TelegramError as error:
            if not left:
                what, _, mend = trouble_of(error, account).partition("; ")
                raise StonechatError(what, mend=mend.removesuffix("; it is tried again") or "try again later") from None
            await asyncio.sleep(min(5.0, max(1.0, retry_after(error))))
    if not before.url:
        return "no webhook is set: nothing was to be done"
    webhook_mark(settings.state).unlink(missing_ok=True)
    waits = f"{before.pending} updates wait, and the next poll brings them" if before.pending else "nothing waits there"
    return f"the webhook at {host_of(before.url)} is taken away; {waits}"
