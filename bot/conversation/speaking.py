"""Prompts out: a task of its own, so that a chat that can't be reached holds up not even its own events."""

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

import msgspec

from bot.channels import Outgoing, Undeliverable
from bot.conversation.record import asked, with_message
from bot.flow.prompts import prompt
from bot.flow.session import OVER, Session
from bot.store import StoreError
from bot.talk.sentences import Block, Prompt

if TYPE_CHECKING:
    from bot.conversation.worker import Worker

log = logging.getLogger("stonechat.conversation")
HUSH = 5.0  # seconds that a last word waits for what is under way


class Speaker:
    """What one conversation still has to say: words about what happened, and the question that stands."""

    __slots__ = ("_ask", "_edits", "_house", "_say", "_worker", "task")

    def __init__(self, worker: "Worker") -> None:
        self._worker, self._house = worker, worker.house
        self._say: list[Block] = []
        self._ask = False
        self._edits = 0
        self.task: asyncio.Task[None] | None = None

    def say(self, *blocks: Block, ask: bool = False, edits: int = 0, now: bool = True) -> None:
        """`edits` is the message to change in place of sending another."""
        self._say.extend(blocks)
        self._ask = self._ask or ask
        self._edits = edits
        if now and (self._say or self._ask) and (self.task is None or self.task.done()):
            self.task = asyncio.create_task(self._send())

    def nothing_more(self) -> None:
        self._say, self._ask = [], False

    async def hush(self) -> None:
        """Let a message that is under way arrive before the last word, so that it can't come after it."""
        self.nothing_more()
        sending = self.task
        if sending is not None and not sending.done():
            await asyncio.wait([sending], timeout=HUSH)
            if not sending.done():
                sending.cancel()
                await asyncio.wait([sending])

    async def _send(self) -> None:
        await self._say_all()
        self.task = None

    async def _say_all(self) -> None:
        worker = self._worker
        while self._say or self._ask:
            if worker.session is None or worker.thread is None:
                with contextlib.suppress(StoreError):
                    await worker.load(None)
            if worker.session is None or worker.thread is None:
                return
            session, say, asks, edits = worker.session, tuple(self._say), self._ask, self._edits
            turn = worker.thread.turn
            self._say, self._ask, self._edits = [], False, 0
            flow = self._house.flow_of(session)
            if flow is None or (session.at == OVER and not say):
                return
            shown = prompt(flow, session) if asks else Prompt(())
            text, rows = self._house.words.prompt(shown, say, session.language)
            out = Outgoing(text, tuple(tuple(r) for r in rows), edits or None, shown.quotes, session.language)
            began = time.perf_counter()
            try:
                messages = await self._house.channels[session.channel].send(worker.thread.address, out)
            except Undeliverable:
                return
            except Exception as error:
                log.warning("a message could not be sent: %s", type(error).__name__)
                self._house.failed("send")
                return
            self._house.meter.took("send", began)
            self._sent(session, messages, turn, asks)

    def _sent(self, session: Session, messages: tuple[int, ...], turn: int, asks: bool) -> None:
        thread = self._worker.thread
        if thread is None:
            return
        for message in messages:
            thread = with_message(thread, message, int(self._house.clock()))
        if asks:
            thread = asked(thread, messages[-1], session.at)
        self._worker.noted(msgspec.structs.replace(thread, shown=max(turn, thread.shown)))
