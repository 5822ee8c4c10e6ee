"""The default store: one SQLite file, WAL, synchronous=FULL, many turns in one transaction.

Turns that wait while one transaction is written share the next: one fsync for all of them. A batch that fails is
retried turn by turn, so that a repeated update or a broken turn hurts nobody else.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, get_args

import aiosqlite

from bot.machine.database import BUSY, failed, opened, prepare
from bot.store import (
    AddPart,
    Change,
    ChoreRow,
    Commit,
    DropPart,
    DropParts,
    End,
    Erase,
    ErasureRow,
    Hand,
    OutboxReport,
    Outcome,
    Owe,
    PartRow,
    ReceiptRow,
    Stand,
    StoreError,
    Unwritable,
)
from bot.store.reading import ReadingConnection, Reads

MIGRATIONS = Path(__file__).parent / "migrations"
APPLICATION = 0x53746E65  # 'Stne'
BATCH = 256  # turns in one transaction at most
DAY = 86_400
UPDATES_KEPT = 2  # days
CHUNKS = (32, 8, 1)  # rows of one INSERT: few lengths, so that each is prepared once
SCRUB_WAITS = 100  # milliseconds that a scrub waits for a reader
Statements = Sequence[tuple[str, Sequence[tuple[Any, ...]]]]
NAMES = "instr(manifest, ?) > 0"
RINGS = b'"ring": true'  # as manifest.py writes it: no word of a person stands in a manifest
OF_VALUES = (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError)
_Job = tuple[Commit, "asyncio.Future[Outcome]"]


class _Moved(Exception):
    """A conversation of this batch has another revision than was thought."""


def _failed(error: sqlite3.Error, path: Path) -> StoreError:
    # Only the kind: SQLite's own text can hold a value.
    found = failed(error, path)
    return StoreError(f"the database failed: {found.what}", where=found.where, mend=found.mend)


class _Writing(aiosqlite.Connection):
    """A connection that writes a whole transaction in one visit to its thread: each visit waits for a busy loop."""

    async def transaction(self, revisions: Mapping[bytes, int], statements: Statements) -> None:
        """All of it, or nothing. Raises _Moved where a conversation does not stand at its revision any more."""
        await self._execute(self._write, revisions, statements)  # type: ignore[no-untyped-call]

    def _write(self, revisions: Mapping[bytes, int], statements: Statements) -> None:
        db = self._conn
        db.execute("BEGIN IMMEDIATE")
        try:
            marks = ",".join("?" * len(revisions))
            stored = dict(
                db.execute(f"SELECT id, revision FROM conversations WHERE id IN ({marks})", tuple(revisions)).fetchall()
            )
            if any(stored.get(who, 0) != revision for who, revision in revisions.items()):
                raise _Moved
            for sql, rows in statements:
                _run(db, sql, rows)
            db.execute("COMMIT")
        except Exception:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    async def change(self, sql: str, values: Iterable[Any] = ()) -> tuple[int, list[Any]]:
        """One statement, whole: an open cursor would keep the next transaction from its commit.

        Returns how many rows it changed, and what it gives.
        """
        changed: tuple[int, list[Any]] = await self._execute(self._change, sql, tuple(values))  # type: ignore[no-untyped-call]
        return changed

    def _change(self, sql: str, values: tuple[Any, ...]) -> tuple[int, list[Any]]:
        cursor = self._conn.execute(sql, values)
        rows = cursor.fetchall()
        return cursor.rowcount, rows

    async def empty_log(self) -> bool:
        """Write the log back into the file and cut it to nothing. False where a reader stands in the way."""
        return bool(await self._execute(self._empty_log))  # type: ignore[no-untyped-call]

    def _empty_log(self) -> bool:
        self._conn.execute(f"PRAGMA busy_timeout={SCRUB_WAITS}")
        try:
            busy, left, _ = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={BUSY}")
        return not busy and left <= 0


def _run(db: sqlite3.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """A statement for each row; several rows in one where it inserts.

    SQLite's thread waits for the event loop once a statement, up to 5 ms each where that one is busy.
    """
    if " VALUES (" not in sql:
        db.executemany(sql, rows)
        return
    done = 0
    for size in CHUNKS:
        while len(rows) - done >= size:
            db.execute(_of_several(sql, size), [value for row in rows[done : done + size] for value in row])
            done += size


@lru_cache(64)
def _of_several(sql: str, size: int) -> str:
    """An INSERT of one row, for so many."""
    head, _, rest = sql.partition(" VALUES (")
    marks, _, tail = rest.partition(")")
    return f"{head} VALUES " + ", ".join([f"({marks})"] * size) + tail


class SqliteStore:
    """See `bot.store.Store`. Open it with `await SqliteStore.open(path)`."""

    def __init__(self, write: _Writing, read: ReadingConnection, clock: Any, path: Path) -> None:
        self._path = path
        self._write_db, self._reads, self._clock = write, Reads(read), clock
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._lock = asyncio.Lock()
        self._writer = asyncio.create_task(self._run(), name="store writer")

    @classmethod
    async def open(cls, path: Path, clock: Any = None) -> "SqliteStore":
        """Raises SettingsError where the file can't be used. `clock()` gives seconds since 1970."""
        import time

        await asyncio.to_thread(prepare, path, MIGRATIONS, APPLICATION)
        connect = partial(sqlite3.connect, path, isolation_level=None)
        write = await opened(_Writing(connect, 64))
        try:
            read = await opened(ReadingConnection(connect, 64))
        except BaseException:
            write.stop()
            raise
        return cls(write, read, clock or time.time, path)

    async def close(self) -> None:
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        while not self._jobs.empty():
            self._jobs.get_nowait()[1].cancel()
        await self._write_db.close()
        await self._reads.close()

    async def commit(self, turn: Commit) -> Outcome:
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((turn, done))
        return await done

    async def _run(self) -> None:
        while True:
            jobs = [await self._jobs.get()]
            while len(jobs) < BATCH and not self._jobs.empty():
                jobs.append(self._jobs.get_nowait())
            async with self._lock:
                await self._write_batch(jobs)

    async def _write_batch(self, jobs: Sequence[_Job]) -> None:
        turns = [turn for turn, _ in jobs]
        try:
            touching = [turn for turn in turns if turn.revision]
            before = {turn.conversation: turn.revision - 1 for turn in touching}
            if len(before) < len(touching):
                raise _Moved  # two turns of one conversation: one after the other
            await self._write_db.transaction(before, _statements(turns, int(self._clock()) // DAY))
        except Exception as error:
            if len(jobs) > 1:
                for job in jobs:
                    await self._write_batch([job])
                return
            _, done = jobs[0]
            if done.done():
                return
            if isinstance(error, sqlite3.IntegrityError | _Moved) and await self._repeats(jobs[0][0]):
                done.set_result(Outcome.REPEATED)
            elif isinstance(error, _Moved):
                done.set_result(Outcome.MOVED)
            elif isinstance(error, sqlite3.Error) and not isinstance(error, OF_VALUES):
                done.set_exception(_failed(error, self._path))
            else:
                done.set_exception(Unwritable(f"a turn can't be written ({type(error).__name__})"))
            return
        for _, done in jobs:
            if not done.done():
                done.set_result(Outcome.WRITTEN)

    async def _repeats(self, turn: Commit) -> bool:
        with contextlib.suppress(StoreError):
            return bool(turn.updates and await self.seen(turn.updates))
        return False

    async def _change(self, sql: str, values: Iterable[Any] = ()) -> int:
        return (await self._visit(sql, values))[0]

    async def _changed(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        return (await self._visit(sql, values))[1]

    async def _visit(self, sql: str, values: Iterable[Any]) -> tuple[int, list[Any]]:
        async with self._lock:
            try:
                return await self._write_db.change(sql, values)
            except sqlite3.Error as error:
                raise _failed(error, self._path) from None

    async def _all(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        try:
            return await self._reads.all(sql, tuple(values))
        except sqlite3.Error as error:
            raise _failed(error, self._path) from None

    async def load(self, conversation: bytes) -> tuple[int, bytes] | None:
        rows = await self._all("SELECT revision, record FROM conversations WHERE id = ?", (conversation,))
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else None

    async def seen(self, updates: Sequence[bytes]) -> set[bytes]:
        marks = ",".join("?" * len(updates))
        rows = await self._all(f"SELECT id FROM updates WHERE id IN ({marks})", updates)
        return {bytes(r[0]) for r in rows}

    async def parts(self, conversation: bytes) -> list[PartRow]:
        sql = "SELECT number, header, payload FROM parts WHERE conversation = ? ORDER BY number"
        return [PartRow(n, bytes(h), bytes(p)) for n, h, p in await self._all(sql, (conversation,))]

    async def conversations(self) -> list[bytes]:
        return [bytes(r[0]) for r in await self._all("SELECT id FROM conversations")]

    async def due(self, now: int) -> list[bytes]:
        return [bytes(r[0]) for r in await self._all("SELECT id FROM conversations WHERE due <= ?", (now,))]

    async def chores(self, now: int) -> list[ChoreRow]:
        rows = await self._all("SELECT id, record, due FROM chores WHERE due <= ?", (now,))
        return [ChoreRow(bytes(i), bytes(r), d) for i, r, d in rows]

    async def chore_done(self, chore: bytes) -> None:
        await self._change("DELETE FROM chores WHERE id = ?", (chore,))

    async def receipt(self, lookup: bytes) -> ReceiptRow | None:
        rows = await self._all("SELECT lookup, day, expires FROM receipts WHERE lookup = ?", (lookup,))
        return ReceiptRow(bytes(rows[0][0]), rows[0][1], rows[0][2]) if rows else None

    async def outbox(self, now: int) -> list[tuple[str, int]]:
        sql = f"SELECT report, version FROM outbox WHERE ready <= ? ORDER BY {NAMES} DESC, ready, report"
        return [(r, v) for r, v in await self._all(sql, (now, RINGS))]

    async def is_waiting(self, key: str) -> bool:
        return bool(await self._all(f"SELECT 1 FROM outbox WHERE {NAMES} LIMIT 1", (key.encode(),)))

    async def outgoing(self, report: str) -> OutboxReport | None:
        sql = "SELECT manifest, signature, ready, version, key FROM outbox WHERE report = ?"
        rows = await self._all(sql, (report,))
        if not rows:
            return None
        parts = await self._all("SELECT name, data FROM outbox_parts WHERE report = ? ORDER BY name", (report,))
        manifest, signature, ready, version, key = rows[0]
        named = tuple((n, bytes(d)) for n, d in parts)
        return OutboxReport(report, version, bytes(manifest), signature, named, ready, bytes(key))

    async def outbox_keys(self) -> list[tuple[str, int, bytes]]:
        return [(r, v, bytes(k)) for r, v, k in await self._all("SELECT report, version, key FROM outbox")]

    async def handed_over(self, report: str, version: int) -> list[bytes]:
        sql = "DELETE FROM outbox WHERE report = ? AND version <= ? RETURNING key"
        return [bytes(row[0]) for row in await self._changed(sql, (report, version)) if row[0]]

    async def scrub(self) -> bool:
        # Deleted pages are overwritten (secure_delete), but older ones stand in the log until it is emptied. Who reads
        # (a backup) holds it open: no turn waits for that.
        async with self._lock:
            try:
                return await self._write_db.empty_log()
            except sqlite3.Error as error:
                raise _failed(error, self._path) from None

    async def erasures(self) -> list[ErasureRow]:
        return [ErasureRow(*row) for row in await self._all("SELECT report, owner, signature FROM erasures")]

    async def erased(self, report: str) -> None:
        await self._change("DELETE FROM erasures WHERE report = ?", (report,))

    async def waiting(self) -> int:
        return int((await self._all("SELECT count(*) FROM outbox"))[0][0])

    async def figures(self) -> tuple[int, int, int]:
        sql = "SELECT (SELECT count(*) FROM conversations), count(*), coalesce(min(ready), 0) FROM outbox"
        drafts, waiting, oldest = (await self._all(sql))[0]
        return int(drafts), int(waiting), int(oldest)

    async def forget_old(self, now: int) -> None:
        day = now // DAY
        await self._change("DELETE FROM updates WHERE day < ?", (day - UPDATES_KEPT,))
        await self._change("DELETE FROM receipts WHERE expires <= ?", (now,))

    async def move(self, moved: Callable[[int], int]) -> None:
        outbox = await self._all("SELECT report, ready FROM outbox")
        chores = await self._all("SELECT id, due FROM chores")
        receipts = await self._all("SELECT lookup, day, expires FROM receipts")
        days = await self._all("SELECT DISTINCT day FROM updates")
        received = [(lookup, *_received(day, expires, moved)) for lookup, day, expires in receipts]
        # Several days may become one: none is moved twice.
        placed = {day: moved(day * DAY + DAY // 2) // DAY for (day,) in days}
        cases = " ".join(f"WHEN {day} THEN {to}" for day, to in placed.items())
        statements: Statements = [
            ("UPDATE outbox SET ready = ? WHERE report = ?", [(moved(ready), report) for report, ready in outbox]),
            ("UPDATE chores SET due = ? WHERE id = ?", [(moved(due), id_) for id_, due in chores]),
            ("UPDATE receipts SET day = ?, expires = ? WHERE lookup = ?", [(d, e, look) for look, d, e in received]),
            (f"UPDATE updates SET day = CASE day {cases} END" if cases else "SELECT 1", [()]),
        ]
        async with self._lock:
            try:
                await self._write_db.transaction({}, statements)
            except sqlite3.Error as error:
                raise _failed(error, self._path) from None

    async def forget_drafts(self) -> int:
        gone = await self._change("DELETE FROM conversations")
        await self._change("DELETE FROM parts")
        await self._change("DELETE FROM chores")
        return gone


def _received(day: str, expires: int, moved: Callable[[int], int]) -> tuple[str, int]:
    """A receipt's two days, by a clock that was set."""
    noon = int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())
    later = moved(noon) // DAY - noon // DAY
    return f"{datetime.fromtimestamp(noon + later * DAY, UTC):%Y-%m-%d}", expires + later * DAY


def _statements(turns: Sequence[Commit], day: int) -> Statements:
    """One executemany a table. Order matters: a repeated update fails first, parts go before they come."""
    rows: dict[type, list[tuple[Any, ...]]] = {kind: [] for kind in get_args(Change)}
    received: list[tuple[Any, ...]] = []
    replaced: list[tuple[Any, ...]] = []
    files: list[tuple[Any, ...]] = []
    for turn in turns:
        who = turn.conversation
        for change in turn.changes:
            match change:
                case Stand(record, due):
                    rows[Stand].append((who, turn.revision, record, due))
                case End() | DropParts():
                    rows[type(change)].append((who,))
                case AddPart(part):
                    rows[AddPart].append((who, part.number, part.header, part.payload))
                case DropPart(number):
                    rows[DropPart].append((who, number))
                case Hand(report, receipt):
                    replaced.append((report.report,))
                    held = (report.report, report.version, report.manifest, report.signature, report.ready, report.key)
                    rows[Hand].append(held)
                    files += [(report.report, name, data) for name, data in report.parts]
                    if receipt is not None:
                        received.append((receipt.lookup, receipt.day, receipt.expires))
                case Erase(erasure, _):
                    replaced.append((erasure.report,))
                    rows[Erase].append((erasure.report, erasure.owner, erasure.signature))
                case Owe(chore):
                    rows[Owe].append((chore.id, chore.record, chore.due))
    lookups = [(c.lookup,) for t in turns for c in t.changes if isinstance(c, Erase)]
    return [
        ("INSERT INTO updates VALUES (?, ?)", [(u, day) for t in turns for u in t.updates]),
        ("DELETE FROM parts WHERE conversation = ?", rows[DropParts] + rows[End]),
        ("DELETE FROM parts WHERE conversation = ? AND number = ?", rows[DropPart]),
        ("INSERT INTO parts VALUES (?, ?, ?, ?)", rows[AddPart]),
        (
            "INSERT INTO conversations (id, revision, record, due) VALUES (?, ?, ?, ?) ON CONFLICT (id) "
            "DO UPDATE SET revision = excluded.revision, record = excluded.record, due = excluded.due",
            rows[Stand],
        ),
        ("DELETE FROM conversations WHERE id = ?", rows[End]),
        ("DELETE FROM outbox WHERE report = ?", replaced),
        ("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)", rows[Hand]),
        ("INSERT INTO outbox_parts VALUES (?, ?, ?)", files),
        ("INSERT INTO erasures VALUES (?, ?, ?)", rows[Erase]),
        ("DELETE FROM receipts WHERE lookup = ?", lookups),
        ("INSERT INTO receipts VALUES (?, ?, ?)", received),
        ("INSERT INTO chores VALUES (?, ?, ?)", rows[Owe]),
    ]
