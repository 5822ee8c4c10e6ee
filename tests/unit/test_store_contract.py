"""The contract of every Store. Another store joins by adding an opener to `OPENERS`."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.store import (
    AddPart,
    Change,
    ChoreRow,
    Commit,
    DropPart,
    DropParts,
    End,
    Erase,
    ErasureRow,
    Hand,
    OutboxReport,
    Outcome,
    Owe,
    PartRow,
    ReceiptRow,
    Stand,
    Store,
    StoreError,
    Unwritable,
)
from bot.store.sqlite import SqliteStore
from tests.conftest import NOON, Clock

OPENERS: dict[str, Callable[[Path, Clock], Awaitable[Store]]] = {
    "sqlite": lambda folder, clock: SqliteStore.open(folder / "store.db", clock),
}
ANA, BEN = b"a" * 16, b"b" * 16


WRITTEN, REPEATED, MOVED = Outcome.WRITTEN, Outcome.REPEATED, Outcome.MOVED


def stands(
    who: bytes, revision: int, record: bytes, *changes: Change, updates: tuple[bytes, ...] = (), due: int = 0
) -> Commit:
    """The usual commit: the conversation stands there now, and this changes besides."""
    return Commit(who, revision, updates, (Stand(record, due), *changes))


def update(number: int) -> bytes:
    return number.to_bytes(16, "big")


@pytest.fixture(params=OPENERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = await OPENERS[request.param](tmp_path, clock)
    yield opened
    await opened.close()


async def test_a_turn_is_there_when_commit_returns(store: Store) -> None:
    assert await store.load(ANA) is None
    parts = (PartRow(1, b"h", b"p"), PartRow(2, b"i", b"q"))
    first = stands(ANA, 1, b"one", *(AddPart(part) for part in parts), updates=(update(1),), due=10)
    assert await store.commit(first) is WRITTEN
    assert await store.load(ANA) == (1, b"one")
    assert await store.parts(ANA) == list(parts)
    assert await store.commit(stands(ANA, 2, b"two", DropPart(1), updates=(update(2),), due=20)) is WRITTEN
    assert await store.load(ANA) == (2, b"two")
    assert [p.number for p in await store.parts(ANA)] == [2]
    assert await store.commit(stands(ANA, 3, b"three", DropParts(), AddPart(PartRow(3, b"j", b"r")))) is WRITTEN
    assert [p.number for p in await store.parts(ANA)] == [3]


async def test_an_update_takes_effect_once(store: Store) -> None:
    assert await store.commit(stands(ANA, 1, b"one", updates=(update(1),))) is WRITTEN
    again = stands(ANA, 2, b"again", AddPart(PartRow(1, b"h", b"p")), updates=(update(2), update(1)))
    assert await store.commit(again) is REPEATED
    assert await store.load(ANA) == (1, b"one")
    assert await store.parts(ANA) == []
    assert await store.seen([update(1), update(2)]) == {update(1)}


@pytest.mark.parametrize("revision", [1, 2, 4, 5])
async def test_a_commit_that_was_overtaken_is_refused(store: Store, revision: int) -> None:
    for number in (1, 2):
        await store.commit(stands(ANA, number, b"as it is"))
    late = stands(ANA, revision, b"late", AddPart(PartRow(1, b"h", b"p")), updates=(update(1),))
    assert await store.commit(late) is MOVED
    assert await store.commit(Commit(ANA, revision, (update(2),), (End(),))) is MOVED
    assert await store.load(ANA) == (2, b"as it is")
    assert await store.parts(ANA) == []
    assert await store.seen([update(1), update(2)]) == set()


async def test_one_that_was_overtaken_hurts_no_other_and_a_repeat_is_told_first(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"one", updates=(update(1),)))
    turns = (stands(ANA, 1, b"late"), stands(BEN, 1, b"ben"), stands(ANA, 7, b"repeat", updates=(update(1),)))
    assert await asyncio.gather(*(store.commit(turn) for turn in turns)) == [MOVED, WRITTEN, REPEATED]
    assert await store.load(ANA) == (1, b"one")


async def test_a_chore_alone_touches_no_conversation(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"one"))
    assert await store.commit(Commit(ANA, changes=(Owe(ChoreRow(b"c" * 16, b"sealed", 3)),))) is WRITTEN
    assert await store.load(ANA) == (1, b"one")
    assert await store.commit(stands(ANA, 2, b"two")) is WRITTEN


async def test_a_turn_that_no_store_can_take_hurts_no_other(store: Store) -> None:
    odd = Commit(ANA, "one", (update(1),), ())  # type: ignore[arg-type]
    turns = [stands(ANA, 1, b"one", updates=(update(1),), due=2**70), stands(BEN, 1, b"two"), odd]
    found = await asyncio.wait_for(asyncio.gather(*(store.commit(t) for t in turns), return_exceptions=True), 10)
    assert [type(each) for each in found] == [Unwritable, Outcome, Unwritable]
    assert (await store.load(ANA), await store.load(BEN)) == (None, (1, b"two"))
    assert await asyncio.wait_for(store.commit(stands(ANA, 1, b"three")), 10) is WRITTEN


async def test_many_turns_at_once_and_one_repeat_among_them(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"first", updates=(update(7),)))
    people = [bytes([n]) * 16 for n in range(60)]
    turns = [stands(who, 1, bytes([n]), updates=(update(100 + n),)) for n, who in enumerate(people)]
    turns[30] = stands(people[30], 1, b"repeat", updates=(update(7),))
    results = await asyncio.gather(*(store.commit(t) for t in turns))
    assert [r for n, r in enumerate(results) if n != 30] == [WRITTEN] * 59
    assert results[30] is REPEATED
    assert await store.load(people[30]) is None
    assert await store.load(people[59]) == (1, bytes([59]))


async def test_a_broken_turn_hurts_no_other_and_is_no_repeat(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"one", AddPart(PartRow(1, b"h", b"p"))))
    clash = stands(ANA, 2, b"two", AddPart(PartRow(1, b"h", b"p")), updates=(update(5),))
    good = stands(BEN, 1, b"ben", updates=(update(6),))
    results = await asyncio.gather(store.commit(clash), store.commit(good), return_exceptions=True)
    assert isinstance(results[0], StoreError)
    assert results[1] is WRITTEN
    assert await store.load(ANA) == (1, b"one")
    assert await store.seen([update(5)]) == set()


async def test_turns_of_one_conversation_stand_in_the_order_of_their_commits(store: Store) -> None:
    turns = (stands(ANA, n + 1, str(n).encode(), updates=(update(n),)) for n in range(50))
    assert set(await asyncio.gather(*(store.commit(turn) for turn in turns))) == {WRITTEN}
    assert await store.load(ANA) == (50, b"49")


async def test_ending_a_conversation_takes_all_of_it(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"one", AddPart(PartRow(1, b"h", b"p")), due=5))
    await store.commit(stands(BEN, 1, b"ben", due=5))
    chore = ChoreRow(b"c" * 16, b"sealed", 3)
    await store.commit(Commit(ANA, 2, (update(1),), (End(), Owe(chore))))
    assert await store.load(ANA) is None
    assert await store.parts(ANA) == []
    assert await store.conversations() == [BEN]
    assert await store.chores(2) == []
    assert await store.chores(3) == [chore]
    await store.chore_done(chore.id)
    assert await store.chores(3) == []


async def test_what_is_due(store: Store) -> None:
    await store.commit(stands(ANA, 1, b"a", due=100))
    await store.commit(stands(BEN, 1, b"b", due=200))
    assert await store.due(99) == []
    assert await store.due(100) == [ANA]
    assert set(await store.due(500)) == {ANA, BEN}


async def test_the_outbox_holds_a_report_until_it_is_handed_over(store: Store) -> None:
    late = OutboxReport("r2", 1, b"m2", "s2", (("report.age", b"x"),), 200)
    early = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"), ("0001.age", b"y")), 100)
    await store.commit(stands(ANA, 1, b"a", Hand(late)))
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 10)
    await store.commit(stands(BEN, 1, b"b", DropParts(), Hand(early, receipt)))
    assert await store.outbox(150) == [("r1", 1)]
    assert await store.outbox(200) == [("r1", 1), ("r2", 1)]
    found = await store.outgoing("r1")
    assert found is not None
    assert dict(found.parts) == dict(early.parts)
    assert (found.manifest, found.signature) == (b"m1", "s1")
    await store.handed_over("r1", 1)
    assert await store.outgoing("r1") is None
    assert await store.waiting() == 1
    assert await store.receipt(b"l" * 32) == receipt
    assert await store.receipt(b"x" * 32) is None


async def test_a_newer_version_takes_the_place_of_one_that_waits(store: Store) -> None:
    first = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"), ("0001.age", b"y")), 100)
    second = OutboxReport("r1", 2, b"m2", "s2", (("report.age", b"z"),), 100)
    await store.commit(stands(ANA, 1, b"a", Hand(first)))
    await store.commit(stands(ANA, 2, b"a", Hand(second)))
    assert await store.outbox(100) == [("r1", 2)]
    await store.handed_over("r1", 1)  # it was under way while the second came
    assert await store.outgoing("r1") == second
    await store.handed_over("r1", 2)
    assert await store.outgoing("r1") is None


async def test_k01_a_report_on_its_way_names_the_key_that_goes_with_it(store: Store) -> None:
    first = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"),), 100, b"k" * 16)
    second = OutboxReport("r1", 2, b"m2", "s2", (("report.age", b"z"),), 100, b"l" * 16)
    await store.commit(stands(ANA, 1, b"a", Hand(first)))
    assert await store.outbox_keys() == [("r1", 1, b"k" * 16)]
    assert await store.outgoing("r1") == first
    await store.commit(stands(ANA, 2, b"a", Hand(second)))
    assert await store.handed_over("r1", 1) == [], "the newer one's key opens something"
    assert await store.handed_over("r1", 2) == [b"l" * 16]
    assert await store.outbox_keys() == []


async def test_an_erasure_takes_what_waits_and_stays_until_it_is_done(store: Store) -> None:
    report = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"),), 100)
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 10)
    await store.commit(stands(ANA, 1, b"a", Hand(report, receipt)))
    erasure = ErasureRow("r1", "owner", "signed")
    await store.commit(Commit(ANA, 2, (update(1),), (End(), Erase(erasure, receipt.lookup))))
    assert await store.outgoing("r1") is None
    assert await store.receipt(receipt.lookup) is None
    assert await store.erasures() == [erasure]
    await store.erased("r1")
    assert await store.erasures() == []


async def test_old_things_are_forgotten(store: Store, clock: Clock) -> None:
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 86_400)
    report = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"),), 100)
    await store.commit(stands(ANA, 1, b"a", Hand(report, receipt), updates=(update(1),)))
    clock.pass_(hours=47)
    await store.forget_old(int(clock()))
    assert await store.seen([update(1)]) == {update(1)}
    clock.pass_(hours=25)
    await store.forget_old(int(clock()))
    assert await store.seen([update(1)]) == set()
    assert await store.receipt(b"l" * 32) is None
    assert await store.forget_drafts() == 1
    assert await store.conversations() == []


async def test_the_sqlite_store_syncs_every_commit(tmp_path: Path, clock: Clock) -> None:
    store = await SqliteStore.open(tmp_path / "s.db", clock)
    rows = await store._write_db.execute_fetchall("PRAGMA synchronous")
    assert next(iter(rows))[0] == 2
    rows = await store._write_db.execute_fetchall("PRAGMA secure_delete")
    assert next(iter(rows))[0] == 1
    await store.close()
    with sqlite3.connect(tmp_path / "s.db") as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


async def test_a_turn_right_after_a_scrub_is_written(store: Store) -> None:
    for number in range(3):
        await store.scrub()
        assert await store.commit(stands(ANA, number + 1, b"one", updates=(update(number),))) is WRITTEN
        assert await store.load(ANA) == (number + 1, b"one")


async def test_x01_what_rings_leaves_first(store: Store) -> None:
    for number, (name, manifest, ready) in enumerate(
        (("r1", b'{\n "ring": false\n}', 10), ("r2", b'{\n "ring": true\n}', 20), ("r3", b'{\n "ring": true\n}', 15))
    ):
        report = OutboxReport(name, 1, manifest, "s", (("report.age", b"x"),), ready)
        await store.commit(stands(bytes([number]) * 16, 1, b"a", Hand(report)))
    assert [name for name, _ in await store.outbox(30)] == ["r3", "r2", "r1"]
    assert [name for name, _ in await store.outbox(15)] == ["r3", "r1"]


async def test_x15_a_report_waits_until_it_was_handed_over(store: Store) -> None:
    report = OutboxReport("r1", 1, b'{"identity": "age1pq1mine"}', "s", (("report.age", b"x"),), 10**10)
    await store.commit(stands(ANA, 1, b"a", Hand(report)))
    assert await store.is_waiting("age1pq1mine")
    assert not await store.is_waiting("age1pq1yours")
    await store.handed_over("r1", 1)
    assert not await store.is_waiting("age1pq1mine")
