"""N22, F05: what runs until it is ended ends by the first signal, whenever it comes; more signals change nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import IDENTITY

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "run": ("stonechat: ready",),
    "intake": ("stonechat intake: ready",),
    "demo": ("The phone page is at",),
    "alarm": (),
}
BOTH = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def begun(command: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    state = folder / "state"
    state.mkdir(mode=0o700)
    (state / "recipients.txt").write_text(f"{IDENTITY.recipient.text}\n")
    (folder / "stonechat.toml").write_text(
        'phone = "127.0.0.1:0"\nintake = "folder:inbox"\nalarm = ["exec:/bin/true"]\n'
        + ("intake_bots = 'bots.pub'\n" if command == "intake" else "")
    )
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    (folder / "bots.pub").write_text(f"{key}\n")
    words = [command, *(("--listen", "127.0.0.1:0") if command == "intake" else ())]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "DISPLAY": "", "PYTHONUNBUFFERED": "1"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words], cwd=folder, env=environ, stdout=pipe, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said_until(process: subprocess.Popen[str], words: tuple[str, ...]) -> str:
    assert process.stdout is not None
    said = ""
    while words and not any(each in said for each in words):
        line = process.stdout.readline()
        assert line, f"it ended: {said}"
        said += line
    return said


@pytest.mark.case("F05")
@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("command", [c for c, ready in COMMANDS.items() if ready])
def test_n22_only_the_first_signal_counts(command: str, first: signal.Signals, tmp_path: Path) -> None:
    with begun(command, tmp_path) as process:
        said = said_until(process, COMMANDS[command])
        for number in (first, *BOTH * 3):
            process.send_signal(number)
            time.sleep(0.003)  # each of them at another moment of the closing
        more, _ = process.communicate(timeout=20)
        assert process.returncode == 0, said + more
        assert "Traceback" not in more


@pytest.mark.case("F05")
@pytest.mark.parametrize("number", BOTH)
@pytest.mark.parametrize("command", COMMANDS)
def test_n22_a_signal_during_the_start_ends_it_too(command: str, number: signal.Signals, tmp_path: Path) -> None:
    """Whatever it was doing then: importing, opening databases. A service manager may give up on it at any moment."""
    for count, after in enumerate((0.05, 0.2, 0.4, 0.7, 1.1)):
        folder = tmp_path / str(count)
        folder.mkdir()
        with begun(command, folder) as process:
            time.sleep(after)
            if process.poll() is None:
                process.send_signal(number)
                time.sleep(0.01)
                process.send_signal(number)
            said, _ = process.communicate(timeout=20)
            assert process.returncode in (0, -number, 130), (after, said)
            # What Python itself says before it has come to us is not ours to keep back.
            assert f"{ROOT}/bot/" not in said, (after, said)
            assert "unforeseen" not in said, (after, said)
