"""The door: every event goes to its conversation's queue before anything is awaited."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Container, Coroutine, Iterable
from typing import Any

from bot.conversation.chores import Chores
from bot.conversation.conversation import Conversation
from bot.conversation.guesses import Guesses
from bot.conversation.house import House
from bot.conversation.jobs import Acknowledged, Job, Lost, StillRings, Tick
from bot.conversation.limits import ReportsToday
from bot.conversation.memory import Recent, Resting
from bot.conversation.planning import Planner
from bot.conversation.record import RECORD, decode
from bot.conversation.standing import Standing, owed
from bot.conversation.turnstile import Turnstile
from bot.conversation.watch import Moved, Watch
from bot.conversation.writing import Writer
from bot.errors import NotKept
from bot.store import Commit, End, StoreError
from bot.talk.events import Arrival, CameBack, LookedUp, Missed

log = logging.getLogger("stonechat.conversation")
AWAKE = 500  # stored conversations that are ready to go on at once
SPARE = 100  # above that before it is looked who may rest
RESTING = 20_000  # stored conversations that stay in memory, in bytes
BEGINNING = 10_000  # conversations before the consent, in memory only
UNAGREED = 30 * 60  # seconds that such a one lives
TAKEN = 10_000  # update hashes remembered in memory, at least; the store knows all of 48 hours
TURNS, SENDS = 8, 2  # that begin in one round of the event loop, at most
FAR = 10 * 365 * 86_400  # seconds: every chore there is
ROUND = 60  # seconds between two looks at what is due
DAY = 86_400
AT_ONCE = 200  # conversations whose instants are moved at once


class Conversations:
    """All conversations of one bot."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.watch = Watch(house.clock, house.monotonic, house.seen_before, house.released)
        self.chores = Chores(house, self.watch)
        self.today = ReportsToday(house.reports_a_day, house.clock)
        self.healthy, self.ails = True, ""
        self.planner, self.writer = Planner(house, self.today), Writer(house, self.chores.maker)
        self.turns, self.sends = Turnstile(TURNS), Turnstile(SENDS)
        self._guesses = Guesses(house, self._tell, self.spawn)
        self._awake: OrderedDict[bytes, Conversation] = OrderedDict()
        self._room = AWAKE + SPARE
        self._taken = Recent(TAKEN)
        self._resting = Resting(RESTING, house.keys.release)
        self._unswept: set[bytes] = set()
        self._stored: set[bytes] | None = None  # who has a row, perhaps some more; None: not known yet
        self._handed: dict[str, tuple[int, bytes]] = {}  # reports that wait: their version, whose they are
        self._tasks: set[asyncio.Task[Any]] = set()
        self._in_store: list[Moved] = []  # moves of the clock that the store has not made yet
        self._moves: list[tuple[Moved, set[bytes]]] = []  # and those of conversations, with who is left

    def take(self, arrival: Arrival) -> "asyncio.Future[str | None]":
        """Queue one update. The future is done when its effect is on disk; then it may be confirmed.

        It fails with NotKept where nothing could be written: the platform must deliver it again. Whoever opens a
        chat for the first time changes nothing on disk: a thousand of them are no reason to fetch nothing more.
        """
        keys, envelope = self.house.keys, arrival.envelope
        self.house.meter.update(envelope.channel)
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        update = keys.update(envelope.channel, envelope.update)
        if self.was_taken(update):
            done.set_result(None)
            return done
        id_ = keys.conversation(envelope.channel, envelope.account)
        if self._only_opens(id_, arrival):
            done.set_result(None)
        self._of(id_).take(Job(arrival, update, done, reached=self.house.monotonic()))
        return done

    def _only_opens(self, id_: bytes, arrival: Arrival) -> bool:
        """Nobody was there, and nothing was said: what comes of it is in memory alone, and a crash loses it anyway."""
        new = id_ not in self._awake and not self.may_be_stored(id_)
        return new and self.healthy and isinstance(arrival.event, CameBack)

    async def missed(self, channel: str, since: int) -> None:
        """A channel lost what came since then (seconds since 1970): each of its conversations hears of it."""
        for id_ in await self.house.store.conversations():
            self._of(id_).take(Job(Lost(channel, Missed(since))))

    @property
    def queued(self) -> int:
        """Updates that wait for their turn."""
        return sum(len(each.inbox) for each in self._awake.values())

    def _of(self, id_: bytes) -> Conversation:
        found = self._awake.get(id_)
        if found is None:
            found = self._awake[id_] = Conversation(self.house, self, id_)
            self._make_room()
        self._awake.move_to_end(id_)
        return found

    def standing(self, conversation: bytes) -> Standing | None:
        """Where one that is awake stands."""
        return found.standing if (found := self._awake.get(conversation)) is not None else None

    def _tell(self, id_: bytes, event: LookedUp) -> None:
        """Something that took its time: its conversation may rest by now, or be over."""
        self._of(id_).take(Job(event))

    def guess(self, conversation: bytes, number: str) -> None:
        """Look a return number up, in its turn."""
        self._guesses.guess(conversation, number)

    def may_be_stored(self, conversation: bytes) -> bool:
        """It may have a row. False: it has none."""
        return self._stored is None or conversation in self._stored

    def note_stored(self, conversation: bytes, stored: bool) -> None:
        """It has a row now (or may have one), or none any more."""
        if self._stored is not None:
            (self._stored.add if stored else self._stored.discard)(conversation)

    def leave(self, conversation: bytes) -> None:
        """Nobody is here any more.

        Who asks may be over for long (a note of it was due), and somebody else begins here now: they stay.
        """
        found = self._awake.get(conversation)
        if found is not None and found.standing is None and not found.busy:
            del self._awake[conversation]

    def rested(self, conversation: bytes) -> Standing | None:
        """Where it stood when it was set aside; it rests no more."""
        return self._resting.take(conversation)

    def sweep_later(self, conversation: bytes) -> None:
        """Its key is gone, its row could not be deleted."""
        self._unswept.add(conversation)

    def _make_room(self) -> None:
        if len(self._awake) <= self._room:
            return
        waiting = sum(not each.stored for each in self._awake.values())
        for id_, each in list(self._awake.items())[: len(self._awake) - AWAKE]:
            if each.busy:
                continue
            if each.stored and each.standing is not None:
                self._resting.put(id_, each.standing)
            elif waiting > BEGINNING:
                waiting -= 1
            else:
                continue
            del self._awake[id_]
            each.let_go()
        self._room = max(AWAKE, len(self._awake)) + SPARE

    def was_taken(self, update: bytes) -> bool:
        """It took effect not long ago."""
        return bool(update) and update in self._taken

    def remember(self, updates: Iterable[bytes]) -> None:
        """They took effect."""
        for update in updates:
            self._taken.add(update)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """A task of its own, kept until it is done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._spawned)

    def _spawned(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("a task failed: %s", type(error).__name__)

    def handed(self, report: str, version: int, conversation: bytes) -> None:
        """In memory only: on disk it would tell who reported."""
        self._handed[report] = version, conversation

    def acknowledged(self, report: str, version: int) -> None:
        """The intake signed for it. Who began it hears of that, if they are still here."""
        newest, conversation = self._handed.get(report, (0, b""))
        if version >= newest:
            self._handed.pop(report, None)
        if conversation and (conversation in self._awake or self.may_be_stored(conversation)):
            self._of(conversation).take(Job(Acknowledged(version)))

    def trouble(self, error: NotKept) -> None:
        """The store or the keys failed: one line, once, until they work again."""
        if self.healthy:
            log.error("%s; nothing is confirmed, and all is tried again", error)
        self.healthy, self.ails = False, "" if isinstance(error, StoreError) else error.what
        self.house.failed("store")

    def _well_again(self) -> None:
        if not self.healthy:
            log.warning("all can be kept again")
        self.healthy, self.ails = True, ""

    async def resume(self) -> None:
        """After a start: sweep what has no key any more, and keys that open nothing; say again what was owed."""
        await self._sweep_keys()
        missing: set[str] = set()
        waiting = {report for report, _ in await self.house.store.outbox(int(self.house.clock()) + FAR)}
        found = await self.house.store.conversations()
        self._stored = {*found, *(id_ for id_, each in self._awake.items() if each.stored)}
        for id_ in found:
            row = await self.house.store.load(id_)
            plain = self.house.keys.decrypt(id_, RECORD, row[1]) if row else None
            if row is None or plain is None:
                await self._sweep(id_)
                continue
            standing = decode(plain, row[0])
            if standing is not None and self.house.flow_of(standing.session) is None:
                missing.add(f"{standing.session.flow}/{standing.session.version}.yaml")
            if standing is None or not self._taken_up(id_, standing, waiting):
                self.house.keys.release(id_)
        for name in sorted(missing):
            log.error("open conversations need the flow %s, which is not there; put it back", name)
        self.chores.wake()

    def _taken_up(self, id_: bytes, standing: Standing, waiting: Container[str]) -> bool:
        """What was not seen to be said is said again; what may not have rung rings; an acknowledgement is heard of."""
        handed, jobs = standing.handed, []
        if handed is not None and handed.rings > handed.rung:
            jobs.append(Job(StillRings()))
        if handed is not None and handed.acknowledged < handed.version:
            if handed.report in waiting:
                self.handed(handed.report, handed.version, id_)
            else:
                jobs.append(Job(Acknowledged(handed.version)))
        if not jobs and not owed(standing.thread):
            return False
        conversation = self._of(id_)
        conversation.restore(standing)
        if owed(standing.thread):
            conversation.speaker.say((), ask=True)
        for job in jobs:
            conversation.take(job)
        return True

    async def _sweep_keys(self) -> None:
        """A crash between making a key and using it, or between the last commit and destroying it, leaves one over."""
        used = set(await self.house.store.conversations())
        used |= {chore.id for chore in await self.house.store.chores(int(self.house.clock()) + FAR)}
        for name in list(self.house.keys.names()):
            if name not in used:
                self.house.keys.forsake(name)

    async def _sweep(self, id_: bytes) -> None:
        await self.house.store.commit(Commit(id_, changes=(End(),)))

    async def run(self) -> None:
        """What is due, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(ROUND)

    async def look(self) -> None:
        """One look at what is due."""
        now = int(self.house.clock())
        try:
            believed = await self._set_clock()
        except NotKept as error:
            self.trouble(error)
            return
        for id_, each in list(self._awake.items()):
            if not each.stored and not each.busy and now - each.touched > UNAGREED:
                del self._awake[id_]
        self._room = AWAKE + SPARE
        self._make_room()
        self._taken.age(now)
        try:
            for id_ in list(self._unswept):
                await self._sweep(id_)
                self._unswept.discard(id_)
            if believed:
                await self.house.store.forget_old(now)
                for id_ in await self.house.store.due(now):
                    self._of(id_).take(Job(Tick()))
            self.house.keys.check()
            self.house.outbox_keys.check()
            self._well_again()
        except NotKept as error:
            self.trouble(error)

    async def _set_clock(self) -> bool:
        """Whether the clock is believed now. Where it was set, all instants of before are moved. Raises NotKept."""
        moved, on = self.watch.look()
        if on:
            self._tell_of_clock(on / DAY)
        if moved is not None:
            self._moves.append((moved, {*await self.house.store.conversations(), *self._awake}))
            await self.chores.move(moved)
            self.house.rebooted_until = _end(self.house.rebooted_until, moved)
            self._in_store.append(moved)
        while self._in_store:
            await self.house.store.move(self._in_store[0])
            del self._in_store[0]
        while self._moves:
            moved, left = self._moves[0]
            while left:
                some = list(left)[:AT_ONCE]
                await asyncio.gather(*(self._move(id_, moved) for id_ in some))
                left.difference_update(some)
            del self._moves[0]
            self.house.wake_handoff()
        if not self.watch.is_believed:
            return False
        if not self.watch.is_before_release or self.house.seen_before < self.house.released:
            self.house.looked()
        return True

    def _move(self, id_: bytes, moved: Moved) -> "asyncio.Future[str | None]":
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._of(id_).take(Job(moved, done=done))
        return done

    def _tell_of_clock(self, days: float) -> None:
        if days < 0:
            log.error("the clock is %.1f days back since this was last looked at: check it (timedatectl)", -days)
        elif days > 1:
            log.error(
                "the clock is %.0f days on since this was last looked at; nothing is destroyed for an hour: "
                "check it (timedatectl), or leave it if the bot was off so long",
                days,
            )
        else:
            log.warning("the clock was set %.1f hours on; what was written before is moved with it", days * 24)

    async def settled(self) -> None:
        """When every conversation has answered all that came."""
        while busy := [each for each in self._awake.values() if each.busy]:
            await asyncio.gather(*(each.settled() for each in busy))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.chores.settled()

    async def stop(self) -> None:
        """Let turns that are being written end; sends are said again at the next start."""
        for each in self._awake.values():
            each.write_note()
        turning = [each.writing for each in self._awake.values() if each.writing is not None]
        if turning:
            await asyncio.wait(turning, timeout=8)
        for each in self._awake.values():
            each.cancel()
        for task in self._tasks:
            task.cancel()
        self._guesses.stop()


def _end(until: int, moved: Moved) -> int:
    """A time to come, that counts from one that the clock said before it was set."""
    return until + moved.by if until > moved.until else until
