"""The state folder: who may be in it, its secrets that are made once, the marks that lie in it."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import (
    ROOT,
    check_writable,
    is_open_to_others,
    make_private,
    read_bytes,
    refused,
    user_name,
    write_once,
)
from bot.machine.locking import locked
from bot.machine.worktree import keep_out_of_git
from bot.report.tombstone import RESTORED
from bot.settings import Settings

DYNAMIC = ("/var/lib/private/", "/run/private/")  # systemd's, for users who change: nobody but root may enter
SECRETS = {"bot.key": 32, "receipt.salt": 16, "state.id": 8}  # bytes


def ensure_state(settings: Settings) -> Path:
    """The state folder, private, and ours to write. Raises SettingsError."""
    state = settings.state
    check_owner(state)
    make_private(state)
    try:
        if is_open_to_others(state):
            raise SettingsError("the state folder can be read by others", where=str(state), mend=f"chmod 700 {state}")
    except OSError as error:
        raise refused(error, state) from None
    check_writable(state)
    keep_out_of_git(state)
    return state


def check_owner(folder: Path, what: str = "the state") -> None:
    """Root may do all, and would leave files in a service's folder that the service can't read. Raises SettingsError.

    A folder that is not there yet would be made for whoever owns the one that it would lie in.
    """
    if os.geteuid() != ROOT:
        return
    try:
        near = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
        found = near.stat()
    except OSError as error:
        raise refused(error, folder) from None
    if found.st_uid == ROOT:
        return
    words = f"setpriv --reuid={found.st_uid} --regid={found.st_gid} --clear-groups stonechat …"
    if os.path.realpath(near).startswith(DYNAMIC):
        words = "docs/systemd/stonechat-as-service …"
    raise SettingsError(
        f"{what if near == folder else 'this folder'} belongs to {user_name(found.st_uid)}: "
        "what root writes there the bot can't read",
        where=str(near),
        mend=words,
    )


def secret_file(path: Path, length: int) -> bytes:
    """A secret of `length` bytes that is made once and stays, 0600. Raises SettingsError where others can read it."""
    if not os.path.lexists(path):
        with contextlib.suppress(FileExistsError):
            write_once(path, secrets.token_bytes(length))
    data = read_bytes(path)
    if is_open_to_others(path):
        raise SettingsError("this secret can be read by others", where=str(path), mend=f"chmod 600 {path}")
    if not data:
        mend = "restore it from a backup; where no report was taken yet, remove it and start again"
        raise SettingsError("this secret is empty", where=str(path), mend=mend)
    if len(data) != length:
        raise SettingsError("this secret is damaged", where=str(path), mend="restore it from a backup")
    return data


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """One bot a state folder. Raises SettingsError for the second."""
    with locked(state / "lock", "another Stonechat uses this state", "stop it first"):
        yield


def webhook_mark(state: Path) -> Path:
    """Stands there while Telegram delivers to a webhook of this installation."""
    return state / "webhook"


def rebooted_mark(state: Path) -> Path:
    """Until when everyone is told that drafts were lost: seconds since 1970, as text."""
    return state / "rebooted"


def looked_mark(state: Path) -> Path:
    """Its time is the last moment when the bot looked after this state: what came later may have been missed."""
    return state / "looked"


def reports_looked_mark(state: Path) -> Path:
    """Its time is the last minute in which a person listed or took the reports: what backs "somebody looks"."""
    return state / "reports.looked"


def tombstones_file(state: Path) -> Path:
    """Hashes of the ids of reports that were erased. It is in no backup, so that it never rolls back."""
    return state / "tombstones"


def restored_mark(state: Path) -> Path:
    """Stands there while reports of a backup lie in this state's intake that may have been erased since."""
    return state / "intake" / RESTORED


def set_mark(path: Path, now: float) -> None:
    """Remember what the clock said. A disk that takes nothing is told elsewhere."""
    with contextlib.suppress(OSError):
        path.touch(0o600)
        os.utime(path, (now, now))


def time_of(path: Path) -> float:
    """What the clock said when this mark was set, in seconds since 1970; 0.0 where there is none."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
