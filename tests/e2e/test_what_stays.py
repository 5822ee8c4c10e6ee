"""V: what an ending leaves behind. Looked for where a thief would look: key files, the database's bytes, a backup."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.conversation import taking
from bot.operating.backup import back_up
from bot.store.sqlite import SqliteStore
from bot.wiring import Bot
from tests.conftest import NOON, Clock, OpenBot, make_settings
from tests.e2e.test_cases import listening, passes, reports
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import NAME, STORY, TO_THE_END, UP_TO_NAME, everything, walk

READ_IF_SILENT = ["[Yes, they may read it]" if line == "[No, destroy it]" else line for line in UP_TO_NAME]


def key_files(folder: Path) -> list[bytes]:
    """The keys that lie on the disk, each as its bytes; without the pepper, which is nobody's."""
    return [path.read_bytes() for path in (folder / "keys").rglob("*.key")]


async def test_v_an_unread_number_takes_its_key_along(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        assert len(key_files(tmp_path)) == 1
        await passes(bot, clock, 25)
        assert key_files(tmp_path) == []


async def test_v_a_number_that_was_written_down_takes_its_key_along(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"])
        await bot.settled()
        assert key_files(tmp_path) == []


@pytest.mark.parametrize("lines", [READ_IF_SILENT, DANGER], ids=["read if silent", "danger"])
@pytest.mark.parametrize("before", [(), (25,)], ids=["at the end", "told before"])
async def test_v_what_is_passed_on_takes_its_key_along(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock, lines: list[str], before: tuple[int, ...]
) -> None:
    async with open_test_bot() as bot:
        await walk(bot, lines)
        assert len(key_files(tmp_path)) == 1
        for hours in before:
            await passes(bot, clock, hours)
        assert len(key_files(tmp_path)) == 1
        await passes(bot, clock, 73)
        assert await bot.store.conversations() == []
        await bot.settled()
        assert key_files(tmp_path) == []
        await bot.handoff.round()
    assert len(reports(tmp_path)) == 1


async def test_v_an_expired_draft_takes_its_key_along(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        await passes(bot, clock, 73)
        await bot.settled()
        assert key_files(tmp_path) == []


@pytest.mark.parametrize("inside", [True, False], ids=["keys in the state", "keys elsewhere"])
async def test_v_a_backup_takes_no_keys(open_test_bot: OpenBot, tmp_path: Path, inside: bool) -> None:
    where = tmp_path / "state" / "keys" if inside else tmp_path / "keys"
    settings = make_settings(tmp_path, keys=where, intake="embedded")
    async with open_test_bot(keys=where, intake="embedded") as bot:
        await walk(bot, UP_TO_NAME)
        await asyncio.to_thread(back_up, settings, tmp_path / "backup")
        secrets = [path.read_bytes() for path in where.rglob("*") if path.is_file()]
        assert len(secrets) >= 2
        assert all(len(secret) >= 16 for secret in secrets)
        copied = everything(tmp_path / "backup")
        assert not [secret for secret in secrets if secret in copied]


async def stored(bot: Bot) -> list[tuple[int, bytes]]:
    (owner,) = await bot.store.conversations()
    return [(part.number, part.payload) for part in await bot.store.parts(owner)]


async def test_v_an_edit_destroys_the_old_words(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, UP_TO_NAME[:5])
        story = chat.said(STORY)
        await bot.deliver(story)
        await bot.settled()
        (old,) = await stored(bot)
        await bot.deliver(chat.edited(story.event.message, "They took them. I took the names out."))
        await bot.settled()
        (new,) = await stored(bot)
        assert new != old
        await walk(bot, [*UP_TO_NAME[6:], *TO_THE_END], chat)
        await bot.handoff.round()
        await bot.store.scrub()
        assert old[1] not in everything(tmp_path / "state")
    (report,) = reports(tmp_path)
    assert "They took them. I took the names out." in report.texts.values()
    assert STORY not in report.texts.values()


async def test_v_a_message_taken_back_is_destroyed(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, UP_TO_NAME[:5])
        story = chat.said(STORY)
        await bot.deliver(story)
        await bot.settled()
        ((_, payload),) = await stored(bot)
        await bot.deliver(chat.deleted(story.event.message))
        await bot.settled()
        assert await stored(bot) == []
        await bot.store.scrub()
        assert payload not in everything(tmp_path / "state")


async def test_v_an_answer_given_anew_destroys_the_old_one(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, UP_TO_NAME)
        before = await stored(bot)
        await walk(bot, ["back", "Ana Another-Name"], chat)
        after = await stored(bot)
        assert len(after) == len(before)
        assert before[-1] not in after
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert "Ana Another-Name" in report.texts.values()
    assert NAME not in report.texts.values()


async def test_v_deleted_bytes_are_overwritten(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """secure_delete: what a draft held can't be read from the pages that it left."""
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        (owner,) = await bot.store.conversations()
        record = await bot.store.load(owner)
        assert record is not None
        left = [payload for _, payload in await stored(bot)]
        await bot.store.scrub()
        before = everything(tmp_path / "state")
        assert all(payload[:64] in before for payload in left), "it is looked for in the right place"
        await walk(bot, ["erase"], chat)
        await bot.store.scrub()
        after = everything(tmp_path / "state")
        assert not [payload for payload in left if payload[:64] in after]
        assert record[1][:64] not in after


async def test_v_the_intake_overwrites_what_it_deletes(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot(intake="embedded") as bot:
        chat = await walk(bot, DANGER)
        await bot.handoff.round()
        assert bot.embedded is not None
        ((report, _, _),) = await bot.embedded.store.reports()
        await bot.embedded.store.export(report, tmp_path / "out")
        manifest = (tmp_path / "out" / "manifest.json").read_bytes()
        parts = [path.read_bytes() for path in (tmp_path / "out").glob("*.age")]
        await walk(bot, ["erase"], chat)
        await bot.handoff.round()
    # Closed: SQLite has emptied its log into the file.
    left = everything(tmp_path / "state")
    assert manifest[200:264] not in left
    assert not [part for part in parts if part[-64:] in left]


async def test_v_k04_words_of_a_fault_stay_in_the_draft_and_go_with_it(
    open_test_bot: OpenBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that makes its step fail: the words alone are kept, in their draft, under its key, for its classes."""
    words = "a story that can't be taken"

    def fragile(flow, session, event, now):  # type: ignore[no-untyped-def]
        if getattr(event, "text", "") == words:
            raise RuntimeError("nobody foresaw this")
        return step(flow, session, event, now)

    step = taking.step
    monkeypatch.setattr(taking, "step", fragile)
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, UP_TO_NAME[:5])
        before = await stored(bot)
        await walk(bot, [words, STORY], chat)
        assert any("problem on our side" in out.text for out in heard)
        assert len(await stored(bot)) == len(before) + 2
        assert words.encode() not in everything(tmp_path / "state", tmp_path / "keys")
        await walk(bot, [*UP_TO_NAME[6:], *TO_THE_END, "[I wrote it down]"], chat)
        await bot.handoff.round()
        (report,) = reports(tmp_path)
        assert {words, STORY} <= set(report.texts.values())
        chat, _ = await listening(bot, [*UP_TO_NAME[:5], words, "erase"], 5_000)
        assert await bot.store.conversations() == []
        assert await bot.store._all("SELECT 1 FROM parts") == []
        assert list(bot.house.keys.names()) == []


# --- times ---

ODD = 4_567.89  # seconds after noon: no whole hour


def instants(database: Path) -> list[tuple[str, int]]:
    """Every integer of every table that is a time and tells more than ten minutes."""
    found = []
    with sqlite3.connect(database) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for row in db.execute(f"SELECT * FROM {table}").fetchall():
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, int) and NOON / 2 < value < NOON * 2 and value % 3600:
                        found.append((f"{table}.{column}", value))
    return found


def column(database: Path, what: str) -> list[int]:
    table, name = what.split(".")
    with sqlite3.connect(database) as db:
        return [row[0] for row in db.execute(f"SELECT {name} FROM {table}")]


async def test_v_no_instant_lies_in_the_store(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    clock.pass_(seconds=ODD)
    database = tmp_path / "state" / "stonechat.db"
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        assert instants(database) == []
        (due,) = column(database, "conversations.due")
        assert 72 * 3600 <= due - clock() < 73 * 3600, "rounded up: nobody's draft goes early"
        assert set(column(database, "updates.day")) == {int(clock()) // 86_400}
        await walk(bot, TO_THE_END, chat)
        (expires,) = column(database, "receipts.expires")
        assert expires % 86_400 == 0
        assert expires > clock() + 364 * 86_400
        await bot.handoff.round()  # a report on its way knows when it may leave: that goes with it
        assert instants(database) == []
        # The chore waits until its own task takes it: as it lies there until then.
        await bot.deliver(chat.pressed("I wrote it down"))
        (due,) = column(database, "chores.due")
        assert due % 3600 == 0
        assert due <= clock()
        assert instants(database) == []


async def test_v_an_erased_drafts_chore_tells_no_instant(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    clock.pass_(seconds=ODD)
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await bot.deliver(chat.said("erase"))
        assert len(column(tmp_path / "state" / "stonechat.db", "chores.due")) == 1
        assert instants(tmp_path / "state" / "stonechat.db") == []


async def test_v_the_store_keeps_an_updates_day_alone(tmp_path: Path, clock: Clock) -> None:
    from bot.store import Commit, Stand

    clock.pass_(seconds=ODD)
    store = await SqliteStore.open(tmp_path / "s.db", clock)
    await store.commit(Commit(b"a" * 16, 1, (b"u" * 16,), (Stand(b"one"),)))
    await store.close()
    with sqlite3.connect(tmp_path / "s.db") as db:
        rows = db.execute("SELECT day FROM updates").fetchall()
    assert rows == [(int(clock()) // 86_400,)]


async def test_v_a_report_tells_days_alone(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    clock.pass_(seconds=ODD)
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    document = report.document or {}
    assert document["opened"] == document["submitted"] == "2026-09-21"
    told = str(document) + str(report.manifest) + str(report.contact)
    assert ":16:07" not in told
    assert str(int(clock()))[:7] not in told
