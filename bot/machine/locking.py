"""One process at a time: a file or a folder that is ours alone."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.machine.files import DiskError, refused


@contextlib.contextmanager
def locked(path: Path, taken: str, mend: str) -> Iterator[None]:
    """A folder, or a file that is made, is ours alone until the end. Raises DiskError: `taken` if it is another's."""
    where = str(path if path.is_dir() else path.parent)
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise refused(error, path) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DiskError(taken, where=where, mend=mend, passing=True) from None
        except OSError:
            mend = "use a local disk (for keys: tmpfs): on this one two could run at once"
            raise DiskError("this disk can't lock files", where=where, mend=mend) from None
        yield
    finally:
        os.close(handle)
