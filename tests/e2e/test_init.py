"""`stonechat init` as somebody new would go through it; then the bot starts with what it wrote."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.machine.files import write_once
from bot.operating.asking import StoppedError
from bot.operating.init import run_init
from bot.settings import load_settings
from bot.wiring import open_bot
from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY
from tests.e2e.as_user import NOBODY


def go(lines: list[str]) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["init"], input="\n".join([*lines, ""]))
    return done.exit_code, done.output


def test_a_first_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answers = [
        'The "Example" Organisation', "help@example.org", "en, fr", "48", "y", "4",
        "not a token", "", str(tmp_path / "inbox"),
        IDENTITY.text, IDENTITY.recipient.text, RECOVERY.recipient.text, "",
    ]  # fmt: skip
    code, said = go(answers)
    assert code == 0, said
    assert "That is no token" in said
    assert "Never paste a private key here" in said
    assert "✓ sealing" in said
    settings = load_settings(tmp_path / "stonechat.toml", {})
    assert settings.organisation == 'The "Example" Organisation'
    assert (settings.languages, settings.first_read, settings.trained_team, settings.look) == (
        ("en", "fr"),
        48,
        "yes",
        4,
    )
    assert settings.phone == "127.0.0.1:8320"
    assert (tmp_path / "state" / "recipients.txt").read_text().count("age1pq1") == 2

    async def starts() -> None:
        async with open_bot(settings) as bot:
            assert bot.house.flow.organisation == 'The "Example" Organisation'
            assert bot.house.flow.vouched == {"first_read", "trained_team"}

    asyncio.run(starts())
    code, said = go(answers)
    assert code == 1, "nothing is overwritten"


def test_a_token_goes_into_a_file_of_its_own_and_a_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda question: "several words for a test")
    monkeypatch.setattr("bot.operating.checks.channels.services", _none)
    _, said = go(["Org", "help@example.org", "", "", "", "", TOKEN, "", ""])
    assert TOKEN not in said
    assert TOKEN not in (tmp_path / "stonechat.toml").read_text()
    assert (tmp_path / "telegram.token").stat().st_mode & 0o077 == 0
    assert (tmp_path / "desk.key").exists()
    assert "off this server" in said
    assert load_settings(tmp_path / "stonechat.toml", {}).telegram_token == TOKEN


def test_x15_nothing_is_vouched_for_that_nobody_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter at each question: no time and no team is promised to anybody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.operating.checks.channels.services", _none)
    go(["Org", "help@example.org", "", "", "", "", "", "", IDENTITY.recipient.text, ""])
    settings = load_settings(tmp_path / "stonechat.toml", {})
    assert (settings.first_read, settings.trained_team, settings.look, settings.alarm) == (0, "no", 0, ())


async def _none(settings: object):  # type: ignore[no-untyped-def]
    return
    yield


# --- N14: nothing that was answered is lost, nothing secret is kept or shown ---

PASSPHRASE = "several words for a test"
BEFORE = {
    "organisation": [], "help": ["Org"], "languages": ["Org", "a@b.org"], "first_read": ["Org", "a@b.org", ""],
    "trained_team": ["Org", "a@b.org", "", ""], "look": ["Org", "a@b.org", "", "", ""],
    "folder": ["Org", "a@b.org", "", "", "", "", ""],
}  # fmt: skip
SECRETS = (
    TOKEN, f"my token: {TOKEN}", f"https://api.telegram.org/bot{TOKEN}/getMe", IDENTITY.text, IDENTITY.text.lower(),
    "-----BEGIN AGE ENCRYPTED FILE-----", "-----BEGIN OPENSSH PRIVATE KEY-----", "xoxb-" + "aB3" * 15,
)  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("question", BEFORE)
def test_n14_a_secret_in_the_wrong_question_is_refused_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], question: str, secret: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answers = iter([*BEFORE[question], secret])

    def prompt(*words: object, **more: object) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("typer.prompt", prompt)
    with pytest.raises(StoppedError):
        run_init()
    said = "".join(capsys.readouterr())
    assert "That looks like" in said
    assert secret not in said
    assert list(tmp_path.iterdir()) == [], "nothing was written, and no folder bears its name"


BAD = {
    "organisation": ["", "   "],
    "help": ["", " "],
    "languages": ["english", "xx", "en,,fr", "de", "ar; en"],
    "first_read": ["-1", "many", "1.5", "99999", "24h"],
    "trained_team": ["maybe", "2"],
    "look": ["-1", "x"],
    "folder": ["~nobody-of-that-name/x", "/proc/x/y", "/dev/null", "a\0b"],
}


@pytest.mark.parametrize("question", BAD)
def test_n14_every_question_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.operating.checks.channels.services", _none)
    good = {"organisation": "Org", "help": "a@b.org", "folder": "", "languages": "en"}.get(question, "0")
    good = "no" if question == "trained_team" else good
    bad = [x for x in BAD[question] if x != "/proc/x/y" or os.geteuid()]
    rest = list(BEFORE)[list(BEFORE).index(question) + 1 :]
    after = [{"help": "a@b.org", "folder": ""}.get(each, "") for each in rest]
    if question != "folder":
        after.insert(-1, "")  # the token
    code, said = go([*BEFORE[question], *bad, good, *after, IDENTITY.recipient.text, ""])
    assert code == 0, said
    assert (tmp_path / "stonechat.toml").exists()


def test_n14_a_short_passphrase_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.operating.checks.channels.services", _none)
    typed = iter(["short", PASSPHRASE, "and another one", PASSPHRASE, PASSPHRASE])
    monkeypatch.setattr("getpass.getpass", lambda question: next(typed))
    code, said = go([*BEFORE["folder"], "", ""])
    assert code == 0, said
    assert "too short" in said
    assert "differ" in said
    assert PASSPHRASE not in said
    line = (tmp_path / "state" / "recipients.txt").read_text()
    assert (tmp_path / "desk.pub").read_text() == line
    assert (tmp_path / "desk.pub").stat().st_mode & 0o077 == 0
    monkeypatch.setattr("getpass.getpass", lambda question: PASSPHRASE)
    shown = CliRunner().invoke(app, ["keys", "public", "desk.key"])
    assert shown.output == line, "it can be shown again"


@pytest.mark.parametrize("after", range(9))
@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_n14_who_stops_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, error: type[BaseException]
) -> None:
    monkeypatch.chdir(tmp_path)
    answers = iter([*BEFORE["folder"], "", ""][:after])

    def prompt(*words: object, **more: object) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise error from None

    def no_passphrase(question: str) -> str:
        raise error

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("getpass.getpass", no_passphrase)
    with pytest.raises(StoppedError, match="init was stopped") as stopped:
        run_init()
    assert "nothing was written" in stopped.value.mend
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["state/recipients.txt", "telegram.token", "stonechat.toml", "desk.pub"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "full")])
def test_n14_what_fails_while_it_writes_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: type[BaseException] | BaseException
) -> None:
    monkeypatch.chdir(tmp_path)
    real = write_once

    def failing(path: Path, data: bytes) -> None:
        if str(path) == name:
            raise error
        real(path, data)

    for module in ("init", "keys"):
        monkeypatch.setattr(f"bot.operating.{module}.write_once", failing)
    monkeypatch.setattr("getpass.getpass", lambda question: PASSPHRASE)
    code, _ = go([*BEFORE["folder"][:-1], TOKEN, "", ""])
    assert code == 1
    assert list(tmp_path.iterdir()) == []


def test_n14_what_is_there_already_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.operating.checks.channels.services", _none)
    (tmp_path / "desk.key").write_text("mine")
    (tmp_path / "telegram.token").write_text(TOKEN)
    (tmp_path / "telegram.token").chmod(0o600)
    code, said = go([*BEFORE["folder"][:-1], "", "", IDENTITY.recipient.text, ""])
    assert code == 0, said
    assert "telegram.token is there already and stays" in said
    assert "desk.key: a key file is there already" in said, "no key is made over it: its line is asked for"
    assert (tmp_path / "desk.key").read_text() == "mine"
    assert load_settings(tmp_path / "stonechat.toml", {}).telegram_token == TOKEN


# --- N04 ---


def start_as_user() -> Any:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.as_user"], cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    assert server.stdout.readline() == "{}\n"
    return server


def ask_as_user(server: Any, words: list[str], folder: Path, environ: dict[str, str], typed: str) -> dict[str, Any]:
    asked = {"words": words, "folder": str(folder), "environ": environ, "typed": typed}
    print(json.dumps(asked), file=server.stdin, flush=True)
    found: dict[str, Any] = json.loads(server.stdout.readline())
    return found


def own_all(folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


def test_n04_init_run_doctor_on_a_clean_machine_are_well(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As an ordinary user with a fresh home: init's answers, a start, doctor beside it and after it."""
    home = Path(tempfile.mkdtemp(prefix="stonechat-home-"))
    try:
        server = start_as_user()
        own_all(home)
        answers = "\n".join([*BEFORE["folder"], "", IDENTITY.recipient.text, "", ""])
        environ = {"HOME": str(home), "XDG_RUNTIME_DIR": "", "STONECHAT_PHONE": "127.0.0.1:0"}
        for words in (["init"], ["doctor"], ["run"], ["doctor"]):
            done = ask_as_user(server, words, home, environ, answers if words == ["init"] else "")
            assert done["code"] == 0, (words, done)
            assert "✗" not in done["out"], done["out"]
            assert words != ["run"] or done["ready"]
    finally:
        server.stdin.close()
        server.wait(20)
        shutil.rmtree(home)
