"""Whole conversations in any order: arrivals, ends of sends, ticks, a store that fails, crashes.

The bot, its store and its keys are the real ones; the platform is played by `World`, which outlives the bot's crashes.
It holds sends and commits back as the machine likes, so that they interleave in every way.

What must hold, whatever happened: no key without a row and no row without a key; every message of either side is
deleted or still owed; no effect twice; what was erased opens nowhere.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.conversation.chores import Chores
from bot.conversation.record import RECORD, decode
from bot.report.opened import open_report
from bot.store import Commit, Outcome, StoreError
from bot.talk.events import Arrival, CameBack, Envelope, Event, MessageRef, Pressed, Said
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot, open_bot
from tests.conftest import IDENTITY, Clock, OpenBot, make_settings
from tests.flows.walking import Chat, like_telegram

PEOPLE = ("ana", "ben")
START = "/start"
# The way of a whole report; [label] is a press, STORY a story of its own, the rest is typed.
WAY = (
    START, "[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]", "STORY", "STORY", "done", "Kenya", "2",
    "skip", "[Yes]", "skip", "[I come back with my number]", "[Send it now]", "[I wrote it down]",
)  # fmt: skip
AT_ANY_TIME = ("back", "STORY", "help", "language", "status", START, "[Go on]")
DANGER = ("danger", "[Yes, read it and act]", "[Taken or held]", "[Me]", "STORY", "[In this chat]", "[Ask me first]")


class World:
    """The platform, and whoever sits at it. It plays the Telegram channel."""

    name = "telegram"
    abilities = like_telegram("allow")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.last = 0
        self.updates = 0
        self.messages: dict[str, str] = {}  # id to chat: all that stand there
        self.farewells: set[str] = set()  # the last words of a conversation stay
        self.unsettled: set[str] = set()  # ours, sent since everything was last quiet
        self.lost: set[str] = set()  # ours, under way at a crash: they may stay
        self.buttons: dict[str, dict[str, str]] = {}
        self.prompt: dict[str, MessageRef] = {}
        self.held = asyncio.Event()

    def next(self, chat: str, *, ours: bool) -> MessageRef:
        self.last += 1
        self.messages[str(self.last)] = chat
        return MessageRef(str(self.last), self.last, ours)

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        await self.held.wait()
        message = out.edits if out.edits is not None and out.edits.id in self.messages else None
        message = message or self.next(address, ours=True)
        if not out.language:  # a chore's last word
            self.farewells.add(message.id)
        self.unsettled.add(message.id)
        if out.choices or out.extras:
            self.buttons[address] = {c.label: c.data for c in (*out.choices, *out.extras)}
            self.prompt[address] = message
        return (message,)

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        for message in messages:
            self.messages.pop(message.id, None)
        return True

    def arrival(self, chat: str, event: Event, message: MessageRef | None) -> Arrival:
        self.updates += 1
        sent = int(self.clock()) if message else 0
        return Arrival(Envelope(self.name, str(self.updates), chat, chat, message, sent=sent), event)


class Whole(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.at = dict.fromkeys(PEOPLE, 0)
        self.stories = 0
        self.told: dict[str, set[str]] = {who: set() for who in PEOPLE}  # in the draft that is under way
        self.erased: set[str] = set()
        self.waiting: list[tuple[Arrival, asyncio.Future[None]]] = []  # not confirmed: they come again
        self.given_up: set[str] = set()  # in chats that never agreed and ended in memory, where nothing is ever written
        self.only_opened: set[str] = set()
        self.failing = False
        self.gate: asyncio.Event
        self.world: World
        self.bot: Bot

    def go(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        async def first() -> None:
            self.world, self.gate = World(self.clock), asyncio.Event()
            self.world.held.set()
            self.gate.set()

        self.go(first())
        self.go(self._open())

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        found = make_settings(self.folder, handoff_spread=0)
        self.bot = await self.stack.enter_async_context(
            open_bot(found, clock=self.clock, monotonic=self.clock, channels={"telegram": self.world})
        )
        real = self.bot.store.commit

        async def commit(turn: Commit) -> Outcome:
            await self.gate.wait()
            if self.failing:
                raise StoreError("the disk is full (a test says so)")
            return await real(turn)

        self.bot.store.commit = commit  # type: ignore[method-assign]
        await self.bot.conversations.resume()

    # --- what happens ---

    async def _take(self, arrival: Arrival) -> None:
        self.waiting.append((arrival, self.bot.conversations.take(arrival)))
        await asyncio.sleep(0)

    async def _says(self, who: str, line: str) -> None:
        world = self.world
        if line == START:
            message = world.next(who, ours=False)
            self.only_opened.add(message.id)
            await self._take(world.arrival(who, CameBack(), message))
        elif line.startswith("["):
            data = world.buttons.get(who, {}).get(line[1:-1])
            if data is not None:
                await self._take(world.arrival(who, Pressed(data, world.prompt[who]), None))
        else:
            if line == "STORY":
                self.stories += 1
                line = f"Kenya, since today. This is story number {self.stories} of {who}."
                self.told[who].add(line)
            message = world.next(who, ours=False)
            await self._take(world.arrival(who, Said(line, message), message))

    @rule(who=st.sampled_from(PEOPLE), steps=st.integers(1, 9), quiet=st.booleans())
    def goes_on(self, who: str, steps: int, quiet: bool) -> None:
        """The next lines of a whole report; `quiet`: each waits for what the bot says."""
        for _ in range(steps):
            line = WAY[self.at[who] % len(WAY)]
            self.at[who] += 1
            self.go(self._says(who, line))
            if quiet:
                self.settles()

    @rule(who=st.sampled_from(PEOPLE), steps=st.integers(1, len(DANGER)))
    def is_in_danger(self, who: str, steps: int) -> None:
        for line in DANGER[:steps]:
            self.go(self._says(who, line))
            self.settles()

    @rule(who=st.sampled_from(PEOPLE))
    def erases(self, who: str) -> None:
        """The word counts wherever it comes: what was told before it is gone for good once it is confirmed."""
        self.settles()
        self.go(self.bot.handoff.round())  # what was sent before is no draft any more
        self.go(self._says(who, "erase"))
        self.settles()
        self.erased |= self.told[who] - self._submitted()
        self.told[who] = set()
        self.at[who] = 0

    @rule(
        line=st.sampled_from(["back", "STORY", "help", "language", "status", START, "[Go on]"]),
        who=st.sampled_from(PEOPLE),
    )
    def says_something(self, line: str, who: str) -> None:
        self.go(self._says(who, line))

    @rule(turns=st.integers(1, 30))
    def spins(self, turns: int) -> None:
        async def some() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.go(some())

    @rule()
    def holds_sends(self) -> None:
        self.world.held.clear()

    @rule()
    def lets_sends_go(self) -> None:
        self.world.held.set()

    @rule()
    def holds_commits(self) -> None:
        self.gate.clear()

    @rule(failing=st.booleans())
    def lets_commits_go(self, failing: bool) -> None:
        self.failing = failing
        self.gate.set()

    @rule(hours=st.sampled_from([0.2, 1, 12, 25, 45, 47]))
    def time_passes(self, hours: float) -> None:
        async def look() -> None:
            self.clock.pass_(hours=hours)
            await self._look()
            await asyncio.sleep(0)

        self.go(look())

    async def _look(self) -> None:
        before = self._begun()
        await self.bot.conversations.look()
        for id_ in before.keys() - self._begun().keys():  # it never agreed, and went after 30 idle minutes
            self.given_up |= before[id_]

    @rule()
    def hands_over(self) -> None:
        self.go(self.bot.handoff.round())

    @rule()
    def crashes(self) -> None:
        """Everything that is under way ends at once; what was not confirmed is delivered again."""

        async def crash() -> None:
            self.world.lost |= self.world.unsettled
            for begun in self._begun().values():
                self.given_up |= begun
            self.given_up |= self.only_opened  # confirmed at once, for nothing is written of them
            again = [arrival for arrival, done in self.waiting if not _confirmed(done)]
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                if task.get_name() != "store writer":
                    task.cancel()
            await asyncio.sleep(0)
            await self.stack.aclose()
            self.gate.set()
            self.failing = False
            self.waiting = []
            await self._open()
            for arrival in again:
                await self._take(arrival)

        self.go(crash())

    @rule()
    def settles(self) -> None:
        """Everything is let go, and comes again until it is confirmed."""

        async def settle() -> None:
            self.failing = False
            self.gate.set()
            self.world.held.set()
            while True:
                await self.bot.conversations.settled()
                again = [arrival for arrival, done in self.waiting if not _confirmed(done)]
                self.waiting = []
                if not again:
                    break
                for arrival in again:
                    await self._take(arrival)
            await self._look()
            await self.bot.conversations.settled()
            self.world.unsettled = set()

        self.go(settle())
        self.go(self._holds())

    # --- what holds when all is quiet ---

    async def _holds(self) -> None:
        store, keys = self.bot.store, self.bot.house.keys
        rows = set(await store.conversations())
        chores = {row.id: row for row in await store.chores(2**61)}
        assert set(keys.names()) == rows | set(chores), "a key for each row, a row for each key"
        owed = set(self.world.farewells) | self.world.lost
        for id_ in rows:
            row = await store.load(id_)
            assert row is not None
            plain = keys.decrypt(id_, RECORD, row[1])
            assert plain is not None
            standing = decode(plain, row[0])
            assert standing is not None
            owed |= {kept.message.id for kept in standing.thread.messages}
        for begun in self._begun().values():  # before the consent: in memory alone
            owed |= begun
        for row in chores.values():
            chore = Chores(self.bot.house).maker.read(row)
            owed |= {message.id for message in chore.delete} if chore else set()
        forgotten = set(self.world.messages) - owed - self.given_up
        assert not forgotten, f"nobody will delete {forgotten}"

    def _begun(self) -> dict[bytes, set[str]]:
        """What stands in chats of which nothing is written yet."""
        awake = self.bot.conversations._awake
        return {
            id_: {kept.message.id for kept in each.standing.thread.messages}
            for id_, each in awake.items()
            if each.standing is not None and not each.stored
        }

    def _submitted(self) -> set[str]:
        inbox = self.folder / "inbox"
        found: set[str] = set()
        for path in sorted(inbox.iterdir()) if inbox.exists() else []:
            if not path.name.startswith("."):
                found |= set(open_report(path, [IDENTITY]).texts.values())
        return found

    def teardown(self) -> None:
        try:
            if hasattr(self, "bot"):
                self.settles()
                self.go(self.bot.handoff.round())
                self._nothing_twice_and_nothing_erased()
                self.clock.pass_(hours=90)
                self.settles()
                self.clock.pass_(hours=2)
                self.settles()
        finally:
            if hasattr(self, "bot"):
                self.go(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _nothing_twice_and_nothing_erased(self) -> None:
        seen: list[str] = []
        inbox = self.folder / "inbox"
        for path in sorted(inbox.iterdir()) if inbox.exists() else []:
            if not path.name.startswith("."):
                seen += [words for words in open_report(path, [IDENTITY]).texts.values() if "story number" in words]
        assert len(seen) == len(set(seen)), "no effect twice"
        assert not set(seen) & self.erased, "what was erased opens nowhere"


def _confirmed(done: "asyncio.Future[None]") -> bool:
    return done.done() and not done.cancelled() and done.exception() is None


Whole.TestCase.settings = settings(
    max_examples=int(os.environ.get("STONECHAT_ORDERS", "25")),
    stateful_step_count=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # an order of 30 steps is read as it is
    suppress_health_check=list(HealthCheck),
)
TestWhole = Whole.TestCase


async def test_an_end_in_the_same_moment_as_a_wake_ends_the_chores(open_test_bot: OpenBot) -> None:
    """Python 3.11's wait_for forgets such an end: the bot then never stopped."""
    async with open_test_bot() as bot:
        chores = bot.conversations.chores
        running = asyncio.create_task(chores.run())
        await asyncio.sleep(0.05)
        chores.wake()
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=2)
        assert done


async def test_who_begins_stays_when_somebody_before_them_is_over(open_test_bot: OpenBot) -> None:
    """A late note of the conversation before took the new one away; its first press then began yet another."""
    async with open_test_bot() as bot:
        chat = Chat(lambda out: None)
        bot.house.channels["terminal"] = chat
        opening = asyncio.create_task(bot.deliver(chat.came_back()))
        while not bot.conversations._awake:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0)
        ((id_, begins),) = bot.conversations._awake.items()
        while begins.writing is None or begins.inbox:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert begins.standing is None
        bot.conversations.leave(id_)
        assert bot.conversations._awake == {id_: begins}
        await opening
        await bot.settled()
        assert begins.standing is not None
