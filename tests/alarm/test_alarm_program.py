"""By a program, run for real."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from bot.alarm.program import ProgramSender
from bot.alarm.sending import AlarmError
from bot.alarm.targets import Program
from bot.alarm.texts import WORDS, rehearsal, ring

RING = ring(WORDS["en"])


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "ring"


def sender(script: Path, body: str, *arguments: str, limit: float = 20) -> ProgramSender:
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    return ProgramSender("alarm 1 (exec)", Program((str(script), *arguments)), limit)


async def refused(program: ProgramSender) -> str:
    with pytest.raises(AlarmError) as caught:
        await program.send(RING)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_it_gets_the_text_and_its_arguments_and_no_shell_reads_them(script: Path, tmp_path: Path) -> None:
    words = ("two words", "$(touch x)", "; exit 3", "*")
    program = sender(script, f'cat > {tmp_path}/text\nprintf "%s\\n" "$@" > {tmp_path}/words', *words)
    await program.send(RING)
    assert (tmp_path / "text").read_text() == RING.body
    assert (tmp_path / "words").read_text().splitlines() == list(words)


async def test_it_gets_nothing_of_our_environment(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONECHAT_TELEGRAM_TOKEN", "secret")
    program = sender(script, f"/usr/bin/env > {tmp_path}/env; pwd > {tmp_path}/pwd; ls /proc/self/fd > {tmp_path}/fds")
    handle = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(handle, True)
    await program.send(rehearsal(WORDS["en"], "123456"))
    os.close(handle)
    found = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    kept = {k: v for k, v in found.items() if k not in ("PWD", "_", "SHLVL", "OLDPWD")}  # the shell's own
    assert kept == {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "STONECHAT_ALARM": "rehearsal"}
    assert (tmp_path / "pwd").read_text() == "/\n"
    assert len((tmp_path / "fds").read_text().split()) == 4  # three, and the one that ls reads with


async def test_one_that_reads_nothing_is_fine(script: Path) -> None:
    await sender(script, "exec 0<&-; exit 0").send(RING)


async def test_what_it_prints_is_thrown_away(script: Path, capfd: pytest.CaptureFixture[str]) -> None:
    await sender(script, "echo loud; echo louder >&2; head -c 1000000 /dev/zero").send(RING)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("body", "shown"), [("exit 3", "ended with 3"), ("kill -9 $$", "ended with -9")])
async def test_another_end_than_0_is_a_failure(script: Path, body: str, shown: str) -> None:
    assert shown in await refused(sender(script, body))


def is_alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(number: int) -> None:
    async with asyncio.timeout(10):
        while is_alive(number):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_one_that_hangs_is_ended_with_all_that_it_started(script: Path, tmp_path: Path) -> None:
    body = f"sleep 1000 &\necho $! > {tmp_path}/child\ntrap '' TERM HUP INT\nsleep 1000"
    line = await refused(sender(script, body, limit=1))
    assert "took longer than 1 s" in line
    await gone(int((tmp_path / "child").read_text()))


async def test_a_bot_that_ends_meanwhile_leaves_nothing_running(script: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    task = asyncio.create_task(sender(script, f"echo $$ > {started}; sleep 1000").send(RING))
    number = int(await asyncio.to_thread(started.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(number)


async def test_one_that_is_gone_or_can_not_be_run(script: Path) -> None:
    program = sender(script, "exit 0")
    await program.check()
    script.chmod(0o600)
    assert "can't be run" in await refused(program)
    with pytest.raises(AlarmError, match="can't be run"):
        await program.check()
    script.unlink()
    assert "can't be run" in await refused(program)
    with pytest.raises(AlarmError, match="not there"):
        await program.check()


async def test_one_without_a_first_line_is_no_program(script: Path) -> None:
    script.write_text("echo hello\n")
    script.chmod(0o700)
    assert "can't be run" in await refused(ProgramSender("alarm 1 (exec)", Program((str(script),))))


async def test_a_check_runs_nothing_and_sees_that_others_may_change_it(script: Path, tmp_path: Path) -> None:
    program = sender(script, f"touch {tmp_path}/ran")
    await program.check()
    assert not (tmp_path / "ran").exists()
    script.chmod(script.stat().st_mode | stat.S_IWOTH)
    with pytest.raises(AlarmError, match="everybody can change"):
        await program.check()
