"""Reads that come together share a visit to SQLite's thread, and none suffers from another."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from bot.store.reading import ReadingConnection, Reads


@pytest.fixture
async def db(tmp_path: Path) -> ReadingConnection:
    connection = ReadingConnection(partial(sqlite3.connect, tmp_path / "x.db", isolation_level=None), 64)
    await connection
    await connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    await connection.execute("INSERT INTO t VALUES (1), (2), (3)")
    return connection


async def test_many_reads_are_few_visits(db: ReadingConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    visits: list[int] = []
    inner = db.all

    async def counted(queries):  # type: ignore[no-untyped-def]
        visits.append(len(queries))
        return await inner(queries)

    monkeypatch.setattr(db, "all", counted)
    reads = Reads(db)
    found = await asyncio.gather(*(reads.all("SELECT a FROM t WHERE a = ?", (n,)) for n in range(1, 101)))
    assert [len(rows) for rows in found] == [1, 1, 1] + [0] * 97
    assert sum(visits) == 100
    assert len(visits) <= 2
    await reads.close()


async def test_one_that_fails_fails_alone(db: ReadingConnection) -> None:
    reads = Reads(db)
    good, bad, again = await asyncio.gather(
        reads.all("SELECT a FROM t", ()),
        reads.all("SELECT b FROM nowhere", ()),
        reads.all("SELECT count(*) FROM t", ()),
        return_exceptions=True,
    )
    assert len(good) == 3
    assert isinstance(bad, sqlite3.Error)
    assert again == [(3,)]
    await reads.close()


async def test_nobody_waits_for_a_closed_store(db: ReadingConnection) -> None:
    reads = Reads(db)
    waiting = asyncio.ensure_future(reads.all("SELECT a FROM t", ()))
    await asyncio.sleep(0)
    await reads.close()
    done, _ = await asyncio.wait([waiting], timeout=5)
    assert done
