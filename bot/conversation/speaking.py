"""Prompts out: a task of its own, so that a chat that can't be reached holds up not even its own events."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from msgspec import structs

from bot.conversation.house import House
from bot.conversation.standing import Standing, Thread
from bot.conversation.truth import facts, unrepeated
from bot.flow.promises import said_blocks, said_prompt
from bot.flow.prompts import prompt
from bot.flow.session import here, is_over
from bot.flow.withdrawing import withdrawable
from bot.talk.events import MessageRef
from bot.talk.outgoing import Outgoing, Undeliverable
from bot.talk.sentences import Block, Prompt

log = logging.getLogger("stonechat.conversation")
HUSH = 5.0  # seconds that a last word waits for what is under way
# Messages of ours; the place that was asked for; the nonce of that question and when the call returned (steady clock).
Ended = Callable[[Thread, tuple[MessageRef, ...], str | None, tuple[int, float] | None], None]


class Speaker:
    """What one conversation still has to say: words about what happened, and the question that stands.

    It reads where the conversation stands and writes nothing: `ended` hands back what was sent, as an event. `turn`
    waits until it may speak.
    """

    __slots__ = ("_ask", "_edits", "_ended", "_house", "_resting", "_say", "_standing", "_turn", "task")

    def __init__(
        self,
        house: House,
        standing: Callable[[], Standing | None],
        ended: Ended,
        turn: Callable[[], Awaitable[None]],
    ) -> None:
        self._house, self._standing, self._ended, self._turn = house, standing, ended, turn
        self._say: list[Block] = []
        self._ask = False
        self._edits: MessageRef | None = None
        self._resting: asyncio.Future[None] | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Something is under way."""
        return self.task is not None and not self.task.done()

    def say(
        self, blocks: tuple[Block, ...], *, ask: bool = False, edits: MessageRef | None = None, rest: float = 0.0
    ) -> None:
        """`edits` is the message to change in place of sending another; `rest`: after so many seconds, or with what
        comes sooner."""
        self._say.extend(blocks)
        self._ask = self._ask or ask
        self._edits = edits
        if not rest:
            self._rested()
        if (self._say or self._ask) and not self.busy:
            self.task = asyncio.create_task(self._say_all(rest))

    def before_all(self, block: Block) -> None:
        """To be said with whatever is said next."""
        self._say.append(block)

    def nothing_more(self) -> None:
        """What was not begun is not said any more."""
        self._say, self._ask = [], False
        self._rested()

    def _rested(self) -> None:
        if self._resting is not None and not self._resting.done():
            self._resting.set_result(None)

    async def _rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._resting = loop.create_future()
        timer = loop.call_later(seconds, self._rested)
        try:
            await self._resting
        finally:
            timer.cancel()

    async def hush(self) -> None:
        """Let a message that is under way arrive before the last word, so that it can't come after it."""
        self.nothing_more()
        sending = self.task
        if sending is not None and not sending.done():
            await asyncio.wait([sending], timeout=HUSH)
            if not sending.done():
                sending.cancel()
                await asyncio.wait([sending])

    async def _say_all(self, rest: float) -> None:
        if rest:
            await self._rest(rest)
        while self._say or self._ask:
            await self._turn()
            standing = self._standing()
            if not (self._say or self._ask):
                return  # meanwhile there was a last word
            if standing is None or (is_over(standing.session) and not self._say):
                return
            say, asks, edits = tuple(self._say), self._ask, self._edits
            self._say, self._ask, self._edits = [], False, None
            out = self._in_words(standing, say, asks, edits)
            if out is None:
                return
            began = time.perf_counter()
            try:
                messages = await self._house.channels[standing.thread.channel].send(standing.thread.address, out)
            except Undeliverable:
                return
            except Exception as error:
                log.warning("a message could not be sent: %s", type(error).__name__)
                self._house.failed("send")
                return
            self._house.meter.took("send", began)
            since = standing.session.nonce, self._house.monotonic()
            self._ended(standing.thread, messages, here(standing.session) if asks else None, since if asks else None)

    def _in_words(
        self, standing: Standing, say: tuple[Block, ...], asks: bool, edits: MessageRef | None
    ) -> Outgoing | None:
        session, flow = standing.session, self._house.flow_of(standing.session)
        if flow is None:
            return None
        true = facts(flow, standing, self._house.facts())
        asked = prompt(flow, session) if asks else Prompt(())
        say = said_blocks(flow, true, unrepeated(flow, true, asked.paragraphs, say))
        out = self._house.words.prompt(said_prompt(flow, true, asked), say, session.language)
        if not out.paragraphs:
            return None
        edits = None if out.consent else edits  # in the place of buttons that were just pressed a thumb meets it unread
        kept = withdrawable(flow, session)
        return structs.replace(out, edits=edits, language=session.language, kept=kept)
