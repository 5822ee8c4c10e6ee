"""What an answer to a call means. Only the platform's own envelope is believed; all else is no answer.

A captive portal, a proxy or another server may answer 200 with a page, 403 with JSON of its own, or half of something.
Taken at its word, that ended the process, lost a prompt for good, or was told as a wrong token (P14, P17).

Source: Telegram Bot API, "Making requests" and "ResponseParameters".
"""

import json
import math
import re
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

LONGEST_REST = 24 * 3600  # seconds; who asks for more is asked again after that
LONGEST_REASON = 200  # characters of the platform's reason that an operator is shown
PREFIX = re.compile(r"^(Bad Request|Forbidden|Unauthorized|Conflict|Not Found): ")

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
            raise NoAnswer("the answer is not JSON") from None
    if not isinstance(found, dict):
        raise NoAnswer("the answer is not an object")
    return found


def result_of(status: int, payload: bytes) -> Any:
    """What a call resulted in. Raises TelegramError of the kind that the platform's answer means, or NoAnswer."""
    answer = parse(payload)
    match answer:
        case {"ok": True, "result": result} if 200 <= status < 300:
            return result
        case {"ok": False, "error_code": int(code), "description": str(description)}:
            raise _error(code, description, answer.get("parameters"))
    raise NoAnswer(f"the answer is not the Bot API's ({status})")


def checked(method: str, result: Any) -> Any:
    """The result, where it has the shape that we go on with. Raises NoAnswer: then the call is made again."""
    match method:
        case "GetUpdates" if not isinstance(result, list):
            raise NoAnswer("no list of updates")
        case "SendMessage" if not (isinstance(result, dict) and type(result.get("message_id")) is int):
            raise NoAnswer("no message")
    return result


def _error(code: int, description: str, parameters: Any) -> TelegramError:
    # Without its prefix: python-telegram-bot would cut that off itself, and write all else in small letters.
    reason = PREFIX.sub("", "".join(c if c.isprintable() else " " for c in description))[:LONGEST_REASON]
    more = parameters if isinstance(parameters, dict) else {}
    if isinstance(chat := more.get("migrate_to_chat_id"), int):
        return ChatMigrated(chat)
    if code == 429:
        return RetryAfter(_rest(more.get("retry_after")))
    return KINDS.get(code, NetworkError)(reason)


def _rest(seconds: Any) -> int:
    """A platform that says nothing sensible is given a second."""
    known = isinstance(seconds, int | float) and math.isfinite(seconds)
    return max(1, int(min(seconds, LONGEST_REST))) if known else 1


def callback_answer(callback: str, notice: str | None) -> dict[str, str]:
    """What ends a button's spinning, with a short notice that floats for a moment (Bot API, answerCallbackQuery)."""
    return {"callback_query_id": callback} | ({"text": notice} if notice else {})
