"""Telegram's webhook: an update is answered with 200 after its effect is on disk, and never with a detail.

Source: Bot API, setWebhook and "Getting updates"; what is not answered with 2xx is delivered again.
"""

import hmac
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.error import TelegramError

from bot.channels.telegram.channel import Take, Telegram, number_of
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.updates import ALLOWED

MOST = 1 << 20  # bytes of one update; Telegram's are far smaller
HEADER = "x-telegram-bot-api-secret-token"
CONNECTIONS = 40  # that Telegram may open at once


def make_webhook(telegram: Telegram, take: Take, url: str, secret: str) -> Starlette:
    """The ASGI app for `url`'s path. `secret` is what Telegram sends in its header (1 to 256 of A-Z a-z 0-9 _ -)."""

    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            return Response(status_code=401)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            raw = AiohttpRequest.parse_json_payload(body)
        except TelegramError:
            return Response(status_code=400)
        if number_of(raw) < 0:
            return Response(status_code=400)
        future, callback = telegram.take_one(raw, take)
        if future is not None:
            try:
                await future
            except Exception:
                return Response(status_code=503)  # nothing was written: Telegram delivers it again
        if callback:  # answered with the update itself, which saves a call
            return JSONResponse({"method": "answerCallbackQuery", "callback_query_id": callback})
        return Response(status_code=200)

    path = urlsplit(url).path or "/"
    return Starlette(routes=[Route(path, receive, methods=["POST"])])


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
    """Tell Telegram where to deliver, until it has taken that. What waits there stays and is delivered."""
    values = {
        "url": url,
        "secret_token": secret,
        "max_connections": CONNECTIONS,
        "allowed_updates": list(ALLOWED),
        "drop_pending_updates": False,
    }
    await telegram.insist("SetWebhook", values)
