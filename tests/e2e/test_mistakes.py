"""Fifty mistakes of a first hour, made on purpose: each is one line with what, where and the mend, and an exit code.

QUOTES=FILE writes what was said into a file.
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY
from tests.e2e.test_disk import Machine, machine, own, write

__all__ = ["machine"]
Prepare = Callable[[Path], None]


def settings(*lines: str) -> Prepare:
    """These lines stand in the settings too."""

    def prepare(folder: Path) -> None:
        path = folder / "stonechat.toml"
        write(path, "\n".join(lines) + "\n" + path.read_text())

    return prepare


def instead(old: str, new: str) -> Prepare:
    """One line of the settings stands there otherwise."""

    def prepare(folder: Path) -> None:
        path = folder / "stonechat.toml"
        text = path.read_text()
        assert old in text
        write(path, text.replace(old, new))

    return prepare


def file(name: str, text: str, mode: int = 0o600) -> Prepare:
    """A file with this text."""

    def prepare(folder: Path) -> None:
        write(folder / name, text)
        (folder / name).chmod(mode)

    return prepare


def gone(name: str) -> Prepare:
    """It was removed."""

    def prepare(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return prepare


def mode(name: str, bits: int) -> Prepare:
    """Its mode is another."""
    return lambda folder: (folder / name).chmod(bits)


def both(*steps: Prepare) -> Prepare:
    """One after the other."""

    def prepare(folder: Path) -> None:
        for step in steps:
            step(folder)

    return prepare


def as_it_is(folder: Path) -> None:
    """Nothing is wrong but the command."""


def taken(folder: Path) -> None:
    """Another program has the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    KEPT.append(listener)
    instead("127.0.0.1:0", f"127.0.0.1:{listener.getsockname()[1]}")(folder)


KEPT: list[socket.socket] = []
RECIPIENT = IDENTITY.recipient.text
HOOK = 'telegram_webhook = "{}"'
MISTAKES: tuple[tuple[str, Prepare, str, str], ...] = (
    # --- settings ---
    ("no settings at all", gone("stonechat.toml"), "run", "no channel is set"),
    ("another file named", as_it_is, "run --config other.toml", "other.toml: it is not there"),
    ("a folder named", as_it_is, "run --config state", "a folder stands where a file belongs"),
    ("a slip in a name", settings('organisaton = "X"'), "run", "did you mean 'organisation'?"),
    ("a name that was never one", settings('qwertz = "X"'), "run", "there is no setting 'qwertz'"),
    ("no quotes", settings("help2 = me"), "run", "this is not TOML"),
    ("a key twice", settings('help = "a"'), "run", "this key stands there twice"),
    ("a number in words", settings('look = "many"'), "run", "'look' must be a whole number of hours"),
    ("a negative number", settings("first_read = -1"), "run", "'first_read' must be a whole number"),
    ("no time to live", settings("draft_ttl = 0"), "run", "'draft_ttl' can't be 0"),
    ("a language in words", instead(chr(34) + "en" + chr(34), "\"english\""), "run", "must be codes"),
    ("a path without quotes' kind", instead('keys = "drafts"', "keys = 5"), "run", "'keys' must be a path"),
    ("UTF-8 that is none", lambda f: (f / "stonechat.toml").write_bytes(b"help = '\xff'"), "run", "no text in UTF-8"),
    ("a home of nobody", instead('keys = "drafts"', 'keys = "~nobody-there/k"'), "run", "no such user's home"),
    ("logs of a third kind", settings('logs = "xml"'), "run", "logs has no known value"),
    ("sensitive of a fourth", settings('telegram_sensitive = "maybe"'), "run", "write ask, allow or refuse"),
    ("a team that is perhaps", settings('trained_team = "perhaps"'), "run", "trained_team has no known value"),
    ("another database", settings('database = "postgres://x"'), "run", "the database is of no known kind"),
    ("a setting of before", settings("danger_read = 2"), "run", "there is no setting 'danger_read' any more"),
    # --- secrets ---
    ("the token in the settings", settings(f'telegram_token = "{TOKEN}"'), "run", "is a secret and does not belong"),
    ("no token file", settings('telegram_token_file = "t"'), "run", "t: it is not there"),
    ("an empty token file", both(settings('telegram_token_file = "t"'), file("t", "\n")), "run", "is empty"),
    ("half a token", both(settings('telegram_token_file = "t"'), file("t", "1234:x")), "run", "token is not one"),
    ("a token for all", both(settings('telegram_token_file = "t"'), file("t", TOKEN, 0o644)), "run", "read by others"),
    # --- recipients and keys ---
    ("no recipients", gone("recipients.txt"), "run", "the recipients file is missing"),
    ("nobody in it", file("recipients.txt", "# later\n"), "run", "the recipients file names nobody"),
    ("a private key in it", file("recipients.txt", IDENTITY.text), "run", "recipients.txt:1"),
    ("half a line", file("recipients.txt", RECIPIENT[:-4]), "run", "recipients.txt:1"),
    ("other recipients", file("recipients.txt", RECIPIENT), "run", "stonechat keys accept"),
    ("keys inside the state", instead('keys = "drafts"', 'keys = "state/other"'), "run", "state"),
    ("a key of that name", as_it_is, "keys new desk --no-passphrase", "desk.key: a key file is there already"),
    ("no key to show", as_it_is, "keys public nobody.key", "the key file is missing"),
    ("the wrong kind of key", file("old.key", "AGE-SECRET-KEY-1QQ"), "keys public old.key", "no post-quantum"),
    # --- state and disk ---
    ("a state for all", mode("state", 0o755), "run", "chmod 700"),
    ("a secret for all", mode("state/bot.key", 0o644), "run", "this secret can be read by others"),
    ("a hollow secret", file("state/bot.key", ""), "run", "this secret is empty"),
    ("a cut secret", file("state/bot.key", "x"), "run", "this secret is damaged"),
    ("a file for the state", both(gone("state"), file("state", "")), "run", "a file stands where a folder belongs"),
    ("rubbish for a database", file("state/stonechat.db", "rubbish" * 999), "run", "the database is damaged"),
    ("an inbox that is read-only", both(lambda f: (f / "inbox").mkdir(exist_ok=True), mode("inbox", 0o500)), "run",
     "inbox: its mode bars its owner"),
    # --- addresses ---
    ("the page for all", instead("127.0.0.1:0", "0.0.0.0:8320"), "run", "use 127.0.0.1:PORT"),
    ("no port", instead("127.0.0.1:0", "127.0.0.1"), "run", "is no ADDRESS:PORT"),
    ("figures for all", settings('metrics = "0.0.0.0:9464"'), "run", "the metrics page does not listen on"),
    ("a port that is taken", taken, "run", "is taken; stop what uses it"),
    ("a webhook in the clear", settings(HOOK.format("http://x/y")), "run", "telegram_webhook is no https address"),
    ("an intake in the clear", instead("folder:inbox", "http://intake.example"), "run", "intake is of no known kind"),
    ("an intake without its key", instead("folder:inbox", "https://i.example"), "run", "intake_key is missing"),
    ("the intake for all", as_it_is, "intake --listen 0.0.0.0:1", "use 127.0.0.1"),
    ("no bot known", instead('intake_bots = "bots.pub"', ""), "intake", "the intake knows no bot"),
    # --- commands ---
    ("no report there", as_it_is, "open nowhere --key desk.key", "this is no report"),
    ("no key there", as_it_is, "open state --key none.key", "the key file is missing"),
    ("a day that is none", as_it_is, "intake list --since yesterday", "'yesterday' is no day"),
    ("a backup into itself", as_it_is, "backup state/copy", "a backup can't lie in what it copies"),
    ("a backup over another", lambda f: (f / "b").mkdir(), "backup b", "that folder is there already"),
    ("a restore over a state", as_it_is, "restore state", "state"),
    ("no such flow", as_it_is, "flow show x", "there is no flow 'x'"),
    ("no such language", as_it_is, "words extract xx", "'xx' is no language code"),
    ("init again", as_it_is, "init", "there is a stonechat.toml already"),
    ("an alarm without a mail server", settings('alarm = ["mailto:a@b.org"]'), "run", "no mail server is set"),
)  # fmt: skip


@pytest.fixture(scope="module")
def quotes() -> Iterator[list[str]]:
    said: list[str] = []
    yield said
    if path := os.environ.get("QUOTES"):
        Path(path).write_text("".join(said))


def test_there_are_fifty() -> None:
    assert len({name for name, *_ in MISTAKES}) == len(MISTAKES) >= 50


@pytest.mark.parametrize(("name", "prepare", "words", "says"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_n20_a_mistake_is_one_line(
    machine: Machine, quotes: list[str], name: str, prepare: Prepare, words: str, says: str
) -> None:
    folder = machine.good.parent / "mistake"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(machine.good, folder)
    prepare(folder)
    own(folder)
    done = machine(*words.split(), folder=folder)
    assert done.code == 1, (done.out, done.err)
    passing = ("stonechat: warning", "stonechat: ready", "stonechat: the phone page is at")
    (line,) = [x for x in done.err.splitlines() if x.startswith("stonechat: ") and not x.startswith(passing)]
    quotes.append(f"{name}: `{words}`\n    {line.replace(str(folder), '…')}\n")
    assert says in line, line
    assert "; " in line, "and its mend"
    assert "unforeseen" not in done.err
    assert "Traceback" not in done.err
    assert TOKEN not in done.err + done.out
    if words == "run":  # and doctor says so too
        looked = machine("doctor", folder=folder)
        assert looked.code == 1, (looked.out, looked.err)
