"""`stonechat run`: the bot with every channel that the settings name, and what watches it.

SIGTERM and SIGINT stop it within seconds, with all confirmed work on disk.
"""

import asyncio
import logging
import sys
from typing import Any

from bot.channels.phone import MOST_FRAME, Phone
from bot.channels.phone import make_app as make_page
from bot.channels.telegram import Telegram
from bot.channels.telegram.channel import COMMANDS
from bot.channels.telegram.webhook import make_webhook, set_webhook
from bot.conversation.house import Unmetered
from bot.errors import SettingsError, StonechatError
from bot.keys.accepted import read_all_recipients
from bot.keys.folder import keys_root
from bot.machine.addresses import host_and_port, loopback
from bot.machine.filesystem import free_bytes
from bot.machine.logs import quiet_logs
from bot.machine.notify import told_ready
from bot.machine.process import run_until_signal, settle_memory
from bot.machine.serving import Served
from bot.operating.metrics import Metrics, Standing, make_app, version
from bot.settings import Settings, kept_at
from bot.state import backup_mark, secret_file, time_of, webhook_mark
from bot.talk.tongues import tag
from bot.wiring import Bot, open_bot

log = logging.getLogger("stonechat")


def run_bot(settings: Settings) -> None:
    """Raises SettingsError where nothing is to be run."""
    quiet_logs(form=settings.logs)
    if not settings.telegram_token and not settings.phone:
        raise SettingsError(
            "no channel is set",
            mend="set telegram_token_file or phone in stonechat.toml (docs/settings.md); 'make demo' needs none",
        )
    run_until_signal(serve(settings))


async def serve(settings: Settings) -> None:
    """The bot over the channels that the settings name, until cancelled."""
    metrics = Metrics() if settings.metrics else None
    async with open_bot(settings, meter=metrics or Unmetered()) as bot:
        telegram = open_telegram(bot, settings) if settings.telegram_token else None
        served: list[Served] = []
        try:
            if metrics is not None:
                served.append(await open_metrics(bot, metrics, telegram, settings))
            if settings.phone:
                served.append(await open_phone(bot, settings.phone))
                print(f"stonechat: the phone page is at {served[-1].url}", file=sys.stderr, flush=True)
            if telegram is not None:
                await telegram.start()
                if settings.telegram_webhook:
                    served.append(await open_webhook(bot, telegram, settings))
            await bot.start()
            if telegram is not None and bot.away > telegram.KEEPS:
                await bot.conversations.missed(telegram.name, int(bot.house.clock() - bot.away))
            settle_memory()
            for line in start_lines(settings):
                log.info("%s", line)
            print("stonechat: ready", file=sys.stderr, flush=True)
            async with told_ready(lambda: ", ".join(troubles(bot, telegram)) or "ready"):
                await receive(bot, telegram, settings)
        finally:
            for each in served:
                await each.close()
            await bot.conversations.stop()
            if telegram is not None:
                await telegram.close()


def troubles(bot: Bot, telegram: Telegram | None) -> tuple[str, ...]:
    """What keeps the bot from its work at this moment, a line each: for `/ready` and for systemd's status."""
    found = [] if bot.conversations.healthy else [bot.conversations.ails or "the store can't be written"]
    if telegram is not None and telegram.trouble:
        found.append(telegram.trouble)
    if bot.alarm is not None:
        found += bot.alarm.troubles()
    return tuple(found)


def start_lines(settings: Settings) -> tuple[str, ...]:
    """What runs here, for whoever reads the log later; no secret is in it."""
    telegram = f"telegram ({'webhook' if settings.telegram_webhook else 'polling'})" if settings.telegram_token else ""
    phone = f"phone page ({settings.phone})" if settings.phone else ""
    prints = read_all_recipients(settings).fingerprints()
    classes = "; ".join(f"{name} {', '.join(found)}" for name, found in prints.items())
    alike = len({tuple(found) for found in prints.values()}) == 1
    return (
        f"stonechat {version()}: state {settings.state}, channels {', '.join(filter(None, (telegram, phone)))}, "
        f"reports go to {settings.reports_go_to}",
        f"sealed to {', '.join(next(iter(prints.values()))) if alike else classes}",
    )


async def open_metrics(bot: Bot, metrics: Metrics, telegram: Telegram | None, settings: Settings) -> Served:
    """`/live`, `/ready` and `/metrics` on a port of their own, for this machine. Raises SettingsError."""

    async def look() -> Standing:
        found = troubles(bot, telegram)
        try:
            drafts, waiting, oldest = await bot.store.figures()
        except StonechatError as error:
            return Standing(troubles=(*found, error.what))
        age = max(0.0, bot.house.clock() - oldest) if waiting else 0.0
        return Standing(
            drafts,
            bot.conversations.queued,
            waiting,
            age,
            found,
            {place: free for place, folder in places.items() if (free := free_bytes(folder)) is not None},
            telegram.polled if telegram is not None else 0.0,
            time_of(backup_mark(settings.state)),
        )

    places = {"state": settings.state, "keys": keys_root(settings)}
    metrics.expect([name for name, used in (("telegram", telegram is not None), ("phone", settings.phone)) if used])
    host, port = loopback(settings.metrics, "the metrics page", "what it says is for this machine's own watcher")
    return await Served.start(make_app(metrics, look), host, port)


async def receive(bot: Bot, telegram: Telegram | None, settings: Settings) -> None:
    """Until cancelled: by polling, or as pages and webhooks bring it."""
    if telegram is None:
        await asyncio.Event().wait()
    elif settings.telegram_webhook:
        webhook_mark(settings.state).touch(0o600)
        await set_webhook(telegram, settings.telegram_webhook, webhook_secret(settings))
        await asyncio.Event().wait()
    else:
        mark = webhook_mark(settings.state)
        if mark.exists():  # the webhook was ours; what waits there is fetched from now on
            await telegram.insist("DeleteWebhook", {"drop_pending_updates": False})
            mark.unlink()
        await telegram.poll(bot.conversations.take)


def webhook_secret(settings: Settings) -> str:
    """What Telegram sends with every update: made once, and nobody has to know it."""
    return secret_file(settings.state / "webhook.secret", 32).hex()


async def open_webhook(bot: Bot, telegram: Telegram, settings: Settings) -> Served:
    """The webhook, behind the proxy that holds the certificate. Raises SettingsError."""
    app = make_webhook(telegram, bot.conversations.take, settings.telegram_webhook, webhook_secret(settings))
    return await Served.start(app, *host_and_port(settings.telegram_listen, "telegram_listen"))


def open_telegram(bot: Bot, settings: Settings) -> Telegram:
    """The channel, not started yet, among those that the bot speaks through."""
    telegram = Telegram(
        settings.telegram_token,
        settings.telegram_api,
        kept=kept_at(settings.telegram_token),
        sensitive=settings.telegram_sensitive,
        private_only=bot.house.words.texts((bot.house.say("write_privately"),), "en"),
        descriptions=command_descriptions(bot),
    )
    bot.house.channels["telegram"] = telegram
    return telegram


async def open_phone(bot: Bot, listen: str, *, spare: bool = False, **beside: Any) -> Served:
    """The phone page at `listen`; with `spare`, at another port where that one is taken. Raises SettingsError.

    `beside` is for the demo.
    """
    host, port = loopback(listen, "the phone page", "it is for people who sit at this machine")
    phone = Phone(bot.house.clock)
    bot.house.channels["phone"] = phone
    app = make_page(phone, bot.conversations.take, page_words(bot), **beside)
    options = {"ws": "websockets-sansio", "ws_max_size": MOST_FRAME, "ws_ping_interval": 20.0, "ws_ping_timeout": 20.0}
    try:
        return await Served.start(app, host, port, **options)
    except SettingsError:
        if not spare:
            raise
        return await Served.start(app, host, 0, **options)


def page_words(bot: Bot) -> dict[str, dict[str, str]]:
    """The phone page's own sentences in every language that is offered, and its direction."""
    house = bot.house
    names = [name for name in house.flow.texts if name.startswith("page_")]
    return {
        tag(language): {name: house.words.texts((house.say(name),), language) for name in names}
        | {"dir": house.words.direction(language)}
        for language, _ in house.flow.languages
    }


def command_descriptions(bot: Bot) -> dict[str, list[tuple[str, str]]]:
    """What each word does, for the platform's menu, in every language that is offered."""
    house = bot.house
    return {
        language: [(c, house.words.texts((house.say(f"command_{c}"),), language)) for c in COMMANDS]
        for language, _ in house.flow.languages
    }
