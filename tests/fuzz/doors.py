"""What comes through the channels' doors, made wrong in every way: what is taken of it, and that it is whole.

Nothing of flows or conversations is known here, so that a channel's fault is found as that.
"""

import asyncio
import json
from functools import cache
from typing import Any

import msgspec
from starlette.websockets import WebSocketDisconnect
from telegram.error import TelegramError

from bot.channels.phone.app import Talk
from bot.channels.phone.channel import Phone
from bot.channels.telegram.addresses import chat_of, to
from bot.channels.telegram.answers import checked, parse, result_of
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.updates import number_of
from bot.talk.events import Arrival, Edited, MessageRef, Pressed, Refused, Said
from tests.fuzz.mutating import Choices, mutated

TOKEN = "1" * 10 + ":" + "A" * 35
WHO = {"id": 7, "is_bot": False, "first_name": "A", "language_code": "ar", "username": "ana"}
WHERE = {"id": 7, "type": "private", "first_name": "A"}
MESSAGE: dict[str, Any] = {"message_id": 5, "date": 1_790_000_000, "chat": WHERE, "from": WHO}
LINK = {"type": "text_link", "offset": 5, "length": 4, "url": "https://a.example"}
UPDATES: tuple[dict[str, Any], ...] = (
    {"update_id": 1, "message": {**MESSAGE, "text": "They came at night.", "reply_to_message": MESSAGE}},
    {"update_id": 2, "message": {**MESSAGE, "text": "/start x", "entities": [{"type": "bot_command"}]}},
    {"update_id": 3, "edited_message": {**MESSAGE, "text": "They came at noon.", "edit_date": 1_790_000_100}},
    {
        "update_id": 4,
        "callback_query": {"id": "9", "from": WHO, "message": MESSAGE, "data": "25:~skip", "chat_instance": "3"},
    },
    {
        "update_id": 5,
        "my_chat_member": {"chat": WHERE, "from": WHO, "date": 1, "new_chat_member": {"status": "kicked"}},
    },
    {"update_id": 6, "message": {**MESSAGE, "photo": [{"file_id": "x", "width": 1}], "caption": "Look"}},
    {"update_id": 7, "channel_post": {**MESSAGE, "chat": {"id": -5, "type": "channel"}, "text": "x"}},
    {"update_id": 8, "message": {**MESSAGE, "location": {"latitude": 1.5, "longitude": 2.5}}},
    {"update_id": 9, "message": {**MESSAGE, "forward_origin": {"type": "user"}, "text": "x"}},
    {"update_id": 10, "message": {**MESSAGE, "text": "They came 👪 here.", "entities": [LINK, LINK]}},
    {"update_id": 11, "message": {**MESSAGE, "text": "x", "message_thread_id": 4, "is_topic_message": True}},
    {"update_id": 12, "message": {**MESSAGE, "photo": [], "media_group_id": "7"}},
    {"update_id": 13, "edited_message": {**MESSAGE, "photo": [], "caption": "x", "caption_entities": [LINK]}},
)
TELEGRAM_WORDS = (
    "message edited_message callback_query my_chat_member channel_post text data from chat id type private group "
    "reply_to_message message_id date photo document voice location contact sticker forward_origin via_bot caption "
    "is_bot language_code new_chat_member status kicked member update_id entities caption_entities text_link "
    "text_mention url user offset length media_group_id message_thread_id is_topic_message pinned_message"
).split(" ")


@cache
def telegram() -> Telegram:
    channel = Telegram(TOKEN)
    channel.spawn = lambda work: work.close()  # type: ignore[method-assign]
    return channel


def whole(arrival: Arrival) -> None:
    """It can be kept, answered and logged: every field is what it is said to be, and can be written down."""
    envelope, event = arrival.envelope, arrival.event
    msgspec.msgpack.encode(arrival)
    for text in (envelope.channel, envelope.update, envelope.account, envelope.address):
        assert text
        text.encode()
    for reference in (envelope.message, getattr(event, "message", None)):
        if reference is not None:
            assert isinstance(reference, MessageRef)
            assert reference.id == str(reference.order)
            assert reference.ours == isinstance(event, Pressed)
    match event:
        case Said(text=text) | Edited(text=text) | Pressed(data=text):
            text.encode()
        case Refused(kind=kind):
            assert kind in ("location", "contact", "file", "other")


def of_updates(choices: Choices) -> list[Arrival]:
    """An answer of getUpdates: one that is malformed is left out alone, every other one is taken as it is."""
    if choices.number(3) == 0:
        raw = choices.rest()
    else:
        batch = [mutated(choices.one(UPDATES), choices, TELEGRAM_WORDS) for _ in range(1 + choices.number(2))]
        try:
            raw = msgspec.json.encode({"ok": True, "result": batch})
        except (UnicodeEncodeError, OverflowError, ValueError):
            raw = repr(batch).encode("utf-8", "surrogatepass")
    try:
        checked("GetUpdates", result_of(choices.one((200, 401, 502)), raw))
    except TelegramError as error:
        assert "\n" not in str(error)  # noqa: PT017  most inputs raise nothing
    try:
        found = parse(raw).get("result")
    except TelegramError:
        return []
    taken: list[Arrival] = []

    def take(arrival: Arrival) -> Any:
        taken.append(arrival)
        return None

    for each in found if isinstance(found, list) else ():
        if number_of(each) >= 0:  # as polls and webhooks ask before
            telegram().take_one(each, take)
    for arrival in taken:
        whole(arrival)
        assert to(arrival.envelope.address)["chat_id"] == chat_of(arrival.envelope.account)
    return taken


# --- the phone page ---

KEY = "1-" + "0" * 16
FRAMES: tuple[dict[str, Any], ...] = (
    {"type": "hello", "token": "0" * 32, "language": "ar", "seen": 5},
    {"type": "say", "key": KEY, "text": "They came at night.", "seen": 1},
    {"type": "press", "key": KEY, "data": "25:~skip", "message": 1},
    {"type": "start", "key": KEY},
)
FRAME_WORDS = ["type", "hello", "say", "press", "start", "token", "language", "seen", "key", "text", "data", "message"]


class Socket:
    """One page's end of a websocket: frames in their order, then it is gone."""

    def __init__(self, frames: list[str | None]) -> None:
        self.frames, self.closed = frames, 0

    async def accept(self) -> None: ...

    async def receive_text(self) -> str:
        await asyncio.sleep(0)
        if not self.frames:
            raise WebSocketDisconnect
        frame = self.frames.pop(0)
        if frame is None:
            raise KeyError("text")  # a binary frame, as Starlette meets it
        return frame

    async def send_json(self, message: Any) -> None:
        msgspec.json.encode(message)

    async def close(self, code: int) -> None:
        self.closed = code


@cache
def loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def of_frames(choices: Choices) -> list[Arrival]:
    """Whatever a page sends: it is taken, or the connection is closed."""
    sent: list[str | None] = [msgspec.json.encode(FRAMES[0]).decode()] if choices.number(3) else []
    for _ in range(choices.number(4)):
        if choices.number(5) == 0:
            rubbish = choices.raw(200).decode("utf-8", "replace")
            sent.append(choices.one((None, rubbish, "[" * 5000, '{"type":"say"' * 50)))
            continue
        tree = mutated(choices.one(FRAMES), choices, FRAME_WORDS, 3)
        sent.append(json.dumps(tree))  # as a browser writes it: lone surrogates escaped
    phone, taken = Phone(lambda: 1_790_000_000.0), []
    socket = Socket(sent)

    async def main() -> None:
        def take(arrival: Arrival) -> Any:
            taken.append(arrival)
            done = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done

        await Talk(phone, take, socket).run()  # type: ignore[arg-type]

    loop().run_until_complete(main())
    for arrival in taken:
        whole(arrival)
    return taken
