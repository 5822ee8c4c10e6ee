"""K09: no backup takes the drafts' keys, whatever their folder is called and however one comes to it."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keys.folder import check_apart
from bot.operating import doctor
from bot.operating.backup import back_up
from tests.conftest import OpenBot, make_settings
from tests.e2e.test_promises import UP_TO_NAME, walk


def secrets_of(folder: Path) -> list[bytes]:
    found = [p.read_bytes() for p in folder.rglob("*") if p.name == "pepper" or p.suffix == ".key"]
    assert len(found) >= 2, "the pepper and one draft's key"
    return found


def holds_one(backup: Path, secrets: list[bytes]) -> bool:
    files = [p.read_bytes() for p in backup.rglob("*") if p.is_file()]
    return any(secret in data for data in files for secret in secrets)


def renamed(folder: Path, keys: Path) -> Path:
    keys.rename(folder / "state" / "intake-old")
    return folder / "state" / "intake-old"


def deep(folder: Path, keys: Path) -> Path:
    (folder / "state" / "a" / "b").mkdir(parents=True)
    keys.rename(folder / "state" / "a" / "b" / "c")
    return folder / "state" / "a" / "b" / "c"


def linked(folder: Path, keys: Path) -> Path:
    (folder / "state" / "secrets").symlink_to(keys)
    return keys


def link_to_the_inside(folder: Path, keys: Path) -> Path:
    keys.rename(folder / "state" / "k")
    (folder / "elsewhere").symlink_to(folder / "state" / "k")
    return folder / "elsewhere"


def each_file_linked(folder: Path, keys: Path) -> Path:
    (folder / "state" / "copies").mkdir()
    for number, path in enumerate(p for p in keys.rglob("*") if p.is_file()):
        (folder / "state" / "copies" / f"{number}.soft").symlink_to(path)
        os.link(path, folder / "state" / "copies" / f"{number}.hard")
    return keys


def with_a_dotted_way(folder: Path, keys: Path) -> Path:
    keys.rename(folder / "state" / "k")
    return folder / "state" / ".." / "state" / "k"


def forgotten_setting(folder: Path, keys: Path) -> Path:
    """The bot ran with another setting than the one that backup is given."""
    keys.rename(folder / "state" / "k")
    return folder / "nowhere"


WAYS = [renamed, deep, linked, link_to_the_inside, each_file_linked, with_a_dotted_way, forgotten_setting]


@pytest.mark.parametrize("way", WAYS, ids=lambda w: w.__name__)
async def test_k09_a_backup_takes_no_keys_by_path(open_test_bot: OpenBot, tmp_path: Path, way) -> None:  # type: ignore[no-untyped-def]
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
    secrets = secrets_of(tmp_path / "keys")
    keys = way(tmp_path, tmp_path / "keys")
    await asyncio.to_thread(back_up, make_settings(tmp_path, keys=keys), tmp_path / "backup")
    assert (tmp_path / "backup" / "stonechat.db").exists()
    assert (tmp_path / "backup" / "bot.key").exists(), "what must outlive the machine is in it"
    assert not holds_one(tmp_path / "backup", secrets)


@pytest.mark.parametrize("where", ["k", "a/b", "../state/k", ".", "intake", "keys/deeper"])
async def test_k09_keys_inside_the_state_are_refused_at_start(
    open_test_bot: OpenBot, tmp_path: Path, where: str
) -> None:
    with pytest.raises(SettingsError, match="inside the state"):
        async with open_test_bot(keys=tmp_path / "state" / where):
            pass
    found = [f for f in await doctor._all(make_settings(tmp_path, keys=tmp_path / "state" / where)) if f.name == "keys"]
    assert [f.state for f in found] == ["bad"]
    assert found[0].mend


def test_k09_a_link_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "state" / "k").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "state" / "k")
    settings = make_settings(tmp_path, keys=tmp_path / "link")
    with pytest.raises(SettingsError, match="inside the state"):
        check_apart(settings)
    (tmp_path / "other").symlink_to(tmp_path / "state")
    with pytest.raises(SettingsError, match="inside the state"):
        check_apart(replace(settings, state=tmp_path / "other", keys=tmp_path / "state" / "k"))


def test_k09_keys_beside_or_under_their_known_name_are_fine(tmp_path: Path) -> None:
    for keys in (tmp_path / "state" / "keys", tmp_path / "keys", tmp_path / "state-keys", tmp_path):
        check_apart(make_settings(tmp_path, keys=keys))


async def test_k09_a_backup_into_what_it_copies_is_refused(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot():
        pass
    with pytest.raises(SettingsError, match="can't lie in what it copies"):
        back_up(make_settings(tmp_path), tmp_path / "state" / "backup")
    assert not (tmp_path / "state" / "backup").exists()
