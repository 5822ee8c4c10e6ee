"""N07: docker-compose.yml is bootstrapped by one command, and each command that it would run is run.

As its user (10001), in its read-only layout: bubblewrap stands in for Docker (tests/deploy/layout.py).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY, need
from tests.deploy.layout import ROOT, make_programs

US = 10001
TOML = 'organisation = "Example"\nhelp = "help@example.org"\nlanguages = "en"\ntelegram_api = "http://127.0.0.1:9"\n'


@pytest.fixture
def host() -> Iterator[Path]:
    """A checkout on a host with Docker: what the operator wrote is root's, as an editor under sudo leaves it."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    need("bwrap", "it stands in for Docker")
    folder = Path(tempfile.mkdtemp(prefix="stonechat-compose-"))
    folder.chmod(0o755)
    shutil.copy(ROOT / "docker-compose.yml", folder)
    for name in ("compose/prepare", "systemd/stonechat.tmpfiles.conf"):
        (folder / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / name, folder / "docs" / name)
    (folder / "stonechat.toml").write_text(TOML + 'telegram_token_file = "telegram.token"\n')
    (folder / "recipients.txt").write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
    (folder / "telegram.token").write_text(f"{TOKEN}\n")
    make_programs(folder)
    docker = folder / "host-bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.deploy.layout "$@"\n')
    docker.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def on_host(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A shell of the host, in a network of its own; /run and /etc/tmpfiles.d of the real one stay as they are."""
    (folder / "run-stonechat").mkdir(exist_ok=True)
    (folder / "tmpfiles.d").mkdir(exist_ok=True)
    begin = (
        "set -e; mount --make-rprivate /; mount -t tmpfs tmpfs /run; mkdir /run/stonechat; ip link set lo up 2>&-"
        f" || python3 -c 'import fcntl,socket,struct; s=socket.socket(); "
        'fcntl.ioctl(s,0x8914,struct.pack("16sh",b"lo",0x43))\'\n'
        f"mount --bind {folder}/run-stonechat /run/stonechat; mkdir -p /etc/tmpfiles.d; "
        f"mount --bind {folder}/tmpfiles.d /etc/tmpfiles.d; set +e; cd {folder}\n"
    )
    return subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", begin + script],
        capture_output=True,
        text=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
        env={"PATH": f"{folder}/host-bin:/usr/sbin:/usr/bin:/sbin:/bin"},
    )


def test_n07_one_command_then_up(host: Path) -> None:
    """The small case: one service, the intake inside it."""
    done = on_host(host, "sh docs/compose/prepare && docker up stonechat keys show")
    assert done.returncode == 0, done.stderr
    assert "bot is well" in done.stdout
    assert "intake is well" not in done.stdout
    for name in ("state", "run-stonechat", "telegram.token", "stonechat.toml", "recipients.txt", "state/bot.key"):
        found = (host / name).stat()
        assert (found.st_uid, found.st_mode & 0o077) == (US, 0), name
    assert not (host / ".env").exists()
    assert "/run/stonechat 0700 10001 10001" in (host / "tmpfiles.d" / "stonechat.conf").read_text()


def test_n07_the_intake_apart_learns_the_bots_key_and_the_bot_learns_its(host: Path) -> None:
    """No circle: one command, and both know each other; a second time changes nothing and keeps what was there."""
    (host / ".env").write_text("MINE=1\n")
    done = on_host(host, "sh docs/compose/prepare --apart && docker up stonechat doctor")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "bot is well" in done.stdout
    assert "intake is well" in done.stdout
    (line,) = [x for x in done.stdout.splitlines() if " intake: " in x]
    assert line.startswith("✓"), done.stdout
    env, bots = (host / ".env").read_text(), (host / "bots.pub").read_text()
    assert "MINE=1" in env
    assert "COMPOSE_PROFILES" in env
    again = on_host(host, "sh docs/compose/prepare --apart")
    assert again.returncode == 0, again.stderr
    assert sorted((host / ".env").read_text().splitlines()) == sorted(env.splitlines())
    assert (host / "bots.pub").read_text() == bots


@pytest.mark.parametrize("name", ["stonechat.toml", "recipients.txt", "telegram.token"])
def test_n07_what_lies_missing_is_one_clear_error(host: Path, name: str) -> None:
    (host / name).unlink()
    done = on_host(host, "sh docs/compose/prepare")
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert f": {name}; write them first" in said
    assert not (host / "state").exists(), "nothing was begun"
    done = on_host(host, "docker up true")
    assert f"does not exist: {host / name}" in done.stderr, "no folder takes its place"


def test_n07_more_errors_of_the_one_command(host: Path) -> None:
    assert "--aprat" in on_host(host, "sh docs/compose/prepare --aprat").stderr
    not_root = on_host(host, "setpriv --reuid=65534 --regid=65534 --clear-groups sh docs/compose/prepare")
    assert "run it as root: sudo sh docs/compose/prepare" in not_root.stderr
    assert "install Docker" in on_host(host, "rm host-bin/docker; PATH=/usr/bin:/bin sh docs/compose/prepare").stderr


def test_n07_after_a_reboot_without_the_tmpfiles_line(host: Path) -> None:
    """Docker makes the folder anew, as root's: the bot says whose it must be."""
    assert on_host(host, "sh docs/compose/prepare").returncode == 0
    os.chown(host / "run-stonechat", 0, 0)
    done = on_host(host, "docker compose run --rm --no-deps -T bot run")
    assert done.returncode == 1
    assert "/run/stonechat" in done.stderr
    assert "as root: chown -R 10001 /run/stonechat" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_n07_a_folder_for_reports_that_the_container_does_not_have(host: Path) -> None:
    with (host / "stonechat.toml").open("a") as file:
        file.write('intake = "folder:inbox"\n')
    assert on_host(host, "sh docs/compose/prepare").returncode == 0
    done = on_host(host, "docker compose run --rm --no-deps -T bot run")
    assert done.returncode == 1
    assert "/etc/stonechat/inbox" in done.stderr
    assert len(done.stderr.splitlines()) == 1
