"""`make soak`: people come, tell, go silent, come back, erase; memory and descriptors stay flat. MINUTES, default 10.

python -m tests.faults.soak
"""

import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

from tests.channels.fake_telegram import FakeTelegram, Person
from tests.faults.process import Agent, Process

ALIVE = 40  # people at a time
WARM = 0.25  # of the time, before the first figure that counts
GROWTH = 1.15  # of memory, from then on


def figures(pid: int) -> tuple[int, int]:
    """(kilobytes in memory, open descriptors)."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


async def silent(person: Person) -> None:
    """Begins, writes something, and is never heard of again."""
    await person.says("/start")
    for label, then in (("Yes, go on", "Do you agree"), ("Yes, I agree", "If you stop"), ("No, destroy it", "Who are")):
        await person.reads("safe to write" if label == "Yes, go on" else "", 30)
        await person.presses(label)
        await person.reads(then, 30)


async def takes_back(person: Person) -> None:
    await silent(person)
    await person.says("erase")
    await person.reads("We erased it here", 30)


async def life(server: FakeTelegram, number: int, chance: random.Random) -> None:
    person = Person(server, 1_000_000 + number)
    kind = chance.random()
    if kind < 0.2:
        await silent(person)
    elif kind < 0.4:
        await takes_back(person)
    else:
        agent = Agent(person, [f"{number}: one", f"{number}: two"], danger=kind > 0.85)
        await asyncio.wait_for(agent.act(), 120)
    server.chats.pop(person.id, None)


async def main() -> None:
    minutes = float(os.environ.get("MINUTES", "10"))
    chance, began, number = random.Random(7), time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        async with FakeTelegram() as server:
            process = Process(Path(folder), server, fresh=True)
            await process.start()
            assert process.process is not None
            living: set[asyncio.Task[None]] = set()
            first: tuple[int, int] | None = None
            shown = 0.0
            while (passed := time.monotonic() - began) < minutes * 60:
                while len(living) < ALIVE:
                    living.add(asyncio.create_task(life(server, number, chance)))
                    number += 1
                done, living = await asyncio.wait(living, timeout=1, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                server.calls.clear()
                server.answered.clear()
                now = figures(process.process.pid)
                if first is None and passed > minutes * 60 * WARM:
                    first = now
                if passed - shown > 30:
                    shown = passed
                    print(f"{passed:4.0f} s  {number} people  {now[0] / 1024:.0f} MB  {now[1]} descriptors", flush=True)
            for task in living:
                task.cancel()
            await asyncio.gather(*living, return_exceptions=True)
            last = figures(process.process.pid)
            await process.kill(15)
            assert server.complaints == []
    assert first is not None
    print(
        f"{number} people; memory {first[0] / 1024:.0f} to {last[0] / 1024:.0f} MB, descriptors {first[1]} to {last[1]}"
    )
    assert last[0] < first[0] * GROWTH, "memory grows"
    assert last[1] <= first[1] + 20, "descriptors grow"


if __name__ == "__main__":
    asyncio.run(main())
