"""An alarm in a process of its own, killed at a named point as power would. Only tests start it.

python -m tests.alarm.entry FOLDER URL POINT COUNT: rings COUNT times, prints each id once it is durable, and goes on.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path

from bot.alarm import Alarm, Notice, SqliteAlarms, words_in
from bot.alarm.push import PushSender
from bot.alarm.targets import Push


def killed_at(here: str, point: str) -> None:
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)


def wire(point: str) -> None:
    add, note, send = SqliteAlarms.add, SqliteAlarms.note_rung, PushSender.send

    async def add_(self: SqliteAlarms, alarm: bytes, day: int) -> None:
        killed_at("before_add", point)
        await add(self, alarm, day)
        killed_at("after_add", point)

    async def send_(self: PushSender, notice: Notice) -> None:
        killed_at("before_send", point)
        await send(self, notice)
        killed_at("after_send", point)

    async def note_(self: SqliteAlarms, alarms: Collection[bytes], minute: int, place: int) -> None:
        await note(self, alarms, minute, place)
        killed_at("after_note", point)

    SqliteAlarms.add, SqliteAlarms.note_rung, PushSender.send = add_, note_, send_  # type: ignore[method-assign]


async def main(folder: Path, url: str, point: str, count: int) -> None:
    wire(point)
    store = await SqliteAlarms.open(folder / "alarm.db")
    sender = PushSender("alarm 1 (https)", Push(url, ""))
    words = words_in("en")
    alarm = Alarm([sender], store, words, clock=time.time, steady=time.monotonic, random=os.urandom)
    running = asyncio.create_task(alarm.run())
    if point == "after_add":  # the loop that would ring is not faster than the kill
        running.cancel()
    for number in range(count):
        print((await alarm.ring(number)).hex(), flush=True)
    await running


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
