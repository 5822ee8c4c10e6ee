"""Reads from SQLite: those that come while others are under way share one visit to its thread.

A visit costs more than what is read in it, and waits for a busy event loop. A thousand people who come at once were two
thousand visits.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite

Query = tuple[str, Sequence[Any]]
Found = list[Any] | sqlite3.Error


class ReadingConnection(aiosqlite.Connection):
    """A connection that answers several queries in one visit to its thread."""

    async def all(self, queries: Sequence[Query]) -> list[Found]:
        """For each its rows, or why there are none."""
        return list(await self._execute(self._all, queries))  # type: ignore[no-untyped-call]

    def _all(self, queries: Sequence[Query]) -> list[Found]:
        return [self._one(*query) for query in queries]

    def _one(self, sql: str, values: Sequence[Any]) -> Found:
        try:
            return self._conn.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            return error


class Reads:
    """One visit after the other."""

    def __init__(self, db: ReadingConnection) -> None:
        self._db = db
        self._waiting: list[tuple[Query, asyncio.Future[list[Any]]]] = []
        self._task: asyncio.Task[None] | None = None

    async def all(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a query. Raises sqlite3.Error."""
        done: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(((sql, values), done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._visits(), name="store reads")
        return await done

    async def _visits(self) -> None:
        while self._waiting:
            jobs, self._waiting = self._waiting, []
            try:
                found = await self._db.all([query for query, _ in jobs])
            except Exception as error:  # the connection is closed: nobody is left waiting
                found = [error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError("closed")] * len(jobs)
            for (_, done), rows in zip(jobs, found, strict=True):
                if done.done():
                    continue
                if isinstance(rows, sqlite3.Error):
                    done.set_exception(rows)
                else:
                    done.set_result(rows)

    async def close(self) -> None:
        """No more: what waits is given up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for _, done in self._waiting:
            done.cancel()
        await self._db.close()
