"""What a disk, a mode, an owner or an editor does to each file that a command opens: it works, or one line.

The matrix is run by an ordinary user: as root, each command is a child under another uid (tests/e2e/as_user.py).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY
from tests.e2e.as_user import NOBODY

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
TOML = """\
organisation = "Example"
help = "help@example.org"
languages = "en"
phone = "127.0.0.1:0"
intake = "folder:inbox"
keys = "drafts"
recipients = "recipients.txt"
intake_bots = "bots.pub"
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    ready: bool
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [x for x in self.err.splitlines() if x.startswith("stonechat: ") and not x.startswith(PASSING)]


PASSING = ("stonechat: warning", "stonechat: the phone page", "stonechat: ready", "stonechat intake: ready")


class Machine:
    """Commands of an ordinary user, and a good installation to begin with."""

    def __init__(self, folder: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.as_user"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "{}\n"
        self.good = folder / "good"
        self.good.mkdir()
        write(self.good / "stonechat.toml", TOML)
        write(self.good / "recipients.txt", f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
        write(self.good / "desk.key", f"# a key\n{IDENTITY.text}\n")
        write(self.good / "telegram.token", f"{TOKEN}\n")
        own(self.good)
        assert self("run", folder=self.good).ready
        shown = self("keys", "show", folder=self.good).out
        write(
            self.good / "bots.pub", next(x for x in shown.splitlines() if "ssh-ed25519" in x).split(None, 1)[1] + "\n"
        )
        assert self("intake", "--show-key", folder=self.good).code == 0
        own(self.good)
        assert self("intake", "--listen", "127.0.0.1:0", folder=self.good).ready

    def __call__(self, *words: str, folder: Path, **environ: str) -> Done:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        asked = {"words": words, "folder": str(folder), "environ": environ}
        print(json.dumps(asked), file=self._server.stdin, flush=True)
        return Done(**json.loads(self._server.stdout.readline()))

    def stop(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(20)


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def own(folder: Path, uid: int = NOBODY) -> None:
    if IS_ROOT:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Not under pytest's own folder: another user can't enter that."""
    folder = Path(tempfile.mkdtemp(prefix="stonechat-disk-"))
    folder.chmod(0o755)
    machine = Machine(folder)
    yield machine
    machine.stop()
    shutil.rmtree(folder)


@pytest.fixture
def place(machine: Machine) -> Iterator[Path]:
    """A copy of the good installation."""
    folder = Path(tempfile.mkdtemp(prefix="case-", dir=machine.good.parent)) / "here"
    shutil.copytree(machine.good, folder, symlinks=True)
    own(folder.parent)
    yield folder
    shutil.rmtree(folder.parent)


# --- what can be wrong with a file ---


def missing(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def a_folder(path: Path) -> None:
    missing(path)
    path.mkdir(0o700)
    own(path)


def a_file(path: Path) -> None:
    missing(path)
    write(path, "x\n")
    own(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def unreadable(path: Path) -> None:
    path.chmod(0o000)


def read_only(path: Path) -> None:
    path.chmod(0o500 if path.is_dir() else 0o400)


def foreign(path: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root gives files away")
    own(path, 0)


def marked(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def utf_16(path: Path) -> None:
    path.write_bytes(path.read_text().encode("utf-16"))


def utf_16_bare(path: Path) -> None:
    path.write_bytes(path.read_text().encode("utf-16-le"))


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def latin_1(path: Path) -> None:
    path.write_bytes("# né\n".encode("latin-1") + path.read_bytes())


def dangling(path: Path) -> None:
    missing(path)
    path.symlink_to("nowhere")


def circle(path: Path) -> None:
    missing(path)
    path.symlink_to(path.name)


def a_pipe(path: Path) -> None:
    missing(path)
    os.mkfifo(path, 0o600)
    own(path)


def a_device(path: Path) -> None:
    missing(path)
    path.symlink_to("/dev/full")


def zeros(path: Path) -> None:
    """As a crash may leave it."""
    path.write_bytes(bytes(max(32, path.stat().st_size)))


OF_FILES = [missing, a_folder, empty, unreadable, read_only, foreign, dangling, circle, a_pipe, a_device, zeros]
OF_TEXTS = [*OF_FILES, marked, utf_16, utf_16_bare, crlf, latin_1]
OF_FOLDERS = [missing, a_file, unreadable, read_only, foreign, dangling, circle]

WORKS: dict[str, set[Callable[[Path], None]]] = {
    "stonechat.toml": {read_only, marked, utf_16, utf_16_bare, crlf},
    "recipients.txt": {read_only, marked, utf_16, utf_16_bare, crlf},
    "desk.key": {read_only, marked, utf_16, utf_16_bare, crlf},
    "bots.pub": {read_only, marked, utf_16, utf_16_bare, crlf},
    "telegram.token": {read_only, marked, utf_16, utf_16_bare, crlf},
    "state/recipients.accepted": {missing, read_only, marked, utf_16, utf_16_bare, crlf},
}
EVERY = ("run", "doctor", "keys show", "keys accept", "backup")
OPENED = {
    "stonechat.toml": (OF_TEXTS, ("run", "doctor", "keys show")),
    "recipients.txt": (OF_TEXTS, ("run", "doctor", "keys show", "keys accept")),
    "state/recipients.accepted": (OF_TEXTS, ("run", "doctor")),
    "bots.pub": (OF_TEXTS, ("intake",)),
    "telegram.token": (OF_TEXTS, ("keys show", "intake --show-key")),
    "../saved": (OF_FOLDERS, ("restore",)),
    "../saved/stonechat.db": (OF_FILES, ("restore",)),
    "../saved/bot.key": (OF_FILES, ("restore",)),
    "../reports/one/manifest.json": (OF_FILES, ("open",)),
    "desk.key": (OF_TEXTS, ("open",)),
    "state/bot.key": (OF_FILES, ("run", "keys show", "backup")),
    "state/receipt.salt": (OF_FILES, ("run",)),
    "state/state.id": (OF_FILES, ("run", "doctor", "backup")),
    "state/lock": (OF_FILES, ("run",)),
    "state/looked": (OF_FILES, ("run",)),
    "state/stonechat.db": (OF_FILES, ("run", "doctor", "backup")),
    "state/intake/intake.db": (OF_FILES, ("intake", "intake list", "backup")),
    "state/tombstones": (OF_FILES, ("run", "doctor", "backup")),
    "state/rebooted": (OF_FILES, ("run", "doctor")),
    "state/reports.looked": (OF_FILES, ("doctor", "intake list")),
    "state/keys/outbox": (OF_FOLDERS, ("run", "doctor")),
    "state/intake/intake.key": (OF_FILES, ("intake", "intake --show-key")),
    "state": (OF_FOLDERS, EVERY),
    "drafts": (OF_FOLDERS, ("run", "doctor", "backup")),
    "drafts/*": (OF_FOLDERS, ("run", "doctor", "backup")),
    "drafts/*/pepper": (OF_FILES, ("run", "backup")),
    "inbox": (OF_FOLDERS, ("run", "doctor")),
    "state/intake": (OF_FOLDERS, ("intake", "backup")),
}
# Each file meets all that can be wrong with it, and each of its commands; DISK=all: every pair of them (make disk).
EVERY = 1 if os.environ.get("DISK") == "all" else 3
CASES = [
    pytest.param(name, wrong, words, id=f"{name}-{wrong.__name__}-{words}")
    for name, (wrongs, commands) in OPENED.items()
    for w, wrong in enumerate(wrongs)
    for c, words in enumerate(commands)
    if (w + c) % min(EVERY, len(commands)) == 0
]


def good_or_one_line(done: Done, path: Path) -> None:
    """It worked, or it says in one line what was wrong, where, and the mend."""
    said = done.err + done.out
    assert "unforeseen" not in said, said
    assert "Traceback" not in said, said
    assert done.code in (0, 1), said
    if done.code == 1 and not done.out:
        (line,) = done.errors
        assert "; " in line, f"no mend: {line}"
        assert "damaged" not in line or "state" in str(path)
    if log := os.environ.get("STONECHAT_TEST_SAID"):  # for who reads what people are told
        with open(log, "a") as file:
            file.write(f"{os.environ['PYTEST_CURRENT_TEST']}\n{said}\n")


MORE = {
    "backup": ("../backup",),
    "restore": ("../saved",),
    "open": ("../reports/one", "--key", "desk.key"),
    "intake": ("--listen", "127.0.0.1:0"),
}


def prepare(machine: Machine, place: Path, name: str) -> None:
    """What a command needs besides the good installation."""
    if name == "inbox":
        (place / "inbox").mkdir(0o700, exist_ok=True)
        own(place / "inbox")
    if name in ("state/tombstones", "state/rebooted", "state/reports.looked") and not (place / name).exists():
        write(place / name, "")
        own(place / name)
    if name.startswith("../saved"):
        assert machine("backup", "../saved", folder=place).code == 0
        shutil.rmtree(place / "state")
    if name.startswith("../reports"):
        (place.parent / "reports" / "one").mkdir(parents=True)
        for each in ("manifest.json", "manifest.json.sig"):
            write(place.parent / "reports" / "one" / each, "{}")
        own(place.parent / "reports")


@pytest.mark.parametrize(("name", "wrong", "words"), CASES)
def test_o09_o10_o16_each_file_and_folder(
    machine: Machine, place: Path, name: str, wrong: Callable[[Path], None], words: str
) -> None:
    prepare(machine, place, name)
    path = place.parent / name.removeprefix("../") if name.startswith("../") else next(place.glob(name))
    wrong(path)
    environ = {"STONECHAT_TELEGRAM_TOKEN_FILE": "telegram.token"} if name == "telegram.token" else {}
    done = machine(*words.split(), *MORE.get(words, ()), folder=place, **environ)
    good_or_one_line(done, path)
    if name == "desk.key":
        assert ("its manifest" in done.err) == (wrong in WORKS["desk.key"]), done.err
    elif name in WORKS and words != "doctor":
        worked = done.ready or done.code == 0
        assert worked == (wrong in WORKS[name]), done.err


NEW = {
    "keys new x --no-passphrase": "x.key",
    "backup x": "x",
    "flow show --svg x": "x",
    "init": "stonechat.toml",
    "chat --record x": "x",
}


@pytest.mark.parametrize("words", NEW)
@pytest.mark.parametrize("wrong", [a_file, a_folder, dangling, circle, a_pipe, "no folder", "read-only", "foreign"])
def test_o10_what_a_command_makes(
    machine: Machine, place: Path, words: str, wrong: Callable[[Path], None] | str
) -> None:
    """Something is in the way of a new file, or its folder takes none."""
    target = place / NEW[words]
    if words == "init":
        (place / "stonechat.toml").unlink()
    folder = place
    if callable(wrong):
        target.touch()
        wrong(target)
    elif wrong == "no folder":
        words = words.replace(" x", " none/x")
    elif wrong == "foreign":
        if not IS_ROOT:
            pytest.skip("only root gives files away")
        os.chown(place, 0, 0)
        place.chmod(0o755)
    else:
        place.chmod(0o500)
    done = machine(*words.split(), folder=folder)
    place.chmod(0o755)
    said = done.err + done.out
    assert "unforeseen" not in said, said
    assert "Traceback" not in said, said
    assert done.code in (0, 1), said


BOTH = [
    pytest.param(name, wrong, id=f"{name}-{wrong.__name__}")
    for name, (wrongs, commands) in OPENED.items()
    if {"run", "doctor"} <= set(commands)
    for w, wrong in enumerate(wrongs)
    if EVERY == 1 or w % 2 == len(name) % 2
]


@pytest.mark.parametrize(("name", "wrong"), BOTH)
def test_n09_doctor_and_run_agree(machine: Machine, place: Path, name: str, wrong: Callable[[Path], None]) -> None:
    """What stops the bot is red, and what is red stops the bot. Doctor looks first: it changes nothing."""
    prepare(machine, place, name)
    wrong(next(place.glob(name)))
    looked, ran = machine("doctor", folder=place), machine("run", folder=place)
    assert (looked.code == 0) == ran.ready, looked.out + looked.err + ran.err
