"""The contract of every AlarmStore, and what of it lies on the disk."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.alarm import AlarmError, AlarmStore, MemoryStore, OpenAlarm, SqliteAlarms
from bot.alarm.rehearsing import Rehearsed
from bot.errors import SettingsError


async def in_memory(folder: Path) -> AlarmStore:
    return MemoryStore()


async def on_disk(folder: Path) -> AlarmStore:
    return await SqliteAlarms.open(folder / "alarm.db")


OPENERS: dict[str, Callable[[Path], Awaitable[AlarmStore]]] = {"memory": in_memory, "sqlite": on_disk}
ANA, BEN, CLEO = b"a" * 16, b"b" * 16, b"c" * 16
TODAY = 20_000


@pytest.fixture(params=OPENERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AlarmStore]:
    opened = await OPENERS[request.param](tmp_path)
    yield opened
    await opened.close()


async def test_an_alarm_is_open_until_it_is_taken(store: AlarmStore) -> None:
    assert list(await store.open_alarms()) == []
    await store.add(BEN, TODAY)
    await store.add(ANA, TODAY - 1)
    assert list(await store.open_alarms()) == [OpenAlarm(ANA, TODAY - 1, False), OpenAlarm(BEN, TODAY, False)]
    assert await store.taken([ANA, CLEO]) == 1
    assert list(await store.open_alarms()) == [OpenAlarm(BEN, TODAY, False)]


async def test_one_that_is_open_stays_as_it_is(store: AlarmStore) -> None:
    await store.add(ANA, TODAY)
    await store.note_rung([ANA], 100, 0)
    await store.add(ANA, TODAY + 1)
    assert list(await store.open_alarms()) == [OpenAlarm(ANA, TODAY, True)]


async def test_who_names_none_takes_every_one_that_rang(store: AlarmStore) -> None:
    for each in (ANA, BEN, CLEO):
        await store.add(each, TODAY)
    await store.note_rung([ANA, CLEO], 100, 2)
    assert await store.taken() == 2
    assert list(await store.open_alarms()) == [OpenAlarm(BEN, TODAY, False)]
    assert await store.taken() == 0


async def test_the_last_ring_is_known_while_any_is_open(store: AlarmStore) -> None:
    assert await store.last_rung() is None
    await store.note_rung([ANA], 95, 1)  # it was taken while its message was under way
    assert await store.last_rung() is None
    await store.add(ANA, TODAY)
    await store.add(BEN, TODAY)
    await store.note_rung([ANA, BEN], 100, 0)
    await store.note_rung([BEN], 105, 1)
    assert await store.last_rung() == (105, 1)
    await store.taken([BEN])
    assert await store.last_rung() == (105, 1)
    await store.taken([ANA])
    assert await store.last_rung() is None


async def test_old_ones_are_forgotten(store: AlarmStore) -> None:
    await store.add(ANA, TODAY - 7)
    await store.add(BEN, TODAY - 6)
    await store.add(CLEO, TODAY - 400)
    assert list(await store.forget_old(TODAY, [CLEO])) == [OpenAlarm(ANA, TODAY - 7, False)]
    assert [a.id for a in await store.open_alarms()] == [BEN, CLEO]
    assert [a.id for a in await store.forget_old(TODAY + 1)] == [BEN, CLEO]
    assert list(await store.forget_old(TODAY + 1)) == []


async def test_the_newest_rehearsal_of_a_target_is_kept(store: AlarmStore) -> None:
    first, other = Rehearsed(b"\0\1", TODAY, b"h" * 16, True, None), Rehearsed(b"\0\2", TODAY, None, False, None)
    await store.rehearsed(other)
    await store.rehearsed(first)
    assert list(await store.rehearsals()) == [first, other]
    heard = Rehearsed(b"\0\1", TODAY, b"h" * 16, False, TODAY + 1)
    await store.rehearsed(heard)
    assert list(await store.rehearsals()) == [heard, other]


async def test_many_at_once(store: AlarmStore) -> None:
    ids = [bytes([n]) * 16 for n in range(100)]
    await asyncio.gather(*(store.add(each, TODAY) for each in ids))
    await asyncio.gather(*(store.note_rung([each], 5, 0) for each in ids), store.taken(ids[:10]))
    assert await store.taken() == 90


async def test_two_processes_share_one_file(tmp_path: Path) -> None:
    one, two = await on_disk(tmp_path), await on_disk(tmp_path)
    await one.add(ANA, TODAY)
    await two.note_rung([ANA], 5, 0)
    assert await one.taken() == 1
    assert list(await two.open_alarms()) == []
    await one.close()
    await two.close()


async def test_a_caller_that_is_cancelled_leaves_the_next_one_a_store(tmp_path: Path) -> None:
    store = await on_disk(tmp_path)
    for n in range(50):
        task = asyncio.create_task(store.add(bytes([n]) * 16, TODAY))
        await asyncio.sleep(0)
        task.cancel()
    await store.add(ANA, TODAY)
    assert ANA in [a.id for a in await store.open_alarms()]
    await store.close()


async def test_what_can_not_be_written_changes_nothing(tmp_path: Path) -> None:
    store = await on_disk(tmp_path)
    with pytest.raises(AlarmError, match="the alarms' database failed"):
        await store.add(ANA, None)  # type: ignore[arg-type]
    await store.add(BEN, TODAY)
    assert [a.id for a in await store.open_alarms()] == [BEN]
    await store.close()


async def test_the_file_is_ours_alone_and_every_commit_is_synced(tmp_path: Path) -> None:
    store = await SqliteAlarms.open(tmp_path / "alarm.db")
    assert stat.S_IMODE((tmp_path / "alarm.db").stat().st_mode) == 0o600
    assert store._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert store._db.execute("PRAGMA secure_delete").fetchone()[0] == 1
    await store.close()
    with pytest.raises(SettingsError):
        await SqliteAlarms.open(tmp_path)


def on_the_disk(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.iterdir()))


async def test_what_was_taken_or_forgotten_stands_in_no_file(tmp_path: Path) -> None:
    store = await on_disk(tmp_path)
    for each in (ANA, BEN):
        await store.add(each, TODAY)
        assert each in on_the_disk(tmp_path)
    await store.note_rung([ANA], 29_833_335, 0)
    await store.taken()
    assert ANA not in on_the_disk(tmp_path)
    await store.forget_old(TODAY + 7)
    assert BEN not in on_the_disk(tmp_path)
    assert (29_833_335).to_bytes(4, "big") not in on_the_disk(tmp_path)
    await store.close()


async def test_a_reader_in_the_way_of_the_overwriting_only_delays_it(tmp_path: Path) -> None:
    store = await on_disk(tmp_path)
    await store.add(ANA, TODAY)
    await store._visit(lambda: store._db.execute("PRAGMA busy_timeout=1"))
    with sqlite3.connect(tmp_path / "alarm.db", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM alarms").fetchall()
        await store.taken([ANA])
        assert ANA in on_the_disk(tmp_path)
        reader.execute("COMMIT")
    reader.close()
    await store.open_alarms()
    assert ANA not in on_the_disk(tmp_path)
    await store.close()


async def test_all_that_lies_on_the_disk_of_an_alarm(tmp_path: Path) -> None:
    """What somebody who takes the disk reads, column by column: docs/alarms.md names it, and nothing else."""
    store = await on_disk(tmp_path)
    await store.add(ANA, TODAY)
    await store.note_rung([ANA], 5, 0)
    rows = store._db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    columns = {name: [c[1] for c in store._db.execute(f"PRAGMA table_info({name})")] for name, _ in rows}
    assert columns == {
        "alarms": ["id", "day", "rang"],
        "last_rung": ["one", "minute", "place"],
        "rehearsals": ["mark", "sent", "code", "waits", "heard"],
    }
    await store.close()
