"""Opening a SQLite file: pragmas that make a commit durable, numbered migrations, clear refusals."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.errors import SettingsError
from bot.machine.files import check_file, make_private, refused, sync_folder

BUSY = 30_000  # milliseconds to wait for a lock
Opened = TypeVar("Opened", bound=aiosqlite.Connection)
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    f"PRAGMA busy_timeout={BUSY}",
)
BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite keeps for one database
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
LITTLE = 1 << 20  # bytes free: SQLite calls it an I/O error where its shared memory finds no space
LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
MEND = "restore it from a backup, or move it away to start anew; 'stonechat doctor' looks closer"


class Damaged(SettingsError):
    """SQLite itself says that what lies in the file is no sound database."""


def damaged(path: Path) -> Damaged:
    """Only for what SQLite called so: a disk that is full or barred damages nothing."""
    return Damaged("the database is damaged", where=str(path), mend=MEND)


def migrations(folder: Path) -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    return [(int(p.stem), p.read_text(encoding="utf-8")) for p in sorted(folder.glob("[0-9]*.sql"))]


def failed(error: sqlite3.Error, path: Path) -> SettingsError:
    """Why SQLite could not work with this file: SQLite often knows only that it could not, the disk says why."""
    code = getattr(error, "sqlite_errorname", None) or ""
    if code.startswith(DAMAGED):
        return damaged(path)
    if code.startswith(LOCKED):
        return SettingsError("the database is locked", where=str(path), mend="stop what else uses it")
    if cause := _barred(path) or _full(code, path):
        return cause
    if code.startswith("SQLITE_IOERR"):
        return refused(OSError(errno.EIO, "", str(path)))
    what = f"the database can't be used ({code or type(error).__name__})"
    return SettingsError(what, where=str(path), mend="'stonechat doctor' looks closer")


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What SQLite can't do with this file is raised as SettingsError."""
    try:
        yield
    except sqlite3.Error as error:
        raise failed(error, path) from None


def disk_trouble(path: Path) -> SettingsError | None:
    """What the disk under a database would say; None where it is well."""
    return _barred(path) or _full("SQLITE_IOERR", path)


def check_not_barred(path: Path) -> None:
    """Raises SettingsError. Asked of the disk: SQLite opens a file that it can't write, and may say so much later."""
    if cause := _barred(path):
        raise cause


def _barred(path: Path) -> SettingsError | None:
    """SQLite writes the file, its logs beside it, and the folder that they lie in."""
    for each in (path.parent, *(path.with_name(path.name + end) for end in BESIDE)):
        if not each.exists():
            continue
        wants = os.R_OK | os.W_OK | (os.X_OK if each.is_dir() else 0)
        if os.access(each, wants):
            continue
        is_readonly = os.statvfs(each).f_flag & os.ST_RDONLY
        return refused(OSError(errno.EROFS if is_readonly else errno.EACCES, "", str(each)))
    return None


def _full(code: str, path: Path) -> SettingsError | None:
    near = next((p for p in (path, *path.parents) if p.exists()), Path("/"))
    disk = os.statvfs(near)
    if code.startswith("SQLITE_FULL") or disk.f_bavail * disk.f_frsize < (LITTLE if "IOERR" in code else 1):
        return refused(OSError(errno.ENOSPC, "", str(path)))
    return None


async def opened(database: Opened) -> Opened:
    """Connected, with its pragmas. Ended in between it leaves no thread, which would keep the process for ever."""
    try:
        await database
        for pragma in PRAGMAS:
            await database.execute(pragma)
    except BaseException:
        database.stop()
        raise
    return database


def prepare(path: Path, folder: Path, application: int) -> None:
    """Create or migrate the file at `path` with the numbered SQL files of `folder`.

    `application` is SQLite's application_id: a file of another program is not touched. Raises SettingsError; never
    starts afresh over old data.
    """
    if not os.path.lexists(path):
        _create(path, folder, application)
    check_file(path)
    if path.stat().st_size == 0:
        raise SettingsError("the database is empty (0 bytes)", where=str(path), mend=MEND)
    check_not_barred(path)
    try:
        _migrate(path, folder, application, fresh=False)
    except sqlite3.Error as error:
        raise failed(error, path) from None


def _create(path: Path, folder: Path, application: int) -> None:
    """Beside, then under its name: a disk that is full or a crash leaves no half of one."""
    make_private(path.parent)
    beside = path.with_name(f".{path.name}.new")
    try:
        _remove(beside)
        os.close(os.open(beside, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
        _migrate(beside, folder, application, fresh=True)
        beside.rename(path)
        sync_folder(path.parent)
    except sqlite3.Error as error:
        cause = failed(error, path)  # before there is space again
        _remove(beside)
        raise cause from None
    except OSError as error:
        _remove(beside)
        raise refused(OSError(error.errno, "", str(path)), path) from None


def _remove(path: Path) -> None:
    for end in BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _migrate(path: Path, folder: Path, application: int, *, fresh: bool) -> None:
    steps = migrations(folder)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY / 1000)) as db:
        # A new one has no log of its own beside it, which would stay under the old name when it is renamed.
        for pragma in PRAGMAS[1:] if fresh else PRAGMAS:
            db.execute(pragma)
        owner = db.execute("PRAGMA application_id").fetchone()[0]
        if not fresh and owner != application:
            raise SettingsError("this file is another program's database", where=str(path), mend="name another path")
        if not fresh and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise damaged(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        newest = steps[-1][0]
        if version > newest:
            raise SettingsError(
                f"the database has schema {version}, this Stonechat knows {newest}",
                where=str(path),
                mend="run the newer Stonechat again; going back needs its backup",
            )
        db.execute("BEGIN IMMEDIATE")  # SQLite opens a file that it can't write, and says so only then
        db.execute("ROLLBACK")
        for number, sql in steps:
            if number > version:
                db.executescript(
                    f"BEGIN EXCLUSIVE;\n{sql}\nPRAGMA application_id={application};\n"
                    f"PRAGMA user_version={number};\nCOMMIT;"
                )
