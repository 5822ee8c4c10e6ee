"""Tells people that something rang, and goes on until one of them says that they took it.

What must hold: every alarm rings at least once, whatever is killed in between; none falls silent while nobody took it;
none rings after it was taken; no target's failure keeps another from ringing.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Hashable, Sequence
from dataclasses import replace
from typing import Any

from bot.alarm.bell import Bell
from bot.alarm.calls import Today
from bot.alarm.ladder import Ladder, begun, noted, taken_up
from bot.alarm.rehearsing import Rehearsed, backs, hashed, new_code, read_code, still_counts
from bot.alarm.sending import AlarmError, Sender
from bot.alarm.store import KEPT, AlarmStore, OpenAlarm
from bot.alarm.texts import Words, rehearsal, ring
from bot.alarm.waiting import Sleep, pause

log = logging.getLogger("stonechat.alarm")
DAY = 86_400
LOOK = 30.0  # seconds at most between two looks at the store: what a command took there is never rung for anyway
PATIENCE = 10.0  # seconds that one target may take before the next on the rota is rung too
ALIVE = 4 * LOOK  # seconds after its last look in which an alarm counts as running


class Alarm:
    """`clock`: seconds since 1970, for days. `steady`: seconds that never jump, for the schedule. `random`: bytes."""

    def __init__(
        self,
        senders: Sequence[Sender],
        store: AlarmStore,
        words: Words,
        *,
        clock: Callable[[], float],
        steady: Callable[[], float],
        random: Callable[[int], bytes],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """The first sender has duty; the order is the rota. It rings while somebody runs it."""
        self._store, self._words = store, words
        self._clock, self._steady, self._random, self._sleep = clock, steady, random, sleep
        self._bells = [
            Bell(sender, ring(words), self._still_open, self._took, steady, sleep, lambda: random(1)[0] / 255)
            for sender in senders
        ]
        self._ladders: dict[bytes, Ladder] = {}
        self._unwritten: set[bytes] = set()
        self._since: dict[bytes, float] = {}  # alarms that began in this process, by its steady clock
        self._today = Today()
        self._rehearsals: dict[bytes, Rehearsed] = {}
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked: float | None = None
        self._store_works = True

    async def ring(self, key: Hashable, alarm: bytes | None = None) -> bytes:
        """Begin an alarm, or join one (see `calls`); the id of the one that rings. It is on disk when this returns.

        `key` stands for the account and stays in memory. `alarm` is an id made beforehand by a caller that may have to
        ask again after a crash: an open one is not begun twice. Raises AlarmError where it can't be written; then it
        rings all the same, and is written as soon as that works. Without targets: nothing.
        """
        if not self._bells or (alarm is not None and await self._is_written(alarm)):
            return alarm or self._random(16)
        if alarm is None or alarm not in self._ladders:
            if joined := await self._joined(key):
                return joined
            alarm, now = alarm or self._random(16), self._steady()
            self._ladders[alarm] = Ladder(self._today.rang(key, self._day(), alarm, now))
            self._since[alarm] = now
            self._unwritten.add(alarm)
            self._news.set()
        await self._store.add(alarm, self._day())
        self._unwritten.discard(alarm)
        return alarm

    async def _is_written(self, alarm: bytes) -> bool:
        try:
            return any(a.id == alarm for a in await self._store.open_alarms())
        except AlarmError:
            return False

    async def _joined(self, key: Hashable) -> bytes | None:
        """The open alarm that a call of this account belongs to, where it has used up its own."""
        while (calls := self._today.last(key, self._day())) is not None:
            if await self._still_open([calls.alarm]):
                return calls.alarm
            if calls == self._today.last(key, self._day()):  # else another call of it was faster: join that one
                return None
        return None

    async def taken(self, alarms: Collection[bytes] | None = None) -> int:
        """Somebody took these (None: every one that rang). From here on they are silent. Returns how many."""
        count = await self._store.taken(alarms)
        with contextlib.suppress(AlarmError):
            await self._look()
        return count

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        """Those that nobody took. Raises AlarmError."""
        return await self._store.open_alarms()

    async def rehearse(self) -> list[tuple[str, AlarmError | None]]:
        """Send every target a code of its own, and say how that went: (its name, what was wrong)."""
        codes: list[str] = []
        while len(codes) < len(self._bells):
            if (code := new_code(self._random)) not in codes:
                codes.append(code)
        before = {r.mark: r for r in await self._store.rehearsals()}
        sent = [self._rehearse(b.sender, c, before.get(b.sender.mark)) for b, c in zip(self._bells, codes, strict=True)]
        return list(await asyncio.gather(*sent))

    async def _rehearse(self, sender: Sender, code: str, before: Rehearsed | None) -> tuple[str, AlarmError | None]:
        heard = before.heard if before else None
        await self._store.rehearsed(Rehearsed(sender.mark, self._day(), hashed(code), True, heard))
        try:
            await sender.send(rehearsal(self._words, code))
        except Exception as error:
            await self._store.rehearsed(Rehearsed(sender.mark, self._day(), None, False, None))
            kind = f"an unforeseen error ({type(error).__name__})"
            return sender.name, error if isinstance(error, AlarmError) else AlarmError(kind, where=sender.name)
        return sender.name, None

    async def heard(self, typed: str) -> str:
        """A person says that they got this code: returns the target's name. Raises AlarmError for any other code."""
        code = read_code(typed)
        known = {r.mark: r for r in await self._store.rehearsals()}
        for bell in self._bells:
            found = known.get(bell.sender.mark)
            if code and found and found.code == hashed(code) and still_counts(found, self._day()):
                await self._store.rehearsed(replace(found, waits=False, heard=self._day()))
                return bell.sender.name
        mend = "'stonechat alarm rehearse' sends a new one; it counts that day and the next"
        raise AlarmError("no rehearsal waits for this code", mend=mend)

    def backed(self, now: float) -> bool:
        """Whether 'a person is told now' is true at `now` (seconds since 1970).

        A person heard the last rehearsal of the first on the rota, at most 30 days ago; its last message was taken;
        this alarm runs and can write.
        """
        if not self._bells or self._looked is None or not self._store_works:
            return False
        first = self._bells[0]
        if first.failures or self._steady() - self._looked > ALIVE:
            return False
        return backs(self._rehearsals.get(first.sender.mark), int(now) // DAY)

    def troubles(self) -> tuple[str, ...]:
        """What is wrong with it as it runs, a line each, for whoever watches the process."""
        failing = [f"{bell.sender.name} fails" for bell in self._bells if bell.failures]
        if self._bells and not self._store_works:
            failing.append("the alarms' database fails: what rings now is forgotten at a restart")
        return tuple(failing)

    async def run(self) -> None:
        """Until cancelled. One at a time: two processes that run it on one store both ring."""
        for bell in self._bells:
            self._start(bell.run())
        try:
            while True:
                self._news.clear()
                await pause(self._sleep, await self._pass(), self._news.wait())
        finally:
            while self._tasks:
                for task in self._tasks:
                    task.cancel()
                # Again and again: in Python 3.11 a library's `wait_for` can lose the first.
                await asyncio.wait(self._tasks, timeout=0.1)

    async def _pass(self) -> float:
        """Ring what is due. Returns seconds until the next look."""
        try:
            await self._look()
            self._store_works, self._looked = True, self._steady()
        except Exception as error:
            if self._store_works:
                shown = error if isinstance(error, AlarmError) else f"an unforeseen error ({type(error).__name__})"
                log.error("%s; what rings goes on", shown)
            self._store_works = False
        now, turns = self._steady(), dict[int, list[bytes]]()
        for alarm, ladder in self._ladders.items():
            if ladder.due <= now:
                turns.setdefault(ladder.place(len(self._bells)), []).append(alarm)
                self._ladders[alarm] = ladder.climbed(now)
        for place, alarms in turns.items():
            self._start(self._walk(place, alarms))
        return min([LOOK, *(ladder.due - now for ladder in self._ladders.values())])

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _walk(self, place: int, alarms: Collection[bytes]) -> None:
        """Ring the one whose turn it is; where it fails or is slow, the next too, until one took it.

        Those that failed go on trying by themselves.
        """
        tries: set[asyncio.Future[bool]] = set()
        for bell in self._bells[place:] + self._bells[:place]:
            patience = 0.0 if bell.failures else PATIENCE
            tries.add(bell.ring(alarms))
            await pause(self._sleep, patience, _one_took(tries))
            if any(each.done() and each.result() for each in tries):
                return

    async def _look(self) -> None:
        """Bring what is in memory to what is on disk: what was taken goes, what came in another way begins."""
        for alarm in tuple(self._unwritten):
            await self._store.add(alarm, self._day())
            self._unwritten.discard(alarm)
        written = self._ladders.keys() - self._unwritten
        there = {a.id: a for a in await self._store.open_alarms()}
        for gone in written - there.keys():
            self._drop(gone)
        fresh = [a for a in there.values() if a.id not in self._ladders and a.id not in written]
        if fresh and self._bells:
            last = await self._store.last_rung()
            for each in fresh:
                now = self._steady()
                self._ladders[each.id] = taken_up(now, self._clock(), last) if each.rang else begun(now)
        await self._forget(there)
        await self._remember_rehearsals()

    async def _forget(self, there: dict[bytes, OpenAlarm]) -> None:
        """Drop what is too old, but not before it rang, or was tried, once: a clock that jumps must silence nobody."""
        if not any(self._day() - a.day >= KEPT for a in there.values()):
            return
        now = self._steady()
        untried = {a for a, ladder in self._ladders.items() if not ladder.step and not (a in there and there[a].rang)}
        young = {a for a, began in self._since.items() if now - began < KEPT * DAY}
        for each in await self._store.forget_old(self._day(), untried | young):
            self._drop(each.id)
            log.error("nobody took an alarm for %d days%s: it is dropped", KEPT, "" if each.rang else ", it never rang")

    async def _remember_rehearsals(self) -> None:
        before, self._rehearsals = self._rehearsals, {r.mark: r for r in await self._store.rehearsals()}
        for bell in self._bells:
            newest = self._rehearsals.get(bell.sender.mark)
            if newest and newest.heard is not None and not newest.waits and newest != before.get(newest.mark):
                bell.failures = 0  # a person heard it since

    def _drop(self, alarm: bytes) -> None:
        self._ladders.pop(alarm, None)
        self._since.pop(alarm, None)

    async def _still_open(self, alarms: Collection[bytes]) -> Collection[bytes]:
        """Those that nobody took. Where the store can't say, all of them: rather once too often."""
        try:
            there = {a.id for a in await self._store.open_alarms()}
        except AlarmError:
            there = set(alarms)
        return [a for a in alarms if a in self._ladders and (a in there or a in self._unwritten)]

    async def _took(self, bell: Bell, alarms: Collection[bytes]) -> None:
        try:
            await self._store.note_rung(alarms, noted(self._clock()), self._bells.index(bell))
        except AlarmError as error:
            log.error("%s; after a restart it rings again", error)

    def _day(self) -> int:
        return int(self._clock()) // DAY


async def _one_took(tries: Collection[Awaitable[bool]]) -> None:
    """Until one of them is True, or all are done."""
    for each in asyncio.as_completed(list(tries)):
        if await each:
            return
