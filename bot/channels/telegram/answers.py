"""What an answer to a call means. Only the platform's own envelope is believed; all else is no answer.

A captive portal, a proxy or another server may answer 200 with a page, 403 with JSON of its own, or half of something.
Taken at its word, that ended the process, lost a prompt for good, or was told as a wrong token (P14, P17).

Source: Telegram Bot API, "Making requests" and "ResponseParameters".
"""

import json
import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

LONGEST_REST = 3600  # seconds; who asks for more is asked again after that
LONGEST_REASON = 200  # characters of the platform's reason that an operator is shown
PREFIX = re.compile(r"^(Bad Request|Forbidden|Unauthorized|Conflict|Not Found): ")

# All others answer True.
SHAPES = {
    "GetUpdates": "updates",
    "SendMessage": "message",
    "EditMessageText": "changed",
    "GetMe": "bot",
    "GetWebhookInfo": "webhook",
}

_decode = msgspec.json.Decoder().decode


class NoAnswer(NetworkError):
    """Something answered that is not the Bot API."""


class NotThere(TelegramError):
    """404: the address is not the Bot API's, or what stands there as a token can't be one."""


KINDS: dict[int, type[TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: NotThere,
    409: Conflict,
}


def parse(payload: bytes) -> dict[str, Any]:
    """Fast where it is clean; the forgiving parser where one lone surrogate would refuse a whole batch.

    Raises NoAnswer where it is no JSON object.
    """
    try:
        found = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            found = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise NoAnswer("no JSON") from None
    if not isinstance(found, dict):
        raise NoAnswer("no object")
    return found


def result_of(status: int, payload: bytes) -> Any:
    """What a call resulted in. Raises TelegramError of the kind that the platform's answer means, or NoAnswer."""
    try:
        answer = parse(payload)
    except NoAnswer as error:
        raise NoAnswer(f"HTTP {status}, {error}") from None
    match answer:
        case {"ok": True, "result": result} if 200 <= status < 300:
            return result
        case {"ok": False, "error_code": int(code), "description": str(description)}:
            raise _error(code, description, answer.get("parameters"))
    raise NoAnswer(f"HTTP {status}, other JSON")


def checked(method: str, result: Any, values: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """The result, where it has the shape that this method's has. Raises NoAnswer: then the call is made again.

    A message that does not stand in the chat that `values` name is the answer to another call, or nobody's: taken for
    this one's, what was to be sent would be lost.
    """
    match SHAPES.get(method), result:
        case "updates", list():
            return result
        case "message", {"message_id": int(number)} if type(number) is int and _there(values, result):
            return result
        case "changed", {"message_id": int(number)} if str(number) == str(values.get("message_id")) and _there(
            values, result
        ):
            return result
        case "bot", {"id": int()}:
            return result
        case "webhook", {"url": str()}:
            return result
        case (None, True):
            return result
    raise NoAnswer(f"no result of {method}")


def _there(values: Mapping[str, Any], message: dict[str, Any]) -> bool:
    match message:
        case {"chat": {"id": int(chat)}}:
            return bool(chat == values.get("chat_id", chat))
    return False


def _error(code: int, description: str, parameters: Any) -> TelegramError:
    # Without its prefix: python-telegram-bot would cut that off itself, and write all else in small letters.
    reason = PREFIX.sub("", one_line(description))
    more = parameters if isinstance(parameters, dict) else {}
    if isinstance(chat := more.get("migrate_to_chat_id"), int):
        return ChatMigrated(chat)
    if code == 429:
        return RetryAfter(_rest(more.get("retry_after")))
    return KINDS.get(code, NetworkError)(reason)


def _rest(seconds: Any) -> int:
    """A platform that says nothing sensible is given a second."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 1
    if isinstance(seconds, float) and not math.isfinite(seconds):  # an int may be too large to be asked that
        return 1
    return max(1, math.ceil(max(0, min(seconds, LONGEST_REST))))


def one_line(reason: str) -> str:
    """The platform's words as they can stand before a mend."""
    return "".join(c if c.isprintable() else " " for c in reason).replace("; ", ", ")[:LONGEST_REASON]


def callback_answer(callback: str, notice: str | None) -> dict[str, str]:
    """What ends a button's spinning, with a short notice that floats for a moment (Bot API, answerCallbackQuery)."""
    return {"callback_query_id": callback} | ({"text": notice} if notice else {})
