"""Where the keys that die with a draft lie: on tmpfs where there is one, for one installation alone."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import make_private
from bot.machine.locking import locked
from bot.machine.worktree import keep_out_of_git
from bot.settings import Settings
from bot.state import check_owner

HOST_KEYS = Path("/run/stonechat")
BESIDE = "keys"  # in the state folder: the only name there under which no copy of the state may take them


def keys_root(settings: Settings) -> Path:
    """STONECHAT_KEYS, else the host's /run/stonechat where that can be written, else beside the state."""
    if settings.keys is not None:
        return settings.keys
    if HOST_KEYS.is_dir() and os.access(HOST_KEYS, os.W_OK):
        return HOST_KEYS
    return settings.state / BESIDE


def keys_folder(settings: Settings, state_id: str) -> Path:
    """One installation's own folder of keys."""
    return keys_root(settings) / state_id


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Nobody else uses these keys: what sweeps them at its start would destroy another's. Raises SettingsError."""
    check_owner(folder, "the keys folder")
    make_private(folder)
    keep_out_of_git(folder)
    mend = "stop it first; bring a copy up with 'stonechat restore', which gives it its own keys"
    with locked(folder, "another Stonechat uses these keys", mend):
        yield


def check_apart(settings: Settings) -> None:
    """No copy of the state may hold the keys: whoever copies it knows `keys`, and nothing else. Raises SettingsError.

    By where they really lie, whatever links lead there.
    """
    root, state = Path(os.path.realpath(keys_root(settings))), Path(os.path.realpath(settings.state))
    if root == state or (state in root.parents and root != state / BESIDE):
        raise SettingsError(
            "the keys of drafts lie inside the state: every copy of it would take them along",
            where=str(keys_root(settings)),
            mend=f"set keys to a folder on tmpfs, like {HOST_KEYS}",
        )


def outbox_folder(settings: Settings) -> Path:
    """Keys of what waits to be handed over. They stay through a reboot, and so does what they open: never on tmpfs.

    Under the one name that whoever copies a state leaves out.
    """
    return settings.state / BESIDE / "outbox"
