"""What waits to be handed over, closed: the header of every part is encrypted under a key that dies with the version.

A waiting report is sealed to the organisation already. But somebody who erases it means the organisation's key too, and
every copy of the database that was made before: without its header a part opens for nobody.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport
from bot.report.tombstone import bury
from bot.seal.age import split
from bot.store import Commit, Hand, OutboxReport, Store

LENGTH = 4  # bytes: how long the encrypted header of a part is


class OutboxKeys(Protocol):
    """Keys under names of 16 bytes, on a disk that a reboot leaves alone, in no backup: see keys/files.py."""

    def create(self, name: bytes) -> None:
        """A new key, on disk when this returns."""
        ...

    def release(self, name: bytes) -> None:
        """It is not needed in memory for now."""
        ...

    def forsake(self, name: bytes) -> None:
        """What was encrypted under it opens nowhere any more, now or as soon as the disk lets us."""
        ...

    def check(self) -> None:
        """A key could be kept now. Raises NotKept."""
        ...

    def names(self) -> Iterator[bytes]:
        """Of all keys that are there."""
        ...

    def encrypt(self, name: bytes, label: bytes, data: bytes) -> bytes:
        """`label` says what it is: it opens as nothing else."""
        ...

    def decrypt(self, name: bytes, label: bytes, data: bytes) -> bytes | None:
        """None where the key is gone or does not fit."""
        ...


def close(keys: OutboxKeys, report: OutboxReport) -> OutboxReport:
    """The same with closed parts, under a new key of the name that it bears. Who can't commit it destroys that key.

    Raises NotKept where no key can be written.
    """
    keys.create(report.key)
    parts = tuple((name, _closed(keys, report.key, name, data)) for name, data in report.parts)
    keys.release(report.key)
    return replace(report, parts=parts)


def opened(keys: OutboxKeys, report: OutboxReport) -> OutboxReport | None:
    """The whole parts again. None: the key is gone."""
    if not report.key:  # written by an older Stonechat, whole
        return report
    parts = [(name, _opened(keys, report.key, name, data)) for name, data in report.parts]
    keys.release(report.key)
    whole = tuple((name, data) for name, data in parts if data is not None)
    return replace(report, parts=whole) if len(whole) == len(parts) else None


def _closed(keys: OutboxKeys, key: bytes, name: str, data: bytes) -> bytes:
    sealed = split(data)
    header = keys.encrypt(key, name.encode(), sealed.header)
    return len(header).to_bytes(LENGTH, "big") + header + sealed.payload


def _opened(keys: OutboxKeys, key: bytes, name: str, data: bytes) -> bytes | None:
    end = LENGTH + int.from_bytes(data[:LENGTH], "big")
    header = keys.decrypt(key, name.encode(), data[LENGTH:end])
    return None if header is None else header + data[end:]


class Outbox:
    """The store's outbox as handing over needs it: whole reports, and a key dies with what it closed."""

    def __init__(self, store: Store, keys: OutboxKeys, tombstones: Path) -> None:
        """Call `resume` before anything else. `tombstones` is a file that is in no backup."""
        self._store, self._keys, self._tombstones = store, keys, tombstones

    async def resume(self) -> int:
        """After a start: what has no key goes (returns how many), so do keys that open nothing; old rows are closed."""
        lost, there = 0, set(self._keys.names())
        for report, version, key in await self._store.outbox_keys():
            if not key:
                await self._close_older(report)
            elif key not in there:
                await self._store.handed_over(report, version)
                lost += 1
        used = {key for _, _, key in await self._store.outbox_keys()}
        for name in list(self._keys.names()):
            if name not in used:
                self._keys.forsake(name)
        await self._store.scrub()
        return lost

    async def _close_older(self, report: str) -> None:
        found = await self._store.outgoing(report)
        if found is not None:
            row = close(self._keys, replace(found, key=os.urandom(16)))
            await self._store.commit(Commit(b"", changes=(Hand(row),)))

    async def outbox(self, now: int) -> Sequence[tuple[str, int]]:
        """(report, version) of what may leave now."""
        return await self._store.outbox(now)

    async def outgoing(self, report: str) -> SealedReport | None:
        """The version that waits, whole; None where none does, or none that opens."""
        row = await self._store.outgoing(report)
        return None if row is None else opened(self._keys, row)

    async def handed_over(self, report: str, version: int) -> None:
        """This version is done with: its row goes, then its key."""
        for key in await self._store.handed_over(report, version):
            self._keys.forsake(key)

    async def scrub(self) -> bool:
        """What was purged is no longer readable in any file of the store. False: not yet."""
        return await self._store.scrub()

    async def erasures(self) -> Sequence[Erasure]:
        """What an intake still has to destroy."""
        return await self._store.erasures()

    async def erased(self, report: str) -> None:
        """The intake has destroyed it: the wish goes, its tombstone stays."""
        await asyncio.to_thread(bury, self._tombstones, report)
        await self._store.erased(report)
