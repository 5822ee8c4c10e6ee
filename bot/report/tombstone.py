"""What is remembered of an erased report: a hash of its id, so that no backup brings it back.

It lies outside the backup, and at a second holder. A report's id is 128 random bits: nobody finds it from the hash.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

LINE = 65  # bytes: a hash in hex, and a line feed
RESTORED = "restored"  # in an intake's folder: it came back with a backup, and what was erased since may lie in it


def tombstone(report: str) -> str:
    """The hash, in hex."""
    return hashlib.sha256(f"stonechat.tombstone/1\n{report}\n".encode()).hexdigest()


def told(asked: str, tombstones: Sequence[str]) -> bytes:
    """What a bot signs to tell an intake that came back with a backup what was erased since.

    `asked` is what that intake asks with, 32 hex digits of its own choice: an earlier answer does not count again.
    """
    return "\n".join(["stonechat.tombstones/1", asked, *tombstones, ""]).encode()


def bury(path: Path, report: str) -> None:
    """Add it to a file of tombstones, on disk when this returns. Raises OSError."""
    if is_buried(path, report):
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        cut = size and os.pread(handle, 1, size - 1) != b"\n"  # by a crash: it takes no other line along
        os.write(handle, b"\n" * bool(cut) + f"{tombstone(report)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def buried(path: Path) -> set[str]:
    """All tombstones of a file; none where there is no file."""
    try:
        return {line.strip() for line in path.read_text().splitlines() if len(line.strip()) == LINE - 1}
    except FileNotFoundError:
        return set()


def is_buried(path: Path, report: str) -> bool:
    """Whether that report was erased."""
    return tombstone(report) in buried(path)
