"""When somebody last looked at the list of reports: one mark, which every command that lists or exports them sets."""

import contextlib
import os
from pathlib import Path

ROUNDED = 300.0  # seconds: the mark tells no more


def note_look(state: Path, now: float) -> None:
    """Somebody looks now (seconds since 1970). A disk that takes nothing keeps nobody from reading."""
    with contextlib.suppress(OSError):
        path = _mark(state)
        path.touch(0o600)
        os.utime(path, (now - now % ROUNDED,) * 2)


def looked_within(state: Path, hours: int, now: float) -> bool:
    """Whether the newest look is younger than so many hours. A mark from the future proves nothing."""
    try:
        age = now - _mark(state).stat().st_mtime
    except OSError:
        return False
    return -ROUNDED <= age < hours * 3600


def _mark(state: Path) -> Path:
    return state / "list.looked"
