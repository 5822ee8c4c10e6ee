"""Telegram's webhook: an update is answered with 200 after its effect is on disk, and never with a detail.

Source: Bot API, setWebhook and "Getting updates"; what is not answered with 2xx is delivered again.
"""

import asyncio
import hmac
import time
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.error import TelegramError

from bot.channels.telegram.answers import NoAnswer, callback_answer, parse
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.looking import standing_of
from bot.channels.telegram.updates import ALLOWED, number_of
from bot.talk.outgoing import Take

MOST = 1 << 20  # bytes of one update; Telegram's are far smaller
HEADER = "x-telegram-bot-api-secret-token"
CONNECTIONS = 40  # that Telegram may open at once
WATCH = 5.0  # seconds between two looks at how it fares
TAKEN = "Telegram delivers to another address: another program uses this token; stop it, then start this one anew"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_webhook(telegram: Telegram, take: Take, url: str, secret: str) -> Starlette:
    """The ASGI app for `url`'s path. `secret` is what Telegram sends in its header (1 to 256 of A-Z a-z 0-9 _ -)."""
    # Compared as it arrives: with its %XX read. As a route's pattern it never matched, nor with braces in it (P16).
    path = unquote(urlsplit(url).path) or "/"

    async def receive(request: Request) -> Response:
        if request.scope["path"] != path:
            return Response(status_code=404)
        if request.method != "POST":
            return Response(status_code=405)
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            return Response(status_code=401)
        return await _taken(telegram, take, request)

    return Starlette(routes=[Route("/{path:path}", receive, methods=list(METHODS))])


async def _taken(telegram: Telegram, take: Take, request: Request) -> Response:
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    try:
        raw = parse(body)
    except NoAnswer:
        return Response(status_code=400)
    if number_of(raw) < 0:
        return Response(status_code=400)
    future, callback = telegram.take_one(raw, take)
    notice = None
    if future is not None:
        try:
            notice = await future
        except Exception:
            return Response(status_code=503)  # nothing was written: Telegram delivers it again
    telegram.delivered = time.time()
    if callback:  # answered with the update itself, which saves a call
        return JSONResponse({"method": "answerCallbackQuery"} | callback_answer(callback, notice))
    return Response(status_code=200)


async def _body(request: Request) -> bytes | None:
    """None where it is too large."""
    found = bytearray()
    try:
        async for piece in request.stream():
            found += piece
            if len(found) > MOST:
                return None
    except ClientDisconnect:
        return b""
    return bytes(found)


async def set_webhook(telegram: Telegram, url: str, secret: str) -> None:
    """Tell Telegram where to deliver, until it has taken that; from then on `trouble` says how it fares.

    What waits there stays and is delivered. While it is refused `trouble` has the platform's reason.
    """
    values = {
        "url": url,
        "secret_token": secret,
        "max_connections": CONNECTIONS,
        "allowed_updates": list(ALLOWED),
        "drop_pending_updates": False,
    }
    await telegram.insist("SetWebhook", values)
    telegram.spawn(_watch(telegram, values))


async def _watch(telegram: Telegram, values: dict[str, object]) -> None:
    """Behind a webhook nothing is asked for, so a revoked token or a certificate that ended would never be seen."""
    telegram.delivered = time.time()  # the platform begins anew
    while True:
        await asyncio.sleep(WATCH)
        try:
            info = await telegram.calls.once("GetWebhookInfo", {})
            standing = standing_of(info, since=telegram.delivered)
        except TelegramError as error:
            telegram.health.bad("receiving", telegram.calls.refused("GetWebhookInfo", error))
            continue
        telegram.health.good("token")
        if not standing.url:  # taken away by hand
            await telegram.insist("SetWebhook", values)
        elif not _same(standing.url, str(values["url"])):  # taking it back would begin a war of two bots
            telegram.health.bad("receiving", TAKEN)
        elif standing.trouble:
            telegram.health.bad("receiving", standing.trouble)
        else:
            telegram.health.good("receiving")


def _same(one: str, other: str) -> bool:
    """However the platform spells it."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.netloc.lower(), unquote(first.path) or "/") == (second.netloc.lower(), unquote(second.path) or "/")
