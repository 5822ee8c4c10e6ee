"""Long-running commands: run, chat, intake. Signals stop them within seconds, with all confirmed work on disk."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import SettingsError
from bot.hardening import harden
from bot.logs import quiet_logs
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram
    from bot.metrics import Metrics
    from bot.serving import Served
    from bot.talk.events import Arrival
    from bot.transcript import Transcript
    from bot.wiring import Bot


def run_until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is there; SIGTERM and SIGINT cancel the work."""
    harden()
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

    async def main() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


def settle_memory() -> None:
    """Flows and catalogues stay for good: looking for garbage among them took a seventh of all CPU."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


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
    from bot.conversation.house import Unmetered
    from bot.metrics import Metrics
    from bot.serving import Served
    from bot.wiring import open_bot

    metrics = Metrics() if settings.metrics else None
    async with open_bot(settings, meter=metrics or Unmetered()) as bot:
        telegram = open_telegram(bot, settings) if settings.telegram_token else None
        served: list[Served] = []
        try:
            if metrics is not None:
                served.append(await open_metrics(bot, metrics, telegram, settings.metrics))
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
            print("stonechat: ready", file=sys.stderr, flush=True)
            await receive(bot, telegram, settings)
        finally:
            for each in served:
                await each.close()
            await bot.conversations.stop()
            if telegram is not None:
                await telegram.close()


async def open_metrics(bot: "Bot", metrics: "Metrics", telegram: "Telegram | None", listen: str) -> "Served":
    """`/live`, `/ready` and `/metrics` on a port of their own, for this machine. Raises SettingsError."""
    from bot.errors import StonechatError
    from bot.metrics import Standing, make_app
    from bot.serving import Served, loopback

    async def look() -> Standing:
        troubles = [] if bot.conversations.healthy else ["the store can't be written"]
        if telegram is not None and telegram.trouble:
            troubles.append(telegram.trouble)
        try:
            drafts, waiting, oldest = await bot.store.figures()
        except StonechatError as error:
            return Standing(troubles=(*troubles, error.what))
        age = max(0.0, bot.house.clock() - oldest) if waiting else 0.0
        return Standing(drafts, bot.conversations.queued, waiting, age, tuple(troubles))

    host, port = loopback(listen, "the metrics page", "what it says is for this machine's own watcher")
    return await Served.start(make_app(metrics, look), host, port)


async def receive(bot: "Bot", telegram: "Telegram | None", settings: Settings) -> None:
    """Until cancelled: by polling, or as pages and webhooks bring it."""
    from bot.channels.telegram.webhook import set_webhook
    from bot.wiring import webhook_mark

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
    from bot.wiring import secret_file

    return secret_file(settings.state / "webhook.secret", 32).hex()


async def open_webhook(bot: "Bot", telegram: "Telegram", settings: Settings) -> "Served":
    """The webhook, behind the proxy that holds the certificate. Raises SettingsError."""
    from bot.channels.telegram.webhook import make_webhook
    from bot.serving import Served, host_and_port

    app = make_webhook(telegram, bot.conversations.take, settings.telegram_webhook, webhook_secret(settings))
    return await Served.start(app, *host_and_port(settings.telegram_listen, "telegram_listen"))


def open_telegram(bot: "Bot", settings: Settings) -> "Telegram":
    from bot.channels.telegram import Telegram

    telegram = Telegram(
        settings.telegram_token,
        settings.telegram_api,
        sensitive=settings.telegram_sensitive,
        private_only=bot.house.words.texts((bot.house.say("write_privately"),), "en"),
        descriptions=command_descriptions(bot),
    )
    bot.house.channels["telegram"] = telegram
    return telegram


async def open_phone(bot: "Bot", listen: str, *, spare: bool = False, **beside: Any) -> "Served":
    """The phone page at `listen`; with `spare`, at another port where that one is taken. Raises SettingsError.

    `beside` is for the demo.
    """
    from bot.channels.phone import MOST_FRAME, Phone, make_app
    from bot.serving import Served, loopback

    host, port = loopback(listen, "the phone page", "it is for people who sit at this machine")
    phone = Phone(bot.house.clock)
    bot.house.channels["phone"] = phone
    app = make_app(phone, bot.conversations.take, page_words(bot), **beside)
    options = {"ws": "websockets-sansio", "ws_max_size": MOST_FRAME, "ws_ping_interval": 20.0, "ws_ping_timeout": 20.0}
    try:
        return await Served.start(app, host, port, **options)
    except SettingsError:
        if not spare:
            raise
        return await Served.start(app, host, 0, **options)


def page_words(bot: "Bot") -> dict[str, dict[str, str]]:
    """The phone page's own sentences in every language that is offered, and its direction."""
    house = bot.house
    names = [name for name in house.flow.texts if name.startswith("page_")]
    return {
        language: {name: house.words.texts((house.say(name),), language) for name in names}
        | {"dir": house.words.direction(language)}
        for language, _ in house.flow.languages
    }


def command_descriptions(bot: "Bot") -> dict[str, list[tuple[str, str]]]:
    """What each word does, for the platform's menu, in every language that is offered."""
    from bot.channels.telegram.channel import COMMANDS

    house = bot.house
    return {
        language: [(c, house.words.texts((house.say(f"command_{c}"),), language)) for c in COMMANDS]
        for language, _ in house.flow.languages
    }


def run_chat(settings: Settings, flows: Path | None, record: Path | None) -> None:
    quiet_logs(logging.WARNING)
    from bot.transcript import Transcript

    transcript = Transcript()
    run_until_signal(chat(settings, flows, transcript))
    if record:
        record.write_text(transcript.text("recorded"), encoding="utf-8")


async def chat(settings: Settings, flows: Path | None, transcript: "Transcript") -> None:
    """One conversation in this terminal."""
    from rich.console import Console

    from bot.channels.terminal import Terminal
    from bot.wiring import open_bot

    async with open_bot(settings, flows_folder=flows) as bot:
        terminal = Terminal(Console(), transcript.hears)
        bot.house.channels["terminal"] = terminal
        await bot.start()

        async def deliver(arrival: "Arrival") -> None:
            transcript.says(getattr(arrival.event, "text", "/start"))
            await bot.deliver(arrival)

        await terminal.talk(deliver, bot.settled, sys.stdin)
        await bot.conversations.stop()


def run_intake(settings: Settings, listen: str, show_key: bool) -> None:
    """Raises SettingsError for an address that others can reach."""
    from bot.intake.serving import Embedded, address
    from bot.intake.store import IntakeStore
    from bot.seal.signing import Signer, parse_public, public_line
    from bot.wiring import ensure_state, secret_file

    quiet_logs(form=settings.logs)
    address(listen)
    folder = ensure_state(settings) / "intake"
    folder.mkdir(exist_ok=True, mode=0o700)
    signer = Signer.from_seed(secret_file(folder / "intake.key", 32))
    if show_key:
        print(public_line(signer.public))
        return
    if settings.intake_bots is None:
        raise SettingsError(
            "the intake knows no bot", mend="set intake_bots to a file of the 'ssh-ed25519 …' lines of 'keys show'"
        )
    lines = settings.intake_bots.read_text().splitlines()
    bots = tuple(parse_public(line) for line in lines if line.strip() and not line.startswith("#"))

    async def work() -> None:
        served = await Embedded.start(await IntakeStore.open(folder, signer, bots), listen)
        print(f"stonechat intake: ready at {served.url}", file=sys.stderr, flush=True)
        try:
            await served.serve()
        finally:
            await served.close()

    run_until_signal(work())
