"""The default AlarmStore: a small SQLite file of its own, which the bot, the intake and the commands open together."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.alarm.rehearsing import Rehearsed
from bot.alarm.sending import AlarmError
from bot.alarm.store import KEPT, OpenAlarm
from bot.machine.database import PRAGMAS, prepare

MIGRATIONS = Path(__file__).parent / "migrations"
APPLICATION = 0x53746E41  # 'StnA'
Found = TypeVar("Found")


class SqliteAlarms:
    """See `bot.alarm.store.AlarmStore`. Open it with `await SqliteAlarms.open(path)`.

    One thread has the connection, and each method is one visit to it: a caller who is cancelled leaves no transaction
    open. What was deleted is overwritten, in the log too.
    """

    def __init__(self, db: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        """Call `open` instead. `thread` is the only one that uses `db`."""
        self._db, self._thread = db, thread
        self._unscrubbed = True  # what a process before this one deleted may stand in the log

    @classmethod
    async def open(cls, path: Path) -> "SqliteAlarms":
        """Raises SettingsError where the file can't be used."""
        thread = ThreadPoolExecutor(1, "alarms")

        def connect() -> sqlite3.Connection:
            prepare(path, MIGRATIONS, APPLICATION)
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for pragma in PRAGMAS:
                db.execute(pragma).fetchall()
            return db

        try:
            return cls(await asyncio.get_running_loop().run_in_executor(thread, connect), thread)
        except BaseException:
            thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Close the file. It is not used after."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._db.close)
        self._thread.shutdown(wait=False)

    async def _visit(self, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._whole, work))

    def _whole(self, work: Callable[[], Found]) -> Found:
        """`work` as one transaction, all or nothing."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                found = work()
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._scrub()
            return found
        except sqlite3.Error as error:
            # Only the kind: SQLite's own text can hold a value.
            raise AlarmError(
                f"the alarms' database failed ({type(error).__name__})", mend="see disk space and 'stonechat doctor'"
            ) from None

    def _scrub(self) -> None:
        """Empty the log after a deletion. Somebody else who reads right now is in the way: then at the next visit."""
        if self._unscrubbed:
            self._unscrubbed = bool(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    async def add(self, alarm: bytes, day: int) -> None:
        """Open an alarm, durably. One that is open already stays as it is."""
        await self._visit(
            lambda: self._db.execute("INSERT INTO alarms VALUES (?, ?, 0) ON CONFLICT (id) DO NOTHING", (alarm, day))
        )

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        """Those that nobody took, in the order of their ids."""
        return await self._visit(self._open)

    def _open(self) -> tuple[OpenAlarm, ...]:
        rows = self._db.execute("SELECT id, day, rang FROM alarms ORDER BY id").fetchall()
        return tuple(OpenAlarm(bytes(i), day, bool(rang)) for i, day, rang in rows)

    async def note_rung(self, alarms: Collection[bytes], minute: int, place: int) -> None:
        """These rang; minute and place are kept once for all of them."""

        def note() -> None:
            sql = "UPDATE alarms SET rang = 1 WHERE id = ?"
            if sum(self._db.execute(sql, (alarm,)).rowcount for alarm in alarms):
                self._db.execute("INSERT OR REPLACE INTO last_rung VALUES (1, ?, ?)", (minute, place))

        await self._visit(note)

    async def last_rung(self) -> tuple[int, int] | None:
        """(minute, place) of the last ring, while any alarm is open."""

        def last() -> tuple[int, int] | None:
            row = self._db.execute("SELECT minute, place FROM last_rung").fetchone()
            return (int(row[0]), int(row[1])) if row else None

        return await self._visit(last)

    async def taken(self, alarms: Collection[bytes] | None = None) -> int:
        """Drop these, or every one that rang. Returns how many there were."""

        def take() -> int:
            if alarms is None:
                return self._drop([a.id for a in self._open() if a.rang])
            return self._drop(list(alarms))

        return await self._visit(take)

    async def forget_old(self, today: int, spare: Collection[bytes] = ()) -> Sequence[OpenAlarm]:
        """Drop alarms of KEPT days ago and before, except `spare`; they are returned."""

        def forget() -> tuple[OpenAlarm, ...]:
            old = tuple(a for a in self._open() if today - a.day >= KEPT and a.id not in spare)
            self._drop([a.id for a in old])
            return old

        return await self._visit(forget)

    def _drop(self, alarms: Sequence[bytes]) -> int:
        gone = sum(self._db.execute("DELETE FROM alarms WHERE id = ?", (alarm,)).rowcount for alarm in alarms)
        if gone:
            self._db.execute("DELETE FROM last_rung WHERE NOT EXISTS (SELECT 1 FROM alarms)")
            self._unscrubbed = True
        return gone

    async def rehearsed(self, rehearsal: Rehearsed) -> None:
        """Remember it, in place of an earlier one of the same mark."""
        row = rehearsal.mark, rehearsal.sent, rehearsal.code, rehearsal.waits, rehearsal.heard
        await self._visit(lambda: self._db.execute("INSERT OR REPLACE INTO rehearsals VALUES (?, ?, ?, ?, ?)", row))

    async def rehearsals(self) -> Sequence[Rehearsed]:
        """The newest of each target."""

        def all_() -> tuple[Rehearsed, ...]:
            rows = self._db.execute("SELECT mark, sent, code, waits, heard FROM rehearsals ORDER BY mark").fetchall()
            return tuple(
                Rehearsed(bytes(m), s, bytes(c) if c is not None else None, bool(w), h) for m, s, c, w, h in rows
            )

        return await self._visit(all_)
