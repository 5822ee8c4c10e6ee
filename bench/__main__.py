"""`make bench`: ours and a peer in one run, the bot pinned to one core, the load to another.

python -m bench [SECONDS] [REPORTERS] [ROUNDS]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.api import Api
from bench.load import Load
from bench.process import cpu_seconds, pinned
from bench.script import actions_in


@dataclass
class Figures:
    name: str
    updates: int
    seconds: float
    cpu: float
    reports: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.updates / self.seconds

    @property
    def cpu_an_update(self) -> float:
        """Milliseconds."""
        return 1000 * self.cpu / max(1, self.updates)


async def measure(name: str, module: str, language: str, seconds: float, reporters: int) -> Figures:
    api = Api()
    load = Load(api, reporters, actions_in(language))
    async with pinned(api, module, language) as bot:
        await load.begin()
        began, before = time.perf_counter(), cpu_seconds(bot.pid)
        await asyncio.sleep(seconds)
        spent, took = cpu_seconds(bot.pid) - before, time.perf_counter() - began
        await load.end()
    times = sorted(load.latencies) or [0.0]
    return Figures(name, load.done, took, spent, load.reports, statistics.median(times), times[int(len(times) * 0.99)])


BOTS = (
    ("stonechat", "bench.ours", "en"),
    ("stonechat, in Arabic", "bench.ours", "ar"),
    ("ConversationHandler, durable", "bench.peer", "en"),
    ("aiogram, keeps nothing", "bench.fast_peer", "en"),
)


def middle(rounds: Sequence[Figures]) -> Figures:
    """The round of the median rate: a shared machine is quicker or slower for a while."""
    return sorted(rounds, key=lambda figures: figures.rate)[len(rounds) // 2]


async def main() -> None:
    seconds, reporters, rounds = (float(word) for word in (*sys.argv[1:4], *("6", "600", "3")[len(sys.argv) - 1 :]))
    measured: dict[str, list[Figures]] = {name: [] for name, *_ in BOTS}
    for _ in range(int(rounds)):
        for name, module, language in BOTS:
            measured[name].append(await measure(name, module, language, seconds, int(reporters)))
    ours, arabic, peer, fast = found = [middle(figures) for figures in measured.values()]
    print(f"{reporters:.0f} reporters, medians of {rounds:.0f} rounds of {seconds:.0f} s, one core for the bot")
    for each in found:
        print(
            f"{each.name:<36} {each.rate:7.0f} updates/s  {each.cpu_an_update:5.2f} ms CPU an update  "
            f"p50 {1000 * each.p50:4.0f} ms  p99 {1000 * each.p99:4.0f} ms  {each.reports} reports"
        )
    print(f"in Arabic: {arabic.cpu_an_update / ours.cpu_an_update:.2f} times the CPU an update")
    print(f"ratio: {ours.rate / peer.rate:.2f} times the durable peer's updates a second")
    print(f"ratio: {ours.rate / fast.rate:.2f} times those of the peer that keeps nothing")


if __name__ == "__main__":
    asyncio.run(main())
