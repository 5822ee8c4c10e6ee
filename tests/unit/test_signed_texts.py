"""V: every signed text, letter by letter. Both sides share the functions that make them, so only a literal tells when
one loses its report, its version, its manifest or its purpose: an acknowledgement of anything would purge everything.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.handoff import HandoffError
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.seal.signing import Signer, parse_public, public_line, verify
from tests.conftest import OpenBot
from tests.e2e.test_danger import DANGER
from tests.e2e.test_promises import walk
from tests.unit.test_intake import BOT, INTAKE, OTHER, OWNER_KEY, call, connector, erasure, make_report

REPORT = "abcdefghijklmnopqrstuvwx23"
VERSION = 3
REPORT_PARTS = (("report.age", b"document"),)
# The intake's signature of an acknowledgement of nothing: what a signature is made of may not drift either.
NOTHING = b"""\
stonechat.received/1
abcdefghijklmnopqrstuvwx23
3
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
"""
SIGNED = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAggTl3Dqh9F19Wo1Rmw0x+zMuNip
G07jeiXfYPW4/Js5QAAAAScmVjZWl2ZWRAc3RvbmVjaGF0AAAAAAAAAAZzaGE1MTIAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQF2zCBZ66jP52K4d4WBsEeHVW4LWpIRo/n2mlaQKdQkEKo
BSZjei+3f014YK6o7nrFy/kARK7Y3qFMcv91WpUgk=
-----END SSH SIGNATURE-----
"""


def received(report: str = REPORT, version: int = VERSION, manifest: bytes = b"") -> bytes:
    return f"stonechat.received/1\n{report}\n{version}\n{hashlib.sha256(manifest).hexdigest()}\n".encode()


def literal(text: bytes, purpose: str, key: Signer = INTAKE) -> str:
    return key.sign(text, purpose)


def test_v_manifest_and_signature_stand_letter_by_letter() -> None:
    assert received() == NOTHING
    assert literal(NOTHING, "received@stonechat") == SIGNED
    verify(NOTHING, SIGNED, "received@stonechat", INTAKE.public)


OURS = make_report(report=REPORT, version=VERSION, parts=REPORT_PARTS)


@asynccontextmanager
async def answering(answer: dict[str, str]) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """An intake that says the same to everything; what it was told to commit or to delete is kept."""
    told: list[dict[str, Any]] = []

    async def any_(request: web.Request) -> web.Response:
        body = await request.read()
        if request.method == "DELETE" or "/versions/" in request.path:
            told.append(json.loads(body))
        return web.json_response(answer, status=200)

    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{tail:.*}", any_)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", told  # type: ignore[union-attr]
    finally:
        await runner.cleanup()


RIGHT = received(manifest=OURS.manifest)
WRONG_RECEIVED = {
    "another report": literal(received(report="b" * 26, manifest=OURS.manifest), "received@stonechat"),
    "an older version": literal(received(version=2, manifest=OURS.manifest), "received@stonechat"),
    "another manifest": literal(received(manifest=OURS.manifest + b" "), "received@stonechat"),
    "no manifest": literal(f"stonechat.received/1\n{REPORT}\n{VERSION}\n".encode(), "received@stonechat"),
    "no version": literal(
        f"stonechat.received/1\n{REPORT}\n{hashlib.sha256(OURS.manifest).hexdigest()}\n".encode(), "received@stonechat"
    ),
    "another form": literal(RIGHT.replace(b"/1\n", b"/2\n", 1), "received@stonechat"),
    "another purpose": literal(RIGHT, "erased@stonechat"),
    "the bot's own": literal(RIGHT, "received@stonechat", BOT),
}


@pytest.mark.parametrize("wrong", WRONG_RECEIVED)
async def test_v_an_acknowledgement_is_of_this_report_version_and_manifest(wrong: str) -> None:
    async with answering({"received": WRONG_RECEIVED[wrong]}) as (url, _):
        link = connector(url)
        with pytest.raises(HandoffError, match="pinned"):
            await link.hand_over(OURS)
        await link.close()


async def test_v_the_literal_acknowledgement_is_taken() -> None:
    async with answering({"received": literal(RIGHT, "received@stonechat")}) as (url, told):
        link = connector(url)
        await link.hand_over(OURS)
        await link.close()
    assert told == [{"manifest": OURS.manifest.decode(), "signature": OURS.signature}]


GONE = f"stonechat.erased/1\n{REPORT}\n".encode()
WRONG_ERASED = {
    "another report": literal(GONE.replace(REPORT.encode(), b"b" * 26), "erased@stonechat"),
    "no report": literal(b"stonechat.erased/1\n", "erased@stonechat"),
    "another purpose": literal(GONE, "received@stonechat"),
    "the owner's wish sent back": literal(f"stonechat.erase/1\n{REPORT}\n".encode(), "owner@stonechat", OWNER_KEY),
}


@pytest.mark.parametrize("wrong", WRONG_ERASED)
async def test_v_an_erasure_is_acknowledged_by_its_own_words(wrong: str) -> None:
    async with answering({"erased": WRONG_ERASED[wrong]}) as (url, _):
        link = connector(url)
        with pytest.raises(HandoffError, match="pinned"):
            await link.erase(erasure(REPORT))
        await link.close()


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Embedded]:
    served = await Embedded.start(await IntakeStore.open(tmp_path / "intake", INTAKE, (BOT.public,)))
    yield served
    await served.close()


async def test_v_the_intake_signs_the_literal_texts(intake: Embedded) -> None:
    """Ed25519 gives one signature for one text: what came over HTTP is compared letter by letter."""
    await call(intake, "PUT", f"/reports/{REPORT}/parts/report.age", b"document")
    body = json.dumps({"manifest": OURS.manifest.decode(), "signature": OURS.signature}).encode()
    status, answer = await call(intake, "PUT", f"/reports/{REPORT}/versions/{VERSION}", body)
    assert (status, answer) == (201, {"received": literal(RIGHT, "received@stonechat")})
    wish = {
        "owner": public_line(OWNER_KEY.public),
        "signature": literal(f"stonechat.erase/1\n{REPORT}\n".encode(), "owner@stonechat", OWNER_KEY),
    }
    for wrong in (
        literal(b"stonechat.erase/1\n", "owner@stonechat", OWNER_KEY),
        literal(f"stonechat.erase/1\n{'b' * 26}\n".encode(), "owner@stonechat", OWNER_KEY),
        literal(f"stonechat.erase/1\n{REPORT}\n".encode(), "manifest@stonechat", OWNER_KEY),
        literal(f"stonechat.erase/1\n{REPORT}\n".encode(), "owner@stonechat", OTHER),
    ):
        assert (await call(intake, "DELETE", f"/reports/{REPORT}", json.dumps({**wish, "signature": wrong}).encode()))[
            0
        ] == 403
    answer = await call(intake, "DELETE", f"/reports/{REPORT}", json.dumps(wish).encode())
    assert answer == (200, {"erased": literal(GONE, "erased@stonechat")})


async def test_v_the_bot_signs_the_literal_texts(open_test_bot: OpenBot) -> None:
    """What leaves the bot: the manifest by its own key, the wish to erase by the return number's."""
    async with answering({"received": "", "erased": ""}) as (url, told):
        line = public_line(INTAKE.public)
        async with open_test_bot(intake=url, intake_key=line, handoff_spread=0) as bot:
            chat = await walk(bot, DANGER)
            await bot.handoff.round()
            assert await bot.store.waiting() == 1, "an empty acknowledgement purges nothing"
            await walk(bot, ["erase"], chat)
            await bot.handoff.round()
            (wish,) = await bot.store.erasures()  # nor does an empty answer end the wish to erase
            signer = bot.house.signer.public
        manifest = json.loads(told[0]["manifest"])
        verify(told[0]["manifest"].encode(), told[0]["signature"], "manifest@stonechat", signer)
        owner = parse_public(manifest["receipt"]["owner"])
        assert wish.owner == manifest["receipt"]["owner"]
        verify(f"stonechat.erase/1\n{manifest['report']}\n".encode(), wish.signature, "owner@stonechat", owner)
