"""A closed loop of reporters: each does the next thing a while after the bot answered, from first word to last."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.api import Api
from bench.script import READS

RAMP = 8.0  # seconds until all reporters are there: about as long as one of them takes
READING = 1.5  # seconds from an answer to a press that binds
REACTION = 0.02  # seconds from an answer to what its reporter does next: nobody overtakes the bot's own answer
FIRST_CHAT = 1_000


@dataclass
class Load:
    """`latencies` are seconds from an update's arrival at the server to the bot's answer."""

    api: Api
    reporters: int
    actions: Sequence[str]
    reaction: float = REACTION
    ramp: float = RAMP
    latencies: list[float] = field(default_factory=list)
    done: int = 0
    reports: int = 0
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def begin(self) -> None:
        """Reporters come one after the other, as people do, so that they are not all at the same question."""
        waits = [n * self.ramp / self.reporters for n in range(self.reporters)]
        self._tasks = [asyncio.create_task(self._reporter(FIRST_CHAT + n, wait)) for n, wait in enumerate(waits)]
        await asyncio.sleep(self.ramp + 1)
        self.count_anew()

    def count_anew(self) -> None:
        """What was measured so far is forgotten."""
        self.latencies, self.done, self.reports = [], 0, 0

    async def end(self) -> None:
        """Nobody does anything more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reporter(self, chat: int, wait: float) -> None:
        await asyncio.sleep(wait)
        while True:
            for action in ("/start", *self.actions):
                await self._do(chat, action)
            self.reports += 1
            self.api.forget(chat)
            chat += self.reporters

    async def _do(self, chat: int, action: str) -> None:
        if action.startswith(READS):
            await asyncio.sleep(READING)
        answered = self.api.answered[chat]
        answered.clear()
        began = time.perf_counter()
        self.api.act(chat, action.removeprefix(READS))
        await answered.wait()
        self.latencies.append(time.perf_counter() - began)
        self.done += 1
        await asyncio.sleep(self.reaction)
