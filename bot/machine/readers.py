"""Who else can read a secret. The system is asked: modes, access lists, and mounts that exist to hand secrets over.

A mode alone misleads: a credential of systemd shows 0440 and is for one user (the group's bits are the mask of its
access list); what Docker Compose and Kubernetes mount shows 0444 and is in a container alone.
Sources: systemd.exec(5) "Credentials"; acl(5); linux/posix_acl_xattr.h; Kubernetes, "Secrets" (`..data`).
"""

import grp
import os
import pwd
import shlex
import stat
import struct
from pathlib import Path

from bot.machine.files import ROOT, user_name
from bot.machine.filesystem import TMPFS, filesystem, mount_point

SECRET_MOUNTS = ("/run/secrets", "/run/credentials")
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
READ = 4


def who_else_reads(path: Path) -> str:
    """Who, in words; empty where it is nobody but its owner, root and this process. Raises OSError."""
    real = Path(os.path.realpath(path))
    found = real.stat()
    if _is_handed_over(path, real):
        return ""
    users, groups, everybody = _readers(real, found)
    if everybody:
        return "everybody"
    strangers = [f"user {user_name(u)}" for u in sorted(users - {ROOT, os.geteuid()})]
    if found.st_uid == ROOT:  # one of our own could be 0600
        groups = {each for each in groups if not _is_ours_alone(each)}
    return ", ".join([*strangers, *(f"group {g}" for g in sorted(groups - {ROOT}))])


def _is_ours_alone(group: int) -> bool:
    """A group that the machine knows, with nobody in it but us: root:stonechat 0640, as services keep their secrets."""
    try:
        me, members = pwd.getpwuid(os.geteuid()).pw_name, set(grp.getgrgid(group).gr_mem)
    except KeyError:
        return False
    members |= {each.pw_name for each in pwd.getpwall() if each.pw_gid == group}
    return members <= {me, "root"} and me in members


def how_to_close(path: Path) -> str:
    """The command that leaves it to us alone; where it is mounted read-only, where that command is to be run."""
    real = Path(os.path.realpath(path))
    found, me = real.stat(), os.geteuid()
    name = shlex.quote(str(path))
    if os.statvfs(real).f_flag & os.ST_RDONLY:
        where = mount_point(real) or real.parent
        return f"where {where} is mounted from: chown {me} {shlex.quote(real.name)}, then chmod 600"
    if found.st_uid not in (me, ROOT) or (found.st_uid == ROOT != me):
        return f"as root: chown {me} {name} && chmod 600 {name}"
    return f"chmod 600 {name}"


def _readers(path: Path, found: os.stat_result) -> tuple[set[int], set[int], bool]:
    """(users besides its owner, groups, whether everybody) that may read it: its access list where it has one."""
    users: set[int] = set()
    everybody = bool(found.st_mode & stat.S_IROTH)
    entries = _access_list(path)
    if not entries:
        return users, {found.st_gid} if found.st_mode & stat.S_IRGRP else set(), everybody
    mask = next((perm for tag, perm, _ in entries if tag == MASK), READ)
    groups = set()
    for tag, perm, who in entries:
        if not perm & mask & READ:
            continue
        if tag == USER:
            users.add(who)
        elif tag == GROUP:
            groups.add(who)
        elif tag == GROUP_OBJ:
            groups.add(found.st_gid)
    return users, groups, everybody


def _access_list(path: Path) -> list[tuple[int, int, int]]:
    """(tag, permissions, id) as the kernel keeps them; empty where there is none."""
    try:
        raw = os.getxattr(path, "system.posix_acl_access")
    except (OSError, AttributeError):
        return []
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw) - 7, 8)]


def _is_handed_over(path: Path, real: Path) -> bool:
    """A place that exists to hand secrets to this service alone."""
    own = os.environ.get("CREDENTIALS_DIRECTORY")
    if any(str(real).startswith(f"{place}/") for place in (*SECRET_MOUNTS, *([os.path.realpath(own)] if own else ()))):
        return True
    point = mount_point(real)
    if point == str(real):  # a file that was mounted alone, as Compose does
        return True
    # Kubernetes: a tmpfs of its own, which the container can't write, or whose files are links through `..data`.
    if filesystem(real) not in TMPFS:
        return False
    newest = [os.path.realpath(place / "..data") for place in (path.parent, Path(point))]
    return any(str(real).startswith(f"{each}/") for each in newest) or bool(os.statvfs(real).f_flag & os.ST_RDONLY)
