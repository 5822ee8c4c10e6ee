"""N05: root makes no file in a service's state that the service can't read: every command refuses."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import IDENTITY, RECOVERY
from tests.deploy.layout import ROOT

US = 10001
TOML = 'organisation = "E"\nlanguages = "en"\nphone = "127.0.0.1:0"\nalarm = ["exec:/bin/true"]\n'
COMMANDS = [
    ["run"],
    ["chat"],
    ["doctor"],
    ["intake"],
    ["intake", "--show-key"],
    ["intake", "list"],
    ["intake", "go"],
    ["intake", "export", "out"],
    ["alarm"],
    ["alarm", "rehearse"],
    ["alarm", "heard", "123456"],
    ["alarm", "taken"],
    ["backup", "saved"],
    ["restore", "nowhere"],
    ["keys", "show"],
    ["keys", "accept"],
]


@pytest.fixture
def service() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can be too powerful")
    with tempfile.TemporaryDirectory(prefix="stonechat-root-") as name:
        folder = Path(name)
        (folder / "stonechat.toml").write_text(TOML)
        (folder / "state").mkdir(mode=0o700)
        (folder / "state" / "recipients.txt").write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, US, US)
        yield folder


def stonechat(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("STONECHAT_")} | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def roots(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.lstat().st_uid == 0]


def test_n05_every_command_that_opens_state_is_in_the_table() -> None:
    """A new command that reads settings must be tried here, too."""
    from bot.cli import app

    named = {command.name or command.callback.__name__.rstrip("_") for command in app.registered_commands}  # type: ignore[union-attr]
    free = {"demo", "init", "open"}  # no state; init is tried apart
    assert named - free <= {words[0] for words in COMMANDS}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            words = [str(group.name), str(command.name)]
            stateless = (["keys", "new"], ["keys", "public"], ["telegram", "delete-webhook"])
            if group.name not in ("flow", "words") and words not in stateless:
                assert any(known[:2] == words for known in COMMANDS), words


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_n05_root_is_refused_and_leaves_nothing(service: Path, words: list[str]) -> None:
    if words[0] == "backup":
        (service / "state" / "stonechat.db").touch()
    if words[0] == "restore":
        (service / "nowhere").mkdir()
        (service / "nowhere" / "stonechat.db").touch()
        for path in (service / "nowhere", service / "nowhere" / "stonechat.db"):
            os.chown(path, US, US)
    for path in service.rglob("*"):
        os.chown(path, US, US)
    done = stonechat(service, *words)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert f"belongs to {US}" in said
    assert f"setpriv --reuid={US} --regid={US} --clear-groups stonechat" in said
    assert roots(service) == []


@pytest.mark.parametrize("words", [["run"], ["keys", "accept"], ["intake", "--show-key"], ["init"]], ids=" ".join)
def test_n05_a_state_that_is_not_made_yet(service: Path, words: list[str]) -> None:
    """It would be root's, in a folder of the service's."""
    recipients = service / "recipients.txt"
    (service / "state" / "recipients.txt").rename(recipients)
    (service / "state").rmdir()
    if words == ["init"]:
        (service / "stonechat.toml").unlink()
    else:
        (service / "stonechat.toml").write_text(TOML + 'recipients = "recipients.txt"\n')
    done = stonechat(service, *words)
    assert done.returncode == 1
    assert f"this folder belongs to {US}" in done.stderr
    assert roots(service) == []


def test_n05_keys_of_the_service_beside_a_state_of_roots(service: Path) -> None:
    (service / "stonechat.toml").write_text(TOML + 'keys = "drafts"\n')
    (service / "drafts").mkdir(mode=0o700)
    os.chown(service / "drafts", US, US)
    for path in (service, service / "state", *(service / "state").iterdir()):
        os.chown(path, 0, 0)
    done = stonechat(service, "run")
    assert done.returncode == 1
    assert f"belongs to {US}" in done.stderr
    assert list((service / "drafts").iterdir()) == []


def test_n05_the_line_works(service: Path) -> None:
    """As its owner the same command does its work. By fork: python's own folder may be closed to others."""
    from tests.e2e import as_user

    pid = os.fork()
    if pid == 0:
        try:
            as_user.NOBODY = US
            null = os.open(os.devnull, os.O_WRONLY)
            as_user.import_all()
            as_user.child(["keys", "show"], str(service), {}, null, null, "")
        finally:
            os._exit(70)  # whatever fails here must not go on as a second pytest
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (service / "state" / "bot.key").stat().st_uid == US
