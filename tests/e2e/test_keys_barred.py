"""N03: a folder of keys that takes nothing is like a full database: nothing is confirmed or lost, and all is told."""

import errno
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.errors import NotKept
from bot.operating.metrics import Metrics
from bot.running import open_metrics
from bot.wiring import Bot
from tests.conftest import Clock, OpenBot, make_settings
from tests.e2e.test_cases import passes
from tests.e2e.test_full_disk import fill, small
from tests.e2e.test_metrics import fetch
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, Account, walk
from tests.flows.walking import Chat

__all__ = ["small"]
SAID = "We have a problem on our side. Nothing is saved yet."
Mend = Callable[[], None]


def gone(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
    folder.rename(folder.with_name("away"))
    return lambda: folder.with_name("away").rename(folder) and None


def made_anew(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
    folder.rename(folder.with_name("away"))
    return lambda: folder.mkdir(0o700)


def a_file(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
    folder.rename(folder.with_name("away"))
    folder.touch()

    def mend() -> None:
        folder.unlink()
        folder.with_name("away").rename(folder)

    return mend


def full(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
    return fill(folder.parent.parent).unlink


def read_only(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
    disk = str(folder.parent.parent)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    return lambda: subprocess.run(["mount", "-o", "remount,rw", disk], check=True) and None


def refusing(number: int) -> Callable[[Path, pytest.MonkeyPatch], Mend]:
    def bar(folder: Path, patch: pytest.MonkeyPatch) -> Mend:
        real, barred = os.open, True

        def opened(path: Any, *more: Any, **named: Any) -> int:
            if barred and str(path).startswith(f"{folder}/"):
                raise OSError(number, os.strerror(number), str(path))
            return real(path, *more, **named)

        patch.setattr(os, "open", opened)

        def mend() -> None:
            nonlocal barred
            barred = False

        return mend

    bar.__name__ = errno.errorcode[number]
    return bar


WAYS = [gone, made_anew, a_file, full, read_only, *map(refusing, (errno.EACCES, errno.EIO, errno.EMFILE, errno.EDQUOT))]


@pytest.fixture
def keys(small: Path) -> Path:
    return small / "keys"


async def ready(bot: Bot) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as name:  # the figures of its disks are another test's
        served = await open_metrics(bot, Metrics(), None, make_settings(Path(name), metrics="127.0.0.1:0"))
        try:
            return await fetch(f"{served.url}/ready")
        finally:
            await served.close()


async def does(bot: Bot, chat: Chat, line: str) -> bool:
    """Whether it was confirmed."""
    event = chat.pressed(line[1:-1]) if line.startswith("[") else chat.said(line)
    with suppress(NotKept):
        await bot.deliver(event)
        await bot.settled()
        return True
    await bot.settled()
    return False


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Callable[[Path, pytest.MonkeyPatch], Mend]:
    return request.param  # type: ignore[no-any-return]


async def test_n03_the_consent_is_not_confirmed_and_is_taken_once_it_is_well(
    open_test_bot: OpenBot,
    clock: Clock,
    keys: Path,
    way: Callable[[Path, pytest.MonkeyPatch], Mend],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with open_test_bot(keys=keys) as bot:
        heard: list[str] = []
        chat = Account(lambda out: heard.append(out.text))
        bot.house.channels["terminal"] = chat
        await bot.deliver(chat.came_back())
        await bot.settled()
        await walk(bot, UP_TO_NAME[:1], chat)
        assert await ready(bot) == (200, "ready\n")
        (folder,) = keys.iterdir()
        mend = way(folder, monkeypatch)
        for _ in range(3):
            assert not await does(bot, chat, UP_TO_NAME[1])
        assert await bot.store.conversations() == []
        assert [text.startswith(SAID) for text in heard[-1:]] == [True], "said once, and truly"
        assert len([text for text in heard if SAID in text]) == 1
        status, text = await ready(bot)
        assert status == 503
        assert "no key can be kept" in text
        await passes(bot, clock, 0.02)
        assert (await ready(bot))[0] == 503, "a look that finds it so too leaves it red"
        lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
        assert len(lines) == 1, lines
        assert f"{folder}: no key can be kept: " in lines[0]
        assert "; " in lines[0]
        mend()
        await passes(bot, clock, 0.02)
        assert await ready(bot) == (200, "ready\n")
        assert [r.getMessage() for r in caplog.records][-1] == "all can be kept again"
        await walk(bot, UP_TO_NAME[1:], chat)
        assert len(await bot.store.conversations()) == 1
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    async with open_test_bot(keys=keys) as bot:  # and its key is there after a start
        assert len(await bot.store.conversations()) == 1


async def test_n03_an_open_draft_lives_on(
    open_test_bot: OpenBot,
    clock: Clock,
    keys: Path,
    way: Callable[[Path, pytest.MonkeyPatch], Mend],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever can be seen of its key, a barred folder is no destroyed draft; and what is erased is not called so."""
    async with open_test_bot(keys=keys) as bot:
        chat = await walk(bot, UP_TO_NAME[:6])
        (folder,) = keys.iterdir()
        (owner,) = await bot.store.conversations()
        bot.house.keys.release(owner) if way is not made_anew else None
        bot.conversations._awake.clear()  # as after 500 others
        mend = way(folder, monkeypatch)
        await does(bot, chat, "more words")
        await passes(bot, clock, 0.02)
        assert await bot.store.conversations() == [owner]
        mend()
        await passes(bot, clock, 0.02)
        await walk(bot, UP_TO_NAME[6:], chat)
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    async with open_test_bot(keys=keys) as bot:
        assert len(await bot.store.conversations()) == 1


@pytest.mark.parametrize("way", [read_only, refusing(errno.EACCES), refusing(errno.EIO)], ids=lambda w: w.__name__)
async def test_n03_what_could_not_be_destroyed_is_destroyed_later_and_opens_nothing_meanwhile(
    open_test_bot: OpenBot,
    clock: Clock,
    keys: Path,
    way: Callable[[Path, pytest.MonkeyPatch], Mend],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_test_bot(keys=keys) as bot:
        chat = await walk(bot, UP_TO_NAME)
        (folder,) = keys.iterdir()
        (owner,) = await bot.store.conversations()
        mend = way(folder, monkeypatch)
        assert not await does(bot, chat, "erase"), "it needs a chore, and is not called erased"
        mend()
        await passes(bot, clock, 0.02)
        assert await bot.store.conversations() in ([owner], [])
        await does(bot, chat, "erase")
        await passes(bot, clock, 0.02)
        assert await bot.store.conversations() == []
        assert not (folder / f"{owner.hex()}.key").exists()
        name = os.urandom(16)
        bot.house.keys.create(name)
        sealed = bot.house.keys.encrypt(name, b"x", b"words")
        mend = way(folder, monkeypatch)
        bot.house.keys.forsake(name)
        assert bot.house.keys.decrypt(name, b"x", sealed) is None
        assert (folder / f"{name.hex()}.key").exists()
        mend()
        bot.house.keys.check()
        assert not (folder / f"{name.hex()}.key").exists()


async def test_n03_keys_that_somebody_removed_do_not_come_back(
    open_test_bot: OpenBot, clock: Clock, keys: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who empties the folder while the bot runs wants them gone: the bot is red until it is started again."""
    async with open_test_bot(keys=keys) as bot:
        chat = await walk(bot, UP_TO_NAME)
        (folder,) = keys.iterdir()
        for path in folder.iterdir():
            path.unlink()
        await passes(bot, clock, 0.02)
        assert "the keys of drafts were removed; start the bot again" in caplog.text
        assert list(folder.iterdir()) == []
        assert (await ready(bot))[0] == 503
        del chat
    async with open_test_bot(keys=keys) as bot:
        assert await bot.store.conversations() == []
        assert bot.house.rebooted_until


async def test_n03_the_outboxs_keys_too(
    open_test_bot: OpenBot, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_test_bot(intake=f"folder:{tmp_path / 'inbox'}") as bot:
        chat = await walk(bot, [*UP_TO_NAME, TO_THE_END[0]])
        folder = tmp_path / "state" / "keys" / "outbox"
        shutil.move(folder, tmp_path / "away")
        assert not await does(bot, chat, TO_THE_END[1])
        assert (await ready(bot))[0] == 503
        shutil.move(tmp_path / "away", folder)
        await passes(bot, clock, 0.02)
        assert (await ready(bot))[0] == 200
        await walk(bot, TO_THE_END[1:], chat)
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
