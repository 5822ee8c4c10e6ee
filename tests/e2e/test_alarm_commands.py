"""`stonechat alarm` as an operator types it, against a program that writes down what it is told."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.machine.logs import LOUD
from bot.operating.backup import back_up
from bot.operating.doctor import _all
from bot.ringing import open_alarm
from bot.settings import Settings, load_settings
from bot.state import reports_looked_mark, set_mark
from tests.conftest import IDENTITY, RECOVERY, OpenBot
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import walk


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose alarm is a program."""
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "ring"
    program.write_text(f'#!/bin/sh\necho "$STONECHAT_ALARM" >> {tmp_path}/kinds\ncat >> {tmp_path}/heard\n')
    program.chmod(0o700)
    (tmp_path / "recipients.txt").write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
    (tmp_path / "alarm.targets").write_text(f"# who has duty\nexec:{program}\n")
    (tmp_path / "alarm.targets").chmod(0o600)
    path = tmp_path / "stonechat.toml"
    path.write_text(
        'organisation = "Example"\nhelp = "x"\nstate = "state"\nkeys = "keys"\nrecipients = "recipients.txt"\n'
        'alarm_file = "alarm.targets"\nlook = 4\nintake = "folder:inbox"\n'
    )
    return path


def types(*words: str) -> tuple[int, str]:
    """(exit code, what was said, errors with it)."""
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output + (str(done.exception) if done.exit_code and done.exception else "")


def code_of(folder: Path) -> str:
    found = re.findall(r"\d{6}", (folder / "heard").read_text())
    assert found
    return str(found[-1])


def test_x01_a_rehearsal_that_a_person_hears(config: Path, tmp_path: Path) -> None:
    code, said = types("alarm", "rehearse", "--config", str(config))
    assert code == 0, said
    assert "alarm 1 (exec): sent" in said
    assert (tmp_path / "kinds").read_text() == "rehearsal\n"
    assert str(tmp_path) not in said
    wrong = f"{(int(code_of(tmp_path)) + 1) % 10**6:06}"
    code, said = types("alarm", "heard", wrong)
    assert code == 1
    assert "no rehearsal waits for this code" in said
    code, said = types("alarm", "--config", str(config), "heard", code_of(tmp_path))
    assert code == 0
    assert "heard by a person" in said
    assert (tmp_path / "state" / "alarm.db").stat().st_mode & 0o077 == 0


def test_x01_a_target_that_takes_nothing_is_told(config: Path, tmp_path: Path) -> None:
    (tmp_path / "ring").write_text("#!/bin/sh\nexit 3\n")
    code, said = types("alarm", "rehearse")
    assert code == 1
    assert "alarm 1 (exec): " in said
    assert "sent" not in said


def test_x01_without_an_alarm_the_commands_say_so(config: Path) -> None:
    config.write_text('organisation = "Example"\n')
    for words in (["rehearse"], ["heard", "123456"], ["taken"], []):
        code, said = types("alarm", *words)
        assert code == 1
        assert "no alarm is set" in said


def ringing(settings: Settings, count: int) -> list[bytes]:
    async def work() -> list[bytes]:
        async with open_alarm(settings) as alarm:
            assert alarm is not None
            ids = [await alarm.ring(number) for number in range(count)]
            running = asyncio.create_task(alarm.run())
            while not all(each.rang for each in await alarm.open_alarms()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return ids

    return asyncio.run(work())


def test_x01_taken_all_or_by_the_beginning_of_an_id(config: Path) -> None:
    types("alarm", "taken")  # makes the state
    first, second, third = ringing(load_settings(config), 3)
    code, said = types("alarm", "taken", "zz")
    assert code == 1
    assert first.hex()[:8] in said
    code, said = types("alarm", "taken", second.hex()[:8].upper())
    assert (code, said) == (0, "1 taken. They ring no more\n")
    assert types("alarm", "taken") == (0, "2 taken. They ring no more\n")
    assert types("alarm", "taken") == (0, "nothing rings\n")
    assert third not in (first, second)


def test_x01_the_loop_rings_what_is_open_and_is_the_only_one(config: Path, tmp_path: Path) -> None:
    types("alarm", "taken")
    settings = load_settings(config)

    async def one() -> None:
        async with open_alarm(settings) as alarm:
            assert alarm is not None
            await alarm.ring("somebody")

    asyncio.run(one())
    command, root = [sys.executable, "-m", "bot", "alarm"], str(Path(__file__).parents[2])
    loop = subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": root})
    try:
        end = time.monotonic() + 20
        while not (tmp_path / "kinds").exists():
            assert time.monotonic() < end, "it rang nobody"
            time.sleep(0.05)
        code, said = types("alarm")
        assert code == 1
        assert "another process rings already" in said
    finally:
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(10) == 0


async def test_x01_doctor_prints_the_list_and_who_is_told(config: Path, tmp_path: Path) -> None:
    settings = load_settings(config)
    lines = [f"{f.state} {f.name}: {f.what}" for f in await _all(settings)]
    assert any(line.startswith("warning alarm: 'a person is told now' is not said") for line in lines), lines
    told = [line for line in lines if line.startswith("good sentence: reprisal.d_done.ask ")]
    assert told == ["good sentence: reprisal.d_done.ask is not said, for it lacks alarm_heard: bot.danger_listed is"]
    assert "good sentence: bot.next is not said, for it lacks first_read: bot.next_plain is" in lines
    assert any(line.startswith("good reports: they lie sealed at ") and "can open them" in line for line in lines)
    assert any(line.startswith("warning looks: nobody listed") and "is not said" in line for line in lines)
    assert "good sentence: bot.check_word is not said, for it lacks channel_replies: nothing is" in lines
    (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
    set_mark(reports_looked_mark(tmp_path / "state"), time.time())
    async with open_alarm(settings) as alarm:
        assert alarm is not None
        await alarm.rehearse()
        await alarm.heard(code_of(tmp_path))
    lines = [f.what for f in await _all(settings)]
    assert "reprisal.d_done.ask is said" in lines
    assert "bot.danger_looked is said" in lines
    assert "reports were listed or taken within the hour" in lines
    assert "'a person is told now' is backed" in lines


async def test_x01_no_alarm_is_in_a_backup(open_test_bot: OpenBot, tmp_path: Path, config: Path) -> None:
    targets = load_settings(config).alarm
    async with open_test_bot(alarm=targets) as bot:
        await bot.start()
        await walk(bot, DANGER)
        set_mark(reports_looked_mark(tmp_path / "state"), time.time())
        assert (tmp_path / "state" / "alarm.db").exists()
        await asyncio.to_thread(back_up, load_settings(config), tmp_path / "backup")
    assert [p.name for p in (tmp_path / "backup").rglob("*") if "alarm" in p.name or p.name == "reports.looked"] == []
    assert (tmp_path / "backup" / "stonechat.db").exists()


def test_mail_servers_words_reach_no_log() -> None:
    assert "aiosmtplib" in LOUD
