"""Promises 4 and 5: what lies on the disk in the middle of a report, after it, after erase and after expiry."""

import shutil
from pathlib import Path

import pytest
from msgspec import structs

from bot.keys.keyring import Keyring
from bot.report.opened import open_report
from bot.seal import age
from bot.seal.stanza import AgeError
from bot.talk.events import Arrival, Event, MessageRef
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from tests.conftest import IDENTITY, Clock, OpenBot
from tests.flows.walking import Chat

STORY = "Unmistakable words: they took my papers at the gate."
NAME = "Ana Unmistakable-Name"
ACCOUNT = "me-account-424242"
UP_TO_NAME = [
    "[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]", STORY, "done", "Kenya, Unmistakable-Town",
    "2", "skip", "[Yes, to the UN team]", NAME,
]  # fmt: skip
TO_THE_END = ["[I come back with my number]", "[Send it now]"]


class Account(Chat):
    """Its account and address are words that can be searched for."""

    def arrival(self, event: Event, message: MessageRef | None = None) -> Arrival:
        arrival = super().arrival(event, message)
        return structs.replace(arrival, envelope=structs.replace(arrival.envelope, account=ACCOUNT, address=ACCOUNT))


async def walk(bot: Bot, lines: list[str], chat: Account | None = None) -> Account:
    if chat is None:
        chat = Account(_deaf)
        bot.house.channels["terminal"] = chat
        await bot.deliver(chat.came_back())
        await bot.settled()
    for line in lines:
        await bot.deliver(chat.pressed(line[1:-1]) if line.startswith("[") else chat.said(line))
        await bot.settled()
    return chat


def _deaf(out: Outgoing) -> None:
    pass


def everything(*folders: Path) -> bytes:
    """Every byte of every file, and every file's name."""
    found = bytearray()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            found += str(path.relative_to(folder)).encode() + b"\n"
            if path.is_file() and not path.name.endswith("-shm"):  # SQLite's shared memory: readers' marks
                found += path.read_bytes()
    return bytes(found)


def spellings(word: str) -> list[bytes]:
    import base64

    raw = word.encode()
    return [raw, word.encode("utf-16-le"), raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-1]]


@pytest.mark.parametrize("word", [STORY, NAME, ACCOUNT, "Unmistakable"])
async def test_no_word_on_the_disk_in_the_middle_and_after(open_test_bot: OpenBot, tmp_path: Path, word: str) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        assert not any(s in everything(tmp_path / "state", tmp_path / "keys") for s in spellings(word))
        await walk(bot, TO_THE_END, chat)
        assert not any(s in everything(tmp_path / "state", tmp_path / "keys") for s in spellings(word))
        await bot.handoff.round()
        data = everything(tmp_path / "state", tmp_path / "keys", tmp_path / "inbox")
        assert not any(s in data for s in spellings(word))
        (report,) = (tmp_path / "inbox").iterdir()
        assert STORY in open_report(report, [IDENTITY]).texts.values()


def opens_nothing(state: Path, keys: Path) -> None:
    """The organisation's own key, with a copy of the state and the keys that are left, opens no part."""
    ring = Keyring(next(keys.iterdir()))
    data = everything(state)
    assert b"age-encryption.org/v1" not in data, "a part's header lies in the clear"
    owners = list(ring.names())
    import sqlite3

    with sqlite3.connect(state / "stonechat.db") as db:
        records = db.execute("SELECT id, record FROM conversations").fetchall()
        parts = db.execute("SELECT conversation, number, header, payload FROM parts").fetchall()
    assert records
    assert parts, "the copy was made while there was something to open"
    for owner, record in records:
        assert owner not in owners
        assert ring.decrypt(owner, b"record", record) is None
    for owner, number, header, payload in parts:
        assert ring.decrypt(owner, b"header" + number.to_bytes(4, "big"), header) is None
        for guess in (payload, header + payload, b"age-encryption.org/v1\n" + payload):
            with pytest.raises(AgeError):
                age.open_bytes(guess, [IDENTITY])


async def test_O07_after_erase_a_copy_of_a_minute_before_opens_nothing(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        shutil.copytree(tmp_path / "state", tmp_path / "copy")
        await walk(bot, ["erase"], chat)
        assert await bot.store.conversations() == []
        opens_nothing(tmp_path / "copy", tmp_path / "keys")


async def test_O07_after_expiry_a_copy_of_a_minute_before_opens_nothing(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock
) -> None:
    async with open_test_bot() as bot:
        await walk(bot, UP_TO_NAME)
        clock.pass_(hours=71)
        await bot.conversations.look()
        await bot.settled()
        assert len(await bot.store.conversations()) == 1
        shutil.copytree(tmp_path / "state", tmp_path / "copy")
        clock.pass_(hours=2)
        await bot.conversations.look()
        await bot.settled()
        assert await bot.store.conversations() == []
        opens_nothing(tmp_path / "copy", tmp_path / "keys")


async def test_before_the_consent_nothing_is_written_at_all(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        before = everything(tmp_path / "state", tmp_path / "keys")
        await walk(bot, ["[Yes, go on]", "hello, this is a long story about me", "[Tell me more first]"])
        assert everything(tmp_path / "state", tmp_path / "keys") == before


async def test_a_restored_backup_takes_no_update_twice_and_opens_nothing(
    open_test_bot: OpenBot, tmp_path: Path
) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        await bot.store._change("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(tmp_path / "state", tmp_path / "backup")
    async with open_test_bot() as bot:
        bot.house.channels["terminal"] = chat
        await walk(bot, ["erase"], chat)
    shutil.rmtree(tmp_path / "state")
    shutil.copytree(tmp_path / "backup", tmp_path / "state")
    async with open_test_bot() as bot:
        bot.house.channels["terminal"] = chat
        await bot.conversations.resume()
        assert await bot.store.conversations() == [], "a draft whose key is gone is swept"


async def test_after_the_handover_only_the_receipt_stays(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
        counts = {t: len(await bot.store._all(f"SELECT 1 FROM {t}")) for t in ("outbox", "outbox_parts", "parts")}
        assert counts["outbox"] == counts["outbox_parts"] == 0
        # While the number stands there `danger` goes on in the same report (X04): sealed parts stay as long as that.
        await walk(bot, ["[I wrote it down]"], chat)
        assert await bot.store._all("SELECT 1 FROM parts") == []
        (report,) = (tmp_path / "inbox").iterdir()
        assert report.name.encode() not in everything(tmp_path / "state", tmp_path / "keys")
        rows = await bot.store._all("SELECT day, length(lookup) FROM receipts")
        assert [tuple(r) for r in rows] == [("2026-09-21", 32)]
        assert await bot.store.conversations() == []


async def test_an_unread_number_goes_after_a_day(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        clock.pass_(hours=23)
        await bot.conversations.look()
        await bot.settled()
        assert len(await bot.store.conversations()) == 1
        clock.pass_(hours=2)
        await bot.conversations.look()
        await bot.settled()
        assert await bot.store.conversations() == []


async def test_parts_of_one_story_say_little_by_their_size(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        await walk(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.handoff.round()
        (report,) = (tmp_path / "inbox").iterdir()
        sizes = {p.stat().st_size for p in report.glob("0*.age")}
        assert len(sizes) == 1


async def test_keys_that_open_nothing_are_swept(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chat = await walk(bot, UP_TO_NAME)
        bot.house.keys.create(b"o" * 16)
        await bot.conversations.resume()
        assert len(list(bot.house.keys.names())) == 1
        await walk(bot, TO_THE_END, chat)
