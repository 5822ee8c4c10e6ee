"""A platform, or what stands before it, that misbehaves: P13 to P17, the channel alone, over real HTTP."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import aiohttp.web
import pytest

from bot.channels.telegram import polling as polling_module
from bot.channels.telegram import webhook
from bot.channels.telegram.looking import Standing, look, standing_of
from bot.channels.telegram.webhook import make_webhook, set_webhook
from bot.machine.serving import Served
from bot.talk.events import Said
from bot.talk.outgoing import Outgoing
from tests.channels.alone import Taking, channel, polling, until
from tests.channels.fake_telegram import TOKEN, Failure, FakeTelegram, Person

LOGGER = "stonechat.telegram"


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def ana(server: FakeTelegram) -> Person:
    return Person(server, 900_100_200)


def polls(server: FakeTelegram) -> int:
    return sum(method == "getupdates" for method, _ in server.calls)


def words(taking: Taking) -> list[str]:
    return [e.text for e in taking.events if isinstance(e, Said)]


# --- P13: numbers that start anew ---


@pytest.mark.parametrize("hides", [False, True])
async def test_P13_numbers_start_anew_lower_and_everybody_is_heard(
    server: FakeTelegram, ana: Person, hides: bool
) -> None:
    server.next_update = 900_000
    async with polling(server) as (bot, taking):
        await server.wait_confirmed(await ana.says("Before."))
        server.starts_anew(5_000, hides=hides)
        before = polls(server)
        await until(lambda: polls(server) > before)  # asked anew since
        for number in range(250):
            last = await ana.says(f"After {number}.")
        await server.wait_confirmed(last)
        assert words(taking) == ["Before.", *(f"After {n}." for n in range(250))]
        assert polls(server) - before < 20
        assert bot.trouble == ""


async def test_P13_after_a_restart_in_the_quiet_week_too(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        await server.wait_confirmed(await ana.says("Before."))
    server.starts_anew(3, hides=True)
    async with polling(server) as (_, taking):
        await server.wait_confirmed(await ana.says("After."))
        assert words(taking) == ["After."]


async def test_P13_numbers_that_were_seen_before_are_news_after_a_silence(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (bot, taking):
        for _ in range(6):
            await server.wait_confirmed(await ana.says("Before."))
        polled = polls(server)
        await until(lambda: polls(server) > polled + 1)  # an answer with nothing in it
        server.starts_anew(server.next_update - 6, hides=False)
        for _ in range(3):
            await server.wait_confirmed(await ana.says("After."))
        assert words(taking) == ["Before."] * 6 + ["After."] * 3
        assert bot.trouble == ""


@pytest.mark.parametrize("answers", [[[7]], [[7], [8]], [[8, 7]], [[2**80]], [[None]], [[-3, "x"]]], ids=str)
async def test_P13_a_loop_that_gains_nothing_pauses_and_says_so(
    server: FakeTelegram, caplog: pytest.LogCaptureFixture, answers: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform brings the same updates again, whatever is confirmed."""
    count = 0

    async def same(values: dict[str, Any]) -> Any:
        nonlocal count
        count += 1
        return [{"update_id": n, "x_unknown": {}} for n in answers[count % len(answers)]]

    monkeypatch.setattr(server, "_getupdates", same)
    monkeypatch.setattr(polling_module, "PAUSE", 0.1)
    async with polling(server) as (bot, _):
        began = time.monotonic()
        await until(lambda: bot.trouble != "")
        assert "gained" in bot.trouble
        await until(lambda: count > 12)
        assert time.monotonic() - began > 0.9, "ten pauses"
        assert sum("gained" in r.getMessage() for r in caplog.records) == 1, "said once"
        monkeypatch.undo()
        await until(lambda: bot.trouble == "")


async def test_P13_what_can_not_be_written_comes_again_and_is_not_the_platforms_fault(
    server: FakeTelegram, ana: Person
) -> None:
    async with polling(server) as (bot, taking):
        full = True
        taking.fails = lambda arrival: full and isinstance(arrival.event, Said) and arrival.event.text == "Two."
        for text in ("One.", "Two.", "Three."):
            last = await ana.says(text)
        await until(lambda: polls(server) > 3)
        assert server.confirmed == last - 1, "what came before is confirmed, nothing after"
        assert bot.trouble == ""
        full = False
        await server.wait_confirmed(last)
        assert set(words(taking)) == {"One.", "Two.", "Three."}


# --- P14: answers that are none ---

NO_ANSWERS: dict[str, dict[str, Any]] = {
    "json that is no envelope": {"status": 200, "body": b'{"portal": "log in"}'},
    "a list": {"status": 200, "body": b"[]"},
    "null": {"status": 200, "body": b"null"},
    "a number": {"status": 200, "body": b"5"},
    "empty": {"status": 200, "body": b""},
    "no content": {"status": 204, "body": b""},
    "ok without a result": {"status": 200, "body": b'{"ok": true}'},
    "ok as a word": {"status": 200, "body": b'{"ok": "true", "result": []}'},
    "a wrong result": {"status": 200, "body": b'{"ok": true, "result": "x"}'},
    "null as a result": {"status": 200, "body": b'{"ok": true, "result": null}'},
    "not ok, no more": {"status": 200, "body": b'{"ok": false}'},
    "well, and an error": {"status": 502, "body": b'{"ok": true, "result": []}'},
    "html": {"status": 200, "body": b"<html>Welcome</html>", "content_type": "text/html"},
    "not utf-8": {"status": 200, "body": b"\xff\xfe\x00"},
    "deep": {"status": 200, "body": b'{"a":' * 20_000},
    "cut": {"cut": True},
    "a proxy forbids": {"status": 403, "body": b"<html>Forbidden</html>", "content_type": "text/html"},
    "a proxy forbids in json": {"status": 403, "body": b'{"error": "blocked"}'},
    "a proxy's bad request": {"status": 400, "body": b"bad"},
    "a proxy wants a password": {"status": 407, "body": b""},
    "a page that is not there": {"status": 404, "body": b"<html>404</html>", "content_type": "text/html"},
    "a login": {"status": 401, "body": b'{"detail": "Unauthorized"}'},
    "a redirect": {"status": 302, "body": b""},
    "a gateway": {"status": 502, "body": b"<html>Bad Gateway</html>", "content_type": "text/html"},
    "busy": {"status": 503, "body": b'{"ok":false,"error_code":503,"description":"Service Unavailable"}'},
    "a rest without an end": {"status": 429, "body": b'{"ok":false,"error_code":429,"description":"Too Many"}'},
}


@pytest.mark.parametrize("name", NO_ANSWERS)
async def test_P14_a_poll_goes_on_after_it(
    server: FakeTelegram, ana: Person, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.failures.append(Failure("GetUpdates", **NO_ANSWERS[name]))
    async with polling(server) as (bot, taking):
        update = await ana.says("They came.")
        await until(lambda: bot.trouble != "")
        assert "token" not in bot.trouble
        if "rest" not in name:
            assert "can't be reached" in bot.trouble
        await server.wait_confirmed(update)
        assert words(taking) == ["They came."]
        await until(lambda: bot.trouble == "")
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("name", NO_ANSWERS)
async def test_P14_a_send_is_tried_again(server: FakeTelegram, ana: Person, name: str) -> None:
    async with channel(server) as bot:
        server.failures.append(Failure("SendMessage", **NO_ANSWERS[name]))
        (sent,) = await bot.send(str(ana.id), Outgoing(("Well?",)))
        assert [m.id for m in ana.from_bot()] == [int(sent.id)]


@pytest.mark.parametrize("name", ["html", "a proxy forbids", "a proxy's bad request", "json that is no envelope"])
async def test_P14_a_change_and_a_deletion_are_tried_again(server: FakeTelegram, ana: Person, name: str) -> None:
    async with channel(server) as bot:
        (sent,) = await bot.send(str(ana.id), Outgoing(("Well?",)))
        server.failures.append(Failure("EditMessageText", **NO_ANSWERS[name]))
        assert await bot.send(str(ana.id), Outgoing(("Changed.",), edits=sent)) == (sent,)
        assert ana.screen() == "Changed."
        server.failures.append(Failure("DeleteMessages", **NO_ANSWERS[name]))
        assert await bot.delete(str(ana.id), [sent])
        assert ana.messages() == []


@pytest.mark.parametrize("seconds", [b"-5", b'"x"', b"null", b"1e400", b"true", b"0"])
async def test_P14_a_senseless_rest_is_a_second(server: FakeTelegram, ana: Person, seconds: bytes) -> None:
    body = b'{"ok":false,"error_code":429,"description":"Too Many","parameters":{"retry_after":' + seconds + b"}}"
    async with channel(server) as bot:
        server.failures.append(Failure("SendMessage", 429, body))
        async with asyncio.timeout(5):
            await bot.send(str(ana.id), Outgoing(("Well?",)))


# --- P15: never faster than once a second without gain ---


async def test_P15_a_poll_that_is_answered_at_once_with_nothing(
    server: FakeTelegram, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    server.failures.append(Failure("GetUpdates", 200, b'{"ok":true,"result":[]}', times=4))
    async with polling(server) as (bot, taking):
        await asyncio.sleep(2.5)
        assert polls(server) <= 3
        update = await ana.says("They came.")
        await server.wait_confirmed(update)
        assert words(taking) == ["They came."]
        assert bot.trouble == "", "it works, if slowly"
    assert sum("at once" in r.getMessage() for r in caplog.records) == 1


async def test_P15_failing_polls_are_no_faster(server: FakeTelegram) -> None:
    server.failures.append(Failure("GetUpdates", 200, b"{}", times=100))
    async with polling(server):
        await asyncio.sleep(2.5)
        assert 1 <= polls(server) <= 3


async def test_P15_where_something_is_gained_nothing_waits(server: FakeTelegram, ana: Person) -> None:
    async with polling(server):
        for number in range(350):
            last = await ana.says(str(number))
        began = time.monotonic()
        await server.wait_confirmed(last)
        assert time.monotonic() - began < 1.0


# --- P16: webhooks ---

HOOK = "https://bot.example/hook-path"
SECRET = "s" * 64


@asynccontextmanager
async def hooked(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch, url: str = HOOK, local: str = ""
) -> AsyncIterator[tuple[Any, Taking, str]]:
    """A channel in webhook mode; the address that the public one leads to."""
    monkeypatch.setattr(webhook, "WATCH", 0.1)
    monkeypatch.setattr("bot.channels.telegram.calls.INSIST", 0.1)
    taking = Taking()
    async with channel(server) as bot:
        served = await Served.start(make_webhook(bot, taking.take, url, SECRET), "127.0.0.1", 0)
        server.deliver_to = served.url + (local or "/hook-path")
        setting = asyncio.create_task(set_webhook(bot, url, SECRET))
        try:
            yield bot, taking, served.url
        finally:
            setting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await setting
            await served.close()


async def test_P16_a_refused_webhook_is_told_with_the_platforms_reason(
    server: FakeTelegram, ana: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuse_webhook = "Failed to resolve host: Name or service not known"
    async with hooked(server, monkeypatch) as (bot, taking, _):
        await until(lambda: "Name or service not known" in bot.trouble)
        await until(lambda: sum(m == "setwebhook" for m, _ in server.calls) > 2)
        assert sum("Name or service" in r.getMessage() for r in caplog.records) == 1, "said once"
        server.refuse_webhook = ""
        await until(lambda: bot.trouble == "")
        await server.wait_confirmed(await ana.says("They came."))
        assert words(taking) == ["They came."]


async def test_P16_a_token_that_is_revoked_behind_a_webhook_is_told(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooked(server, monkeypatch) as (bot, _, _):
        await until(lambda: bool(server.webhook))
        assert bot.trouble == ""
        server.refuse_token = True
        await until(lambda: "refuses the token" in bot.trouble)
        server.refuse_token = False
        await until(lambda: bot.trouble == "")


async def test_P16_a_send_tells_a_revoked_token_too(server: FakeTelegram, ana: Person) -> None:
    async with channel(server) as bot:
        server.refuse_token = True
        sending = asyncio.create_task(bot.send(str(ana.id), Outgoing(("Well?",))))
        await until(lambda: "refuses the token" in bot.trouble)
        server.refuse_token = False
        await sending
        assert bot.trouble == ""


async def test_P16_deliveries_that_fail_are_told_as_the_platform_sees_them(
    server: FakeTelegram, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooked(server, monkeypatch) as (bot, taking, _):
        await until(lambda: bool(server.webhook))
        taking.fails = lambda arrival: True
        await ana.says("They came.")
        server.webhook_error = ("SSL error {certificate verify failed}", int(time.time()))
        await until(lambda: "certificate verify failed" in bot.trouble)
        assert "1 wait" in bot.trouble
        taking.fails = lambda arrival: False
        await until(lambda: bot.trouble == "")


async def test_P16_a_webhook_that_was_taken_away(server: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hooked(server, monkeypatch) as (bot, _, _):
        await until(lambda: bool(server.webhook))
        server.webhook = {**server.webhook, "url": "HTTPS://BOT.example/hook%2Dpath"}
        await asyncio.sleep(0.3)
        assert bot.trouble == "", "the same, spelt otherwise"
        server.webhook = {"url": "https://other.example/hook-path"}
        await until(lambda: "another program" in bot.trouble)
        assert server.webhook["url"].startswith("https://other"), "no war of two bots"
        server.webhook = {}
        await until(lambda: server.webhook.get("url") == HOOK)
        await until(lambda: bot.trouble == "")


PATHS = ["/hook%20path", "/h%C3%B6k", "/a%2Fb", "/{token}/{path:path}", "/a:b@c", "/hök", "/", "", "/x%25y"]


@pytest.mark.parametrize("path", PATHS)
async def test_P16_any_path_is_found_and_no_other(
    server: FakeTelegram, ana: Person, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooked(server, monkeypatch, f"https://bot.example{path}", path or "/") as (_, taking, url):
        await server.wait_confirmed(await ana.says("They came."))
        assert words(taking) == ["They came."]
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with aiohttp.ClientSession() as session:
            for other in ("/other", "/hook%20path%20", "/hook-path/"):
                async with session.post(url + other, data=b"{}", headers=headers) as answer:
                    assert answer.status == 404


# --- P17: a wrong address is no wrong token ---


async def elsewhere(request: Any) -> Any:
    return aiohttp.web.Response(status=404, text="<html>Not Found</html>", content_type="text/html")


@pytest.fixture
async def stranger() -> AsyncIterator[str]:
    """Somebody else's web server."""
    app = aiohttp.web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    runner = aiohttp.web.AppRunner(app, access_log=None)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    await runner.cleanup()


async def trouble_at(server: FakeTelegram, api: str, token: str = TOKEN) -> str:
    """What polling and looking say of this address; they must agree."""
    async with polling(server, api=api, token=token) as (bot, _):
        await until(lambda: bot.trouble != "")
        said = bot.trouble
    assert (await look(token, api, 5)).trouble == said
    return said


async def test_P17_a_wrong_address_is_told_as_that(server: FakeTelegram, stranger: str) -> None:
    for api in (stranger, f"{server.url}/wrong", f"{server.url}/bot{TOKEN}"):
        said = await trouble_at(server, api)
        assert "telegram_api" in said
        assert "refuses the token" not in said
    for api in ("http://127.0.0.1:1", "http://no-such-host.invalid", "not an address", "http://", "ftp://x"):
        said = await trouble_at(server, api)
        assert "can't be reached" in said
        assert "telegram_api" in said
        assert TOKEN not in said


async def test_P17_the_platforms_own_404_depends_on_the_token(server: FakeTelegram) -> None:
    body = b'{"ok":false,"error_code":404,"description":"Not Found"}'
    for token, mend in ((TOKEN, "telegram_api"), ("rubbish", "refuses the token")):
        server.failures = [Failure("GetUpdates", 404, body), Failure("GetMe", 404, body)]
        server.tokens = {TOKEN, token}
        assert mend in await trouble_at(server, server.url, token)


async def test_P17_a_wrong_token_is_told_as_that(server: FakeTelegram) -> None:
    server.refuse_token = True
    assert "refuses the token" in await trouble_at(server, server.url)


async def test_P16_who_looks_sees_what_waits_and_the_last_error(server: FakeTelegram, ana: Person) -> None:
    server.webhook = {"url": HOOK}
    server.webhook_error = ("Connection timed out", 1_790_000_000)
    await ana.says("They came.")
    found = await look(TOKEN, server.url, 5)
    assert found == Standing("example_bot", HOOK, 1, "Connection timed out", 1_790_000_000, "")
    info = {"url": HOOK, "pending_update_count": 2, "last_error_message": "x\ny", "last_error_date": 1_000}
    assert "x y" in standing_of(info, now=1_010).trouble
    assert standing_of(info, now=9_000).trouble == "", "long ago"
    assert standing_of(info | {"pending_update_count": 0}, now=1_010).trouble == "", "nothing waits"
    for odd in (None, [], {"pending_update_count": "x", "url": None}):
        assert standing_of(odd) == Standing()


def test_no_platforms_word_breaks_the_operators_line() -> None:
    from telegram.error import TelegramError

    from bot.channels.telegram.answers import result_of

    body = json.dumps({"ok": False, "error_code": 400, "description": "a\nb\x1b[31m" + "x" * 5_000})
    with pytest.raises(TelegramError) as found:
        result_of(400, body.encode())
    assert len(str(found.value)) <= 210
    assert str(found.value).isprintable()
