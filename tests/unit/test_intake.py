"""The intake over real HTTP: a whole report or nothing, the first answer to a repeat, tombstones, no detail."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from bot.errors import SettingsError
from bot.handoff import Gone, HandoffError
from bot.handoff.folder import FolderConnector
from bot.handoff.http import HttpConnector
from bot.intake.serving import Embedded, address
from bot.intake.store import IntakeStore, Refused
from bot.report.acknowledgement import IntakeKey
from bot.report.erasure import Erasure, erase_words
from bot.report.manifest import FORMAT, Manifest, Part, ReceiptKeys, decode, encode, new_report_id, sign_manifest
from bot.report.sealed import SealedReport
from bot.seal.signing import OWNER, Signer, public_line

BOT, INTAKE, OWNER_KEY, OTHER = (Signer.from_seed(bytes([n]) * 32) for n in range(1, 5))
TODAY = date(2026, 11, 24)


def make_report(
    *, version: int = 1, report: str = "", signer: Signer = BOT, owner: Signer | None = None, **more: Any
) -> SealedReport:
    report = report or new_report_id()
    parts = more.pop("parts", (("report.age", b"document"), ("0001.age", b"words")))
    manifest = Manifest(
        FORMAT,
        report,
        version,
        "submitted",
        tuple(Part(n, len(d), hashlib.sha256(d).hexdigest()) for n, d in parts),
        False,
        more.pop("delete_after", None),
        ReceiptKeys("age1pq1x", public_line((owner or OWNER_KEY).public)),
    )
    data = encode(manifest)
    return SealedReport(report, version, data, sign_manifest(data, signer), parts)


class Day:
    today = TODAY

    def __call__(self) -> date:
        return self.today


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Embedded]:
    day = Day()
    store = await IntakeStore.open(tmp_path / "intake", INTAKE, (BOT.public,), day)
    served = await Embedded.start(store)
    served.day = day  # type: ignore[attr-defined]
    yield served
    await served.close()


def connector(url: str, key: Signer = INTAKE) -> HttpConnector:
    return HttpConnector(url, IntakeKey(key.public))


def erasure(report: str, owner: Signer = OWNER_KEY, purpose: str = OWNER) -> Erasure:
    return Erasure(report, public_line(owner.public), owner.sign(erase_words(report), purpose))


async def call(intake: Embedded, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.request(method, intake.url + path, data=body) as answer:
        raw = await answer.read()
        return answer.status, json.loads(raw) if raw.startswith((b"{", b"[")) else None


async def test_a_report_is_handed_over_and_exported(intake: Embedded, tmp_path: Path) -> None:
    link, report = connector(intake.url), make_report()
    await link.hand_over(report)
    await link.hand_over(report)  # a repeat
    assert await intake.store.reports() == [(report.report, 1, TODAY.isoformat())]
    await intake.store.export(report.report, tmp_path / "out")
    assert (tmp_path / "out" / "0001.age").read_bytes() == b"words"
    assert (tmp_path / "out" / "manifest.json").read_bytes() == report.manifest
    await link.close()


async def test_the_answer_to_a_repeat_is_the_first_answer(intake: Embedded) -> None:
    report = make_report()
    for name, data in report.parts:
        await call(intake, "PUT", f"/reports/{report.report}/parts/{name}", data)
    body = json.dumps({"manifest": report.manifest.decode(), "signature": report.signature}).encode()
    first = await call(intake, "PUT", f"/reports/{report.report}/versions/1", body)
    assert first[0] == 201
    assert await call(intake, "PUT", f"/reports/{report.report}/versions/1", body) == first


async def test_what_is_there_is_not_sent_again(intake: Embedded) -> None:
    report = make_report()
    name, data = report.parts[0]
    await call(intake, "PUT", f"/reports/{report.report}/parts/{name}", data)
    sent: list[str] = []
    link = connector(intake.url)
    real = link._call

    async def counted(method: str, path: str, body: bytes | None) -> Any:
        sent.append(path)
        return await real(method, path, body)

    link._call = counted  # type: ignore[method-assign]
    await link.hand_over(report)
    assert [p for p in sent if "/parts/" in p] == [f"/reports/{report.report}/parts/0001.age"]
    await link.close()


@pytest.mark.case("H10 H11")
async def test_H10_H11_refused_whole(intake: Embedded, tmp_path: Path) -> None:
    good = make_report()
    wrong_key = make_report(signer=OTHER)
    missing = make_report()
    changed = make_report()
    for report in (good, wrong_key):
        for name, data in report.parts:
            assert (await call(intake, "PUT", f"/reports/{report.report}/parts/{name}", data))[0] == 201
    for name, _ in changed.parts:
        await call(intake, "PUT", f"/reports/{changed.report}/parts/{name}", b"something else")

    async def commit(report: SealedReport, **change: Any) -> int:
        values = {"manifest": report.manifest.decode(), "signature": report.signature} | change
        path = f"/reports/{change.pop('at', report.report)}/versions/{report.version}"
        status, answer = await call(intake, "PUT", path, json.dumps(values).encode())
        if status != 201:
            assert set(answer) == {"type", "title", "status"}
        return status

    assert await commit(wrong_key) == 403
    assert await commit(missing) == 422
    assert await commit(changed) == 422
    assert await commit(good, signature="") == 403
    assert await commit(good, manifest=good.manifest.decode() + " ") == 403
    assert await commit(good, manifest=5) == 400
    assert await intake.store.reports() == []
    assert await commit(good) == 201
    # Versions are immutable, and so are their parts: another one of the same name lies beside it.
    assert (await call(intake, "PUT", f"/reports/{good.report}/parts/0001.age", b"other"))[0] == 201
    await intake.store.export(good.report, tmp_path / "out")
    assert (tmp_path / "out" / "0001.age").read_bytes() == b"words"
    other = make_report(report=good.report, parts=(("report.age", b"document"),))
    assert await commit(other) == 409
    for path in ("/reports/../x/parts", "/reports/xyz/parts", f"/reports/{good.report}/parts/..%2fx"):
        assert (await call(intake, "GET", path))[0] in (404, 405)
    for body in (b"", b"[]", b"\xff", b"{" * 5000, b"x" * (2 << 20)):
        assert (await call(intake, "PUT", f"/reports/{good.report}/versions/1", body))[0] in (400, 413)


@pytest.mark.case("H11")
async def test_H11_a_body_that_stalls_is_let_go(
    intake: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half stays, and others are served meanwhile."""
    monkeypatch.setattr("bot.intake.app.BODY_SECONDS", 0.5)
    report = make_report()
    host, port = intake.url.removeprefix("http://").split(":")
    stalled = []
    for path in (f"parts/{report.parts[0][0]}", "versions/1"):
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"PUT /reports/{report.report}/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n"
        writer.write(head.encode() + b"some of it")
        await writer.drain()
        stalled.append((reader, writer))
    link = connector(intake.url)
    await link.hand_over(report)
    for reader, writer in stalled:
        assert b"408" in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    names = {p.name for p in (tmp_path / "intake" / "parts" / report.report).iterdir()}
    assert names == {hashlib.sha256(data).hexdigest() for _, data in report.parts}
    await link.close()


@pytest.mark.case("H11")
async def test_H11_too_many_connections_shut_nobody_out_and_it_goes_on(intake: Embedded) -> None:
    host, port = intake.url.removeprefix("http://").split(":")
    many = [await asyncio.open_connection(host, int(port)) for _ in range(220)]
    assert (await call(intake, "GET", f"/reports/{new_report_id()}/parts"))[0] == 200, "who says nothing makes room"
    for _, writer in many:
        writer.close()
    link = connector(intake.url)
    for _ in range(100):
        try:
            await link.hand_over(make_report())
            break
        except HandoffError:
            await asyncio.sleep(0.05)
    assert len(await intake.store.reports()) == 1
    await link.close()


@pytest.mark.case("F02")
async def test_F02_what_fails_inside_a_transaction_leaves_nothing_open(
    intake: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, first, second = connector(intake.url), make_report(), make_report()
    await link.hand_over(first)
    database, real = intake.store._db, intake.store._db.execute
    for words in ("INSERT INTO versions", "DELETE FROM versions", "COMMIT"):

        def execute(sql: str, values: Any = (), words: str = words) -> Any:
            if sql.startswith(words):
                raise sqlite3.OperationalError("database or disk is full")
            return real(sql, values)

        monkeypatch.setattr(database, "execute", execute)
        with pytest.raises(HandoffError):
            await (link.erase(erasure(first.report)) if words.startswith("DELETE") else link.hand_over(second))
        assert [r[0] for r in await intake.store.reports()] == [first.report]
    monkeypatch.setattr(database, "execute", real)
    await link.hand_over(second)
    await link.erase(erasure(first.report))
    assert [r[0] for r in await intake.store.reports()] == [second.report]
    await link.close()


async def test_versions_go_up_and_keep_their_owner(intake: Embedded) -> None:
    link, first = connector(intake.url), make_report()
    await link.hand_over(first)
    second = make_report(report=first.report, version=2, parts=(*first.parts, ("0002.age", b"news")))
    await link.hand_over(second)
    with pytest.raises(HandoffError):
        await link.hand_over(make_report(report=first.report, version=1, parts=second.parts))
    assert await intake.store.reports() == [(first.report, 2, TODAY.isoformat())]
    await link.close()


async def commit_at(store: IntakeStore, report: SealedReport) -> str:
    """Past HTTP: parts, then the manifest, as they are."""

    async def body(data: bytes) -> AsyncIterator[bytes]:
        yield data

    for name, data in report.parts:
        await store.put_part(report.report, name, body(data))
    return await store.commit(report.report, report.version, report.manifest, report.signature)


def of_another_owner(report: SealedReport, keys: ReceiptKeys, version: int) -> SealedReport:
    data = encode(msgspec.structs.replace(decode(report.manifest), receipt=keys, version=version))
    return replace(report, version=version, manifest=data, signature=sign_manifest(data, BOT))


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_a_version_that_falls_or_stays_is_refused(intake: Embedded, version: int) -> None:
    """Signed by a known bot and whole: an old one that somebody kept would bring back what was taken out since."""
    report = new_report_id()
    first = make_report(report=report, version=1)
    third = make_report(report=report, version=3, parts=(("report.age", b"third"),))
    answer = await commit_at(intake.store, first)
    await commit_at(intake.store, third)
    old = make_report(report=report, version=version, parts=(("report.age", b"another"), ("0001.age", b"words")))
    with pytest.raises(Refused) as refused:
        await commit_at(intake.store, old)
    assert refused.value.status == 409
    assert await intake.store.reports() == [(report, 3, TODAY.isoformat())]
    assert await commit_at(intake.store, first) == answer  # a repeat changes nothing and gets the first answer
    assert await intake.store.reports() == [(report, 3, TODAY.isoformat())]


@pytest.mark.parametrize(
    "keys",
    [
        ReceiptKeys("age1pq1x", public_line(OTHER.public)),  # it could erase
        ReceiptKeys("age1pq1other", public_line(OWNER_KEY.public)),  # it could read the answers
    ],
)
async def test_an_owner_that_changes_is_refused(intake: Embedded, keys: ReceiptKeys) -> None:
    first = make_report()
    await commit_at(intake.store, first)
    with pytest.raises(Refused) as refused:
        await commit_at(intake.store, of_another_owner(first, keys, 2))
    assert refused.value.status == 409
    same = ReceiptKeys("age1pq1x", public_line(OWNER_KEY.public))
    await commit_at(intake.store, of_another_owner(first, same, 2))
    assert await intake.store.reports() == [(first.report, 2, TODAY.isoformat())]


async def test_s05_a_deletion_and_a_first_version_at_once_know_one_owner(intake: Embedded) -> None:
    """Before a version came anybody is taken for the owner: not any more once one is being written."""
    link, report = connector(intake.url), make_report()
    for name, data in report.parts:
        await call(intake, "PUT", f"/reports/{report.report}/parts/{name}", data)
    store, stranger = intake.store, erasure(report.report, OTHER)
    real, looked, goes_on = store._rows, asyncio.Event(), asyncio.Event()

    async def slow(sql: str, *values: object) -> Any:
        found = await real(sql, *values)
        if sql.startswith("SELECT signer"):
            looked.set()
            await goes_on.wait()
        return found

    store._rows = slow  # type: ignore[method-assign]
    deleting = asyncio.create_task(store.delete(report.report, stranger.owner, stranger.signature))
    await looked.wait()
    committing = asyncio.create_task(store.commit(report.report, 1, report.manifest, report.signature))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not committing.done()
    goes_on.set()
    await deleting
    with pytest.raises(Refused) as refused:  # it was there first; and the bot gets a proof of it
        await committing
    assert (refused.value.status, refused.value.erased != "") == (410, True)
    store._rows = real  # type: ignore[method-assign]
    await link.close()


async def test_a_newer_version_destroys_what_it_no_longer_names(intake: Embedded, tmp_path: Path) -> None:
    """An open report goes on: its document changes, a message was deleted, a version was never finished."""
    link, first = connector(intake.url), make_report()
    await link.hand_over(first)
    await call(intake, "PUT", f"/reports/{first.report}/parts/report.age", b"second document, never finished")
    await call(intake, "PUT", f"/reports/{first.report}/parts/0002.age", b"a message that was deleted again")
    half = tmp_path / "intake" / "parts" / first.report / ".being-written"
    half.write_bytes(b"a part of the next version, on its way")
    third = make_report(report=first.report, version=3, parts=(("report.age", b"third"), ("0003.age", b"news")))
    await link.hand_over(third)
    await intake.store.export(first.report, tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").glob("*.age")} == dict(third.parts)
    assert await intake.store.parts(first.report) == {p.name: [p.sha256] for p in decode(third.manifest).parts}
    assert half.exists(), "it is taken from under the one who writes it"
    half.unlink()
    left = [p.read_bytes() for p in (tmp_path / "intake" / "parts" / first.report).iterdir()]
    assert sorted(left) == sorted(data for _, data in third.parts)
    await link.close()


@pytest.mark.parametrize(("first", "here", "then"), [(2, 2, 1), (1, 5, 4), (7, 7, 1), (1, 3, 2)])
async def test_v_a_version_never_falls(intake: Embedded, tmp_path: Path, first: int, here: int, then: int) -> None:
    link, newest = connector(intake.url), make_report(version=here)
    if first < here:
        await link.hand_over(make_report(report=newest.report, version=first))
    await link.hand_over(newest)
    older = make_report(report=newest.report, version=then, parts=(("report.age", b"an older document"),))
    with pytest.raises(HandoffError, match="409"):
        await link.hand_over(older)
    assert [(r, v) for r, v, _ in await intake.store.reports()] == [(newest.report, here)]
    await intake.store.export(newest.report, tmp_path / "out")
    assert (tmp_path / "out" / "report.age").read_bytes() == b"document"
    assert (tmp_path / "out" / "0001.age").read_bytes() == b"words"
    await link.hand_over(newest)  # and is still acknowledged
    await link.hand_over(make_report(report=newest.report, version=here + 2))
    await link.close()


async def test_v_a_report_keeps_its_owner(intake: Embedded, tmp_path: Path) -> None:
    link, first = connector(intake.url), make_report()
    await link.hand_over(first)
    taken = make_report(report=first.report, version=2, owner=OTHER)
    with pytest.raises(HandoffError, match="409"):
        await link.hand_over(taken)
    with pytest.raises(HandoffError, match="403"):
        await link.erase(erasure(first.report, OTHER))
    assert [(r, v) for r, v, _ in await intake.store.reports()] == [(first.report, 1)]
    await link.erase(erasure(first.report))
    assert await intake.store.reports() == []
    await link.close()


async def test_delete_by_the_owners_signature_leaves_a_tombstone(intake: Embedded, tmp_path: Path) -> None:
    link, report = connector(intake.url), make_report()
    await link.hand_over(report)
    for wrong in (
        erasure(report.report, OTHER),
        erasure(report.report, purpose="other@stonechat"),
        replace(erasure(report.report), signature=""),
    ):
        with pytest.raises(HandoffError, match="403"):
            await link.erase(wrong)
    assert len(await intake.store.reports()) == 1
    await link.erase(erasure(report.report))
    await link.erase(erasure(report.report))  # a repeat
    assert await intake.store.reports() == []
    assert not (tmp_path / "intake" / "parts" / report.report).exists()
    with pytest.raises(Gone, match="410"):
        await link.hand_over(report)
    await link.close()


async def test_a_report_that_never_came_whole_is_destroyed_too(intake: Embedded, tmp_path: Path) -> None:
    link, report = connector(intake.url), make_report()
    await call(intake, "PUT", f"/reports/{report.report}/parts/0001.age", b"words")
    await link.erase(erasure(report.report))
    assert not (tmp_path / "intake" / "parts" / report.report).exists()
    with pytest.raises(Gone, match="410"):
        await link.hand_over(report)
    await link.close()


async def test_delete_after_and_loose_parts(intake: Embedded) -> None:
    link = connector(intake.url)
    held = make_report(delete_after=(TODAY + timedelta(days=30)).isoformat())
    await link.hand_over(held)
    loose = new_report_id()
    await call(intake, "PUT", f"/reports/{loose}/parts/0001.age", b"x")
    intake.day.today = TODAY + timedelta(days=9)  # type: ignore[attr-defined]
    await intake.store.tidy()
    assert await intake.store.parts(loose) == {}
    assert len(await intake.store.reports()) == 1
    intake.day.today = TODAY + timedelta(days=31)  # type: ignore[attr-defined]
    await intake.store.tidy()
    assert await intake.store.reports() == []
    await link.close()


@pytest.mark.case("P12")
@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>Welcome to the hotel</html>", b"{}", b"[]", b'{"received": "ok"}', b'{"received": 5}', b"null"],
)
async def test_P12_a_200_of_anything_else_purges_nothing(answer: bytes) -> None:
    from aiohttp import web

    async def any_(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=answer)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", any_)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    link = connector(f"http://127.0.0.1:{port}")
    with pytest.raises(HandoffError):
        await link.hand_over(make_report())
    with pytest.raises(HandoffError):
        await link.erase(erasure(new_report_id()))
    await link.close()
    await runner.cleanup()


@pytest.mark.case("P12")
async def test_P12_an_intake_with_another_key_proves_nothing(intake: Embedded) -> None:
    link, report = connector(intake.url, OTHER), make_report()
    with pytest.raises(HandoffError, match="pinned"):
        await link.hand_over(report)
    with pytest.raises(HandoffError, match="pinned"):
        await link.erase(erasure(report.report))
    await link.close()


async def test_an_intake_that_is_away(tmp_path: Path) -> None:
    link = connector("http://127.0.0.1:9")
    with pytest.raises(HandoffError, match="can't be reached"):
        await link.hand_over(make_report())
    await link.close()


async def test_into_a_folder_whole_or_not_at_all(tmp_path: Path) -> None:
    report = make_report()
    (tmp_path / f".{report.report}").mkdir()
    (tmp_path / f".{report.report}" / "half").write_bytes(b"")
    link = FolderConnector(tmp_path)
    await link.hand_over(report)
    await link.hand_over(report)
    assert sorted(p.name for p in tmp_path.iterdir()) == [report.report]
    names = {p.name for p in (tmp_path / report.report).iterdir()}
    assert names == {"report.age", "0001.age", "manifest.json", "manifest.json.sig"}
    with pytest.raises(HandoffError, match="another report"):
        await link.hand_over(make_report(report=report.report, parts=(("report.age", b"x"),)))
    newer = make_report(report=report.report, version=2, parts=(("report.age", b"x"),))
    (tmp_path / f".old-{report.report}").mkdir()
    await link.hand_over(newer)
    assert sorted(p.name for p in tmp_path.iterdir()) == [report.report]
    assert (tmp_path / report.report / "report.age").read_bytes() == b"x"
    with pytest.raises(HandoffError, match="another report"):
        await link.hand_over(report)
    await link.erase(erasure(report.report))
    await link.erase(erasure(report.report))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("listen", ["0.0.0.0:80", "192.168.1.5:80", "[::]:80", "example.org:80", "8321", "127.0.0.1:x"])
def test_the_intake_listens_on_loopback_only(listen: str) -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1"):
        address(listen)


def test_loopback_is_taken() -> None:
    assert address("127.0.0.1:8321") == ("127.0.0.1", 8321)
    assert address("[::1]:0") == ("::1", 0)


async def test_a_version_beyond_all_is_no_such_thing(intake: Embedded) -> None:
    report = make_report(version=1_000_001)
    body = json.dumps({"manifest": report.manifest.decode(), "signature": report.signature}).encode()
    for name, data in report.parts:
        await call(intake, "PUT", f"/reports/{report.report}/parts/{name}", data)
    status, _ = await call(intake, "PUT", f"/reports/{report.report}/versions/{report.version}", body)
    assert status == 404
    assert await intake.store.reports() == []
