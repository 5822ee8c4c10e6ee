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

from bench.load import Load
from bench.script import actions_in
from bot.seal.receipt import derive

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


async def measure(name: str, module: str, language: str, seconds: float, reporters: int) -> Figures:
    cores = sorted(os.sched_getaffinity(0))
    load = Load(reporters, actions_in(language))
    port = await load.serve()
    with tempfile.TemporaryDirectory() as folder:
        bot = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", module, folder, f"http://127.0.0.1:{port}", language], stderr=subprocess.PIPE
        )
        try:
            os.sched_setaffinity(bot.pid, {cores[-1]})
            assert bot.stderr is not None
            await asyncio.to_thread(bot.stderr.readline)
            await asyncio.sleep(1)
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
    for name, module, language in (
        ("stonechat", "bench.ours", "en"),
        ("stonechat, in Arabic", "bench.ours", "ar"),
        ("ConversationHandler, durable", "bench.peer", "en"),
    ):
        os.sched_setaffinity(0, {cores[0]})
        found.append(await measure(name, module, language, seconds, reporters))
    ours, arabic, peer = found
    print(f"{reporters} reporters, {seconds:.0f} s each, one core for the bot; receipt {receipt:.0f} ms a report")
    for each in found:
        print(
            f"{each.name:<30} {each.rate:7.0f} updates/s  {each.cpu_an_update:5.2f} ms CPU an update  "
            f"p50 {1000 * each.p50:4.0f} ms  p99 {1000 * each.p99:4.0f} ms  {each.reports} reports"
        )
    without = ours.cpu_an_update - receipt * ours.reports / max(1, ours.updates)
    print(f"stonechat without the receipt: {without:.2f} ms CPU an update")
    print(f"in Arabic: {arabic.cpu_an_update / ours.cpu_an_update:.2f} times the CPU an update")
    print(f"ratio: {ours.rate / peer.rate:.2f} times the peer's updates a second")


if __name__ == "__main__":
    asyncio.run(main())
