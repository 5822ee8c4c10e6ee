"""V: whatever the umask, nobody else on the machine reads or writes what Stonechat writes: folders 0700, files 0600."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keys.folder import keys_folder
from bot.keys.keyring import Keyring
from bot.operating.backup import back_up, restore
from bot.operating.checks import state_folder
from bot.state import ensure_state
from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, Clock, OpenBot, make_settings
from tests.e2e.test_cases import listening, passes
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, walk

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"], autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder: Path, *, root: bool = True, but: tuple[str, ...] = ()) -> list[str]:
    """What others may read or write: a folder and all that is in it. `but` are names with a test of their own."""
    found = []
    for path in [*([folder] if root else ()), *sorted(folder.rglob("*"))]:
        mode = path.lstat().st_mode & 0o777
        if mode not in ((0o700,) if path.is_dir() else (0o600,)) and str(path.relative_to(folder)) not in but:
            found.append(f"{path.relative_to(folder)} {mode:o}")
    return found


async def test_v_modes_of_all_that_the_bot_writes(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await bot.conversations.look()
        for name in ("state", "keys"):
            assert open_to_others(tmp_path / name, root=name == "state") == []
        await walk(bot, ["erase"], chat)
        await listening(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"], 1000)
        await listening(bot, DANGER, 2000)
        await bot.handoff.round()
        await passes(bot, clock, 1)
        for name in ("state", "keys", "inbox"):
            assert open_to_others(tmp_path / name, root=name != "keys") == []
        assert len(list((tmp_path / "inbox").iterdir())) == 2
    assert open_to_others(tmp_path / "state") == []


async def test_v_modes_of_the_folder_that_all_keys_lie_in(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """Who may write into it can put another folder in the place of ours."""
    async with open_test_bot():
        assert open_to_others(tmp_path / "keys") == []


async def test_v_modes_after_a_reboot(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
    for path in (tmp_path / "keys").rglob("*"):
        if path.is_file():
            path.unlink()
    async with open_test_bot() as bot:
        assert bot.house.rebooted_until
    assert open_to_others(tmp_path / "state") == []


async def test_v_modes_of_keys_beside_the_state(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(keys=tmp_path / "state" / "keys") as bot:
        await walk(bot, UP_TO_NAME)
        assert open_to_others(tmp_path / "state") == []


async def test_v_modes_of_the_intake(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(intake="embedded") as bot:
        chat = await walk(bot, DANGER)
        await bot.handoff.round()
        assert open_to_others(tmp_path / "state" / "intake") == []
        assert list((tmp_path / "state" / "intake" / "parts").rglob("*"))
        await walk(bot, ["erase"], chat)
        await bot.handoff.round()
        assert open_to_others(tmp_path / "state") == []


async def test_v_modes_of_what_the_intake_exports(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(intake="embedded") as bot:
        await walk(bot, DANGER)
        await bot.handoff.round()
        assert bot.embedded is not None
        ((report, _, _),) = await bot.embedded.store.reports()
        await bot.embedded.store.export(report, tmp_path / "out")
    assert open_to_others(tmp_path / "out") == []


async def test_v_modes_of_a_backup_and_of_what_comes_back(open_test_bot: OpenBot, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, intake="embedded")
    async with open_test_bot(intake="embedded") as bot:
        await walk(bot, DANGER)
        await bot.handoff.round()
        await asyncio.to_thread(back_up, settings, tmp_path / "backup")
    assert open_to_others(tmp_path / "backup", but=("intake/parts",)) == []
    (tmp_path / "state").rename(tmp_path / "before")
    restore(settings, tmp_path / "backup")
    assert open_to_others(tmp_path / "state", but=("intake/parts",)) == []


async def test_v_modes_of_folders_in_a_backup(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(intake="embedded") as bot:
        await walk(bot, DANGER)
        await bot.handoff.round()
        await asyncio.to_thread(back_up, make_settings(tmp_path, intake="embedded"), tmp_path / "backup")
    assert open_to_others(tmp_path / "backup") == []


def command(folder: Path, umask: int, *words: str, answers: str = "") -> str:
    code = f"import os, sys; os.umask({umask}); sys.argv[0] = 'stonechat'; from bot.cli import main; main()"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("STONECHAT_")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT)},
        input=answers,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def test_v_modes_of_what_init_and_keys_write(tmp_path: Path, umask: int) -> None:
    lines = ["Org", "help@example.org", "en", "48", "n", "0", TOKEN, "", IDENTITY.recipient.text, "", ""]
    said = command(tmp_path, umask, "init", answers="\n".join(lines))
    assert "Written" in said, said
    assert "age1pq1" in command(tmp_path, umask, "keys", "new", "desk", "--no-passphrase")
    assert "accepted" in command(tmp_path, umask, "keys", "accept")
    assert "ssh-ed25519" in command(tmp_path, umask, "keys", "show")
    written = {p.name for p in tmp_path.rglob("*")}
    assert {"telegram.token", "recipients.txt", "desk.key", "bot.key", "recipients.accepted"} <= written
    assert open_to_others(tmp_path, root=False, but=("stonechat.toml",)) == []


def test_v_modes_of_the_settings_that_init_writes(tmp_path: Path, umask: int) -> None:
    lines = ["Org", "help@example.org", "en", "48", "n", "0", "", "", IDENTITY.recipient.text, "", ""]
    assert "Written" in command(tmp_path, umask, "init", answers="\n".join(lines))
    assert (tmp_path / "stonechat.toml").stat().st_mode & 0o777 == 0o600


async def test_v_modes_of_an_opened_report(open_test_bot: OpenBot, tmp_path: Path, umask: int) -> None:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
    (report,) = (tmp_path / "inbox").iterdir()
    (tmp_path / "desk.key").write_text(IDENTITY.text)
    command(tmp_path, umask, "open", str(report), "--key", "desk.key", "--out", "opened")
    assert open_to_others(tmp_path / "opened") == []
    assert (tmp_path / "opened" / "report").exists()


@pytest.mark.parametrize("name", ["state", "keys", "bot.key", "receipt.salt"])
async def test_v_what_others_can_read_is_refused(open_test_bot: OpenBot, tmp_path: Path, name: str) -> None:
    async with open_test_bot():
        pass
    (state_id,) = (tmp_path / "keys").iterdir()
    path = {"state": tmp_path / "state", "keys": state_id}.get(name, tmp_path / "state" / name)
    path.chmod(0o755 if path.is_dir() else 0o644)
    with pytest.raises(SettingsError, match="can be read by others"):
        async with open_test_bot():
            pass


@pytest.mark.parametrize("name", ["pepper", "a draft's key"])
async def test_k10_a_key_that_others_can_read_is_refused(open_test_bot: OpenBot, tmp_path: Path, name: str) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
    (folder,) = (tmp_path / "keys").iterdir()
    path = folder / "pepper" if name == "pepper" else next(folder.glob("*.key"))
    path.chmod(0o644)
    with pytest.raises(SettingsError, match=r"a key can be read by others; chmod 600"):
        async with open_test_bot():
            pass
    path.chmod(0o600)
    async with open_test_bot():
        pass


def test_k10_parents_of_our_own_making_are_private(tmp_path: Path) -> None:
    settings = replace(
        make_settings(tmp_path), state=tmp_path / "a" / "b" / "state", keys=tmp_path / "c" / "d" / "keys"
    )
    ensure_state(settings)
    Keyring(keys_folder(settings, "one"))
    assert open_to_others(tmp_path / "a") == []
    assert open_to_others(tmp_path / "c") == []


def test_k10_parents_that_stood_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o755)
    ensure_state(replace(make_settings(tmp_path), state=tmp_path / "var" / "state"))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o755


async def test_k10_doctor_sees_keys_that_others_can_read(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
    settings = make_settings(tmp_path)
    assert [f.state for f in state_folder.modes(settings)] == ["good"]
    (folder,) = (tmp_path / "keys").iterdir()
    key = next(folder.glob("*.key"))
    key.chmod(0o644)
    (found,) = state_folder.modes(settings)
    assert (found.state, found.mend) == ("bad", f"chmod go= {key}")
    key.chmod(0o600)
    (tmp_path / "keys").chmod(0o770)
    (found,) = state_folder.modes(settings)
    assert "in the place of ours" in found.what


STARTS = ("from bot.cli import main; main()", "import runpy; runpy.run_module('bot', run_name='__main__')")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize("start", STARTS)
def test_k10_whatever_the_command_no_dump_is_left(tmp_path: Path, start: str) -> None:
    """open, keys and backup hold keys too; so it is done before any command begins."""
    code = f"""
import resource
from bot import cli
from bot.machine.hardening import is_dumpable
cli.app = lambda: print(is_dumpable(), resource.getrlimit(resource.RLIMIT_CORE))
{start}
"""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["False (0, 0)"], done.stderr
