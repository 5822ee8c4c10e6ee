"""The door: every event goes to its conversation's queue before anything is awaited."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

from bot.channels import Incoming
from bot.conversation.chores import Chores
from bot.conversation.effect import Job, Tick
from bot.conversation.house import House
from bot.conversation.limits import ReportsToday
from bot.conversation.memory import Recent, Resting
from bot.conversation.record import RECORD, decode
from bot.conversation.submission import ReadyNumbers
from bot.conversation.worker import Worker
from bot.flow.events import Event
from bot.store import Commit, StoreError

log = logging.getLogger("stonechat.conversation")
AWAKE = 500  # stored conversations that are ready to go on at once
SPARE = 100  # above that before it is looked who may rest
RESTING = 20_000  # stored conversations that stay in memory, in bytes
BEGINNING = 10_000  # conversations before the consent, in memory only
UNAGREED = 30 * 60  # seconds that such a one lives
TAKEN = 10_000  # update hashes remembered in memory, at least; the store knows all of 48 hours
FAR = 10 * 365 * 86_400  # seconds: every chore there is
ROUND = 60  # seconds between two looks at what is due
GRACE = 3600  # seconds that nothing is destroyed after the clock jumped


class Conversations:
    """All conversations of one bot."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.chores = Chores(house)
        self.numbers = ReadyNumbers(house.salt)
        self.today = ReportsToday(house.reports_a_day, house.clock)
        self.healthy = True
        self._workers: OrderedDict[bytes, Worker] = OrderedDict()
        self._room = AWAKE + SPARE
        self._taken = Recent(TAKEN)
        self.resting = Resting(RESTING, house.keys.release)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._seen = (house.seen_before, house.monotonic()) if house.seen_before else (house.clock(), house.monotonic())
        self._hold_until = 0.0

    def take(self, incoming: Incoming) -> "asyncio.Future[None]":
        """Queue one update. The future is done when its effect is on disk; then it may be confirmed.

        It fails with StoreError where nothing could be written: the platform must deliver it again.
        """
        keys = self.house.keys
        self.house.meter.update(incoming.channel)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        update = keys.update(incoming.channel, incoming.update)
        if self.was_taken(update):
            done.set_result(None)
            return done
        self._worker(keys.conversation(incoming.channel, incoming.account)).take(Job(incoming, update, done))
        return done

    @property
    def queued(self) -> int:
        """Updates that wait for their turn."""
        return sum(len(worker.inbox) for worker in self._workers.values())

    def _worker(self, owner: bytes) -> Worker:
        worker = self._workers.get(owner)
        if worker is None:
            worker = self._workers[owner] = Worker(self, owner)
            self._make_room()
        self._workers.move_to_end(owner)
        return worker

    def hand_in(self, owner: bytes, event: Event) -> None:
        """Something that took its time: its conversation may rest by now, or be over."""
        self._worker(owner).take(Job(event))

    def leave(self, worker: Worker) -> None:
        """Its conversation is over."""
        if self._workers.get(worker.owner) is worker:
            del self._workers[worker.owner]

    def _make_room(self) -> None:
        if len(self._workers) <= self._room:
            return
        waiting = sum(not w.stored for w in self._workers.values())
        for owner, worker in list(self._workers.items())[: len(self._workers) - AWAKE]:
            if worker.busy or worker.inbox:
                continue
            if worker.stored:
                self.resting.put(owner, worker.record())
            elif waiting > BEGINNING:
                waiting -= 1
            else:
                continue
            del self._workers[owner]
            worker.let_go()
        self._room = max(AWAKE, len(self._workers)) + SPARE

    def was_taken(self, update: bytes) -> bool:
        return bool(update) and update in self._taken

    def remember(self, updates: tuple[bytes, ...]) -> None:
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

    def trouble(self, error: StoreError) -> None:
        """The store failed: one line, once, until it works again."""
        if self.healthy:
            log.error("%s", error)
        self.healthy = False
        self.house.failed("store")

    async def resume(self) -> None:
        """After a start: sweep what has no key any more, and keys that open nothing; say again what was owed."""
        await self._sweep_keys()
        for owner in await self.house.store.conversations():
            blob = await self.house.store.load(owner)
            plain = self.house.keys.decrypt(owner, RECORD, blob) if blob else None
            record = decode(plain) if plain else None
            if record is None:
                if plain is None:
                    await self._sweep(owner)
                continue
            if record.thread.shown < record.thread.turn:
                worker = self._worker(owner)
                worker.restore(record)
                worker.speaker.say(ask=True)  # it was not seen to be said: say it again
            else:
                self.house.keys.release(owner)
        self.chores.wake()

    async def _sweep_keys(self) -> None:
        """A crash between making a key and using it, or between the last commit and destroying it, leaves one over."""
        used = set(await self.house.store.conversations())
        used |= {chore.id for chore in await self.house.store.chores(int(self.house.clock()) + FAR)}
        for owner in list(self.house.keys.owners()):
            if owner not in used:
                self.house.keys.destroy(owner)

    async def _sweep(self, owner: bytes) -> None:
        await self.house.store.commit(Commit(owner))

    async def run(self) -> None:
        """Return numbers, and what is due, until cancelled."""
        self.numbers.fill()
        while True:
            await self.look()
            await asyncio.sleep(ROUND)

    async def look(self) -> None:
        """One look at what is due."""
        now = int(self.house.clock())
        for owner, worker in list(self._workers.items()):
            if not worker.stored and not worker.busy and now - worker.touched > UNAGREED:
                del self._workers[owner]
        self._room = AWAKE + SPARE
        self._make_room()
        try:
            if not self._clock_jumped():
                await self.house.store.forget_old(now)
                for owner in await self.house.store.due(now):
                    self._worker(owner).take(Job(Tick()))
            self.healthy = True
        except StoreError as error:
            self.trouble(error)

    def _clock_jumped(self) -> bool:
        """After a jump of more than a day the operator has an hour to mend the clock before anything is destroyed."""
        wall, steady = self.house.clock(), self.house.monotonic()
        days = (wall - self._seen[0] - (steady - self._seen[1])) / 86_400
        self._seen = (wall, steady)
        if days > 1:
            self._hold_until = steady + GRACE
            log.error(
                "the clock is %.0f days on since this was last looked at; nothing is destroyed for an hour: "
                "check it (timedatectl), or leave it if the bot was off so long",
                days,
            )
        if steady < self._hold_until:
            return True
        self.house.looked()
        return False

    async def settled(self) -> None:
        """When every conversation has answered all that came."""
        while busy := [w for w in self._workers.values() if w.busy or w.inbox]:
            await asyncio.gather(*(w.settled() for w in busy))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.chores.settled()

    async def stop(self) -> None:
        """Let turns that are being written end; sends are said again at the next start."""
        for worker in self._workers.values():
            if worker.noted_only:
                worker.write_note()
        turning = [w._turning for w in self._workers.values() if w._turning and not w._turning.done()]
        if turning:
            await asyncio.wait(turning, timeout=8)
        for worker in self._workers.values():
            worker.cancel()
        for task in self._tasks:
            task.cancel()
        self.numbers.stop()
