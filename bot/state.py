"""The state folder: who may be in it, its secrets that are made once, the marks that lie in it."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.settings import Settings


def ensure_state(settings: Settings) -> Path:
    """The state folder, private. Raises SettingsError."""
    state = settings.state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if state.stat().st_mode & 0o077:
        raise SettingsError("the state folder can be read by others", where=str(state), mend=f"chmod 700 {state}")
    return state


def secret_file(path: Path, length: int) -> bytes:
    """A secret of `length` bytes that is made once and stays, 0600. Raises SettingsError where others can read it."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(length))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise SettingsError("this secret can be read by others", where=str(path), mend=f"chmod 600 {path}")
    data = path.read_bytes()
    if len(data) != length:
        raise SettingsError("this secret is damaged", where=str(path), mend="restore it from a backup")
    return data


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """One bot a state folder. Raises SettingsError for the second."""
    handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError("another Stonechat uses this state", where=str(state), mend="stop it first") from None
        yield
    finally:
        os.close(handle)


def webhook_mark(state: Path) -> Path:
    """Stands there while Telegram delivers to a webhook of this installation."""
    return state / "webhook"


def rebooted_mark(state: Path) -> Path:
    """Until when everyone is told that drafts were lost: seconds since 1970, as text."""
    return state / "rebooted"


def looked_mark(state: Path) -> Path:
    """Its time is the last moment when the bot looked after this state: what came later may have been missed."""
    return state / "looked"


def set_mark(path: Path, now: float) -> None:
    """Remember what the clock said. A disk that takes nothing is told elsewhere."""
    with contextlib.suppress(OSError):
        path.touch(0o600)
        os.utime(path, (now, now))


def time_of(path: Path) -> float:
    """What the clock said when this mark was set, in seconds since 1970; 0.0 where there is none."""
    return path.stat().st_mtime if path.exists() else 0.0
