"""The state folder, the keys and the databases: what `run` refuses of them, and who else reads them."""

import contextlib
import os
import shlex
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.keys.folder import check_apart, keys_folder, keys_root, outbox_folder
from bot.machine.database import MEND, check_not_barred, damaged, failed, migrations
from bot.machine.files import check_could_write, check_file, is_open_to_others, read_bytes
from bot.machine.filesystem import TMPFS, filesystem
from bot.operating.checks.finding import Finding, bad, good
from bot.settings import Settings
from bot.state import SECRETS, check_owner, secret_file
from bot.store.sqlite import MIGRATIONS


def state(settings: Settings) -> Iterator[Finding]:
    """What `run` refuses: a state that is another's or can't be written, secrets that are hollow or can be read."""
    check_owner(settings.state)
    check_could_write(settings.state)
    if not settings.state.exists():
        return
    if is_open_to_others(settings.state):
        return  # said with the other modes
    for name, length in SECRETS.items():
        if os.path.lexists(settings.state / name):
            secret_file(settings.state / name, length)
    if os.path.lexists(outbox := outbox_folder(settings)):
        check_could_write(outbox)
    if os.path.lexists(lock := settings.state / "lock"):
        os.close(os.open(lock, os.O_RDWR))
    if os.path.lexists(mark := settings.state / "state.id"):
        folder = keys_folder(settings, read_bytes(mark).hex())
        check_could_write(folder)
        if os.path.lexists(folder / "pepper"):
            read_bytes(folder / "pepper")
    yield good("state", "its secrets are whole, and it can be written")


def embedded(settings: Settings) -> list[Finding]:
    """The intake inside the bot: `run` opens it, so what it refuses stands here."""
    folder = settings.state / "intake"
    if settings.intake != "embedded" or not os.path.lexists(folder):
        return []
    check_could_write(folder)
    if os.path.lexists(folder / "intake.key"):
        secret_file(folder / "intake.key", 32)
    if os.path.lexists(path := folder / "intake.db"):
        _version(path)
    return []


def modes(settings: Settings) -> Iterator[Finding]:
    """Nobody else may read what lies here, nor put another folder in the place of the keys."""
    if not settings.state.exists():
        yield good("modes", "the state folder is made at the first start")
        return
    root = keys_root(settings)
    found = [path for path in _ours(settings.state) if is_open_to_others(path) and path != settings.recipients_file]
    found += [path for folder in _own_keys(settings) for path in _ours(folder) if is_open_to_others(path)]
    for path in dict.fromkeys(found):
        yield Finding("modes", "bad", f"{path} can be read by others", f"chmod go= {shlex.quote(str(path))}")
    if root.exists() and root.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not root.stat().st_mode & stat.S_ISVTX:
        what = f"others may write into {root}, and put their keys in the place of ours"
        yield Finding("modes", "bad", what, f"chmod go-w {shlex.quote(str(root))}")
    elif not found:
        yield good("modes", "nobody else reads the state folder or the keys")


def _ours(folder: Path) -> Iterator[Path]:
    """A folder and all that is in it; what goes away meanwhile is not of interest."""
    for path in (folder, *sorted(folder.rglob("*"))):
        if path.exists():
            yield path


def _own_keys(settings: Settings) -> Iterator[Path]:
    """This installation's folder of keys, where it was made already."""
    mark = settings.state / "state.id"
    if os.path.lexists(mark) and (folder := keys_folder(settings, read_bytes(mark).hex())).exists():
        yield folder


def keys(settings: Settings) -> Iterator[Finding]:
    """Keys that must die with a draft: apart from the state, ours, and best in memory."""
    folder = keys_root(settings)
    check_apart(settings)
    check_owner(next(_own_keys(settings), folder), "the keys folder")
    check_could_write(next(_own_keys(settings), folder))
    near = next(p for p in (folder, *folder.parents) if p.exists())
    kind = filesystem(near)
    if kind in TMPFS:
        yield good("keys", f"{folder} is in memory ({kind}): a reboot destroys open drafts for good")
        return
    what = f"{folder} is on a disk ({kind or 'unknown'}): what was destroyed may leave traces on flash storage"
    yield Finding("keys", "warning", what, "set keys to a folder on tmpfs, like /run/stonechat")


def schema(settings: Settings) -> Iterator[Finding]:
    """The database is whole, and of a version that this Stonechat knows."""
    path, newest = settings.database_file, migrations(MIGRATIONS)[-1][0]
    if not os.path.lexists(path):
        yield good("database", "made at the first start")
        return
    try:
        version = _version(path)
    except SettingsError as error:
        yield bad("database", error)
        return
    if version > newest:
        yield Finding("database", "bad", f"schema {version}, this Stonechat knows {newest}", "run the newer Stonechat")
    else:
        later = "" if version == newest else f"; the next start brings it to {newest}"
        yield good("database", f"schema {version}{later}")


def _version(path: Path) -> int:
    """The schema of a database that is whole. Raises SettingsError with the true cause where it is not."""
    check_file(path)
    if not path.stat().st_size:
        raise SettingsError("the database is empty (0 bytes)", where=str(path), mend=MEND)
    check_not_barred(path)
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise damaged(path)
            return version
    except sqlite3.Error as error:
        raise failed(error, path) from None
