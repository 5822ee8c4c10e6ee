"""Telegram updates, each read alone with structs of our own: one that is malformed hurts no other.

Source: Telegram Bot API, "Getting updates" and "Available types". Only what is needed is read.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Struct

from bot.channels.letters import plain
from bot.channels.telegram.addresses import address_of
from bot.channels.telegram.kinds import content_of, edited_words
from bot.talk.events import Arrival, Blocked, CameBack, Edited, Envelope, Event, MessageRef, Pressed, Refused, Said

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")


Id = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]  # "at most 52 significant bits"
Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class User(Struct):
    """Who did something. Names are not read."""

    id: Id
    is_bot: bool = False
    language_code: str = ""


class Chat(Struct):
    """Where. Only `private` chats are conversations."""

    id: Id
    type: str


class Reply(Struct):
    """The message that another one quotes."""

    message_id: Id


class CallbackMessage(Struct):
    """The message that a button stands under; of an old one the platform says no more than this.

    `message_thread_id` alone may also be a thread of replies, so a topic says so besides.
    """

    message_id: Id
    chat: Chat
    date: Seconds = 0
    message_thread_id: Id = 0
    is_topic_message: bool = False

    @property
    def address(self) -> str:
        """Where an answer belongs: the chat, or its topic."""
        return address_of(self.chat.id, self.message_thread_id if self.is_topic_message else 0)


class TelegramMessage(CallbackMessage):
    """What every message has; its content is read apart."""

    from_: User | None = msgspec.field(default=None, name="from")
    reply_to_message: Reply | None = None


class Callback(Struct):
    """A button was pressed. Inline results have no message, and are none of ours."""

    id: str
    from_: User = msgspec.field(name="from")
    message: CallbackMessage | None = None
    data: str | None = None


class Member(Struct):
    """The bot's own standing in a chat."""

    status: str


class MemberChange(Struct):
    """It was added, removed or blocked."""

    chat: Chat
    new_chat_member: Member


class Foreign(Struct):
    """Something that came from outside a private chat: say one sentence there, and leave."""

    chat: int


def number_of(raw: Any) -> int:
    """An update's number; -1 where it has none that can be one."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**52 else -1


def read(raw: Any) -> tuple[Arrival | Foreign | None, str]:
    """(what it is to us, callback id to answer). None: nothing that concerns us. Raises on malformed updates."""
    update = str(raw["update_id"])
    if "callback_query" in raw:
        return _callback(update, raw["callback_query"])
    for key in ("message", "edited_message", "channel_post"):
        if key in raw:
            return _message(update, key, raw[key]), ""
    if "my_chat_member" in raw:
        return _member(update, raw["my_chat_member"]), ""
    return None, ""


def _callback(update: str, inner: Any) -> tuple[Arrival | None, str]:
    callback = msgspec.convert(inner, Callback)
    under = callback.message
    if under is None or under.chat.type != "private" or callback.from_.is_bot:
        return None, callback.id
    envelope = Envelope(
        channel="telegram",
        update=update,
        account=str(under.chat.id),
        address=under.address,
        sent=under.date,  # when our message was; how long it can still be deleted hangs on that
        language=callback.from_.language_code,
    )
    pressed = Pressed(plain(callback.data or ""), MessageRef(str(under.message_id), under.message_id, True))
    return Arrival(envelope, pressed), callback.id


def _message(update: str, key: str, inner: Any) -> Arrival | Foreign | None:
    message = msgspec.convert(inner, TelegramMessage)
    if message.chat.type != "private":
        return Foreign(message.chat.id)
    if message.from_ is None or message.from_.is_bot:
        return None
    reference = MessageRef(str(message.message_id), message.message_id)
    event = _edit(inner, reference) if key == "edited_message" else _new(inner, reference)
    if event is None:
        return None
    envelope = Envelope(
        channel="telegram",
        update=update,
        account=str(message.chat.id),
        address=message.address,
        message=reference,
        replies_to=str(message.reply_to_message.message_id) if message.reply_to_message else "",
        sent=message.date,
        language=message.from_.language_code,
    )
    return Arrival(envelope, event)


def _edit(inner: Any, message: MessageRef) -> Event | None:
    words = edited_words(inner)
    return None if words is None else Edited(words, message)


def _new(inner: Any, message: MessageRef) -> Event | None:
    found = content_of(inner)
    if found.words is not None:
        if not found.forwarded and (found.words == "/start" or found.words.startswith(("/start ", "/start@"))):
            return CameBack()  # a payload behind /start is never read
        return Said(found.words, message, forwarded=found.forwarded)
    if not found.kind:
        return None
    album = inner.get("media_group_id")
    return Refused(found.kind, message, album if isinstance(album, str) else "")


def _member(update: str, inner: Any) -> Arrival | Foreign | None:
    change = msgspec.convert(inner, MemberChange)
    if change.chat.type != "private":
        inside = change.new_chat_member.status in ("member", "administrator", "restricted")
        return Foreign(change.chat.id) if inside else None
    if change.new_chat_member.status == "kicked":
        chat = str(change.chat.id)
        return Arrival(Envelope("telegram", update, chat, chat), Blocked())
    return None
