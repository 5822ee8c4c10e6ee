"""Opening a SQLite file: pragmas that make a commit durable, numbered migrations, clear refusals."""

import os
import sqlite3
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import make_private

BUSY = 30_000  # milliseconds to wait for a lock
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    f"PRAGMA busy_timeout={BUSY}",
)


def migrations(folder: Path) -> list[tuple[int, str]]:
    """(number, SQL) in order."""
    return [(int(p.stem), p.read_text(encoding="utf-8")) for p in sorted(folder.glob("[0-9]*.sql"))]


def prepare(path: Path, folder: Path, application: int) -> None:
    """Create or migrate the file at `path` with the numbered SQL files of `folder`.

    `application` is SQLite's application_id: a file of another program is not touched. Raises SettingsError; never
    starts afresh over old data.
    """
    fresh = not path.exists()
    if not fresh and path.stat().st_size == 0:
        raise SettingsError("the database is empty (0 bytes)", where=str(path), mend=_MEND)
    if fresh:
        make_private(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
    try:
        _migrate(path, folder, application, fresh)
    except sqlite3.DatabaseError as error:
        if fresh:
            path.unlink(missing_ok=True)
        if "locked" in str(error):
            raise SettingsError("the database is locked", where=str(path), mend="stop what else uses it") from None
        raise SettingsError("the database is damaged", where=str(path), mend=_MEND) from None


_MEND = "restore it from a backup, or move it away to start anew; 'stonechat doctor' looks closer"


def _migrate(path: Path, folder: Path, application: int, fresh: bool) -> None:
    steps = migrations(folder)
    with sqlite3.connect(path, isolation_level=None, timeout=BUSY / 1000) as db:
        for pragma in PRAGMAS:
            db.execute(pragma)
        owner = db.execute("PRAGMA application_id").fetchone()[0]
        if not fresh and owner != application:
            raise SettingsError("this file is another program's database", where=str(path), mend="name another path")
        if not fresh and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        newest = steps[-1][0]
        if version > newest:
            raise SettingsError(
                f"the database has schema {version}, this Stonechat knows {newest}",
                where=str(path),
                mend="run the newer Stonechat again; going back needs its backup",
            )
        for number, sql in steps:
            if number > version:
                db.executescript(
                    f"BEGIN EXCLUSIVE;\n{sql}\nPRAGMA application_id={application};\n"
                    f"PRAGMA user_version={number};\nCOMMIT;"
                )
    db.close()
