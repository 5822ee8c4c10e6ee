"""The Telegram channel: one bot account, put together from its parts."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from telegram import Bot

from bot.channels.telegram.account import PUBLIC, Account
from bot.channels.telegram.answers import callback_answer, checked
from bot.channels.telegram.calls import Calls
from bot.channels.telegram.groups import Groups
from bot.channels.telegram.health import Health, log
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.splitting import MOST_TEXT
from bot.channels.telegram.updates import Foreign, read
from bot.talk.events import Arrival, MessageRef
from bot.talk.outgoing import Abilities, Outgoing, Take

POLL = 50  # seconds of a long poll
GRACE = 10  # seconds of silence after its end, until it is given up
ANSWERED = 15  # seconds in which every other call is answered
UNREAD = 60.0  # seconds between two lines about updates that can't be read
PARALLEL = 100  # calls under way at once, polls aside
DELETES_FOR = 46 * 3600  # seconds; a bot may delete for 48 hours (Bot API, deleteMessage), and calls take their time
COMMANDS = ("help", "back", "skip", "pause", "erase", "human", "language", "status", "danger")


class Telegram:
    """See `bot.talk.outgoing.Channel`. `private_only` is said in groups before leaving.

    `descriptions` are (command, what it does) by language; English is everybody's default. `poll` is in seconds.
    """

    name = "telegram"
    KEEPS: ClassVar[int] = 24 * 3600
    """Seconds that updates wait at the platform for a bot that is away (Bot API, "Getting updates")."""

    def __init__(
        self,
        token: str,
        api: str = PUBLIC,
        *,
        kept: str = "",
        sensitive: Literal["allow", "ask", "refuse"] = "ask",
        private_only: str = "",
        descriptions: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        poll: int = POLL,
    ) -> None:
        """Nothing is called yet. `api` is the base address of a Bot API server; `kept`, where the token is kept."""
        for name in ("telegram", "httpx", "httpcore", "aiohttp"):
            _cut_off(name)
        self.abilities = Abilities(
            buttons=True,
            edits=True,
            deletes="both",
            deletes_for=DELETES_FOR,
            orders=True,
            longest_text=MOST_TEXT,
            sensitive=sensitive,
        )
        self._account = Account(token, api, kept)
        self._descriptions, self._poll_seconds = descriptions or {}, poll
        self._polling, self._calling = AiohttpRequest(1, poll + GRACE), AiohttpRequest(PARALLEL, ANSWERED)
        self._bot = Bot(
            token, base_url=f"{api.rstrip('/')}/bot", request=self._calling, get_updates_request=self._polling
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.health = Health()
        self.polled = 0.0
        """When a poll was last answered, in seconds since 1970."""
        self.delivered = 0.0
        """When the last update came by the webhook, in seconds since 1970."""
        self._unread, self._told_unread = 0, -UNREAD
        self.calls = Calls(self._call, self.health, self._account)
        self._groups = Groups(self.calls, private_only)
        self._sender = Sender(self.calls)

    @property
    def trouble(self) -> str:
        """What is wrong with the platform now, for the operator; empty where nothing is."""
        return self.health.trouble

    async def start(self) -> None:
        """Open connections and set the commands; a platform that is away does not stop the start."""
        await self._polling.initialize()
        await self._calling.initialize()
        menus: dict[str, Sequence[tuple[str, str]]] = {}
        for language, described in sorted(self._descriptions.items(), key=lambda named: "_" in named[0]):
            menus.setdefault(language.partition("_")[0], described)
        self.spawn(self._set_menus(menus))

    async def _set_menus(self, menus: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """One after the other: a platform that is away is asked by one call at a time."""
        for code, described in menus.items():
            if len(code) == 2:  # the platform takes ISO 639-1 alone: pt_BR is pt, and ckb has no menu of its own
                commands = [{"command": c, "description": d} for c, d in described]
                values = {"commands": commands} | ({"language_code": code} if code != "en" else {})
                await self.calls.patiently("SetMyCommands", values)

    async def close(self) -> None:
        """End what is under way, and the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._polling.shutdown()
        await self._calling.shutdown()

    def spawn(self, work: Any) -> None:
        """A task that ends with this channel."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, values: dict[str, Any]) -> Any:
        """One try. Polls have a connection of their own, so that no send waits for one that waits."""
        request = self._polling if method == "GetUpdates" else self._calling
        found = checked(method, await request.call(f"{self._bot.base_url}/{method}", values), values)
        if method == "GetUpdates":
            self.polled = time.time()
        return found

    async def insist(self, method: str, values: dict[str, Any]) -> None:
        """Call until it is taken; `trouble` says meanwhile why it is not."""
        await self.calls.insist(method, values)

    # --- in ---

    async def poll(self, take: Take) -> None:
        """Until cancelled: fetch, take, and confirm (by a higher offset) only what is on disk."""

        def answer(callback: str, notice: str | None) -> None:
            self.spawn(self.calls.briefly("AnswerCallbackQuery", callback_answer(callback, notice)))

        def take_one(raw: Any) -> "tuple[asyncio.Future[str | None] | None, str]":
            return self.take_one(raw, take)

        await Polling(self._call, take_one, answer, self.health, self._poll_seconds, self._account).run()

    def take_one(self, raw: Any, take: Take) -> "tuple[asyncio.Future[str | None] | None, str]":
        """(its effect's future, the callback to answer). One that can't be read is left out alone."""
        try:
            found, callback = read(raw)
            if isinstance(found, Arrival):
                return take(found), callback
            if isinstance(found, Foreign) and self._groups.is_new(found.chat):
                self.spawn(self._groups.leave(found.chat))
            return None, callback
        except Exception as error:
            self._left_out(error)
            return None, ""

    def _left_out(self, error: Exception) -> None:
        """One line a minute, with how many there were: a platform can bring a hundred of them in each answer."""
        self._unread += 1
        if (now := time.monotonic()) - self._told_unread >= UNREAD:
            many = "an update" if self._unread == 1 else f"{self._unread} updates"
            log.warning("%s could not be read and was left out (%s)", many, type(error).__name__)
            self._unread, self._told_unread = 0, now

    # --- out ---

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        """See `Channel.send`."""
        return await self._sender.send(address, out)

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        """See `Channel.delete`. Raises Undeliverable where the chat is gone."""
        return await self._sender.delete(address, messages)


def _cut_off(name: str) -> None:
    """These libraries log texts, ids and URLs with the token: nothing of theirs is heard, at any level."""
    logger = logging.getLogger(name)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
