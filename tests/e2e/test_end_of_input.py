"""N14: Ctrl-D and Ctrl-C at any question of any command are one line, and it says what was not done."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from bot import cli
from bot.keys.files import write_identity
from bot.seal.hybrid import HybridIdentity
from tests.conftest import IDENTITY
from tests.e2e.test_commands import ROOT

WORDS = "several good words"
INIT = [b"Org\n", b"help@example.org\n", b"\n", b"0\n", b"no\n", b"0\n", b"\n", b"\n", b"\n", f"{WORDS}\n".encode()]
NOTHING = "nothing was written"


def talked(folder: Path, command: list[str], answers: list[bytes]) -> tuple[str, int]:
    """What it says in a terminal of its own, each answer typed once it asks; and its exit code."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ["PYTHONPATH"] = str(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "bot", *command])
    heard, left, asked = b"", list(answers), 0
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                heard += os.read(terminal, 4096)
            except OSError:  # it closed its end
                break
        elif left and len(heard) > asked and heard.endswith((b": ", b"> ")):
            asked = len(heard)
            os.write(terminal, left.pop(0))
    os.close(terminal)
    return heard.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation, a key under a passphrase, and a report's folder."""
    write_identity(tmp_path / "desk.key", HybridIdentity.generate(), WORDS)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "recipients.txt").write_text(IDENTITY.recipient.text + "\n")
    (tmp_path / "report").mkdir()
    (tmp_path / "new").mkdir()
    return tmp_path


ASKING = {
    **{f"init {n}": ("new", ["init"], INIT[:n], NOTHING) for n in range(len(INIT) + 1)},
    "keys new": ("", ["keys", "new", "other"], [], "no key was made"),
    "keys new, again": ("", ["keys", "new", "other"], [f"{WORDS}\n".encode()], "no key was made"),
    "keys public": ("", ["keys", "public", "desk.key"], [], "desk.key stayed closed"),
    "keys public, again": ("", ["keys", "public", "desk.key"], [b"wrong\n"], "desk.key stayed closed"),
    "open": ("", ["open", "report", "--key", "desk.key"], [], "desk.key stayed closed"),
}


@pytest.mark.parametrize("end", [b"\x04", b"\x03"], ids=["Ctrl-D", "Ctrl-C"])
@pytest.mark.parametrize("asking", ASKING)
def test_n14_who_ends_a_question_is_told_what_was_not_done(folder: Path, asking: str, end: bytes) -> None:
    where, command, answers, says = ASKING[asking]
    said, code = talked(folder / where, command, [*answers, end])
    last = said.strip().splitlines()[-1]
    assert last.startswith("stonechat: "), said
    assert says in last
    assert code == 1
    assert "Abort" not in said
    assert not (folder / "other.key").exists()
    assert list((folder / "new").iterdir()) == []


@pytest.mark.parametrize("asking", ["init 0", "keys new", "keys public", "open"])
def test_n14_where_nobody_sits_it_is_one_line(folder: Path, asking: str) -> None:
    """No terminal at all, as under cron: nothing but this line, also not the warning that getpass prints."""
    where, command, _, says = ASKING[asking]
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command],
        cwd=folder / where,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    *before, last = done.stderr.strip().splitlines()
    assert last.startswith("stonechat: "), done.stderr
    assert says in last
    assert "arning" not in done.stderr
    assert not any(line.startswith("stonechat: ") for line in before)


def test_n14_a_passphrase_may_come_through_a_pipe(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "keys", "public", "desk.key"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=f"{WORDS}\n",
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("age1pq1")
    assert "arning" not in done.stderr


def test_n14_a_chat_that_ends_says_what_becomes_of_it(folder: Path) -> None:
    def chatted(*lines: bytes) -> str:
        said, code = talked(folder, ["chat"], [*lines, b"\x04"])
        assert code == 0, said
        return said.strip().splitlines()[-1]

    assert "nothing was kept" in chatted()
    assert "nothing was kept" in chatted(b"English\n")
    # The draft is the one of this terminal: it stands there again.
    assert "was not sent" in chatted(b"English\n", b"Yes\n", b"Yes, I agree\n")
    assert "was not sent" in chatted()


@pytest.mark.parametrize("error", [EOFError, typer.Abort])
def test_n14_a_question_that_nobody_thought_of_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[BaseException]
) -> None:
    def asks(config: object) -> None:
        raise error

    monkeypatch.setattr("bot.settings.load_settings", asks)
    monkeypatch.setattr(cli, "harden", lambda: None)
    monkeypatch.setattr(sys, "argv", ["stonechat", "keys", "show"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "a question was not answered" in line
