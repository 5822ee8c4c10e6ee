"""Handing over, against sockets that answer as networks and strangers do: in pieces, too long, for ever, unsigned."""

import asyncio
import hashlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.handoff import FIRST, LONGEST, RINGING_LONGEST, Gone, Handoff, HandoffError
from bot.handoff.http import MOST, MOST_LISTED, HttpConnector
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.report.acknowledgement import received
from bot.report.erasure import Erasure, erased
from bot.report.manifest import decode, encode, sign_manifest
from bot.report.sealed import SealedReport
from bot.seal.signing import ERASED, RECEIVED
from tests.conftest import Clock
from tests.unit.test_intake import BOT, INTAKE, OTHER, OWNER_KEY, connector, erasure, make_report

Answer = Callable[[str, str, bytes], tuple[int, list[bytes]]]  # (method, path, body) -> (status, pieces of a body)


class Scripted:
    """An intake whose answers leave one piece at a time, each in a packet of its own."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *headers = head.decode().split("\r\n")
                lengths = [h.split(":")[1] for h in headers if h.lower().startswith("content-length")]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                method, path, _ = line.split(" ")
                self.asked.append((method, path))
                status, pieces = self._answer(method, path, body)
                length = sum(map(len, pieces))
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n\r\n".encode())
                for piece in pieces:
                    await writer.drain()
                    await asyncio.sleep(0.02)  # the client has read what came before, or passes all the same
                    writer.write(piece)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Scripted]:
    scripted = Scripted(answer)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[HttpConnector]:
    link = connector(url)
    try:
        yield link
    finally:
        await link.close()


@asynccontextmanager
async def our_own(folder: Path) -> AsyncIterator[tuple[IntakeStore, HttpConnector]]:
    """The intake that ships with the bot, and a way to it."""
    store = await IntakeStore.open(folder / "intake", INTAKE, (BOT.public,), lambda: date(2026, 11, 24))
    served = await Embedded.start(store)
    try:
        async with linked(served.url) as link:
            yield store, link
    finally:
        await served.close()


def in_pieces(value: object, count: int) -> list[bytes]:
    data = json.dumps(value).encode()
    size = -(-len(data) // count)
    return [data[i : i + size] for i in range(0, len(data), size)]


def acknowledging(report: SealedReport, *, listed: object = None, pieces: int = 1) -> Answer:
    """Takes this report; `listed` is its list of parts."""

    def answer(method: str, path: str, body: bytes) -> tuple[int, list[bytes]]:
        if method == "GET":
            return 200, in_pieces({"parts": {} if listed is None else listed}, pieces)
        if "/versions/" in path:
            signed = INTAKE.sign(received(report.report, report.version, report.manifest), RECEIVED)
            return 201, in_pieces({"received": signed}, pieces)
        if method == "DELETE":
            return 200, in_pieces({"erased": INTAKE.sign(erased(report.report), ERASED)}, pieces)
        return 201, in_pieces({"sha256": "0" * 64}, pieces)

    return answer


@pytest.mark.parametrize("pieces", [2, 3, 20])
async def test_s06_an_acknowledgement_in_pieces_counts(pieces: int) -> None:
    report = make_report()
    async with serving(acknowledging(report, pieces=pieces)) as intake, linked(intake.url) as link:
        await link.hand_over(report)
        await link.erase(erasure(report.report))


async def test_s06_a_list_in_pieces_saves_its_parts() -> None:
    report = make_report()
    listed = {name: [hashlib.sha256(data).hexdigest()] for name, data in report.parts}
    async with serving(acknowledging(report, listed=listed, pieces=4)) as intake, linked(intake.url) as link:
        await link.hand_over(report)
        assert not [path for method, path in intake.asked if method == "PUT" and "/parts/" in path]


@pytest.mark.parametrize("size", [MOST + 1, 5 * MOST, MOST_LISTED + 1, 3 * MOST_LISTED])
async def test_s06_a_long_list_blocks_no_report(size: int) -> None:
    report = make_report()
    listed = {f"{n:04}.age": ["0" * 64] for n in range(size // 80)}
    assert len(json.dumps(listed)) > MOST
    async with serving(acknowledging(report, listed=listed)) as intake, linked(intake.url) as link:
        await link.hand_over(report)


async def test_s06_the_longest_list_that_our_own_intake_gives_is_used(tmp_path: Path) -> None:
    """2,000 parts, the most of a report."""
    report = make_report()
    rows = [
        (report.report, f"{n:06}.age", hashlib.sha256(b"%d" % n).hexdigest(), 1, "2026-11-24") for n in range(2_000)
    ]
    async with our_own(tmp_path) as (store, link):
        async with store._transaction():
            await store._db.executemany("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", rows)
        there = await link._there(report)
    assert len(there) == len(rows)
    assert len(json.dumps(there)) > 2 * MOST


@pytest.mark.parametrize("broken", ["", "[]", "{}", '"parts"', '{"parts": 5}', '{"parts": {"0001.age": 5}}'])
async def test_s06_a_list_that_is_none_saves_nothing_and_blocks_nothing(broken: str) -> None:
    report = make_report()
    right = acknowledging(report)

    def answer(method: str, path: str, body: bytes) -> tuple[int, list[bytes]]:
        return (200, [broken.encode()]) if method == "GET" else right(method, path, body)

    async with serving(answer) as intake, linked(intake.url) as link:
        await link.hand_over(report)
        assert len([1 for method, path in intake.asked if method == "PUT" and "/parts/" in path]) == 2


@pytest.mark.parametrize("broken", ["[", "<html>", "[" * 60_000])
async def test_s06_a_list_that_is_not_json_is_something_else_answering(broken: str) -> None:
    async with serving(lambda method, path, body: (200, [broken.encode()])) as intake, linked(intake.url) as link:
        with pytest.raises(HandoffError, match="something else"):
            await link.hand_over(make_report())


async def test_s06_an_answer_without_end_is_read_no_further_than_its_bound() -> None:
    report = make_report()

    def answer(method: str, path: str, body: bytes) -> tuple[int, list[bytes]]:
        return 201, [b" " * MOST, b" " * MOST, b" " * (64 * MOST), b'{"received": "x"}']

    async with serving(answer) as intake, linked(intake.url) as link:
        with pytest.raises(HandoffError, match="too long"):
            await link.erase(erasure(report.report))


async def test_s06_an_acknowledgement_that_is_cut_counts_for_nothing() -> None:
    report = make_report()
    whole = acknowledging(report)

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.decode().split("\r\n")[0].split(" ")
        status, pieces = whole(method, path, b"")
        data = b"".join(pieces)
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data[:-20])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with linked(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as link:
        with pytest.raises(HandoffError, match="can't be reached"):
            await link.erase(erasure(report.report))
    server.close()


async def test_a_report_is_sent_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    """What answers in the intake's place (a portal, a proxy) can't lead it to somebody else."""
    report = make_report()
    async with serving(acknowledging(report)) as elsewhere:

        async def led_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            path = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
            writer.write(f"HTTP/1.1 307 x\r\nLocation: {elsewhere.url}{path}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(led_away, "127.0.0.1", 0)
        async with linked(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as link:
            with pytest.raises(HandoffError):
                await link.hand_over(report)
            with pytest.raises(HandoffError):
                await link.erase(erasure(report.report))
        server.close()
        assert elsewhere.asked == []


# What the outbox does with it.


class Box:
    """An outbox in memory."""

    def __init__(self, *reports: SealedReport) -> None:
        self.reports = {r.report: r for r in reports}
        self.done: list[tuple[str, int]] = []

    async def outbox(self, now: int) -> Sequence[tuple[str, int]]:
        return [(r.report, r.version) for r in self.reports.values()]

    async def outgoing(self, report: str) -> SealedReport | None:
        return self.reports.get(report)

    async def handed_over(self, report: str, version: int) -> None:
        self.done.append((report, version))
        del self.reports[report]

    async def scrub(self) -> None: ...

    async def erasures(self) -> Sequence[Erasure]:
        return []

    async def erased(self, report: str) -> None: ...


def refusing(report: str, signed: str | None) -> Answer:
    body: dict[str, Any] = {"type": "about:blank", "title": "this report was deleted", "status": 410}
    if signed is not None:
        body["erased"] = signed
    return lambda method, path, data: (410, in_pieces(body, 2))


async def test_s05_a_proved_410_ends_the_tries_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    report, clock = make_report(), Clock()
    box = Box(report)
    refused = refusing(report.report, INTAKE.sign(erased(report.report), ERASED))
    async with serving(refused) as intake, linked(intake.url) as link:
        handoff = Handoff(box, link, clock)
        with caplog.at_level(logging.DEBUG, "stonechat"):
            for _ in range(5):
                await handoff.round()
                clock.pass_(hours=1)
    assert box.done == [(report.report, 1)]
    assert len(intake.asked) == 1
    (line,) = caplog.messages
    assert "it is sent no more" in line
    assert report.report not in line
    assert handoff.healthy


@pytest.mark.parametrize("wrong", ["nothing", "another key", "another report", "another purpose"])
async def test_s05_an_unsigned_410_destroys_nothing(wrong: str) -> None:
    """A proxy, a captive portal, who sits between: only the pinned key lets the bot forget a report (promise 5)."""
    report, clock = make_report(), Clock()
    signed = {
        "nothing": None,
        "another key": OTHER.sign(erased(report.report), ERASED),
        "another report": INTAKE.sign(erased("z" * 26), ERASED),
        "another purpose": INTAKE.sign(erased(report.report), RECEIVED),
    }[wrong]
    box = Box(report)
    async with serving(refusing(report.report, signed)) as intake, linked(intake.url) as link:
        with pytest.raises(HandoffError, match="410 without") as found:
            await link.hand_over(report)
        assert not isinstance(found.value, Gone)
        handoff = Handoff(box, link, clock)
        await handoff.round()
        assert not handoff.healthy
    assert box.done == []
    assert list(box.reports) == [report.report]


async def test_s05_our_own_intake_proves_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Who knows an id destroys the report between its first part and its commit: the bot gives up and says so."""
    report, other, clock = make_report(), make_report(), Clock()
    box = Box(report, other)
    async with our_own(tmp_path) as (store, link):
        await link._call("PUT", f"/reports/{report.report}/parts/0001.age", b"words")
        await link.erase(erasure(report.report, OWNER_KEY))
        handoff = Handoff(box, link, clock)
        with caplog.at_level(logging.DEBUG, "stonechat"):
            for _ in range(3):
                await handoff.round()
                clock.pass_(hours=1)
        assert [r for r, _, _ in await store.reports()] == [other.report]
    assert box.done == [(report.report, 1), (other.report, 1)]
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(("ring", "longest"), [(True, RINGING_LONGEST), (False, LONGEST * 1.5)])
async def test_x01_a_ringing_version_is_tried_again_every_30_seconds_at_most(ring: bool, longest: float) -> None:
    report, clock, tries = make_report(), Clock(), []
    data = encode(msgspec.structs.replace(decode(report.manifest), ring=ring))
    report = replace(report, manifest=data, signature=sign_manifest(data, BOT))

    class Away:
        async def hand_over(self, report: SealedReport) -> None:
            tries.append(clock())
            raise HandoffError("away")

        async def erase(self, erasure: Erasure) -> None: ...
        async def close(self) -> None: ...

    handoff = Handoff(Box(report), Away(), clock)
    for _ in range(3 * 3600 if ring else 24 * 3600):
        await handoff.round()
        clock.pass_(seconds=1)
        if len(tries) > 40:
            break
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert max(waits) <= longest + 1
    assert max(waits) > (FIRST * 4 if ring else RINGING_LONGEST * 4)  # it does back off


# What rings has a lane of its own.


def that_rings(report: SealedReport, version: int = 1) -> SealedReport:
    data = encode(msgspec.structs.replace(decode(report.manifest), ring=True, version=version))
    return replace(report, version=version, manifest=data, signature=sign_manifest(data, BOT))


class Slow:
    """An intake that takes what is named only when it is let."""

    def __init__(self, *slow: str) -> None:
        self.slow = {name: asyncio.Event() for name in slow}
        self.took: list[tuple[str, int]] = []
        self.under_way: list[str] = []

    async def hand_over(self, report: SealedReport) -> None:
        assert report.report not in self.under_way, "twice at once"
        self.under_way.append(report.report)
        if report.report in self.slow:
            await self.slow[report.report].wait()
        self.under_way.remove(report.report)
        self.took.append((report.report, report.version))

    async def erase(self, erasure: Erasure) -> None: ...
    async def close(self) -> None: ...


async def until(what: Callable[[], bool]) -> None:
    for _ in range(500):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_x01_what_rings_waits_for_no_calm_report() -> None:
    """A calm report's upload hangs: what rings is there all the same."""
    calm, urgent = make_report(), that_rings(make_report())
    box, intake = Box(calm), Slow(calm.report)
    handoff = Handoff(box, intake, Clock())
    told: list[tuple[str, int]] = []
    handoff.acknowledged = lambda report, version: told.append((report, version))
    running = asyncio.create_task(handoff.run())
    await until(lambda: intake.under_way == [calm.report])
    box.reports[urgent.report] = urgent
    handoff.wake()
    await until(lambda: intake.took == [(urgent.report, 1)])
    intake.slow[calm.report].set()
    await until(lambda: len(told) == 2)
    assert told == intake.took == [(urgent.report, 1), (calm.report, 1)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_x01_a_report_that_begins_to_ring_leaves_once_its_calm_version_is_through() -> None:
    report = make_report()
    box, intake = Box(report), Slow(report.report)
    handoff = Handoff(box, intake, Clock())
    running = asyncio.create_task(handoff.run())
    await until(lambda: intake.under_way == [report.report])
    box.handed_over = _leaves_newer(box)  # type: ignore[method-assign]
    box.reports[report.report] = that_rings(report, 2)
    handoff.wake()
    await asyncio.sleep(0.1)
    assert intake.under_way == [report.report]
    intake.slow[report.report].set()
    await until(lambda: intake.took == [(report.report, 1), (report.report, 2)])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _leaves_newer(box: Box) -> Any:
    async def handed_over(report: str, version: int) -> None:
        box.done.append((report, version))
        if box.reports[report].version <= version:
            del box.reports[report]

    return handed_over


async def test_x01_what_rings_does_not_wait_because_its_calm_version_failed() -> None:
    """That one is tried again after a quarter of an hour: what rings at once."""
    report, clock = make_report(), Clock()
    tries: list[int] = []

    class Away:
        async def hand_over(self, report: SealedReport) -> None:
            tries.append(report.version)
            raise HandoffError("away")

        async def erase(self, erasure: Erasure) -> None: ...
        async def close(self) -> None: ...

    box = Box(report)
    handoff = Handoff(box, Away(), clock)
    for _ in range(12):
        await handoff.round()
        clock.pass_(minutes=30)
    await handoff.round()
    clock.pass_(seconds=1)
    box.reports[report.report] = that_rings(report, 2)
    await handoff.round()
    assert tries[-1] == 2


async def test_x01_what_rang_waits_for_no_chance_whatever_its_next_version_says() -> None:
    """The intake was away while it rang; its owner goes on calmly. Another calm report still waits for its minute."""
    calm, report, clock, tries = make_report(), make_report(), Clock(), list[tuple[str, int]]()

    class Away:
        async def hand_over(self, report: SealedReport) -> None:
            tries.append((report.report, report.version))
            raise HandoffError("away")

        async def erase(self, erasure: Erasure) -> None: ...
        async def close(self) -> None: ...

    box = Box(calm, that_rings(report))
    handoff = Handoff(box, Away(), clock, spread=10**6)
    await handoff.round()
    data = encode(msgspec.structs.replace(decode(report.manifest), version=2))
    box.reports[report.report] = replace(report, version=2, manifest=data, signature=sign_manifest(data, BOT))
    clock.pass_(minutes=1)
    await handoff.round()
    assert tries == [(report.report, 1), (report.report, 2)]


async def test_k01_what_is_purged_while_it_is_scrubbed_is_scrubbed_too() -> None:
    """Two lanes: what the one purges is not taken for done because the other's scrub ends well."""
    calm, urgent = make_report(), that_rings(make_report())
    box, intake, began, go = Box(calm), Slow(urgent.report), asyncio.Event(), asyncio.Event()
    scrubs: list[int] = []

    async def scrub() -> bool:
        scrubs.append(len(box.done))
        if len(scrubs) == 1:
            began.set()
            await go.wait()
        return True

    box.scrub = scrub  # type: ignore[method-assign, assignment]
    handoff = Handoff(box, intake, Clock())
    first = asyncio.create_task(handoff.round())
    await began.wait()
    box.reports[urgent.report] = urgent
    intake.slow[urgent.report].set()
    await handoff._round(handoff._lanes[0])
    go.set()
    await first
    assert box.done == [(calm.report, 1), (urgent.report, 1)]
    assert scrubs[-1] == 2


async def test_an_end_in_the_same_moment_as_news_ends_it() -> None:
    """Python 3.11's wait_for forgets such an end: the bot then never stopped."""
    handoff = Handoff(Box(), Slow(), Clock())
    running = asyncio.create_task(handoff.run())
    await asyncio.sleep(0.05)
    handoff.wake()
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=2)
    assert done
