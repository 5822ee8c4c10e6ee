"""What kind of disk a folder lies on."""

import os
import re
from pathlib import Path

TMPFS = ("tmpfs", "ramfs")
MOUNTS = Path("/proc/self/mounts")


def _mounts() -> list[tuple[str, str]]:
    """(mount point, kind) as the kernel lists them: a blank, a tab, a backslash in a name stands there as \\040."""
    try:
        lines = MOUNTS.read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        fields = line.split(b" ")
        if len(fields) >= 3:
            point = re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), fields[1])
            found.append((os.fsdecode(point), os.fsdecode(fields[2])))
    return found


def _mount(path: Path) -> tuple[str, str]:
    """The newest mount that covers `path`: its point and its kind; both empty where the system does not tell."""
    best, kind = "", ""
    target = os.path.realpath(path)
    for point, name in _mounts():
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return best, kind


def filesystem(path: Path) -> str:
    """The kind of file system that `path` lies on (Linux: from the mount table), or ''."""
    return _mount(path)[1]


def free_bytes(folder: Path) -> int | None:
    """What the disk under a folder, or under the nearest that is there, still takes; None where nobody can tell."""
    try:
        near = next(p for p in (folder, *folder.parents) if p.exists())
        disk = os.statvfs(near)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def mount_point(path: Path) -> str:
    """Where that file system is mounted, or ''."""
    return _mount(path)[0]
