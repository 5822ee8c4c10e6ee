"""O11: who can read a secret is asked of the system; what systemd, Compose and Kubernetes hand over is taken."""

import grp
import os
import pwd
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.machine import readers
from bot.machine.readers import GROUP, GROUP_OBJ, MASK, OTHER, USER, USER_OBJ, who_else_reads
from bot.settings import load_settings

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz"
NOBODY_SET = 0xFFFFFFFF


def secret(path: Path, mode: int = 0o600) -> Path:
    path.write_text(f"{TOKEN}\n")
    path.chmod(mode)
    return path


def token(path: Path) -> str:
    return load_settings(None, {"STONECHAT_TELEGRAM_TOKEN_FILE": str(path)}).telegram_token


def access_list(path: Path, *more: tuple[int, int, int], group: int = 0, mask: int = 4) -> None:
    """As `setfacl` writes it; skips where this disk keeps none."""
    entries = [(USER_OBJ, 6, NOBODY_SET), (GROUP_OBJ, group, NOBODY_SET), *more]
    entries += [(MASK, mask, NOBODY_SET), (OTHER, 0, NOBODY_SET)]
    raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in sorted(entries))
    try:
        os.setxattr(path, "system.posix_acl_access", raw)
    except OSError:
        pytest.skip("this disk keeps no access lists")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "mounted"
    folder.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True).returncode
    ):
        pytest.skip("nothing can be mounted here (it needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_o11_a_private_file(tmp_path: Path, mode: int) -> None:
    assert token(secret(tmp_path / "t", mode)) == TOKEN


@pytest.mark.parametrize(("mode", "who"), [(0o644, "everybody"), (0o604, "everybody")])
def test_o11_a_file_that_everybody_reads_is_refused(tmp_path: Path, mode: int, who: str) -> None:
    path = secret(tmp_path / "t", mode)
    with pytest.raises(SettingsError, match=rf"read by others \({who}\); chmod 600"):
        token(path)


def test_o11_a_group_of_people_is_refused(tmp_path: Path) -> None:
    path = secret(tmp_path / "t", 0o640)
    if os.geteuid() == 0:
        os.chown(path, 0, 4242)
    with pytest.raises(SettingsError, match="group"):
        token(path)


def test_o11_a_credential_of_systemd_shows_0440_and_is_for_one_user(tmp_path: Path) -> None:
    """systemd 254 and newer: owned by root, an access list for the service's user, whose mask shows as the group's."""
    path = secret(tmp_path / "t")
    access_list(path, (USER, 4, os.geteuid()))
    assert path.stat().st_mode & 0o777 == 0o640
    assert token(path) == TOKEN


def test_o11_an_access_list_for_somebody_else_is_seen(tmp_path: Path) -> None:
    path = secret(tmp_path / "t")
    access_list(path, (USER, 4, 4242))
    assert who_else_reads(path) == "user 4242"
    access_list(path, (USER, 4, 4242), mask=2)
    assert who_else_reads(path) == "", "the mask takes it away again"
    access_list(path, (GROUP, 4, 4243))
    assert who_else_reads(path) == "group 4243"


def test_o11_a_file_that_compose_mounts_alone(mounted: Path, tmp_path: Path) -> None:
    """`secrets:` of Compose: 0444 or the host's own mode, in a mount of one file."""
    source = secret(tmp_path / "source", 0o444)
    target = tmp_path / "telegram.token"
    target.touch()
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
    try:
        assert token(target) == TOKEN
    finally:
        subprocess.run(["umount", str(target)], check=True)
    with pytest.raises(SettingsError):
        token(source)


def test_o11_a_secret_of_kubernetes(mounted: Path) -> None:
    """A tmpfs; each file a link through `..data` to a folder with a date."""
    (mounted / "..2026_11_24").mkdir()
    secret(mounted / "..2026_11_24" / "token", 0o644)
    (mounted / "..data").symlink_to("..2026_11_24")
    (mounted / "token").symlink_to("..data/token")
    assert token(mounted / "token") == TOKEN


def test_o11_a_tmpfs_that_nobody_here_writes(mounted: Path) -> None:
    path = secret(mounted / "token", 0o444)
    with pytest.raises(SettingsError):
        token(path)
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    assert token(path) == TOKEN


def test_o11_known_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "SECRET_MOUNTS", (str(tmp_path / "run" / "secrets"),))
    (tmp_path / "run" / "secrets").mkdir(parents=True)
    assert token(secret(tmp_path / "run" / "secrets" / "t", 0o444)) == TOKEN
    (tmp_path / "credentials").mkdir()
    path = secret(tmp_path / "credentials" / "t", 0o444)
    with pytest.raises(SettingsError):
        token(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert token(path) == TOKEN
    outside = secret(tmp_path / "outside", 0o444)
    (tmp_path / "credentials" / "link").symlink_to(outside)
    with pytest.raises(SettingsError):
        token(tmp_path / "credentials" / "link")


# --- the mend is one that can be done there ---


def test_o11_a_folder_that_was_mounted_read_only(mounted: Path, tmp_path: Path) -> None:
    """`-v ./secrets:/secrets:ro`: no chmod in here helps."""
    source = tmp_path / "source"
    source.mkdir()
    secret(source / "token", 0o644)
    subprocess.run(["mount", "--bind", str(source), str(mounted)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(mounted)], check=True)
    try:
        with pytest.raises(SettingsError) as caught:
            token(mounted / "token")
    finally:
        subprocess.run(["umount", str(mounted)], check=True)
    assert caught.value.mend == f"where {mounted} is mounted from: chown {os.geteuid()} token, then chmod 600"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_o11_a_file_of_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`chmod 600` alone would take it from us, and is not ours to do."""
    path = secret(tmp_path / "a token", 0o644)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert readers.how_to_close(path) == f"as root: chown 4711 '{path}' && chmod 600 '{path}'"
    os.chown(path, 4711, 4711)
    assert readers.how_to_close(path) == f"chmod 600 '{path}'"


@pytest.mark.parametrize("mode", [0o444, 0o440, 0o644, 0o640, 0o400, 0o600])
def test_o11_whatever_mode_a_secret_of_kubernetes_shows(mounted: Path, mode: int) -> None:
    """defaultMode, fsGroup, a file in a folder of its own (`items: path:`), a file mounted alone (`subPath`)."""
    for name in ("token", "deep/token"):
        (mounted / "..2026" / name).parent.mkdir(parents=True, exist_ok=True)
        secret(mounted / "..2026" / name, mode)
        if os.geteuid() == 0:
            os.chown(mounted / "..2026" / name, 0, 4242)
    (mounted / "..data").symlink_to("..2026")
    (mounted / "token").symlink_to("..data/token")
    (mounted / "deep").symlink_to("..data/deep")
    assert token(mounted / "token") == TOKEN
    assert token(mounted / "deep" / "token") == TOKEN


@pytest.mark.parametrize("key", ["telegram_token_file", "alarm_mail_password_file", "alarm_file"])
@pytest.mark.parametrize("mode", [0o440, 0o444, 0o400])
def test_o11_every_secret_may_be_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, mode: int
) -> None:
    path = tmp_path / "credentials" / "it"
    path.parent.mkdir()
    path.write_text("exec:/bin/true\n" if key == "alarm_file" else f"{TOKEN}\n")
    path.chmod(mode)
    if os.geteuid() == 0 and mode == 0o440:
        os.chown(path, 0, 4242)
    environ = {f"STONECHAT_{key.upper()}": str(path)}
    if mode != 0o400:
        with pytest.raises(SettingsError, match="read by others"):
            load_settings(None, environ)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    load_settings(None, environ)


class Machine:
    """Its users and groups: (name, uid, gid), (name, gid, members)."""

    def __init__(self, users: list[tuple[str, int, int]], groups: list[tuple[str, int, list[str]]]) -> None:
        self.users = [pwd.struct_passwd((n, "x", u, g, "", "/", "/bin/sh")) for n, u, g in users]
        self.groups = [grp.struct_group((n, "x", g, m)) for n, g, m in groups]

    def use(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(pwd, "getpwall", lambda: self.users)
        patch.setattr(pwd, "getpwuid", lambda uid: {u.pw_uid: u for u in self.users}[uid])
        patch.setattr(grp, "getgrgid", lambda gid: {g.gr_gid: g for g in self.groups}[gid])
        patch.setattr(os, "geteuid", lambda: 990)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    ("users", "members", "who"),
    [
        ([], [], ""),
        ([], ["stonechat", "root"], ""),
        ([], ["stonechat", "alice"], "group 4242"),
        ([("alice", 1000, 4242)], [], "group 4242"),
    ],
)
def test_o11_a_group_in_which_nobody_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: list[tuple[str, int, int]], members: list[str], who: str
) -> None:
    """root:stonechat 0640: the usual way to give a service its secret."""
    path = secret(tmp_path / "t", 0o640)
    os.chown(path, 0, 4242)
    Machine([("stonechat", 990, 4242), *users], [("stonechat", 4242, members)]).use(monkeypatch)
    assert who_else_reads(path) == who
    os.chown(path, 990, 4242)
    assert who_else_reads(path) == "group 4242", "what is ours we can close"
    path.chmod(0o644)
    assert who_else_reads(path) == "everybody"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_o11_a_group_that_is_empty_or_unknown_or_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret(tmp_path / "t", 0o640)
    os.chown(path, 0, 4242)
    for machine in (Machine([("stonechat", 990, 1)], [("readers", 4242, [])]), Machine([("stonechat", 990, 1)], [])):
        machine.use(monkeypatch)
        assert who_else_reads(path) == "group 4242"
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: {}[uid])
    assert who_else_reads(path) == "group 4242", "a user without a name"
