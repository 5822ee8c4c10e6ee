"""`make soak`: people come, tell, go silent, come back, erase; memory and descriptors stay flat. MINUTES, default 10.

LIES=0.2: of all calls to the platform so many are cut, delayed or lied to (tests/faults/between.py); then it is looked
at besides whether each report came whole, nothing of it twice, and no message was sent twice whose answer was heard.

python -m tests.faults.soak
"""

import asyncio
import contextlib
import os
import random
import tempfile
import time
import traceback
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.report.opened import open_report
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.conftest import IDENTITY, lying_in
from tests.faults.between import Between
from tests.faults.process import Agent, Process

ALIVE = 40  # people at a time
LOOKS = 20.0  # seconds until somebody presses again
WARM = 0.25  # of the time, before the first figure that counts
GROWTH = 1.15  # of memory, from then on


def figures(pid: int) -> tuple[int, int]:
    """(kilobytes in memory, open descriptors)."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


class Counting(FakeTelegram):
    """Counts messages that came twice: the same words right after the same, and nobody had written in between."""

    doubled = 0

    async def push(self, content: dict[str, Any], **more: Any) -> int:
        """What people do."""
        for each in content.values():
            self._last.pop(each.get("message", each)["chat"]["id"], None)
        return await super().push(content, **more)

    async def _sendmessage(self, values: dict[str, Any]) -> Any:
        chat = int(values["chat_id"])
        self.doubled += self._last.get(chat) == values["text"]
        self._last[chat] = values["text"]
        return await super()._sendmessage(values)

    @cached_property
    def _last(self) -> dict[int, str]:
        return {}


async def silent(person: Person, patience: float) -> None:
    """Begins, writes something, and is never heard of again."""
    await person.says("/start")
    await person.reads("safe to write", patience)
    for label, then in (("Yes, go on", "Do you agree"), ("Yes, I agree", "If you stop"), ("No, destroy it", "Who are")):
        await insists(person, label, then, patience)


async def insists(person: Person, label: str, then: str, patience: float) -> None:
    """Whom nothing answers presses again: the notice that asked to read first may be lost."""
    for _ in range(int(patience / LOOKS)):
        await person.presses(label)
        with contextlib.suppress(AssertionError):
            await person.reads(then, LOOKS)
            return
        if not any(label == button["text"] for shown in person.messages() for row in shown.rows for button in row):
            break
    await person.reads(then, patience)


async def takes_back(person: Person, patience: float) -> None:
    await silent(person, patience)
    await person.says("erase")
    await person.reads("We erased it here", patience)


async def life(
    server: FakeTelegram, number: int, chance: random.Random, patience: float, told: dict[int, bool]
) -> None:
    """`told` gets who sent a whole report, and whether they were calm."""
    person = Person(server, 1_000_000 + number)
    kind = chance.random()
    if kind < 0.2:
        await silent(person, patience)
    elif kind < 0.4:
        await takes_back(person, patience)
    else:
        agent = Agent(person, [f"{number}: one", f"{number}: two"], danger=kind > 0.85)
        try:
            await asyncio.wait_for(agent.act(), patience * 4)
        except TimeoutError:
            raise AssertionError(f"{number} waits: {[m.text for m in person.messages()]}") from None
        told[number] = kind <= 0.85
    server.chats.pop(person.id, None)


def check_reports(inbox: Path, told: dict[int, bool]) -> None:
    """Who was calm wrote two lines: both came, once each. Whom a question reached twice in danger answered it twice."""
    lines: Counter[str] = Counter()
    for path in lying_in(inbox):
        with contextlib.suppress(FileNotFoundError):
            lines.update(open_report(path, [IDENTITY]).texts.values())
    for number, is_calm in told.items():
        if is_calm:
            assert (lines[f"{number}: one"], lines[f"{number}: two"]) == (1, 1), number
        else:
            assert lines[f"{number}: one"] >= 1, number
    print(f"{len(told)} reports, each whole and nothing in it twice")


async def main() -> None:
    minutes, share = float(os.environ.get("MINUTES", "10")), float(os.environ.get("LIES", "0"))
    chance, began, number = random.Random(7), time.monotonic(), 0
    patience = 600.0 if share else 30.0
    told: dict[int, bool] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with Counting() as server, Between(server.port, 7, share) as between:
            process = Process(Path(folder), server, fresh=True, api=between.url if share else "")
            await process.start()
            assert process.process is not None
            living: set[asyncio.Task[None]] = set()
            first: tuple[int, int] | None = None
            shown = 0.0
            while (passed := time.monotonic() - began) < minutes * 60:
                while len(living) < ALIVE:
                    living.add(asyncio.create_task(life(server, number, chance, patience, told)))
                    number += 1
                done, living = await asyncio.wait(living, timeout=1, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if error := task.exception():
                        tell(error, process)
                server.calls.clear()
                server.answered.clear()
                now = figures(process.process.pid)
                if first is None and passed > minutes * 60 * WARM:
                    first = now
                if passed - shown > 30:
                    shown = passed
                    print(f"{passed:4.0f} s  {number} people  {now[0] / 1024:.0f} MB  {now[1]} descriptors", flush=True)
            last = figures(process.process.pid)
            await process.kill(15)
            for (
                task
            ) in living:  # who is cancelled inside a condition may keep its lock (Python 3.11): nobody waits long
                task.cancel()
            await asyncio.wait(living, timeout=5)
            assert server.complaints == []
            print(f"{server.doubled} messages stand there twice")
            if share:
                check_reports(Path(folder) / "inbox", told)
                check_between(server, between, bytes(process.errors))
    assert first is not None
    print(
        f"{number} people; memory {first[0] / 1024:.0f} to {last[0] / 1024:.0f} MB, descriptors {first[1]} to {last[1]}"
    )
    assert last[0] < first[0] * GROWTH, "memory grows"
    assert last[1] <= first[1] + 20, "descriptors grow"


def tell(error: BaseException, process: Process) -> None:
    """Somebody was left alone. At once: the end of a loop full of cancelled waits may not come (Python 3.11)."""
    traceback.print_exception(error)
    print(process.errors[-4000:].decode(errors="replace"), flush=True)
    if process.alive and process.process is not None:
        os.kill(process.process.pid, 9)
    os._exit(1)


def check_between(server: Counting, between: Between, log: bytes) -> None:
    """A message was sent again only where the answer to the first was never heard."""
    sends, unheard = between.reached.get("sendmessage", 0), between.lost.get("sendmessage", 0)
    print(f"calls spoilt: {dict(between.told.most_common())}")
    print(f"{sends} messages reached the platform, {unheard} answers were spoilt, {server.doubled} stand there twice")
    print(f"{log.count(bytes([10]))} lines of log")
    assert server.doubled <= unheard, "sent twice without need"
    assert TOKEN.encode() not in log


if __name__ == "__main__":
    asyncio.run(main())
