"""The real bot in a process of its own, with wrappers that kill it at a named point. Only tests start it.

python -m tests.faults.entry POINT COUNT DEBUG < settings as JSON
"""

import asyncio
import json
import logging
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot import running
from bot.channels.telegram.channel import Telegram
from bot.handoff.http import HttpConnector
from bot.machine.logs import quiet_logs
from bot.machine.process import run_until_signal
from bot.settings import Settings
from bot.store import Commit, Erase, Outcome
from bot.store.sqlite import SqliteStore


class Killer:
    """Kills this process, as power would, when its point was passed `count` times."""

    def __init__(self, count: int) -> None:
        self.left = count

    def passed(self) -> None:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def wire(point: str, count: int) -> None:
    killer = Killer(count)
    commit, call, http, done = SqliteStore.commit, Telegram._call, HttpConnector._call, SqliteStore.handed_over
    erased = SqliteStore.erased

    async def commit_(self: SqliteStore, turn: Commit) -> Outcome:
        if turn.updates and point == "before_commit":
            killer.passed()
        erases = any(isinstance(change, Erase) for change in turn.changes)
        if erases and point == "before_erasure":
            killer.passed()
        result = await commit(self, turn)
        if erases and point == "after_erasure":
            killer.passed()
        if turn.updates and point == "after_commit":
            killer.passed()
        return result

    async def call_(self: Telegram, method: str, values: dict[str, Any]) -> Any:
        sends = method in ("SendMessage", "EditMessageText")
        if sends and point == "before_send":
            killer.passed()
        result = await call(self, method, values)
        if sends and point == "while_sending":
            killer.passed()
        if method == "DeleteMessages" and point == "while_deleting":
            killer.passed()
        return result

    async def http_(self: HttpConnector, *words: Any, **named: Any) -> Any:
        result = await http(self, *words, **named)
        if point == "while_handing_over" or (words[0] == "DELETE" and point == "while_erasing"):
            killer.passed()
        return result

    async def done_(self: SqliteStore, report: str, version: int) -> list[bytes]:
        if point == "before_purge":
            killer.passed()
        keys = await done(self, report, version)
        if point == "after_purge":
            killer.passed()
        return keys

    async def erased_(self: SqliteStore, report: str) -> None:
        if point == "before_erased":
            killer.passed()
        await erased(self, report)

    SqliteStore.erased = erased_  # type: ignore[method-assign]
    SqliteStore.commit = commit_  # type: ignore[method-assign]
    Telegram._call = call_  # type: ignore[method-assign]
    HttpConnector._call = http_  # type: ignore[method-assign]
    SqliteStore.handed_over = done_  # type: ignore[method-assign]


def run(values: dict[str, Any], point: str, count: int, debug: bool, errors: Connection | None = None) -> None:
    """Until it is killed. `errors`: where a forked process writes what others write to their standard error."""
    if errors is not None:
        os.dup2(errors.fileno(), 2)
        errors.close()
    paths = ("state", "keys", "recipients")
    settings = Settings(**{k: Path(v) if k in paths else v for k, v in values.items()})
    wire(point, count)
    quiet_logs(logging.DEBUG if debug else logging.WARNING)
    if debug:
        # Every logger there is or will be, loud; what stays silent does so by itself.
        logging.getLogger().setLevel(logging.DEBUG)
        later = ("uvicorn.error", "uvicorn.asgi", "websockets.server", "websockets.protocol")
        for name in (*logging.root.manager.loggerDict, *later):
            logging.getLogger(name).setLevel(logging.DEBUG)
    run_until_signal(running.serve(settings))
    asyncio.set_event_loop(None)


if __name__ == "__main__":
    run(json.load(sys.stdin), sys.argv[1], int(sys.argv[2]), sys.argv[3] == "debug")
