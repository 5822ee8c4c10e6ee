"""Words out: messages, changes of messages, deletions. None gives up before the platform has answered."""

from collections.abc import Sequence
from typing import Any

from telegram.error import BadRequest

from bot.channels.letters import led, ticked
from bot.channels.telegram.addresses import chat_of, to
from bot.channels.telegram.calls import Calls
from bot.channels.telegram.splitting import split_text
from bot.talk.events import MessageRef
from bot.talk.outgoing import Choice, Outgoing, Undeliverable

MOST_DELETED = 100  # message ids in one call
ABREAST = 2  # extras in one row: more are cut off on a small screen


def keyboard(out: Outgoing) -> list[list[dict[str, str]]]:
    """Each choice in a row of its own, where its words have room; extras side by side."""

    def button(choice: Choice) -> dict[str, str]:
        return {"text": ticked(choice), "callback_data": choice.data}

    rows = [[button(choice)] for choice in out.choices]
    extras = [button(choice) for choice in out.extras]
    return rows + [extras[i : i + ABREAST] for i in range(0, len(extras), ABREAST)]


class Sender:
    """See `bot.talk.outgoing.Channel`, whose `send` and `delete` these are."""

    def __init__(self, calls: Calls) -> None:
        """`calls` make each of its calls until it is answered."""
        self._calls = calls

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        """A long text in pieces; the last one has the buttons, and changes the earlier message where it is alone."""
        *before, last = split_text(led(out.text))
        sent = [await self._new(to(address) | _words(piece)) for piece in before]
        values = _words(last)
        if rows := keyboard(out):
            values["reply_markup"] = {"inline_keyboard": rows}
        if out.edits and not before and await self._changed(chat_of(address), out.edits, values):
            return (out.edits,)
        if out.quotes:
            values["reply_parameters"] = {"message_id": int(out.quotes.id), "allow_sending_without_reply": True}
        return (*sent, await self._new(to(address) | values))

    async def _changed(self, chat: int, message: MessageRef, values: dict[str, Any]) -> bool:
        """False: it can't be changed any more."""
        try:
            await self._calls.persist("EditMessageText", {"chat_id": chat, "message_id": int(message.id)} | values)
        except BadRequest as error:
            return "not modified" in str(error)
        return True

    async def _new(self, values: dict[str, Any]) -> MessageRef:
        """A topic that was closed, or a quote across topics, costs its place, never the message."""
        for optional in ("reply_parameters", "message_thread_id", None):
            try:
                message = await self._calls.persist("SendMessage", values)
                return MessageRef(str(message["message_id"]), message["message_id"], True)
            except BadRequest:
                if optional is not None:
                    values.pop(optional, None)
        raise Undeliverable("Telegram does not take messages for this chat")

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        """Take messages of both sides back. False: some of them stay (they are older than 48 hours)."""
        numbers = [int(message.id) for message in messages if message.id.isdecimal()]
        whole = True
        for start in range(0, len(numbers), MOST_DELETED):
            group = numbers[start : start + MOST_DELETED]
            try:
                await self._calls.persist("DeleteMessages", {"chat_id": chat_of(address), "message_ids": group})
            except BadRequest:
                whole = await self._delete_singly(chat_of(address), group) and whole
        return whole

    async def _delete_singly(self, chat: int, messages: Sequence[int]) -> bool:
        whole = True
        for message in messages:
            try:
                await self._calls.persist("DeleteMessage", {"chat_id": chat, "message_id": message})
            except BadRequest as error:
                whole = whole and "not found" in str(error)
        return whole


def _words(text: str) -> dict[str, Any]:
    return {"text": text, "link_preview_options": {"is_disabled": True}}
