"""O09, O10, O14: a disk that is full or read-only is called that; nothing is left that stops the next start."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.machine.files import write_private
from bot.operating.backup import back_up
from bot.operating.checks import state_folder
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.state import ensure_state, secret_file
from tests.conftest import OpenBot, make_settings

KIB = 1024
MAY_BE_EMPTY = {"lock", "stonechat.db-wal"}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 512 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can't be mounted here (it needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, left: int = 0) -> Path:
    """All but `left` bytes are taken."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4 * KIB))
        except OSError:
            pass
    if left:
        os.truncate(path, path.stat().st_size - left)
    return path


def read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


async def opened(opener: OpenBot, **more: object) -> None:
    async with opener(**more):
        pass


@pytest.mark.parametrize("left", [0, 4, 8, 12, 16, 20, 24, 32, 48, 64, 96, 128])
async def test_o09_o14_a_first_start_on_a_full_disk(open_test_bot: OpenBot, small: Path, left: int) -> None:
    """However far it comes: the true cause, no file of 0 bytes; and with space again it starts."""
    ballast = fill(small, left * KIB)
    state = small / "state"
    said = "the disk is full; make space"
    try:
        await opened(open_test_bot, state=state)
    except SettingsError as error:
        said = str(error)
    assert "the disk is full; make space" in said
    if state.exists():
        assert [
            p.name for p in state.iterdir() if p.is_file() and not p.stat().st_size and p.name not in MAY_BE_EMPTY
        ] == []
    ballast.unlink()
    await opened(open_test_bot, state=state)


async def test_o09_a_disk_that_got_full_is_no_damaged_database(open_test_bot: OpenBot, small: Path) -> None:
    state = small / "state"
    await opened(open_test_bot, state=state)
    before = (state / "stonechat.db").read_bytes()
    ballast = fill(small)
    with pytest.raises(SettingsError, match="the disk is full"):
        await opened(open_test_bot, state=state)
    assert (state / "stonechat.db").read_bytes() == before
    ballast.unlink()
    await opened(open_test_bot, state=state)


async def test_o10_a_read_only_disk(open_test_bot: OpenBot, small: Path, tmp_path: Path) -> None:
    state = small / "state"
    await opened(open_test_bot, state=state)
    read_only(small)
    with pytest.raises(SettingsError, match=r"mounted read-only; mount .*small writable"):
        await opened(open_test_bot, state=state)
    found = list(state_folder.schema(make_settings(tmp_path, state=state)))
    assert not [f for f in found if "damaged" in f.what], found


async def test_o10_a_new_state_on_a_read_only_disk(open_test_bot: OpenBot, small: Path) -> None:
    read_only(small)
    with pytest.raises(SettingsError, match="mounted read-only"):
        await opened(open_test_bot, state=small / "state")


async def test_o09_half_a_backup_is_none(open_test_bot: OpenBot, small: Path, tmp_path: Path) -> None:
    await opened(open_test_bot)
    fill(small, 40 * KIB)
    with pytest.raises((SettingsError, OSError)):
        back_up(make_settings(tmp_path), small / "backup")
    assert not (small / "backup").exists()


def test_o14_a_secret_is_whole_or_not_there(small: Path) -> None:
    ballast = fill(small)
    with pytest.raises(SettingsError, match="the disk is full"):
        secret_file(small / "a.key", 32)
    with pytest.raises(SettingsError, match="the disk is full"):
        write_private(small / "b.key", bytes(32))
    assert {p.name for p in small.iterdir()} == {"ballast"}
    ballast.unlink()
    assert len(secret_file(small / "a.key", 32)) == 32


def test_o14_what_is_replaced_stays_whole(small: Path) -> None:
    write_private(small / "a", b"before")
    fill(small)
    with pytest.raises(SettingsError):
        write_private(small / "a", bytes(64 * KIB))
    assert (small / "a").read_bytes() == b"before"


def test_o14_an_empty_secret_is_told_as_such(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "state")
    path = ensure_state(settings) / "bot.key"
    path.write_bytes(b"")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match=r"is empty; restore it .* where no report was taken yet, remove it"):
        secret_file(path, 32)


def test_o14_two_that_make_a_secret_at_once_have_one(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            path = tmp_path / f"{number}.key"
            assert len(set(pool.map(lambda _, p=path: secret_file(p, 32), range(8)))) == 1  # type: ignore[misc]
    assert not list(tmp_path.glob(".*")), "nothing is left beside"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
async def test_o10_root_leaves_nothing_in_a_services_state(open_test_bot: OpenBot, tmp_path: Path) -> None:
    await opened(open_test_bot)
    os.chown(tmp_path / "state", 10001, 10001)
    before = sorted(p.name for p in (tmp_path / "state").iterdir())
    with pytest.raises(SettingsError, match=r"belongs to 10001.*setpriv --reuid=10001 --regid=10001"):
        await opened(open_test_bot)
    assert sorted(p.name for p in (tmp_path / "state").iterdir()) == before


def test_o16_a_new_key_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    from bot.keys.files import read_identities, write_identity

    identity = HybridIdentity.generate()
    write_identity(tmp_path / "k", identity, None)
    with pytest.raises(SettingsError, match="there already"):
        write_identity(tmp_path / "k", HybridIdentity.generate(), None)
    assert read_identities(tmp_path / "k")[0].seed == identity.seed
