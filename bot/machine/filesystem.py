"""What kind of disk a folder lies on."""

from pathlib import Path

TMPFS = ("tmpfs", "ramfs")


def filesystem(path: Path) -> str:
    """The kind of file system that `path` lies on (Linux: from the mount table), or ''."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    target = str(path.resolve())
    for line in lines:
        point, name = line.split(" ")[1:3]
        point = point.encode().decode("unicode_escape")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind
