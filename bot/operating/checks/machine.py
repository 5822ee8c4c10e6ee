"""The machine under us: its disk, its swap, its clock."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bot.machine.clock import clock_trouble
from bot.machine.filesystem import filesystem
from bot.machine.worktree import work_tree
from bot.operating.checks.finding import Finding, State, good
from bot.settings import Settings

NETWORK_DISKS = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs", "ceph")
LOW, EMPTY = 2 << 30, 200 << 20  # bytes free


def places(settings: Settings) -> Iterator[Finding]:
    """The disk that the state lies on must keep what it promises, and no git may take the state along."""
    state = settings.state
    near = next(p for p in (state, *state.parents) if p.exists())
    kind = filesystem(near)
    if kind in NETWORK_DISKS:
        yield Finding("disk kind", "bad", f"{state} is on a network disk ({kind})", "use a local disk: locks and fsync")
    else:
        yield good("disk kind", f"{kind or 'unknown'}")
    repository = work_tree(state)
    if repository is not None:
        what = f"{state} lies in the git work tree {repository}"
        yield Finding("git", "warning", what, "set state to a folder elsewhere, so that it is never committed")


def swap(settings: Settings) -> Iterator[Finding]:
    """Words in flight and keys may be swapped out; zram stays in memory, dm-crypt is encrypted."""
    try:
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return
    plain = [n for n in (line.split()[0] for line in lines) if not n.startswith(("/dev/zram", "/dev/dm-"))]
    if plain:
        what = f"swap on {', '.join(plain)}: what is in memory may reach the disk"
        yield Finding("swap", "warning", what, "swapoff -a, or encrypt it")
    else:
        yield good("swap", "none that reaches a disk in the clear")


def disk(settings: Settings) -> Iterator[Finding]:
    """Space left; little is told before it is too little."""
    near = next(p for p in (settings.state, *settings.state.parents) if p.exists())
    free = os.statvfs(near)
    left = free.f_bavail * free.f_frsize
    size = f"{left / (1 << 30):.1f} GB free"
    state: State = "bad" if left < EMPTY else "warning" if left < LOW else "good"
    yield Finding("disk", state, size, "" if state == "good" else f"make space on the disk of {near}")


def clock(settings: Settings) -> Iterator[Finding]:
    """A clock that is wrong, or behind what was written already."""
    if trouble := clock_trouble():
        what, _, mend = trouble.partition("; ")
        yield Finding("clock", "warning", what, mend)
        return
    newest = (
        max((p.lstat().st_mtime for p in settings.state.glob("*")), default=0.0) if settings.state.exists() else 0.0
    )
    if newest > time.time() + 60:
        yield Finding(
            "clock", "bad", "it is behind the files that the bot wrote", "set it (timedatectl), then look again"
        )
    else:
        yield good("clock", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))
