"""Time that only a test moves, and senders that fail as it says."""

import asyncio
import contextlib
import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from bot.alarm import Alarm, AlarmError, AlarmStore, MemoryStore, Notice, words_in
from tests.conftest import NOON

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


async def settled() -> None:
    """Until nothing in this loop can go on by itself."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(100_000):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("it never comes to rest")


class Time:
    """`steady` runs evenly; `clock` is the wall clock, which a test may also set."""

    def __init__(self) -> None:
        self.now, self.wall = 0.0, NOON
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def steady(self) -> float:
        return self.now

    def clock(self) -> float:
        return self.wall + self.now

    async def sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._count), done))
        await done

    async def pass_(self, seconds: float = 0) -> None:
        """Everything that would happen in this time happens, at its own instant."""
        end = self.now + seconds
        await settled()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, done = heapq.heappop(self._sleepers)
            self.now = max(self.now, at)
            if not done.done():
                done.set_result(None)
            await settled()
        self.now = end


class Target:
    """A sender. `state`: works, fails, hangs (30 s, then fails), breaks (an error that nobody foresaw),
    stubborn (fails, and loses a cancellation)."""

    weakness = ""

    def __init__(self, time: Time, number: int, hears: Callable[["Target"], None] = lambda target: None) -> None:
        self.name, self.mark, self.state = f"alarm {number} (test)", bytes([0, number]), "works"
        self.time, self.tries, self.taken = time, 0, list[tuple[float, Notice]]()
        self._hears = hears

    async def send(self, notice: Notice) -> None:
        self.tries += 1
        self._hears(self)
        if self.state == "hangs":
            await self.time.sleep(30)
        if self.state == "stubborn":
            with contextlib.suppress(asyncio.CancelledError):
                await self.time.sleep(30)
        if self.state == "breaks":
            raise ZeroDivisionError("+44 7700 900123")
        if self.state != "works":
            raise AlarmError("it failed", where=self.name)
        self.taken.append((self.time.now, notice))

    async def check(self) -> None:
        if self.state != "works":
            raise AlarmError("it failed", where=self.name, mend="mend it")

    @property
    def minutes(self) -> list[float]:
        """When it was rung, in minutes."""
        return [round(at / MINUTE, 2) for at, notice in self.taken if notice.kind == "ring"]


class House:
    """An alarm, its rota, its store; `start` again is a restart."""

    def __init__(self, count: int = 3, store: AlarmStore | None = None) -> None:
        self.time = Time()
        self.store: Any = store or MemoryStore()
        self.targets = [Target(self.time, n + 1) for n in range(count)]
        self.random = random.Random(1)
        self.alarm = self.new()
        self._running: asyncio.Task[None] | None = None

    def new(self, targets: Sequence[Target] | None = None) -> Alarm:
        """Another process on the same store, as a command is."""
        return Alarm(
            self.targets if targets is None else targets,
            self.store,
            words_in("en"),
            clock=self.time.clock,
            steady=self.time.steady,
            random=self.random.randbytes,
            sleep=self.time.sleep,
        )

    async def start(self) -> Alarm:
        await self.stop()
        self.alarm = self.new()
        self._running = asyncio.create_task(self.alarm.run())
        await self.time.pass_()
        return self.alarm

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    @property
    def minutes(self) -> list[list[float]]:
        return [t.minutes for t in self.targets]

    @property
    def rung(self) -> int:
        return sum(len(t.minutes) for t in self.targets)


def code_of(target: Target) -> str:
    """The digits of the last rehearsal that it took."""
    notice = next(n for _, n in reversed(target.taken) if n.kind == "rehearsal")
    return notice.body.rpartition("heard ")[2].strip()
