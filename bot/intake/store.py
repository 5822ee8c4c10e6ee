"""Sealed reports at rest: parts as files, manifests in SQLite. Days, not instants."""

import asyncio
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import aiosqlite
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.errors import StonechatError
from bot.machine.database import opened, prepare
from bot.machine.files import forget_time, make_private, sync_folder, write_private
from bot.report.acknowledgement import received
from bot.report.erasure import erase_words, erased
from bot.report.manifest import MOST_PARTS, PART_NAME, Manifest, ManifestError, decode, verify_manifest
from bot.report.tombstone import RESTORED, told, tombstone
from bot.seal.signing import (
    ERASED,
    OWNER,
    RECEIVED,
    TOMBSTONES,
    SignatureError,
    Signer,
    parse_public,
    public_line,
    verify,
)

MIGRATIONS = Path(__file__).parent / "migrations"
APPLICATION = 0x53746E69  # 'Stni'
MOST_PART = 26 * 1024 * 1024  # bytes of one part
MOST_VERSIONS = 1_000_000
LOOSE_DAYS = 7  # parts without a manifest go then
ASKED = re.compile(r"[0-9a-f]{32}\Z")
REPORT_ID = re.compile(r"[a-z2-7]{26}\Z")


class Refused(StonechatError):
    """Why something was not taken, with the HTTP status that says so.

    `erased` is this intake's signature that a report is gone for good: only with it does a bot stop trying.
    """

    def __init__(self, status: int, what: str, erased: str = "") -> None:
        """`what` is shown to whoever asked: it holds nothing that they did not send."""
        super().__init__(what)
        self.status, self.erased = status, erased


class IntakeStore:
    """A whole report or nothing; an answer only after its fsync."""

    def __init__(
        self,
        folder: Path,
        database: aiosqlite.Connection,
        signer: Signer,
        bots: tuple[Ed25519PublicKey, ...],
        today: Callable[[], date],
    ) -> None:
        """Use `open`."""
        self._folder, self._db, self._signer, self._bots, self._today = folder, database, signer, bots, today
        self._lock = asyncio.Lock()

    @classmethod
    async def open(
        cls, folder: Path, signer: Signer, bots: tuple[Ed25519PublicKey, ...], today: Callable[[], date] = date.today
    ) -> "IntakeStore":
        """Make the folder, or open it. `bots` are the keys whose manifests are taken; `signer` acknowledges them."""
        make_private(folder / "parts")
        path = folder / "intake.db"
        await asyncio.to_thread(prepare, path, MIGRATIONS, APPLICATION)
        database = await opened(aiosqlite.connect(path, isolation_level=None))
        return cls(folder, database, signer, bots, today)

    async def close(self) -> None:
        """After this nothing is taken or given."""
        await self._db.close()

    def stop(self) -> None:
        """Close it without waiting, where whoever opened it is ended before it serves."""
        self._db.stop()

    async def sweep(self) -> None:
        """At the start of a server, before anything is taken: destroy what a crash left and nothing names."""
        known = {(row[0], row[1]) for row in await self._rows("SELECT report, sha256 FROM parts")}
        await asyncio.to_thread(_sweep, self._folder / "parts", known)

    def _path(self, report: str, digest: str) -> Path:
        """Parts lie under their own SHA-256, so that no later one can take an earlier one's place."""
        return self._folder / "parts" / report / digest

    async def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return list(await self._db.execute_fetchall(sql, values))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """All of it or nothing; what fails inside leaves nothing open for the next."""
        await self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            await self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                await self._db.execute("ROLLBACK")
            raise

    async def _alive(self, report: str) -> None:
        if not REPORT_ID.match(report):
            raise Refused(404, "no such thing")
        if await self._rows("SELECT 1 FROM tombstones WHERE report = ?", report):
            raise Refused(410, "this report was deleted", self._signer.sign(erased(report), ERASED))

    async def parts(self, report: str) -> dict[str, list[str]]:
        """Name to SHA-256 of the parts that are here; several where a newer version is on its way."""
        await self._alive(report)
        found: dict[str, list[str]] = {}
        for name, digest in await self._rows("SELECT name, sha256 FROM parts WHERE report = ?", report):
            found.setdefault(name, []).append(digest)
        return found

    async def put_part(self, report: str, name: str, body: AsyncIterator[bytes]) -> str:
        """Write one part, immutable. Returns its SHA-256. Raises Refused."""
        await self._alive(report)
        if not re.match(PART_NAME, name):
            raise Refused(404, "no such thing")
        if (await self._rows("SELECT count(*) FROM parts WHERE report = ?", report))[0][0] >= MOST_PARTS:
            raise Refused(413, "too many parts")
        beside = self._path(report, f".{os.urandom(8).hex()}")
        beside.parent.mkdir(exist_ok=True, mode=0o700)
        try:
            digest, size = await self._receive(beside, body)
            async with self._lock:
                await self._alive(report)
                await asyncio.to_thread(_settle, beside, self._path(report, digest))
                sql = "INSERT INTO parts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
                await self._db.execute(sql, (report, name, digest, size, self._today().isoformat()))
        finally:
            beside.unlink(missing_ok=True)
            forget_time(beside.parent)
        return digest

    async def _receive(self, path: Path, body: AsyncIterator[bytes]) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            async for piece in body:
                size += len(piece)
                if size > MOST_PART:
                    raise Refused(413, "the part is too large")
                digest.update(piece)
                file.write(piece)
        if size == 0:
            raise Refused(400, "the part is empty")
        return digest.hexdigest(), size

    async def commit(self, report: str, version: int, manifest: bytes, signature: str) -> str:
        """The signed manifest commits the whole. Returns the signed acknowledgement; a repeat gets the first one."""
        await self._alive(report)
        if version > MOST_VERSIONS:
            raise Refused(404, "no such thing")
        parsed = self._verified(manifest, signature)
        if (parsed.report, parsed.version) != (report, version):
            raise Refused(422, "the manifest is of another report")
        async with self._lock:
            await self._alive(report)
            rows = await self._rows(
                "SELECT manifest, received FROM versions WHERE report = ? AND version = ?", report, version
            )
            if rows:
                if bytes(rows[0][0]) != manifest:
                    raise Refused(409, "another manifest is here under this version")
                return str(rows[0][1])
            superseded = await self._fits(parsed)
            answer = self._signer.sign(received(report, version, manifest), RECEIVED)
            day, after, owner = self._today().isoformat(), parsed.delete_after, parsed.receipt.owner
            async with self._transaction():
                await self._db.execute(
                    "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (report, version, manifest, signature, answer, day, after, owner),
                )
                for name, digest in superseded:
                    sql = "DELETE FROM parts WHERE report = ? AND name = ? AND sha256 = ?"
                    await self._db.execute(sql, (report, name, digest))
            await asyncio.to_thread(self._remove, report, {p.sha256 for p in parsed.parts})
        return answer

    def _remove(self, report: str, named: set[str]) -> None:
        for path in (self._folder / "parts" / report).iterdir():
            if path.name not in named and not path.name.startswith("."):
                path.unlink(missing_ok=True)
        forget_time(self._folder / "parts" / report)

    def _verified(self, manifest: bytes, signature: str) -> Manifest:
        for bot in self._bots:
            try:
                return verify_manifest(manifest, signature, bot)
            except SignatureError:
                continue
            except ManifestError as error:
                raise Refused(422, error.what) from None
        raise Refused(403, "the manifest is not signed by a known bot")

    async def _fits(self, manifest: Manifest) -> list[tuple[str, str]]:
        """What is here and not named: parts of an earlier version, or of one that was never finished. They go."""
        rows = await self._rows("SELECT name, sha256, size FROM parts WHERE report = ?", manifest.report)
        here = {(r[0], r[1], r[2]) for r in rows}
        named = {(p.name, p.sha256, p.size) for p in manifest.parts}
        if named - here:
            raise Refused(422, "a part is missing or another")
        earlier = await self._rows(
            "SELECT version, manifest FROM versions WHERE report = ? ORDER BY version DESC LIMIT 1", manifest.report
        )
        if earlier and not _follows(manifest, earlier[0][0], decode(bytes(earlier[0][1]))):
            raise Refused(409, "a version does not follow the one that is here")
        return [(name, digest) for name, digest, _ in here - named]

    async def delete(self, report: str, owner: str, signature: str) -> str:
        """By the return number's signature: everything goes, a tombstone stays. Returns the signed acknowledgement.

        `owner` counts only for a report of which no version came: then nobody is named as its owner yet.
        """
        if not REPORT_ID.match(report):
            raise Refused(404, "no such thing")
        # Who the owner is and the destruction are one: a first version that comes between would name another.
        async with self._lock:
            rows = await self._rows("SELECT signer FROM versions WHERE report = ?", report)
            try:
                verify(erase_words(report), signature, OWNER, parse_public(rows[0][0] if rows else owner))
            except SignatureError:
                raise Refused(403, "the signature is not the owner's") from None
            await self._destroy(report)
        return self._signer.sign(erased(report), ERASED)

    # --- after a backup was brought back ---

    async def asks(self) -> str:
        """What it asks its bots with while reports may lie here that were erased since its backup; "" otherwise."""
        lines = await asyncio.to_thread(_lines, self._folder / RESTORED)
        return lines[0] if lines and ASKED.match(lines[0]) else ""

    async def remember(self, asked: str, tombstones: list[str], signature: str) -> None:
        """A bot tells what was erased: it goes again. When each bot has told, reports are open. Raises Refused."""
        words, mark = told(asked, tombstones), self._folder / RESTORED
        bot = next((bot for bot in self._bots if _is_by(bot, words, signature)), None)
        if bot is None:
            raise Refused(403, "the tombstones are not signed by a known bot")
        async with self._lock:
            if not asked or asked != await self.asks():
                raise Refused(409, "this was not asked")
            known = set(tombstones)
            for (report,) in await self._rows("SELECT report FROM versions UNION SELECT report FROM parts"):
                if tombstone(report) in known:
                    await self._destroy(report)
            have_told = {*(await asyncio.to_thread(_lines, mark))[1:], public_line(bot)}
            if have_told >= {public_line(each) for each in self._bots}:
                await asyncio.to_thread(mark.unlink, missing_ok=True)  # a person may have said "go"
            else:
                text = "".join(f"{line}\n" for line in (asked, *sorted(have_told)))
                await asyncio.to_thread(write_private, mark, text.encode())

    async def _destroy(self, report: str) -> None:
        """Under the lock."""
        day = self._today().isoformat()
        async with self._transaction():
            await self._db.execute("INSERT INTO tombstones VALUES (?, ?) ON CONFLICT DO NOTHING", (report, day))
            await self._db.execute("DELETE FROM versions WHERE report = ?", (report,))
            await self._db.execute("DELETE FROM parts WHERE report = ?", (report,))
        await asyncio.to_thread(_remove_report, self._folder / "parts" / report)

    async def tidy(self) -> None:
        """Destroy what is over its delete-after, and parts whose manifest never came."""
        today = self._today()
        # The newest version alone counts: one that came later frees what its owner had locked.
        over = await self._rows(
            "SELECT report FROM versions AS v WHERE delete_after < ? "
            "AND version = (SELECT max(version) FROM versions WHERE report = v.report)",
            today.isoformat(),
        )
        for row in over:
            async with self._lock:
                await self._destroy(row[0])
        limit = (today - timedelta(days=LOOSE_DAYS)).isoformat()
        loose = await self._rows(
            "SELECT report FROM parts GROUP BY report "
            "HAVING max(day) < ? AND report NOT IN (SELECT report FROM versions)",
            limit,
        )
        for row in loose:
            async with self._lock:
                await self._db.execute("DELETE FROM parts WHERE report = ?", (row[0],))
                await asyncio.to_thread(_remove_report, self._folder / "parts" / row[0])

    async def reports(self) -> list[tuple[str, int, str]]:
        """(report, newest version, day) of all that is here."""
        rows = await self._rows("SELECT report, max(version), max(day) FROM versions GROUP BY report ORDER BY 3, 1")
        return [(r[0], r[1], r[2]) for r in rows]

    async def manifests(self) -> list[tuple[bytes, str]]:
        """(newest manifest, day) of all that is here."""
        sql = "SELECT manifest, day, max(version) FROM versions GROUP BY report"
        return [(bytes(row[0]), row[1]) for row in await self._rows(sql)]

    async def export(self, report: str, target: Path) -> None:
        """One report as a folder, as `stonechat open` takes it. Raises Refused, also for one that its owner locked."""
        rows = await self._rows(
            "SELECT manifest, signature FROM versions WHERE report = ? ORDER BY version DESC LIMIT 1", report
        )
        if not rows:
            raise Refused(404, "no such thing")
        if (day := decode(bytes(rows[0][0])).delete_after) is not None:
            raise Refused(423, f"its reporter locked this report; it is destroyed after {day}, unless they free it")
        await asyncio.to_thread(self._export, report, target, bytes(rows[0][0]), str(rows[0][1]))

    def _export(self, report: str, target: Path, manifest: bytes, signature: str) -> None:
        make_private(target.parent)
        target.mkdir(0o700)
        for part in decode(manifest).parts:
            write_private(target / part.name, self._path(report, part.sha256).read_bytes())
        write_private(target / "manifest.json", manifest)
        write_private(target / "manifest.json.sig", signature.encode())


def _follows(manifest: Manifest, version: int, earlier: Manifest) -> bool:
    """Versions go up, and the return number stays: another one would take the report from its owner."""
    return manifest.version > version and manifest.receipt == earlier.receipt


def _sweep(folder: Path, known: set[tuple[str, str]]) -> None:
    for report in folder.iterdir():
        for path in report.iterdir():
            if (report.name, path.name) not in known:
                path.unlink()
        if any(report.iterdir()):
            forget_time(report)
        else:
            report.rmdir()
    forget_time(folder)


def _settle(beside: Path, target: Path) -> None:
    """On disk, under its name, before anybody is told."""
    with beside.open("rb") as file:
        forget_time(file.fileno())
        os.fsync(file.fileno())
    os.replace(beside, target)
    for folder in (target.parent, target.parent.parent):
        forget_time(folder)
        sync_folder(folder)


def _remove_report(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    forget_time(folder.parent)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_by(bot: Ed25519PublicKey, words: bytes, signature: str) -> bool:
    try:
        verify(words, signature, TOMBSTONES, bot)
    except SignatureError:
        return False
    return True
