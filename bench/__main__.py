"""`make bench`: ours and a peer in one run, the bot pinned to one core, the load to another.

python -m bench [SECONDS] [REPORTERS]
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from bench.load import RAMP, Load
from bench.script import actions_in
from bot.seal.receipt import derive

NUMBERS = 110  # return numbers derived ahead for each second: more than there can be reports
TICK = os.sysconf("SC_CLK_TCK")


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


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def measure(name: str, module: str, language: str, seconds: float, reporters: int, numbers: int = 0) -> Figures:
    cores = sorted(os.sched_getaffinity(0))
    load = Load(reporters, actions_in(language))
    port = await load.serve()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as keys:
        bot = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", module, folder, f"http://127.0.0.1:{port}", language, str(numbers), keys],
            stderr=subprocess.PIPE,
        )
        try:
            assert bot.stderr is not None
            await asyncio.to_thread(bot.stderr.readline)
            await asyncio.sleep(1)
            for thread in os.listdir(f"/proc/{bot.pid}/task"):
                os.sched_setaffinity(int(thread), {cores[-1]})
            os.sched_setaffinity(0, {cores[0]})
            await load.begin()
            began, before = time.perf_counter(), cpu_seconds(bot.pid)
            await load.run(seconds)
            spent, took = cpu_seconds(bot.pid) - before, time.perf_counter() - began
        finally:
            bot.kill()
            bot.wait()
            await load.close()
    times = sorted(load.latencies) or [0.0]
    return Figures(name, load.done, took, spent, load.reports, statistics.median(times), times[int(len(times) * 0.99)])


def receipt_milliseconds() -> float:
    began = time.process_time()
    for _ in range(5):
        derive("1" * 20, b"s" * 16)
    return (time.process_time() - began) * 200


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 12
    reporters = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    cores = sorted(os.sched_getaffinity(0))
    receipt = receipt_milliseconds()
    found = []
    for name, module, language, numbers in (
        ("stonechat", "bench.ours", "en", int((seconds + RAMP + 1) * NUMBERS)),
        ("stonechat, in Arabic", "bench.ours", "ar", int((seconds + RAMP + 1) * NUMBERS)),
        ("stonechat, numbers derived meanwhile", "bench.ours", "en", 0),
        ("ConversationHandler, durable", "bench.peer", "en", 0),
        ("aiogram, keeps nothing", "bench.fast_peer", "en", 0),
    ):
        os.sched_setaffinity(0, set(cores))
        found.append(await measure(name, module, language, seconds, reporters, numbers))
    ours, arabic, _, peer, fast = found
    print(f"{reporters} reporters, {seconds:.0f} s each, one core for the bot; receipt {receipt:.0f} ms a report")
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
