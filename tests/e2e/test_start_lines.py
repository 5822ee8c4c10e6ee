"""N17: what a log says of a night: what runs, when, what failed, and when it works again."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.errors import StonechatError
from bot.handoff import Handoff
from bot.report.erasure import Erasure
from bot.running import start_lines
from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY, make_settings
from tests.e2e.test_commands import run

ROOT = Path(__file__).parents[2]


def test_n17_the_start_line_says_what_runs_and_no_secret(tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path, telegram_token=TOKEN, phone="127.0.0.1:8320", intake="https://user:secret@intake.example/x"
    )
    said = "\n".join(start_lines(settings))
    for word in ("stonechat ", str(tmp_path / "state"), "telegram (polling)", "127.0.0.1:8320", "intake.example"):
        assert word in said
    for identity in (IDENTITY, RECOVERY):
        assert identity.recipient.fingerprint in said
    for word in (TOKEN, "secret", "user:"):
        assert word not in said
    own = tmp_path / "own.txt"
    own.write_text(f"{IDENTITY.recipient.text}\n")
    apart = start_lines(
        make_settings(tmp_path, telegram_token=TOKEN, telegram_webhook="https://x", recipients_contact=own)
    )
    assert "webhook" in apart[0]
    assert f"contact {IDENTITY.recipient.fingerprint}" in apart[1]


LOG = """
import logging, sys
from bot.machine.logs import quiet_logs
quiet_logs(form=sys.argv[1])
logging.getLogger("stonechat").warning("reached again")
"""


def logged(form: str, **environ: str) -> str:
    """One line of a log that goes into a pipe, as journald gives one."""
    reading, writing = os.pipe()
    found = os.fstat(writing)
    named = {k: v.format(f"{found.st_dev}:{found.st_ino}") for k, v in environ.items()}
    done = subprocess.run(
        [sys.executable, "-c", LOG, form], cwd=ROOT, env={**os.environ, "TZ": "Asia/Tokyo", **named}, stderr=writing
    )
    os.close(writing)
    with os.fdopen(reading) as file:
        line = file.read()
    assert done.returncode == 0
    return line


def test_n17_a_line_has_its_time_where_nobody_else_adds_it() -> None:
    plain = "WARNING stonechat: reached again\n"
    began, line, ended = time.gmtime(), logged("text", JOURNAL_STREAM=""), time.gmtime()
    assert began[:6] <= time.strptime(line[:19], "%Y-%m-%dT%H:%M:%S")[:6] <= ended[:6], "UTC, wherever the machine is"
    assert line[19:] == f"Z {plain}"
    assert logged("text", JOURNAL_STREAM="{}") == plain, "journald has its own"
    assert logged("text", JOURNAL_STREAM="1:2")[21:] == plain, "another stream's: a shell below systemd"
    assert json.loads(logged("json", JOURNAL_STREAM="")) == {
        "level": "WARNING", "from": "stonechat", "says": "reached again",
    }  # fmt: skip


class Outbox:
    """One erasure that waits."""

    async def erased(self, report: str) -> None: ...


class Connector:
    """Away until it is not."""

    away = True

    async def erase(self, erasure: Erasure) -> None:
        if self.away:
            raise StonechatError("the intake is away")


async def test_n17_n18_hand_over_says_that_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    connector, failed = Connector(), []
    handoff = Handoff(Outbox(), connector, lambda: 0.0)  # type: ignore[arg-type]
    handoff.failed = failed.append
    lane = handoff._lanes[0]

    async def work() -> None:
        await handoff._erase(Erasure("a" * 26, "key", "signature"))

    for away in (True, True, False, False):
        connector.away = away
        await handoff._try(lane, "a", work)
    assert [r.getMessage() for r in caplog.records] == ["the intake is away", "reports are handed over again"]
    assert failed == ["handoff", "handoff"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_n17_completion_for_each_shell(tmp_path: Path, shell: str) -> None:
    done = run("--show-completion", shell, folder=tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0, done.stderr
    assert "COMPLETE" in done.stdout
    assert shell in done.stdout


def test_n17_every_command_has_short_help_and_the_top_its_exit_codes(tmp_path: Path) -> None:
    from typer.main import get_command
    from typer.testing import CliRunner

    from bot.cli import app

    def every(command: object, words: tuple[str, ...]) -> None:
        done = CliRunner().invoke(app, [*words, "-h"])
        assert done.exit_code == 0, words
        assert "Usage" in done.output
        for name, each in getattr(command, "commands", {}).items():
            every(each, (*words, name))

    every(get_command(app), ())
    top = CliRunner().invoke(app, ["--help"]).output
    for code in ("0 well", "1 one line", "2 no such", "3 a report"):
        assert code in " ".join(top.split())
    assert CliRunner().invoke(app, ["--version"]).output.startswith("stonechat ")
