"""Telegram updates, each read alone with structs of our own: one that is malformed hurts no other.

Source: Telegram Bot API, "Getting updates" and "Available types". Only what is needed is read.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Struct

from bot.channels import Incoming, plain

LOCATIONS = ("location", "venue")
FILES = ("photo", "document", "voice", "audio", "video", "animation", "paid_media")
OTHERS = (
    "sticker",
    "poll",
    "dice",
    "video_note",
    "game",
    "story",
    "invoice",
    "successful_payment",
    "checklist",
    "gift",
)
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")


Id = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]  # "at most 52 significant bits"
Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class User(Struct):
    id: Id
    is_bot: bool = False
    language_code: str = ""


class Chat(Struct):
    id: Id
    type: str


class Reply(Struct):
    message_id: Id


class TelegramMessage(Struct):
    message_id: Id
    chat: Chat
    date: Seconds = 0
    from_: User | None = msgspec.field(default=None, name="from")
    text: str | None = None
    reply_to_message: Reply | None = None


class CallbackMessage(Struct):
    message_id: Id
    chat: Chat


class Callback(Struct):
    id: str
    from_: User = msgspec.field(name="from")
    message: CallbackMessage | None = None
    data: str | None = None


class Member(Struct):
    status: str


class MemberChange(Struct):
    chat: Chat
    new_chat_member: Member


class Foreign(Struct):
    """Something that came from outside a private chat: say one sentence there, and leave."""

    chat: int
    may_leave: bool


def read(raw: Any) -> tuple[Incoming | Foreign | None, str]:
    """(what it is to us, callback id to answer). None: nothing that concerns us. Raises on malformed updates."""
    update = str(raw["update_id"])
    if "callback_query" in raw:
        return _callback(update, raw)
    for key in ("message", "edited_message", "channel_post"):
        if key in raw:
            return _message(update, key, raw), ""
    if "my_chat_member" in raw:
        return _member(update, raw), ""
    return None, ""


def _callback(update: str, raw: Any) -> tuple[Incoming | None, str]:
    callback = msgspec.convert(raw["callback_query"], Callback)
    if callback.message is None or callback.message.chat.type != "private" or callback.from_.is_bot:
        return None, callback.id
    chat, message = callback.message.chat.id, callback.message.message_id
    data = plain(callback.data or "")
    language = callback.from_.language_code
    pressed = Incoming(
        "telegram", update, str(chat), str(chat), "pressed", data, message, raw=_raw(raw), language=language
    )
    return pressed, callback.id


def _message(update: str, key: str, raw: Any) -> Incoming | Foreign | None:
    inner = raw[key]
    message = msgspec.convert(inner, TelegramMessage)
    if message.chat.type != "private":
        return Foreign(message.chat.id, True)
    if message.from_ is None or message.from_.is_bot:
        return None
    kind, text = _content(key, inner, message)
    if not kind:
        return None
    chat = str(message.chat.id)
    replies_to = message.reply_to_message.message_id if message.reply_to_message else 0
    return Incoming(
        channel="telegram",
        update=update,
        account=chat,
        address=chat,
        kind=kind,
        text=text,
        message=message.message_id,
        replies_to=replies_to,
        sent=message.date,
        raw=_raw(raw),
        language=message.from_.language_code,
    )


def _content(key: str, inner: Any, message: TelegramMessage) -> tuple[str, str]:
    if "forward_origin" in inner or "via_bot" in inner:
        return "refused", "forward"
    if message.text is not None:
        text = plain(message.text)
        if key == "edited_message":
            return "edited", text
        if text == "/start" or text.startswith(("/start ", "/start@")):
            return "came_back", ""  # a payload behind /start is never read
        return "said", text
    if any(k in inner for k in LOCATIONS):
        return "refused", "location"
    if "contact" in inner:
        return "refused", "contact"
    if any(k in inner for k in FILES):
        return "refused", "file"
    return ("refused", "other") if any(k in inner for k in OTHERS) else ("", "")


def _member(update: str, raw: Any) -> Incoming | Foreign | None:
    change = msgspec.convert(raw["my_chat_member"], MemberChange)
    chat = str(change.chat.id)
    if change.chat.type != "private":
        inside = change.new_chat_member.status in ("member", "administrator", "restricted")
        return Foreign(change.chat.id, True) if inside else None
    if change.new_chat_member.status == "kicked":
        return Incoming("telegram", update, chat, chat, "blocked", raw=_raw(raw))
    return None


def _raw(raw: Any) -> bytes:
    try:
        return msgspec.json.encode(raw)
    except (UnicodeEncodeError, ValueError):
        return repr(raw).encode("ascii", "backslashreplace")
