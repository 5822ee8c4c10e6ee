"""Where an update's CPU goes, as a picture: python -m bench.picture [docs/profile.svg]"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from bench.api import Api
from bench.load import Load
from bench.process import cpu_seconds, pinned
from bench.script import actions_in

SECONDS, REPORTERS = 8, 600
LEFT, SCALE, LINE = 190, 1_600, 30  # of the picture: labels' width, pixels a millisecond, height of a bar's line
THREADS = "SQLite, files (other threads)"


def thread_seconds(pid: int) -> tuple[float, float]:
    """CPU of the event loop's thread, and of all others."""
    own = cpu_seconds(pid, pid)
    return own, sum(cpu_seconds(pid, int(t)) for t in os.listdir(f"/proc/{pid}/task")) - own


async def shares() -> dict[str, float]:
    """Room to milliseconds of CPU an update."""
    api = Api()
    load = Load(api, REPORTERS, actions_in("en"))
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples"
        async with pinned(api, "bench.ours", "en", str(samples)) as bot:
            await load.begin()
            bot.send_signal(signal.SIGUSR1)
            before = thread_seconds(bot.pid)
            await asyncio.sleep(SECONDS)
            own, others = (after - first for after, first in zip(thread_seconds(bot.pid), before, strict=True))
            done = load.done
            await load.end()
            bot.terminate()
            await asyncio.to_thread(bot.wait)
        counted = json.loads(samples.read_text())
    whole = sum(counted.values())
    found = {room: 1000 * own / done * count / whole for room, count in counted.items()}
    return found | {THREADS: 1000 * others / done}


def draw(found: dict[str, float]) -> str:
    """Bars, the longest first."""
    ordered = sorted(found.items(), key=lambda each: -each[1])
    width, height = LEFT + int(ordered[0][1] * SCALE) + 90, 56 + LINE * len(ordered)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="26" font-size="15">CPU of one update: {sum(found.values()):.2f} ms</text>',
    ]
    for order, (room, spent) in enumerate(ordered):
        y = 44 + LINE * order
        rows += [
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(room)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{max(1, round(spent * SCALE))}" height="20" rx="2" fill="#2f6f8f"/>',
            f'<text x="{LEFT + round(spent * SCALE) + 8}" y="{y + 15}">{spent:.3f} ms</text>',
        ]
    return "\n".join([*rows, "</svg>", ""])


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/profile.svg")
    path.write_text(draw(asyncio.run(shares())), encoding="utf-8")
    print(f"{path} is written")
