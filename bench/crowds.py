"""One slow or hostile thing holds up no other (S03): a crowd beside calm reporters, whose waiting may at most double.

python -m bench.crowds [ROUNDS]

What a calm reporter waits alone and beside a crowd is measured in the same process, the one after the other. Thirty of
them stand for one: a single one does too little in a few seconds to know its hundredth part.
"""

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.api import Api
from bench.load import READING, Load
from bench.process import pinned
from bench.script import READS, actions_in
from bot.report.return_number import new_number

CALM, PAUSE = 30, 0.5  # calm reporters, and seconds from an answer to what one of them does next
ALONE, BESIDE = 4.0, 10.0  # seconds of each; a crowd that comes at once comes with the first of the ten
AT_MOST = 2.0  # times what a calm reporter waits alone
STORYTELLERS, NEWCOMERS = 300, 1_000
ON_THE_WAY = 50  # numbers that the guessing chat has under way at every moment
CROWD = 5_000_000  # the first chat of a crowd
LINE = "They came back in the night, two of them, and asked for the papers."
TYPED = ("/start", "1", "1", "1", "1", "1", LINE, "erase")  # as far as a line, by numbers alone; then erased

CALLS = ("/start", "danger", "2", "1", "1", LINE, "3", "1", "erase")  # a call for help to its end; then erased

Crowd = Callable[[Api], Awaitable[None]]


async def through(api: Api, chat: int, actions: Sequence[str]) -> None:
    """Each of these as soon as the one before was answered."""
    for action in actions:
        if action.startswith(READS):
            await asyncio.sleep(READING)
        api.answered[chat].clear()
        api.act(chat, action.removeprefix(READS))
        await api.answered[chat].wait()


async def guessing(api: Api) -> None:
    """One chat types return numbers as fast as they are taken."""
    while True:
        while api.waiting < ON_THE_WAY:
            api.act(CROWD, new_number())
        await asyncio.sleep(0.001)


async def ringing(api: Api) -> None:
    """One chat calls for help again and again, as fast as it is answered (S07)."""
    while True:
        await through(api, CROWD, CALLS)


async def refused(api: Api) -> None:
    """One chat whose messages the platform does not take for 5 s each time; its person goes on."""
    api.refused.add(CROWD)
    while True:
        for action in TYPED:
            api.act(CROWD, action)
            await asyncio.sleep(0.02)


async def agreed(api: Api, way: Sequence[str]) -> None:
    """All storytellers have agreed, and are asked for their story."""
    for first in range(0, STORYTELLERS, 50):
        await asyncio.gather(*(through(api, CROWD + n, way) for n in range(first, first + 50)))


async def telling(api: Api) -> None:
    """Each sends a line, reads that it is saved, sends the next. They begin within a second."""

    async def one(chat: int) -> None:
        await asyncio.sleep((chat - CROWD) / STORYTELLERS)
        while True:
            await through(api, chat, [LINE])
            await asyncio.sleep(0.02)

    await asyncio.gather(*(one(CROWD + n) for n in range(STORYTELLERS)))


async def coming(api: Api) -> None:
    """All of them in the same moment."""
    for n in range(NEWCOMERS):
        api.act(CROWD + n, "/start")


async def nobody(api: Api) -> None:
    """Nothing has to be made ready."""


@dataclass
class Waits:
    """Seconds that calm reporters waited."""

    p50: float
    p99: float

    @classmethod
    def of(cls, latencies: Sequence[float]) -> "Waits":
        ordered = sorted(latencies) or [0.0]
        return cls(statistics.median(ordered), ordered[int(len(ordered) * 0.99)])


async def beside(crowd: Crowd, ready: Crowd) -> tuple[Waits, Waits]:
    """What calm reporters wait alone, and beside the crowd."""
    api = Api()
    load = Load(api, CALM, actions_in("en"), PAUSE)
    async with pinned(api, "bench.ours", "en"):
        await ready(api)
        await load.begin()
        await asyncio.sleep(ALONE)
        alone = Waits.of(load.latencies)
        load.count_anew()
        task = asyncio.ensure_future(crowd(api))
        await asyncio.sleep(BESIDE)
        both = Waits.of(load.latencies)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await load.end()
    return alone, both


def crowds() -> list[tuple[str, Crowd, Crowd]]:
    """(name, what it does, what is made ready before)."""
    actions = actions_in("en")
    way = ("/start", *actions[: next(n for n, action in enumerate(actions) if not action.endswith("]"))])
    return [
        ("one chat guessing return numbers", guessing, nobody),
        ("one chat that rings", ringing, nobody),
        ("one chat under 429", refused, nobody),
        (f"{STORYTELLERS} storytellers", telling, partial(agreed, way=way)),
        (f"{NEWCOMERS:,} newcomers at once", coming, nobody),
    ]


def ratio(rounds: Sequence[tuple[Waits, Waits]]) -> float:
    return statistics.median(both.p99 / alone.p99 for alone, both in rounds)


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name, crowd, ready in crowds():
        found = [await beside(crowd, ready) for _ in range(rounds)]
        alone, both = sorted(found, key=lambda each: each[1].p99)[len(found) // 2]
        times = ratio(found)
        print(
            f"a calm reporter beside {name:<34} p50 {1000 * alone.p50:4.1f} -> {1000 * both.p50:5.1f} ms  "
            f"p99 {1000 * alone.p99:5.1f} -> {1000 * both.p99:6.1f} ms  {times:5.2f} times"
            + ("" if times <= AT_MOST else f"  more than {AT_MOST:.0f}")
        )


if __name__ == "__main__":
    asyncio.run(main())
