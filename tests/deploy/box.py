"""A real systemd with the shipped unit in it: a container over this machine's own files, none of which it can change.

Root's, with overlayfs and systemd-nspawn. Its processes are under a pid namespace of ours, and end with it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 150  # seconds for one box
APART = ("unshare", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child")
DRIVER = """\
[Unit]
After=basic.target dbus.socket
Requires=basic.target dbus.socket
[Service]
Type=oneshot
ExecStart=/bin/bash /box/driver
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=file:/box/out
StandardError=inherit
TimeoutStartSec=infinity
"""
BOOT = """\
set -e
mount --make-rprivate /
mount -t tmpfs -o size=512m tmpfs /mnt
mkdir -p /mnt/work /mnt/root
cp -a "$1/up" /mnt/up
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root
shift
exec systemd-nspawn --quiet -D /mnt/root --register=no --keep-unit --boot --console=pipe --private-network "$@" \
  systemd.log_target=null --unit=box.service
"""


def in_box(script: str, files: Mapping[str, str | tuple[str, int]]) -> dict[str, str]:
    """Boot, run `script`, power off. What it printed, by its lines `== NAME`. Skips where no systemd can be booted.

    `files` are laid into the container: a text, or (text, mode).
    """
    if os.geteuid() != 0:
        pytest.skip("only root boots a container")
    for program in ("systemd-nspawn", "unshare", "mount"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed (a real systemd starts the unit)")
    with _alone(), tempfile.TemporaryDirectory(prefix="stonechat-box-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        said = _boot(folder, script, files)
        out = folder / "box" / "out"
        if not out.exists():
            pytest.skip(f"no systemd can be booted here: {said.strip().splitlines()[-1:] or 'it says nothing'}")
        return _sections(out.read_text(errors="replace"))


def _boot(folder: Path, script: str, files: Mapping[str, str | tuple[str, int]]) -> str:
    (folder / "box").mkdir()
    (folder / "box" / "driver").write_text(script)
    wrapper = (
        "#!/bin/sh\nexport LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/stonechat/src:/opt/stonechat/site\n"
        'exec /opt/python/bin/python3 -m bot "$@"\n'
    )
    laid: dict[str, str | tuple[str, int]] = {
        "/etc/machine-id": "5f0c1e7a11e24c3f8a5d0b6f1c2d3e4f\n",
        "/etc/systemd/system/box.service": DRIVER,
        "/opt/stonechat/bin/stonechat": (wrapper, 0o755),
        **files,
    }
    for path, given in laid.items():
        text, mode = (given, 0o644) if isinstance(given, str) else given
        at = folder / "up" / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
        at.chmod(mode)
    binds = {
        str(folder / "box"): "/box",
        sys.base_prefix: "/opt/python",
        sysconfig.get_path("purelib"): "/opt/stonechat/site",
        str(ROOT): "/opt/stonechat/src",
    }
    words = [f"--bind{'' if inside == '/box' else '-ro'}={path}:{inside}" for path, inside in binds.items()]
    try:
        done = subprocess.run(
            [*APART, "sh", "-c", BOOT, "boot", str(folder), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            env={"PATH": os.environ["PATH"], "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
    except subprocess.TimeoutExpired as end:
        return (end.stdout or b"").decode(errors="replace")
    return done.stdout.decode(errors="replace")


@contextmanager
def _alone() -> Iterator[None]:
    """One box at a time: they would share a control group."""
    with open(Path("/run/lock/stonechat-box.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sections(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("== "):
            name = line[3:]
        found[name] = found.get(name, "") + ("" if line.startswith("== ") else f"{line}\n")
    return found
