"""`stonechat backup` and `restore`: the state without the keys that must die with a draft.

A backup holds what must outlive the machine: reports that wait, return numbers' verifiers, the bot's signing key, the
embedded intake. Open drafts are in it too and open for nobody: their keys are in no backup.
"""

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import SettingsError
from bot.keys.folder import BESIDE, keys_root
from bot.machine.database import failed
from bot.machine.files import check_file, is_reachable, make_private, read_bytes, write_private
from bot.report.tombstone import RESTORED, buried, tombstone
from bot.settings import Settings
from bot.state import check_owner, only_one, restored_mark, secret_file, tombstones_file

STATE_ID = "state.id"
DATABASES = ("stonechat.db", "intake/intake.db")
TRIES = 3
SKIPPED = (
    "lock",
    BESIDE,
    "rebooted",
    "alarm.db",  # restored, it would ring for what somebody took long ago
    "alarm.db-wal",
    "alarm.db-shm",
    "alarm.lock",
    "reports.looked",
    "tombstones",
    f"intake/{RESTORED}",
    STATE_ID,  # a restored state is another: what it destroys is its own
)


def _identity(path: Path) -> tuple[int, int]:
    """What is the same file or folder, whatever it is called and however one comes to it."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _keys(settings: Settings) -> set[tuple[int, int]]:
    """The folder of keys and every key in it, under any name, through any link or mount."""
    roots = {keys_root(settings), settings.state / BESIDE}
    found = set()
    for root in roots:
        for path in (root, *root.rglob("*")) if root.exists() else ():
            with contextlib.suppress(FileNotFoundError):
                found.add(_identity(path))
    return found


def _own_keys(state: Path) -> str:
    """The name of this installation's folder of keys, wherever an earlier setting put it."""
    path = state / STATE_ID
    return read_bytes(path).hex() if os.path.lexists(path) else ""


def _files(settings: Settings) -> Iterator[Path]:
    """What is copied as it lies: everything but databases, their logs, keys, locks."""
    state, keys, own = settings.state, _keys(settings), _own_keys(settings.state)
    for folder, names, files in os.walk(state):
        here = Path(folder)
        names[:] = sorted(n for n in names if n != own and _identity(here / n) not in keys)
        for name in sorted(files):
            path = here / name
            relative = path.relative_to(state)
            is_database = any(str(relative).startswith(database) for database in DATABASES)
            skipped = relative.parts[0] in SKIPPED or is_database or name.startswith(".")
            if not skipped and path.is_file() and _identity(path) not in keys:
                yield relative


def _snapshot(source: Path, target: Path) -> None:
    """SQLite's own online backup: whole, whatever is written meanwhile."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        is_of_target = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE"))
        raise failed(error, target if is_of_target else source) from None


def _copy(source: Path, target: Path) -> None:
    check_file(source)
    make_private(target.parent)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def back_up(settings: Settings, target: Path) -> int:
    """Write a backup into `target`, which must not exist; returns its number of files. The bot may run meanwhile."""
    state = settings.state
    databases = (settings.database_file, state / DATABASES[1])
    found = [path for path in databases if os.path.lexists(path) or not is_reachable(path)]
    if not found:
        raise SettingsError("there is nothing to back up", where=str(state), mend="name the state with --config")
    check_owner(state)  # SQLite may make its logs anew, and they would be root's
    check_file(found[0])
    if settings.database_file != state / DATABASES[0]:
        raise SettingsError("the database lies outside the state", mend="back it up with sqlite3's .backup")
    if Path(os.path.realpath(state)) in Path(os.path.realpath(target)).parents:
        raise SettingsError("a backup can't lie in what it copies", where=str(target), mend="name a folder elsewhere")
    if os.path.lexists(target):
        raise SettingsError("that folder is there already", where=str(target), mend="name a new one")
    for _ in range(TRIES):
        try:
            return _write(settings, target)
        except FileNotFoundError:  # a report was handed over meanwhile
            shutil.rmtree(target, ignore_errors=True)
        except BaseException:  # half a backup is none
            shutil.rmtree(target, ignore_errors=True)
            raise
    raise SettingsError("reports came too fast for a backup", mend="try again")


def _write(settings: Settings, target: Path) -> int:
    state = settings.state
    make_private(target.parent)
    target.mkdir(0o700)
    count = 0
    for name in DATABASES:
        if (state / name).exists():
            make_private((target / name).parent)
            _snapshot(state / name, target / name)
            count += 1
    for relative in _files(settings):
        _copy(state / relative, target / relative)
        count += 1
    return count


def restore(settings: Settings, source: Path, old: Path | None = None) -> int:
    """Bring a backup into a state that is empty; returns its number of files. Raises SettingsError.

    `old` is the state that was there before, moved away: its tombstones tell what was erased since the backup. Without
    them the reports of its intake stay closed until each bot has told an intake of its own machine what was erased,
    or a person decides (`stonechat intake go`).
    """
    state = settings.state
    databases = [
        source / name for name in DATABASES if os.path.lexists(source / name) or not is_reachable(source / name)
    ]
    if not databases:
        raise SettingsError("this is no backup", where=str(source), mend="name a folder that 'stonechat backup' made")
    check_file(databases[0])
    if any(os.path.lexists(state / name) for name in DATABASES):
        raise SettingsError("there is a state already", where=str(state), mend="move it away first")
    check_owner(state)
    make_private(state)
    with only_one(state):
        files = [path.relative_to(source) for path in sorted(source.rglob("*")) if not path.is_dir()]
        files = [path for path in files if str(path) not in SKIPPED]  # an older Stonechat's backup holds some of them
        # Databases last: a restore that was cut off is no state yet.
        files.sort(key=lambda f: str(f) in DATABASES)
        for relative in files:
            _copy(source / relative, state / relative)
        secret_file(state / STATE_ID, 8)
        _keep_erased(state, old)
    return len(files)


def _keep_erased(state: Path, old: Path | None) -> None:
    """What was erased since the backup was made is erased again; where nobody can tell, nothing is served."""
    if not (state / DATABASES[1]).exists():
        return
    if old is None or not any((old / name).exists() for name in DATABASES):
        write_private(restored_mark(state), f"{secrets.token_hex(16)}\n".encode())
        return
    known = buried(tombstones_file(old)) | _erased_at(old / DATABASES[1])
    if known:
        write_private(tombstones_file(state), "".join(f"{each}\n" for each in sorted(known)).encode())
    with contextlib.closing(sqlite3.connect(state / DATABASES[1], isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete=ON")
        for (report,) in db.execute("SELECT report FROM versions UNION SELECT report FROM parts").fetchall():
            if tombstone(report) in known:
                db.execute("INSERT OR IGNORE INTO tombstones VALUES (?, ?)", (report, f"{datetime.now(UTC):%Y-%m-%d}"))
                db.execute("DELETE FROM versions WHERE report = ?", (report,))
                db.execute("DELETE FROM parts WHERE report = ?", (report,))
                shutil.rmtree(state / "intake" / "parts" / report, ignore_errors=True)


def _erased_at(intake: Path) -> set[str]:
    """The tombstones of an intake's database, where it can still be read."""
    try:
        with contextlib.closing(sqlite3.connect(f"{intake.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return {tombstone(report) for (report,) in db.execute("SELECT report FROM tombstones")}
    except sqlite3.Error:
        return set()
