"""`stonechat backup` and `restore`: the state without the keys that must die with a draft.

A backup holds what must outlive the machine: reports that wait, return numbers' verifiers, the bot's signing key, the
embedded intake. Open drafts are in it too and open for nobody: their keys are in no backup.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.settings import Settings
from bot.state import only_one

DATABASES = ("stonechat.db", "intake/intake.db")
SKIPPED = ("lock", "keys", "rebooted")


def _files(state: Path) -> Iterator[Path]:
    """What is copied as it lies: everything but databases, their logs, keys, locks."""
    for path in sorted(state.rglob("*")):
        relative = path.relative_to(state)
        is_database = any(str(relative).startswith(name) for name in DATABASES)
        if path.is_file() and relative.parts[0] not in SKIPPED and not is_database and not path.name.startswith("."):
            yield relative


def _snapshot(source: Path, target: Path) -> None:
    """SQLite's own online backup: whole, whatever is written meanwhile."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
    target.chmod(0o600)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    if not settings.database_file.exists():
        raise SettingsError("there is nothing to back up", where=str(state), mend="name the state with --config")
    if settings.database_file != state / DATABASES[0]:
        raise SettingsError("the database lies outside the state", mend="back it up with sqlite3's .backup")
    if target.exists():
        raise SettingsError("that folder is there already", where=str(target), mend="name a new one")
    for last in (False, False, True):
        try:
            return _write(state, target)
        except FileNotFoundError:
            shutil.rmtree(target)
            if last:
                raise SettingsError("reports came too fast for a backup", mend="try again") from None
    return 0


def _write(state: Path, target: Path) -> int:
    target.mkdir(mode=0o700, parents=True)
    count = 0
    for name in DATABASES:
        if (state / name).exists():
            (target / name).parent.mkdir(exist_ok=True, mode=0o700)
            _snapshot(state / name, target / name)
            count += 1
    for relative in _files(state):
        _copy(state / relative, target / relative)
        count += 1
    return count


def restore(settings: Settings, source: Path) -> int:
    """Bring a backup into a state that is empty; returns its number of files. Raises SettingsError."""
    state = settings.state
    if not (source / DATABASES[0]).exists():
        raise SettingsError("this is no backup", where=str(source), mend="name a folder that 'stonechat backup' made")
    if (state / DATABASES[0]).exists():
        raise SettingsError("there is a state already", where=str(state), mend="move it away first")
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_one(state):
        files = [path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file()]
        # The database last: a restore that was cut off is no state yet.
        files.sort(key=lambda f: str(f) == DATABASES[0])
        for relative in files:
            _copy(source / relative, state / relative)
    return len(files)
