"""The contract of every Store. Another store joins by adding an opener to `OPENERS`."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.store import ChoreRow, Commit, ErasureRow, OutboxReport, PartRow, ReceiptRow, Store, StoreError, Unwritable
from bot.store.sqlite import SqliteStore
from tests.conftest import NOON, Clock

OPENERS: dict[str, Callable[[Path, Clock], Awaitable[Store]]] = {
    "sqlite": lambda folder, clock: SqliteStore.open(folder / "store.db", clock),
}
ANA, BEN = b"a" * 16, b"b" * 16


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
    assert await store.commit(Commit(ANA, (update(1),), b"one", 10, add_parts=parts))
    assert await store.load(ANA) == b"one"
    assert await store.parts(ANA) == list(parts)
    assert await store.commit(Commit(ANA, (update(2),), b"two", 20, drop_parts=(1,)))
    assert await store.load(ANA) == b"two"
    assert [p.number for p in await store.parts(ANA)] == [2]


async def test_an_update_takes_effect_once(store: Store) -> None:
    assert await store.commit(Commit(ANA, (update(1),), b"one"))
    assert not await store.commit(Commit(ANA, (update(2), update(1)), b"again", add_parts=(PartRow(1, b"h", b"p"),)))
    assert await store.load(ANA) == b"one"
    assert await store.parts(ANA) == []
    assert await store.seen([update(1), update(2)]) == {update(1)}


async def test_a_turn_that_no_store_can_take_hurts_no_other(store: Store) -> None:
    turns = [Commit(ANA, (update(1),), b"one", 2**70), Commit(BEN, (update(2),), b"two")]
    found = await asyncio.wait_for(asyncio.gather(*(store.commit(t) for t in turns), return_exceptions=True), 10)
    assert isinstance(found[0], Unwritable)
    assert found[1] is True
    assert (await store.load(ANA), await store.load(BEN)) == (None, b"two")
    assert await asyncio.wait_for(store.commit(Commit(ANA, (update(3),), b"three", 1)), 10)


async def test_many_turns_at_once_and_one_repeat_among_them(store: Store) -> None:
    await store.commit(Commit(ANA, (update(7),), b"first"))
    owners = [bytes([n]) * 16 for n in range(60)]
    turns = [Commit(owner, (update(100 + n),), bytes([n])) for n, owner in enumerate(owners)]
    turns[30] = Commit(owners[30], (update(7),), b"repeat")
    results = await asyncio.gather(*(store.commit(t) for t in turns))
    assert [r for n, r in enumerate(results) if n != 30] == [True] * 59
    assert results[30] is False
    assert await store.load(owners[30]) is None
    assert await store.load(owners[59]) == bytes([59])


async def test_a_broken_turn_hurts_no_other_and_is_no_repeat(store: Store) -> None:
    await store.commit(Commit(ANA, (), b"one", add_parts=(PartRow(1, b"h", b"p"),)))
    clash = Commit(ANA, (update(5),), b"two", add_parts=(PartRow(1, b"h", b"p"),))
    good = Commit(BEN, (update(6),), b"ben")
    results = await asyncio.gather(store.commit(clash), store.commit(good), return_exceptions=True)
    assert isinstance(results[0], StoreError)
    assert results[1] is True
    assert await store.load(ANA) == b"one"
    assert await store.seen([update(5)]) == set()


async def test_turns_of_one_conversation_stand_in_the_order_of_their_commits(store: Store) -> None:
    await asyncio.gather(*(store.commit(Commit(ANA, (update(n),), str(n).encode())) for n in range(50)))
    assert await store.load(ANA) == b"49"


async def test_ending_a_conversation_takes_all_of_it(store: Store) -> None:
    await store.commit(Commit(ANA, (), b"one", 5, add_parts=(PartRow(1, b"h", b"p"),)))
    await store.commit(Commit(BEN, (), b"ben", 5))
    chore = ChoreRow(b"c" * 16, b"sealed", 3)
    await store.commit(Commit(ANA, (update(1),), None, chores=(chore,)))
    assert await store.load(ANA) is None
    assert await store.parts(ANA) == []
    assert await store.conversations() == [BEN]
    assert await store.chores(2) == []
    assert await store.chores(3) == [chore]
    await store.chore_done(chore.id)
    assert await store.chores(3) == []


async def test_what_is_due(store: Store) -> None:
    await store.commit(Commit(ANA, (), b"a", 100))
    await store.commit(Commit(BEN, (), b"b", 200))
    assert await store.due(99) == []
    assert await store.due(100) == [ANA]
    assert set(await store.due(500)) == {ANA, BEN}


async def test_the_outbox_holds_a_report_until_it_is_handed_over(store: Store) -> None:
    late = OutboxReport("r2", 1, b"m2", "s2", (("report.age", b"x"),), 200)
    early = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"), ("0001.age", b"y")), 100)
    await store.commit(Commit(ANA, (), b"a", outbox=late))
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 10)
    await store.commit(Commit(BEN, (), b"b", outbox=early, receipt=receipt, drop_all=True))
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
    await store.commit(Commit(ANA, (), b"a", outbox=first))
    await store.commit(Commit(ANA, (), b"a", outbox=second))
    assert await store.outbox(100) == [("r1", 2)]
    await store.handed_over("r1", 1)  # it was under way while the second came
    assert await store.outgoing("r1") == second
    await store.handed_over("r1", 2)
    assert await store.outgoing("r1") is None


async def test_an_erasure_takes_what_waits_and_stays_until_it_is_done(store: Store) -> None:
    report = OutboxReport("r1", 1, b"m1", "s1", (("report.age", b"x"),), 100)
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 10)
    await store.commit(Commit(ANA, (), b"a", outbox=report, receipt=receipt))
    erasure = ErasureRow("r1", "owner", "signed")
    await store.commit(Commit(ANA, (update(1),), None, erasure=erasure, drop_receipt=receipt.lookup))
    assert await store.outgoing("r1") is None
    assert await store.receipt(receipt.lookup) is None
    assert await store.erasures() == [erasure]
    await store.erased("r1")
    assert await store.erasures() == []


async def test_old_things_are_forgotten(store: Store, clock: Clock) -> None:
    receipt = ReceiptRow(b"l" * 32, "2026-11-24", int(NOON) + 86_400)
    await store.commit(Commit(ANA, (update(1),), b"a", receipt=receipt, set_aside=(b"sealed",)))
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
        assert await store.commit(Commit(ANA, (update(number),), b"one"))
        assert await store.load(ANA) == b"one"
