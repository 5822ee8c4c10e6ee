"""N13: what is secret is committed by nobody."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.machine.worktree import work_tree
from tests.conftest import OpenBot
from tests.deploy.layout import ROOT

SECRET = [
    "desk.key", "recovery.key", "keys/desk.key", "telegram.token", "alarm.targets", "mail.password", "stonechat.toml",
    "state/bot.key", "state/stonechat.db", "state/keys/x/y.key", "state.old/bot.key", "intake/intake.key",
    "keys/a/pepper",
    "drafts/a/pepper", "inbox/abc/manifest.json", "recipients.txt", "bots.pub", ".env", "reports/abc/report.age",
    "opened/report", "backup/2026-11-24/bot.key", "stonechat.db", "stonechat.db-wal",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_n13_git_ignores(name: str, tmp_path: Path) -> None:
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=tmp_path).returncode == 0


def test_n13_nothing_of_ours_is_ignored() -> None:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("no git work tree")
    done = subprocess.run(["git", "ls-files", "-ci", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == ""


def test_n13_the_image_holds_none_of_it() -> None:
    """Only what .dockerignore lets through is sent to Docker."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    assert {x for x in lines if x.startswith("!")} == {
        "!bot", "!flows", "!locales", "!pyproject.toml", "!requirements.lock", "!README.md", "!LICENSE",
    }  # fmt: skip
    assert {"**/*.key", "**/*.token"} <= set(lines)


@pytest.mark.parametrize("sign", [".git", ".hg", ".svn", ".jj"])
@pytest.mark.parametrize("kind", ["folder", "file"])
@pytest.mark.parametrize("words", [["keys", "new", "desk", "--no-passphrase"], ["init"]], ids=" ".join)
def test_n13_private_keys_refuse_a_work_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str, kind: str, words: list[str]
) -> None:
    """A file: a second work tree, a submodule."""
    (tmp_path / sign).mkdir() if kind == "folder" else (tmp_path / sign).write_text("gitdir: elsewhere\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    line = str(done.exception)
    assert f"this folder lies in the work tree {tmp_path}" in line
    assert "mkdir -m 700 ~/" in line
    assert list((tmp_path / "deep" / "er").iterdir()) == []


def test_n13_by_a_link_and_by_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    (tmp_path / "free").mkdir()
    (tmp_path / "free" / "link").symlink_to(tmp_path / "tree")
    (tmp_path / "tree" / "deep").mkdir()
    (tmp_path / "free" / "deep").symlink_to(tmp_path / "tree" / "deep")
    monkeypatch.chdir(tmp_path / "free")
    for name in ("link/desk", "deep/desk", "../tree/desk", str(tmp_path / "tree" / "desk")):
        assert CliRunner().invoke(app, ["keys", "new", name, "--no-passphrase"]).exit_code == 1, name
    assert CliRunner().invoke(app, ["keys", "new", "desk", "--no-passphrase"]).exit_code == 0
    monkeypatch.chdir(tmp_path / "tree")
    assert CliRunner().invoke(app, ["keys", "new", "../free/other", "--no-passphrase"]).exit_code == 0


async def test_n13_git_leaves_a_state_and_its_keys_alone(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    async with open_test_bot():
        pass
    for folder in (tmp_path / "state", *(tmp_path / "keys").iterdir()):
        assert (folder / ".gitignore").read_text() == "*\n"
        assert (folder / ".gitignore").stat().st_mode & 0o777 == 0o600
    async with open_test_bot():
        pass


async def test_n13_elsewhere_no_such_file_is_made(open_test_bot: OpenBot, tmp_path: Path) -> None:
    assert work_tree(tmp_path) is None, os.environ.get("TMPDIR")
    async with open_test_bot():
        pass
    assert not list(tmp_path.rglob(".gitignore"))
