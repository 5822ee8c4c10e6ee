"""O19: reports are taken out of the embedded and the shipped intake and out of a folder, by real commands."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.report.opened import open_report
from bot.state import reports_looked_mark, set_mark, time_of
from tests.conftest import IDENTITY, OpenBot
from tests.e2e.test_cases import listening
from tests.e2e.test_danger import DANGER
from tests.e2e.test_leaving import HELD, TO_STATUS
from tests.e2e.test_promises import STORY, TO_THE_END, UP_TO_NAME

ROOT = Path(__file__).parents[2]


def command(tmp_path: Path, intake: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "STONECHAT_STATE": str(tmp_path / "state")}
    env |= {"STONECHAT_KEYS": str(tmp_path / "keys"), "STONECHAT_INTAKE": intake}
    if intake.startswith("https"):
        key = subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=False)
        env |= {"STONECHAT_INTAKE_KEY": (tmp_path / "k.pub").read_text()} if key.returncode == 0 else {}
    line = [sys.executable, "-m", "bot", "intake", *words]
    return subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("kind", ["embedded", "folder"])
async def test_o19_reports_are_listed_and_taken_out(open_test_bot: OpenBot, tmp_path: Path, kind: str) -> None:
    intake = "embedded" if kind == "embedded" else f"folder:{tmp_path / 'inbox'}"
    held = [*TO_STATUS, "[May be sent back into danger]", HELD, *TO_THE_END, "[I wrote it down]"]
    async with open_test_bot(intake=intake) as bot:
        for person, lines in enumerate((held, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"], DANGER)):
            await listening(bot, lines, person * 1000)
        await bot.handoff.round()
        # Beside the living bot.
        found = json.loads(command(tmp_path, intake, "list", "--json").stdout)
        assert [(each["rings"], bool(each["held_until"])) for each in found].count((True, False)) == 1
        assert len(found) == 3
        assert found[0]["rings"], "what rings stands first"
        assert time.time() - time_of(reports_looked_mark(tmp_path / "state")) < 180
        assert time_of(reports_looked_mark(tmp_path / "state")) % 60 == 0
        shown = command(tmp_path, intake, "list").stdout
        assert "RINGS" in shown.splitlines()[0]
        assert "not to be opened" in shown
        set_mark(reports_looked_mark(tmp_path / "state"), 0)
        assert command(tmp_path, intake, "list", "--since", "2999-01-01").stdout == "0 reports\n"
        assert time_of(reports_looked_mark(tmp_path / "state")) == 0, "who leaves out most of them did not look"
        done = command(tmp_path, intake, "export", str(tmp_path / "out"), "--json")
        taken = json.loads(done.stdout)
        assert (len(taken["exported"]), len(taken["held"])) == (2, 1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(taken["exported"])
    opened = [open_report(tmp_path / "out" / report, [IDENTITY]) for report in taken["exported"]]
    assert any(STORY in each.texts.values() for each in opened)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.stat().st_mode & 0o077]
    again = command(tmp_path, intake, "export", str(tmp_path / "out"))
    assert again.stdout.startswith("0 reports into")


@pytest.mark.parametrize(
    ("intake", "words", "says"),
    [
        ("embedded", ("list",), "no report came yet"),
        ("embedded", ("list", "--since", "yesterday"), "no day"),
        ("folder:/nowhere/at/all", ("list",), "no such folder"),
        ("https://intake.example.org", ("list",), "the reports lie at https://intake.example.org"),
    ],
)
def test_o19_what_can_not_be_listed_is_told_in_one_line(
    tmp_path: Path, intake: str, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    done = command(tmp_path, intake, *words)
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
