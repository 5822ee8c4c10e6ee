"""The Telegram channel: raw polling, confirm after commit, sends that never give up, deletions."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels import Incoming, Outgoing, Undeliverable, in_groups
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.updates import ALLOWED, Foreign, read

log = logging.getLogger("stonechat.telegram")
POLL = 50  # seconds of a long poll
MOST_TEXT = 4096  # UTF-16 units of one message
MOST_DELETED = 100  # message ids in one call
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds
INSIST = 5.0  # seconds between two tries of what has to be taken
Take = Callable[[Incoming], "asyncio.Future[None]"]
COMMANDS = ("help", "back", "skip", "pause", "erase", "human", "language", "status", "danger")


def units(text: str) -> int:
    """Telegram counts UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def split_text(text: str, most: int = MOST_TEXT) -> list[str]:
    """Pieces of at most `most` UTF-16 units, cut at lines where that is possible, never inside a character."""
    pieces: list[str] = []
    while units(text) > most:
        room = text[:most]
        while units(room) > most:
            room = room[: -max(1, units(room) - most)]
        cut = room.rfind("\n")
        cut = cut if cut > 0 else len(room)
        pieces.append(text[:cut])
        text = text[cut:].lstrip("\n")
    return [*pieces, text] if text or not pieces else pieces


class Telegram:
    """One bot account. `sensitive` is ask, allow or refuse; `private_only` is said in groups before leaving.

    `descriptions` are (command, what it does) by language; English is everybody's default.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        api: str = "https://api.telegram.org",
        *,
        sensitive: str = "ask",
        private_only: str = "",
        descriptions: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        poll: int = POLL,
    ) -> None:
        for name in ("telegram", "httpx", "httpcore", "aiohttp"):
            _cut_off(name)
        extra = {"ask": ("telegram_ask",), "refuse": ("lists_only",)}.get(sensitive, ())
        self.capabilities: tuple[str, ...] = ("buttons", "edit", "delete", *extra)
        self._private_only, self._descriptions, self._poll_seconds = private_only, descriptions or {}, poll
        self._polling, self._calling = AiohttpRequest(1, poll + 10), AiohttpRequest(100, 15)
        self._bot = Bot(
            token, base_url=f"{api.rstrip('/')}/bot", request=self._calling, get_updates_request=self._polling
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.trouble = ""

    async def start(self) -> None:
        """Open connections and set the commands; a platform that is away does not stop the start."""
        await self._polling.initialize()
        await self._calling.initialize()
        for language, described in self._descriptions.items():
            commands = [{"command": c, "description": d} for c, d in described]
            values = {"commands": commands} | ({"language_code": language} if language != "en" else {})
            self._spawn(self._try("SetMyCommands", values))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._polling.shutdown()
        await self._calling.shutdown()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, values: dict[str, Any]) -> Any:
        request = self._polling if method == "GetUpdates" else self._calling
        return await request.call(f"{self._bot.base_url}/{method}", values)

    async def _try(self, method: str, values: dict[str, Any]) -> None:
        await self.tries(method, values)

    async def tries(self, method: str, values: dict[str, Any]) -> bool:
        """Something that may fail without harm. False: it was not taken."""
        try:
            await self._call(method, values)
        except TelegramError as error:
            log.info("%s was not taken (%s)", method, type(error).__name__)
            return False
        return True

    async def insist(self, method: str, values: dict[str, Any]) -> None:
        """Until it is taken."""
        while not await self.tries(method, values):  # noqa: ASYNC110  nothing tells when the platform will
            await asyncio.sleep(INSIST)

    # --- in ---

    async def poll(self, take: Take) -> None:
        """Until cancelled: fetch, take, and confirm (by a higher offset) only what is on disk."""
        offset, wait = 0, FIRST_WAIT
        while True:
            try:
                updates = await self._call(
                    "GetUpdates",
                    {"offset": offset, "timeout": self._poll_seconds, "allowed_updates": list(ALLOWED)},
                )
            except TelegramError as error:
                wait = await self._wait_to_poll(error, wait)
                continue
            wait = FIRST_WAIT
            self.trouble = ""
            confirmed = await self._take_all(updates if isinstance(updates, list) else [], take)
            offset = max(offset, confirmed)
            if isinstance(updates, list) and updates and confirmed <= max(0, number_of(updates[0])):
                await asyncio.sleep(1)  # nothing could be written, or numbered: they come again

    async def _wait_to_poll(self, error: TelegramError, wait: float) -> float:
        trouble = {
            Conflict: "another program polls this bot, or a webhook is set; stop it, or delete the webhook",
            InvalidToken: "Telegram refuses the token; put the current one from @BotFather into its file",
        }.get(type(error), "Telegram can't be reached; it is tried again")
        if trouble != self.trouble:
            log.error("%s", trouble)
        self.trouble = trouble
        slow = isinstance(error, Conflict | InvalidToken)
        seconds = _retry_after(error) or (max(wait, 5.0) if slow else wait)
        await asyncio.sleep(seconds * random.uniform(0.8, 1.2))
        return min(wait * 2, LONGEST_WAIT)

    async def _take_all(self, updates: list[Any], take: Take) -> int:
        """Queue all, then wait for all. Returns the offset that confirms those whose effect is on disk."""
        waiting: list[tuple[int, asyncio.Future[None] | None, str]] = []
        for raw in updates:
            number = number_of(raw)
            if number >= 0:
                waiting.append((number, *self.take_one(raw, take)))
        offset, whole = 0, True
        for number, future, callback in waiting:
            if future is not None:
                try:
                    await future
                except Exception:
                    whole = False  # it comes again; what was written meanwhile is known by its id
            if callback:
                self._spawn(self._try("AnswerCallbackQuery", {"callback_query_id": callback}))
            if whole:
                offset = number + 1
        return offset

    def take_one(self, raw: Any, take: Take) -> "tuple[asyncio.Future[None] | None, str]":
        """(its effect's future, the callback to answer). One that can't be read is left out alone."""
        try:
            found, callback = read(raw)
            if isinstance(found, Incoming):
                return take(found), callback
            if isinstance(found, Foreign):
                self._spawn(self._refuse(found))
            return None, callback
        except Exception as error:
            log.warning("an update could not be read and is left out (%s)", type(error).__name__)
            return None, ""

    async def _refuse(self, foreign: Foreign) -> None:
        if self._private_only:
            await self._try("SendMessage", {"chat_id": foreign.chat, "text": self._private_only})
        if foreign.may_leave:
            await self._try("LeaveChat", {"chat_id": foreign.chat})

    # --- out ---

    async def send(self, address: str, out: Outgoing) -> tuple[int, ...]:
        *before, last = split_text(out.text)
        sent: list[int] = []
        edits = out.edits if not before else None
        for piece in before:
            sent.append(await self._send_one(address, piece, (), None, None))
        sent.append(await self._send_one(address, last, out.rows, edits, out.quotes))
        return tuple(sent)

    async def _send_one(
        self, address: str, text: str, rows: Sequence[Sequence[tuple[str, str]]], edits: int | None, quotes: int | None
    ) -> int:
        values: dict[str, Any] = {"chat_id": int(address), "text": text, "link_preview_options": {"is_disabled": True}}
        if rows:
            keyboard = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
            values["reply_markup"] = {"inline_keyboard": keyboard}
        if edits:
            try:
                await self._persist("EditMessageText", {**values, "message_id": edits})
                return edits
            except BadRequest as error:
                if "not modified" in str(error):
                    return edits
        if quotes and not edits:
            values["reply_parameters"] = {"message_id": quotes, "allow_sending_without_reply": True}
        try:
            message = await self._persist("SendMessage", values)
        except BadRequest:
            raise Undeliverable("Telegram does not take messages for this chat") from None
        return int(message["message_id"])

    async def _persist(self, method: str, values: dict[str, Any]) -> Any:
        """Call until it is answered: waits as told, or longer each time. Raises Undeliverable or BadRequest."""
        wait = FIRST_WAIT
        while True:
            try:
                return await self._call(method, values)
            except (Forbidden, ChatMigrated):
                raise Undeliverable("this chat does not take messages") from None
            except BadRequest:
                raise
            except TelegramError as error:
                seconds = _retry_after(error) or wait * random.uniform(0.5, 1.5)
                await asyncio.sleep(seconds)
                wait = min(wait * 2, LONGEST_WAIT)

    async def delete(self, address: str, messages: Sequence[int]) -> bool:
        whole = True
        for group in in_groups(messages, MOST_DELETED):
            try:
                await self._persist("DeleteMessages", {"chat_id": int(address), "message_ids": group})
            except BadRequest:
                whole = await self._delete_singly(address, group) and whole
        return whole

    async def _delete_singly(self, address: str, messages: Sequence[int]) -> bool:
        whole = True
        for message in messages:
            try:
                await self._persist("DeleteMessage", {"chat_id": int(address), "message_id": message})
            except BadRequest as error:
                whole = whole and "not found" in str(error)
        return whole


def number_of(raw: Any) -> int:
    """An update's number; -1 where it has none that can be one."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**52 else -1


def _retry_after(error: TelegramError) -> float:
    if not isinstance(error, RetryAfter):
        return 0.0
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _cut_off(name: str) -> None:
    """These libraries log texts, ids and URLs with the token: nothing of theirs is heard, at any level."""
    logger = logging.getLogger(name)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
