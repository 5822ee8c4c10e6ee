"""The commands as a person runs them: real processes, one line for every error, the wheel in a bare environment."""

import hashlib
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.report.manifest import sign_manifest
from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import Signer, public_line
from tests.conftest import IDENTITY, RECOVERY, OpenBot, need, run_node
from tests.e2e.test_promises import NAME, STORY, TO_THE_END, UP_TO_NAME, walk

ROOT = Path(__file__).parents[2]


def run(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("STONECHAT_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environ},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.startswith("stonechat: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_demo_walks_a_whole_report_by_itself(tmp_path: Path) -> None:
    done = run("demo", folder=tmp_path, STONECHAT_DEMO_SCRIPT="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ana Exemple" in done.stdout
    assert "Oui, avec le nom" in done.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_help_is_there(tmp_path: Path) -> None:
    done = run("--help", folder=tmp_path)
    assert done.returncode == 0
    for command in ("demo", "run", "chat", "intake", "open", "keys", "flow"):
        assert command in done.stdout


@pytest.mark.case("O01 O03")
def test_O01_O03_errors_are_one_line(tmp_path: Path) -> None:
    assert "no channel is set" in one_line(run("run", folder=tmp_path))
    token = "123456789:AAabcdefghijklmnopqrstuvwxyz"
    line = one_line(run("run", folder=tmp_path, STONECHAT_TELEGRAM_TOKEN=token))
    assert "recipients.txt: the recipients file is missing" in line
    assert token not in line
    warned = run("run", folder=tmp_path, STONECHAT_STAT="x")
    assert "did you mean STONECHAT_STATE" in warned.stderr.splitlines()[0]
    assert "no channel is set" in warned.stderr.splitlines()[1]
    assert "use 127.0.0.1" in one_line(run("intake", "--listen", "0.0.0.0:1", folder=tmp_path))
    assert "there is no flow 'x'" in one_line(run("flow", "show", "x", folder=tmp_path))
    assert "key file is missing" in one_line(run("open", ".", "--key", "none.key", folder=tmp_path))


def test_an_unexpected_error_says_nothing_of_what_it_held(tmp_path: Path) -> None:
    code = "import bot.cli as c\ndef bad(): raise ValueError('a secret word')\nc.app = bad\nc.main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "secret" not in done.stderr
    assert "ValueError" in done.stderr
    assert done.stderr.count("\n") == 1


def test_keys_are_made_shown_and_accepted(tmp_path: Path) -> None:
    made = run("keys", "new", "desk", "--no-passphrase", folder=tmp_path)
    assert made.returncode == 0
    line = next(x for x in made.stdout.splitlines() if x.startswith("age1pq1"))
    key = tmp_path / "desk.key"
    assert key.stat().st_mode & 0o077 == 0
    assert HybridIdentity.parse(key.read_text().splitlines()[-1]).recipient.text == line
    assert "is there already" in one_line(run("keys", "new", "desk", "--no-passphrase", folder=tmp_path))
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "recipients.txt").write_text(line + "\n")
    shown = run("keys", "show", folder=tmp_path)
    assert HybridIdentity.parse(key.read_text().splitlines()[-1]).recipient.fingerprint in shown.stdout
    assert "ssh-ed25519 " in shown.stdout
    assert run("keys", "accept", folder=tmp_path).returncode == 0


def test_a_key_under_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    """Through a real terminal, as getpass wants."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.environ["PYTHONPATH"] = str(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "bot", "keys", "new", "desk"])
    heard = b""
    for answer in (b"several good words\n", b"several good words\n"):
        while b":" not in heard.rpartition(b"\n")[2]:
            heard += os.read(terminal, 1000)
        os.write(terminal, answer)
        heard += b"\n"
        time.sleep(0.2)
    try:
        while piece := os.read(terminal, 4000):
            heard += piece
    except OSError:
        pass
    os.waitpid(process, 0)
    assert b"age1pq1" in heard
    assert (tmp_path / "desk.key").read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")


async def submitted(open_test_bot: OpenBot, folder: Path) -> Path:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
    (report,) = (folder / "inbox").iterdir()
    return report


async def test_open_prints_and_writes_only_into_a_new_folder(open_test_bot: OpenBot, tmp_path: Path) -> None:
    report = await submitted(open_test_bot, tmp_path)
    (tmp_path / "desk.key").write_text(f"# a comment\n{IDENTITY.text}\n")
    done = run("open", str(report), "--key", "desk.key", "--out", "opened", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert STORY in done.stdout
    assert NAME in done.stdout
    out = tmp_path / "opened"
    assert out.stat().st_mode & 0o777 == 0o700
    assert (out / "0001").read_bytes() == STORY.encode()
    assert json.loads((out / "report").read_text())["format"] == "stonechat.report/1"
    assert "is there already" in one_line(
        run("open", str(report), "--key", "desk.key", "--out", "opened", folder=tmp_path)
    )
    (tmp_path / "other.key").write_text(HybridIdentity.generate().text)
    assert "opens no part" in one_line(run("open", str(report), "--key", "other.key", folder=tmp_path))
    (tmp_path / "recovery.key").write_text(RECOVERY.text)
    assert run("open", str(report), "--key", "recovery.key", folder=tmp_path).returncode == 0
    part = report / "0001.age"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    assert "not the one that the manifest names" in one_line(
        run("open", str(report), "--key", "desk.key", folder=tmp_path)
    )


BOT_SIGNS = "signature does not fit"


def swapped(report: Path) -> None:
    """Two parts change places, and the manifest is made to fit: only its signature tells."""
    manifest = json.loads((report / "manifest.json").read_text())
    (report / "0001.age").rename(report / "x")
    (report / "0002.age").rename(report / "0001.age")
    (report / "x").rename(report / "0002.age")
    for part in manifest["parts"]:
        data = (report / part["name"]).read_bytes()
        part["sha256"], part["size"] = hashlib.sha256(data).hexdigest(), len(data)
    (report / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def signed_by_another(report: Path) -> None:
    signed = sign_manifest((report / "manifest.json").read_bytes(), Signer.from_seed(bytes(32)))
    (report / "manifest.json.sig").write_text(signed)


def signed_for_another_purpose(report: Path) -> None:
    seed = (report.parents[1] / "state" / "bot.key").read_bytes()
    signed = Signer.from_seed(seed).sign((report / "manifest.json").read_bytes(), "received@stonechat")
    (report / "manifest.json.sig").write_text(signed)


def quieted(report: Path) -> None:
    text = (report / "manifest.json").read_text()
    (report / "manifest.json").write_text(text.replace('"submitted"', '"open"'))


def part_changed(report: Path) -> None:
    part = report / "0001.age"
    part.write_bytes(part.read_bytes()[:-1] + b"x")


def parts_swapped_alone(report: Path) -> None:
    manifest = (report / "manifest.json").read_bytes()
    swapped(report)
    (report / "manifest.json").write_bytes(manifest)


def part_missing(report: Path) -> None:
    (report / "0002.age").unlink()


ALTERED = {
    swapped: BOT_SIGNS,
    signed_by_another: BOT_SIGNS,
    signed_for_another_purpose: BOT_SIGNS,
    quieted: BOT_SIGNS,
    part_changed: "not the one that the manifest names",
    parts_swapped_alone: "not the one that the manifest names",
    part_missing: "a part is missing",
}


@pytest.mark.parametrize("alter", ALTERED, ids=lambda a: a.__name__)
async def test_v_open_with_the_bots_key_takes_that_bots_report_alone(
    open_test_bot: OpenBot, tmp_path: Path, alter: Callable[[Path], None]
) -> None:
    report = await submitted(open_test_bot, tmp_path)
    (tmp_path / "desk.key").write_text(IDENTITY.text)
    bot = public_line(Signer.from_seed((tmp_path / "state" / "bot.key").read_bytes()).public)
    asked = ("open", str(report), "--key", "desk.key", "--out", "opened", "--bot-key")
    if alter is swapped:
        other = public_line(Signer.from_seed(bytes(32)).public)
        assert BOT_SIGNS in one_line(run(*asked, other, folder=tmp_path))
        assert "not an ssh-ed25519 public key" in one_line(run(*asked, bot[:-8], folder=tmp_path))
        assert not (tmp_path / "opened").exists()
    alter(report)
    done = run(*asked, bot, folder=tmp_path)
    assert ALTERED[alter] in one_line(done)
    assert STORY not in done.stdout
    assert not (tmp_path / "opened").exists()


async def test_v_open_with_the_bots_key_opens_what_it_signed(open_test_bot: OpenBot, tmp_path: Path) -> None:
    report = await submitted(open_test_bot, tmp_path)
    (tmp_path / "desk.key").write_text(IDENTITY.text)
    bot = public_line(Signer.from_seed((tmp_path / "state" / "bot.key").read_bytes()).public)
    done = run("open", str(report), "--key", "desk.key", "--bot-key", bot, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert STORY in done.stdout


async def test_ages_own_library_opens_the_whole_report(open_test_bot: OpenBot, tmp_path: Path, node: Path) -> None:
    """With no line of our code: npm's age-encryption, and padding cut by the size in the document."""
    report = await submitted(open_test_bot, tmp_path)
    document = json.loads(run_node(node, "open", IDENTITY.text, data=(report / "report.age").read_bytes()))
    (part,) = document["answers"]["act_story"]["parts"]
    opened = run_node(node, "open", IDENTITY.text, data=(report / part["part"]).read_bytes())
    assert opened[: part["size"]] == STORY.encode()
    assert opened.rstrip(b"\n") == STORY.encode()


def test_chat_records_a_transcript(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "recipients.txt").write_text(IDENTITY.recipient.text + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--record", "told.txt"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="1\nhelp\nyes\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "told.txt").read_text()
    assert "> help" in text
    assert "< We lock your answers" in text


@pytest.mark.case("H05")
async def test_H05_hostile_words_are_only_text_in_the_terminal(open_test_bot: OpenBot, tmp_path: Path) -> None:
    hostile = (
        "a [red]x[/red] \x1b[2J\x1b]0;t\x07 \u202eevil {{7*7}} %(x)s {0} <script>alert(1)</script> ../../etc/passwd"
    )
    async with open_test_bot() as bot:
        lines = [hostile if line == STORY else line for line in UP_TO_NAME]
        await walk(bot, [*lines, *TO_THE_END])
        await bot.handoff.round()
    (report,) = (tmp_path / "inbox").iterdir()
    (tmp_path / "desk.key").write_text(IDENTITY.text)
    done = run("open", str(report), "--key", "desk.key", folder=tmp_path)
    assert "[red]x[/red]" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "<U+001B>" in done.stdout


def test_the_wheel_holds_flows_and_locales(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", str(bare)], check=True)
    subprocess.run([bare / "bin" / "pip", "install", "-q", "--disable-pip-version-check", str(wheel)], check=True)
    done = subprocess.run([bare / "bin" / "stonechat", "flow", "check"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "good" in done.stdout
    names = subprocess.run([sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True).stdout
    assert "bot/data/flows/reprisal/1.yaml" in names
    assert ".mo" not in names


def test_the_flow_is_drawn(tmp_path: Path) -> None:
    need("dot", "it draws the flow")
    done = run("flow", "show", folder=tmp_path)
    assert done.stdout.startswith("flowchart TD")
    assert "act_story" in done.stdout
    assert run("flow", "show", "--svg", "flow.svg", folder=tmp_path).returncode == 0
    assert (tmp_path / "flow.svg").read_text().startswith("<?xml")


def test_n15_make_says_at_once_what_it_does_and_shows_progress() -> None:
    """`make -n` tells the recipes in their order: a line comes before anything that takes time, pip is not silent."""
    # `make test` runs this too, and a make within a make talks.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    for target in ("demo", "test"):
        lines = subprocess.run(
            ["make", "-n", "-B", target], cwd=ROOT, env=outside, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert lines[0].startswith("echo "), target
        installs = [line for line in lines if "pip install" in line]
        assert installs
        assert not any("--quiet" in line for line in installs)
        first = next(n for n, line in enumerate(lines) if "pip install" in line)
        assert any("Once: " in line for line in lines[:first])
    assert "pytest -rs " in lines[-1], "skipped tests give their reasons"
