"""K01: what was erased or handed over opens nowhere: not with the organisation's key, not in an earlier copy.

Every age file is looked for in every file's bytes, at every offset, whatever stands around it: whoever seizes a disk
does not use our programs.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from bot.conversation import lifetime
from bot.conversation.standing import Chore, Kept
from bot.errors import SettingsError
from bot.handoff import HandoffError
from bot.operating.backup import back_up, restore
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport
from bot.seal.age import open_bytes
from bot.seal.stanza import VERSION_LINE
from bot.store import ChoreRow, Commit, Owe, StoreError
from bot.talk.events import MessageRef
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from tests.conftest import IDENTITY, Clock, OpenBot, make_settings
from tests.e2e.test_cases import listening, reports
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import STORY, TO_THE_END, UP_TO_NAME, everything, walk
from tests.flows.walking import like_telegram

SENT = [*UP_TO_NAME, *TO_THE_END]


class Away:
    """An intake that is never there."""

    async def hand_over(self, report: SealedReport) -> None:
        raise HandoffError("away")

    async def erase(self, erasure: Erasure) -> None:
        raise HandoffError("away")

    async def close(self) -> None: ...


def age_files(data: bytes) -> Iterator[bytes]:
    """All that begins as an age file does, to the end of what is there."""
    at = data.find(VERSION_LINE)
    while at >= 0:
        yield data[at:]
        at = data.find(VERSION_LINE, at + 1)


def headers(*folders: Path) -> int:
    """How many age headers lie there. Whoever has one and its recipient's key has the file key."""
    every = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum(1 for path in every for _ in age_files(path.read_bytes()))


def away(bot: Bot) -> Bot:
    bot.handoff._connector = Away()
    return bot


async def erase(bot: Bot, chat: object) -> None:
    await walk(bot, ["erase"], chat)  # type: ignore[arg-type]


async def test_k01_headers_are_found_where_a_report_lies_open(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """The way of looking sees what it is to see: a handed-over report's parts, in the folder that it went to."""
    async with open_test_bot() as bot:
        await walk(bot, SENT)
        await bot.handoff.round()
        assert headers(tmp_path / "inbox") >= 3
        assert open_bytes(next(age_files((next((tmp_path / "inbox").glob("*/0001.age"))).read_bytes())), [IDENTITY])


async def test_k01_what_waits_is_closed_and_opens_again(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(away(bot), SENT)
        await bot.handoff.round()
        assert headers(tmp_path / "state") == 0
        assert len(list((tmp_path / "state/keys/outbox").glob("*.key"))) == 1
        shutil.rmtree(tmp_path / "keys")  # the host's reboot: tmpfs is empty
    async with open_test_bot() as bot:
        assert headers(tmp_path / "state") == 0
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
    (report,) = reports(tmp_path)
    assert STORY in report.texts.values()
    assert list((tmp_path / "state/keys/outbox").glob("*.key")) == []


@pytest.mark.parametrize("how", ["erased", "handed over"])
@pytest.mark.parametrize("lines", [SENT, DANGER], ids=["sent", "danger"])
async def test_k01_an_earlier_copy_and_an_earlier_backup_open_nothing(
    open_test_bot: OpenBot, tmp_path: Path, how: str, lines: list[str]
) -> None:
    async with open_test_bot() as bot:
        connector = bot.handoff._connector
        chat = await walk(away(bot), lines)
        await bot.handoff.round()
        await asyncio.to_thread(back_up, make_settings(tmp_path), tmp_path / "backup")
        shutil.copytree(tmp_path / "state", tmp_path / "copy", ignore=shutil.ignore_patterns("keys"))
        assert b"outbox_parts" in everything(tmp_path / "copy")
        if how == "erased":
            await erase(bot, chat)
        else:
            bot.handoff._connector = connector
            for lane in bot.handoff._lanes:
                lane.not_before.clear()
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
        assert list((tmp_path / "state/keys/outbox").glob("*.key")) == []
        assert headers(tmp_path / "state", tmp_path / "copy", tmp_path / "backup", tmp_path / "keys") == 0


async def test_k01_a_newer_version_takes_the_older_ones_key_along(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(away(bot), DANGER)
        ((_, version, key),) = await bot.store.outbox_keys()
        assert version > 1, "several versions took each other's place"
        assert list(bot.house.outbox_keys.names()) == [key]


async def test_k01_a_commit_that_fails_leaves_no_key_and_no_report(
    open_test_bot: OpenBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(away(bot), SENT[:-1])
        write = bot.store._write_db.transaction

        async def full(*what: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(bot.store._write_db, "transaction", full)
        with pytest.raises(Exception, match="failed"):
            await walk(bot, SENT[-1:], chat)
        assert list(bot.house.outbox_keys.names()) == []
        monkeypatch.setattr(bot.store._write_db, "transaction", write)
        await walk(bot, SENT[-1:], chat)
        assert await bot.store.waiting() == 1
        assert len(list(bot.house.outbox_keys.names())) == 1


async def test_k01_orphans_are_swept_and_what_has_no_key_is_told(
    open_test_bot: OpenBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = tmp_path / "state/keys/outbox"
    async with open_test_bot() as bot:
        await walk(away(bot), SENT)
        bot.house.outbox_keys.create(b"o" * 16)
    async with open_test_bot() as bot:
        away(bot)
        ((_, _, key),) = await bot.store.outbox_keys()
        assert [path.stem for path in keys.glob("*.key")] == [key.hex()]
    shutil.rmtree(keys)
    async with open_test_bot() as bot:
        assert await bot.store.waiting() == 0
    assert "1 reports that waited can't be opened any more" in caplog.text


async def test_k01_whole_parts_of_an_older_stonechat_are_closed(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(away(bot), SENT)
        await bot.handoff.round()
        ((report, _, _),) = await bot.store.outbox_keys()
        whole = await bot.handoff._outbox.outgoing(report)
        assert whole is not None
        assert await bot.store.handed_over(report, 9)
        for name, value in (("outbox", (report, 1, whole.manifest, whole.signature, 0, b"")),):
            await bot.store._change(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?)", value)
        for part in whole.parts:
            await bot.store._change("INSERT INTO outbox_parts VALUES (?, ?, ?)", (report, *part))
    assert headers(tmp_path / "state") >= 3
    async with open_test_bot() as bot:
        assert headers(tmp_path / "state") == 0
        await bot.handoff.round()
    assert STORY in reports(tmp_path)[0].texts.values()


async def test_k01_a_scrub_that_a_reader_hinders_is_done_again(open_test_bot: OpenBot, tmp_path: Path) -> None:
    log = tmp_path / "state" / "stonechat.db-wal"
    async with open_test_bot() as bot:
        chat = await walk(bot, SENT)
        reading = sqlite3.connect(tmp_path / "state" / "stonechat.db", isolation_level=None)
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM outbox_parts").fetchall()
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
        assert log.stat().st_size > 0
        assert not await bot.store.scrub()
        await walk(bot, ["[I wrote it down]"], chat)
        assert bot.handoff._pause(bot.handoff._lanes[1]) <= 2.0
        reading.execute("COMMIT")
        reading.close()
        await bot.handoff.round()
        assert log.stat().st_size == 0
        assert bot.handoff._pause(bot.handoff._lanes[1]) > 2.0


async def test_k01_an_erasure_is_scrubbed_with_the_intake_away(open_test_bot: OpenBot, tmp_path: Path) -> None:
    log = tmp_path / "state" / "stonechat.db-wal"
    async with open_test_bot() as bot:
        chat = await walk(away(bot), SENT)
        ((report, _, _),) = await bot.store.outbox_keys()
        row = await bot.store.outgoing(report)
        assert row is not None
        await erase(bot, chat)
        await bot.handoff.round()
        assert log.stat().st_size == 0
        left = everything(tmp_path / "state")
        assert not [name for name, data in row.parts if data[-64:] in left]


# --- K05: chores end at 48 hours ---


class Deaf:
    """A channel that can do nothing: its token was revoked, or it never answers."""

    abilities = like_telegram()
    name = "terminal"

    def __init__(self, hangs: bool) -> None:
        self.hangs, self.calls = hangs, 0

    async def _fails(self) -> None:
        self.calls += 1
        if self.hangs:
            await asyncio.Event().wait()
        raise RuntimeError("the token was revoked")

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        await self._fails()
        return ()

    async def delete(self, address: str, messages: object) -> bool:
        await self._fails()
        return False


@pytest.mark.parametrize("channel", ["raises", "hangs", "is not there", "an older row"])
async def test_k05_a_chore_and_its_key_end_after_48_hours(open_test_bot: OpenBot, clock: Clock, channel: str) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        deaf = Deaf(channel == "hangs")
        bot.house.channels.pop("terminal")
        if channel != "is not there":
            bot.house.channels["terminal"] = deaf
        await bot.deliver(chat.said("erase"))
        if channel == "an older row":
            await bot.store._change("DELETE FROM chores")
            row = bot.conversations.chores.maker.row(Chore("terminal", "1"))
            older = msgspec.msgpack.encode(("terminal", "1", (1, 2), "gone", 0, ""))
            sealed = bot.house.keys.encrypt(row.id, b"chore", older)
            await bot.store.commit(Commit(b"", changes=(Owe(ChoreRow(row.id, sealed, row.due)),)))
        for _ in range(47 * 4 - 1):
            await bot.conversations.chores.round()
            await asyncio.sleep(0)
            clock.pass_(minutes=15)
        assert len(await bot.store.chores(int(clock()))) == 1, "tried until then"
        assert deaf.calls > 5 or channel in ("is not there", "hangs")
        for _ in range(2 * 4):
            await bot.conversations.chores.round()
            await asyncio.sleep(0.01)
            clock.pass_(minutes=15)
        await bot.conversations.chores.round()
        await asyncio.sleep(0.05)
        assert await bot.store.chores(int(clock())) == []
        if channel != "an older row":
            assert list(bot.house.keys.names()) == []


async def test_k05_the_key_goes_even_where_the_store_takes_nothing(
    open_test_bot: OpenBot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        bot.house.channels["terminal"] = Deaf(False)
        await bot.deliver(chat.said("erase"))
        clock.pass_(hours=48)

        async def full(row: bytes) -> None:
            raise StoreError("full")

        monkeypatch.setattr(bot.store, "chore_done", full)
        await bot.conversations.chores.settled()
        assert list(bot.house.keys.names()) == []


# --- K03: keys have one owner ---


async def test_k03_a_copy_beside_the_living_bot_is_refused_in_one_line(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        before = sorted((tmp_path / "keys").rglob("*.key"))
        shutil.copytree(tmp_path / "state", tmp_path / "copied")
        with pytest.raises(SettingsError, match="another Stonechat uses these keys") as found:
            async with open_test_bot(state=tmp_path / "copied"):
                pass
        assert "\n" not in str(found.value)
        assert sorted((tmp_path / "keys").rglob("*.key")) == before
        assert len(before) == 1


@pytest.mark.parametrize("older", [False, True])
async def test_k03_a_restore_beside_the_living_bot_destroys_nothing(
    open_test_bot: OpenBot, tmp_path: Path, older: bool
) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await asyncio.to_thread(back_up, make_settings(tmp_path), tmp_path / "backup")
        if older:  # it held the state's id
            shutil.copy(tmp_path / "state/state.id", tmp_path / "backup/state.id")
        other = make_settings(tmp_path, state=tmp_path / "restored")
        restore(other, tmp_path / "backup")
        before = sorted((tmp_path / "keys").rglob("*.key"))
        async with open_test_bot(state=tmp_path / "restored", intake=f"folder:{tmp_path / 'elsewhere'}") as second:
            await second.conversations.resume()
            assert await second.store.conversations() == []
        assert sorted((tmp_path / "keys").rglob("*.key")) == before
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    assert STORY in reports(tmp_path)[0].texts.values()


# --- K07: days, not instants ---


def odd_times(*folders: Path, but: tuple[str, ...] = ()) -> list[str]:
    """Files and folders whose time is no midnight."""
    every = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return [str(path) for path in every if path.stat().st_mtime_ns % (86_400 * 10**9) and path.name not in but]


@pytest.mark.parametrize("intake", ["folder", "embedded"])
async def test_k07_what_was_handed_over_tells_days(open_test_bot: OpenBot, tmp_path: Path, intake: str) -> None:
    where = "embedded" if intake == "embedded" else f"folder:{tmp_path / 'inbox'}"
    held = tmp_path / ("state/intake/parts" if intake == "embedded" else "inbox")
    async with open_test_bot(intake=where) as bot:
        for person, lines in enumerate(([*SENT, "[I wrote it down]"], DANGER)):
            chat, _ = await listening(bot, lines, person * 1000)
            await bot.handoff.round()
            assert odd_times(held) == []
        assert len(list(held.rglob("*"))) > 8
        await erase(bot, chat)
        await bot.handoff.round()
        assert odd_times(held) == []


async def test_k07_keys_tell_days(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(away(bot), SENT)
        keys = [tmp_path / "state/keys/outbox", next((tmp_path / "keys").iterdir())]
        assert all(list(folder.glob("*.key")) for folder in keys)
        assert odd_times(*keys) == []
        bot.house.keys.create(b"x" * 16)
        bot.house.keys.destroy(b"x" * 16)
        assert odd_times(*keys) == []


async def test_k07_the_outbox_tells_no_instant(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    clock.pass_(seconds=4567.89)
    async with open_test_bot(handoff_spread=30) as bot:
        for person, lines in enumerate(([*SENT, "[I wrote it down]"], DANGER)):
            await listening(away(bot), lines, person * 1000)
        with sqlite3.connect(tmp_path / "state/stonechat.db") as db:
            ready = [row[0] for row in db.execute("SELECT ready FROM outbox")]
            due = [row[0] for row in db.execute("SELECT due FROM conversations")]
        assert len(ready) == 2
        assert len(due) == 1
        assert not [each for each in (*ready, *due) if each % 3600]


async def test_k07_a_look_to_the_hour_comes_before_the_platforms_limit(open_test_bot: OpenBot, clock: Clock) -> None:
    """Whatever the second at which a message came: the look that deletes it is due while it can be deleted."""
    limit = 46 * 3600
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        (standing,) = [c.standing for c in bot.conversations._awake.values() if c.standing]
        terms = structs.replace(bot.conversations.planner.terms(standing), abilities=like_telegram())
        for second in range(0, 3600, 97):
            at = int(clock()) + second
            message = Kept(standing.thread.messages[0].message, at)
            thread = structs.replace(standing.thread, messages=(message,))
            old = structs.replace(standing, thread=thread)
            due = lifetime.due(old, terms)
            assert due % 3600 == 0
            assert at + limit - 2 * 3600 < due <= at + limit - 1200, "two looks fit in"
            plan = lifetime.what_is_due(old, terms, None, due)
            assert plan is not None
            assert [message.message] == [m for chore in plan.owed for m in chore.delete]


# --- the seized server ---


@pytest.mark.parametrize("intake", ["folder", "embedded"])
@pytest.mark.parametrize("erased_at", [None, "draft", "outbox", "handed over"])
async def test_k01_a_seized_server_opens_no_more_than_it_must(
    open_test_bot: OpenBot, tmp_path: Path, intake: str, erased_at: str | None
) -> None:
    """Everywhere, with the organisation's key: as a draft, in the outbox, handed over, and erased after
    each. Only what an intake holds for the organisation opens, and nothing of it after the erasure.
    """
    where = "embedded" if intake == "embedded" else f"folder:{tmp_path / 'inbox'}"
    settings = make_settings(tmp_path, intake=where)
    held = (tmp_path / "state/intake", tmp_path / "inbox")
    seen: dict[str, tuple[int, int]] = {}

    async def seize(instant: str) -> None:
        """(age headers at the intake, age headers anywhere else)."""
        await asyncio.to_thread(back_up, settings, tmp_path / f"backup {len(seen)}")
        at = sum(headers(path) for path in held)
        backups = [path for path in tmp_path.glob("backup *") if path.is_dir()]
        copied = sum(headers(path / "intake") for path in backups)
        seen[instant] = at, headers(tmp_path / "state", tmp_path / "keys", *backups) - headers(held[0]) - copied

    async with open_test_bot(intake=where) as bot:
        connector = bot.handoff._connector
        chat, _ = await listening(away(bot), UP_TO_NAME)
        await seize("draft")
        if erased_at == "draft":
            await erase(bot, chat)
        else:
            await walk(bot, TO_THE_END, chat)
            await bot.handoff.round()
            await seize("outbox")
            if erased_at == "outbox":
                await erase(bot, chat)
        bot.handoff._connector = connector
        for lane in bot.handoff._lanes:
            lane.not_before.clear()
        await bot.handoff.round()
        await seize("handed over")
        if erased_at == "handed over":
            assert seen["handed over"][0] >= 3
            await erase(bot, chat)
            await bot.handoff.round()
        await bot.settled()
        await seize("after all")
    await asyncio.sleep(0)
    assert [elsewhere for _, elsewhere in seen.values()] == [0] * len(seen), "only an intake holds what opens"
    assert seen["draft"][0] == seen.get("outbox", (0, 0))[0] == 0
    assert (seen["after all"][0] > 0) is (erased_at is None)
