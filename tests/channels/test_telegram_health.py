"""What an operator is told of the platform: one line a trouble, with its reason and mend, and when it is well again."""

import asyncio
import logging
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram import calls as calls_module
from bot.channels.telegram import health as health_module
from bot.channels.telegram.account import Account
from bot.channels.telegram.answers import NoAnswer, NotThere, checked
from bot.channels.telegram.calls import Calls
from bot.channels.telegram.health import Health, how_long, kind_of, trouble_of
from bot.channels.telegram.looking import host_of, look, standing_of
from bot.talk.outgoing import Outgoing
from tests.channels.alone import channel, polling, until
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.channels.liar import LIES, Liar
from tests.conftest import need

ACCOUNT = Account(TOKEN, "https://user:word@api.example/base?x=1", "/etc/stonechat/token")
SECRET_HALF = TOKEN.partition(":")[2]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidToken("x"), "Telegram refuses the token"),
        (NotThere("x"), "Telegram can't be reached"),
        (NoAnswer("HTTP 200, no JSON"), "Telegram can't be reached"),
        (TimedOut("x"), "Telegram can't be reached"),
        (NetworkError(f"see {TOKEN}; or {SECRET_HALF}"), "Telegram can't be reached"),
        (RetryAfter(5), "Telegram asks to wait"),
        (Conflict("terminated by other getUpdates request"), "another program polls this bot, or a webhook is set"),
        (Conflict("can't use getUpdates method while webhook is active"), "a webhook is set, by another program or"),
    ],
)
def test_p14_each_line_has_what_and_mend_and_no_secret(error: TelegramError, kind: str) -> None:
    line = trouble_of(error, ACCOUNT)
    assert kind_of(line).startswith(kind)
    assert "; " in line
    for secret in (TOKEN, SECRET_HALF, "word@", "x=1"):
        assert secret not in line
    if isinstance(error, InvalidToken):
        assert "/etc/stonechat/token" in line
    elif "reached" in kind:
        assert "https://api.example/base" in line


def test_p14_reasons_that_change_are_one_line_until_all_is_well(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(health_module.time, "monotonic", lambda: now)
    health = Health()
    for number in range(50):
        now += 10
        health.bad("receiving", f"Telegram can't be reached: reason {number % 7}; mend")
        health.bad("sending", f"Telegram can't be reached: reason {number % 3}; mend")
    assert len(caplog.records) == 1
    assert health.trouble == "Telegram can't be reached: reason 0; mend", "who looks sees the newest"
    now += 600
    health.bad("receiving", "Telegram can't be reached: another reason; mend")
    assert [r.getMessage() for r in caplog.records][1:] == ["Telegram can't be reached: another reason; mend"]
    health.good("receiving")
    assert len(caplog.records) == 2, "sending still fails"
    health.good("sending")
    health.good("sending")
    assert [r.getMessage() for r in caplog.records][2:] == ["Telegram is reached again, after 18 minutes"]
    health.bad("receiving", "Telegram can't be reached: reason 0; mend")
    assert len(caplog.records) == 4, "a new trouble is told"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (180, "3 minutes"), (86_400, "24 hours")],
)
def test_how_long(seconds: float, said: str) -> None:
    assert how_long(seconds) == said


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as found:
        yield found


async def test_p14_messages_that_nobody_takes_are_told_though_polls_go_well(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(calls_module, "PATIENCE", 0.5)
    ana = Person(server, 900_100_200)
    async with Liar(server.port) as liar, polling(server, api=liar.url) as (bot, _):
        spoilt = True
        liar.lie = lambda method, count: LIES["502 with a page"] if spoilt and method == "sendmessage" else None
        sending = asyncio.create_task(bot.send(str(ana.id), Outgoing(("Well?",))))
        await until(lambda: "HTTP 502" in bot.trouble)
        await server.wait_confirmed(await ana.says("A poll goes well."))
        assert "HTTP 502" in bot.trouble
        spoilt = False
        await sending
        assert bot.trouble == ""
        spoilt = True
        sending = asyncio.create_task(bot.send(str(ana.id), Outgoing(("Again?",))))
        await until(lambda: "HTTP 502" in bot.trouble)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert bot.trouble == "", "nothing waits for it any more"
    assert sum("reached again" in r.getMessage() for r in caplog.records) == 1, "not of what was given up"


async def test_p14_one_chats_bad_minute_is_nobodys_trouble(caplog: pytest.LogCaptureFixture) -> None:
    failures = [NetworkError("x")] * 3

    async def call(method: str, values: dict[str, object]) -> object:
        if values["chat_id"] == 1 and failures:
            raise failures.pop()
        return {"message_id": 5}

    health = Health()
    calls = Calls(call, health, ACCOUNT)
    await asyncio.gather(calls.persist("SendMessage", {"chat_id": 1}), calls.persist("SendMessage", {"chat_id": 2}))
    assert caplog.records == []


async def test_p14_a_long_rest_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(method: str, values: dict[str, object]) -> object:
        raise RetryAfter(3000)

    health = Health()
    sending = asyncio.create_task(Calls(call, health, ACCOUNT).persist("SendMessage", {"chat_id": 1}))
    await until(lambda: "asks to wait" in health.trouble)
    sending.cancel()


async def test_the_menu_is_set_when_a_platform_that_was_away_is_back(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(calls_module, "INSIST", 0.01)
    async with Liar(server.port, lambda method, count: LIES["closed at once"] if count < 5 else None) as liar:
        described = {"en": [("help", "x")], "fr": [("help", "y")]}
        async with channel(server, api=liar.url, descriptions=described):
            await until(lambda: sum(m == "setmycommands" for m, _ in server.calls) == 2)
    assert caplog.records == []


async def test_a_menu_that_is_refused_is_not_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    async def call(method: str, values: dict[str, object]) -> object:
        raise BadRequest(f"too long, {TOKEN}")

    await Calls(call, Health(), ACCOUNT).patiently("SetMyCommands", {})
    assert [r.getMessage() for r in caplog.records] == ["Telegram refuses SetMyCommands: too long, …"]


def test_p16_an_error_of_the_webhook_counts_until_something_is_delivered() -> None:
    info = {
        "url": "https://a.example/x",
        "pending_update_count": 2,
        "last_error_message": "No",
        "last_error_date": 1000,
    }
    assert "No; 2 wait" in standing_of(info, now=5000, since=900).trouble, "the platform waits longer from try to try"
    assert standing_of(info, now=5000, since=1001).trouble == "", "something came since"
    assert "No; 2 wait" in standing_of(info, now=1100).trouble


@pytest.mark.parametrize("odd", [{}, {"url": None}, {"url": 5}, [], True, None, "x"])
def test_p16_what_says_nothing_of_a_webhook_is_no_answer(odd: object) -> None:
    """Read as "there is none" it would set a webhook again and again, or say that there was nothing to take away."""
    with pytest.raises(NoAnswer):
        checked("GetWebhookInfo", odd)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://u:p@a.example:8443/secret", "a.example:8443"),
        ("", "an address that is none"),
        ("https://[::1", "an address that is none"),
        ("x\ny", "an address that is none"),
    ],
)
def test_n08_of_a_webhook_its_host_alone_is_shown(url: str, host: str) -> None:
    assert host_of(url) == host


# --- the network ---


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """Of a server that nobody knows."""
    need("openssl", "a certificate that nobody trusts")
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    files = ["-days", "2", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem")]
    subprocess.run(["openssl", *words, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem", tmp_path / "key")
    return context


@asynccontextmanager
async def over_tls(context: ssl.SSLContext) -> AsyncIterator[int]:
    found = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=context)
    yield found.sockets[0].getsockname()[1]
    found.close()


async def test_p17_a_certificate_that_nobody_trusts(certificate: ssl.SSLContext) -> None:
    async with over_tls(certificate) as port:
        said = (await look(TOKEN, f"https://127.0.0.1:{port}", 5)).trouble
    assert "can't be reached: its certificate is not trusted (self-signed certificate, is the clock right?)" in said
    assert TOKEN not in said


async def test_p17_what_speaks_no_tls_or_nothing(certificate: ssl.SSLContext, server: FakeTelegram) -> None:
    assert "no TLS is spoken there" in (await look(TOKEN, f"https://127.0.0.1:{server.port}", 5)).trouble
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = (await look(TOKEN, f"http://127.0.0.1:{taken.getsockname()[1]}", 5)).trouble
    assert "can't be reached: connection refused (http://127.0.0.1:" in said
    assert "its name is not found" in (await look(TOKEN, "http://no-such-host.invalid", 5)).trouble
    async with over_tls(certificate) as port:
        assert "can't be reached" in (await look(TOKEN, f"http://127.0.0.1:{port}", 2)).trouble


async def test_p14_nothing_of_the_token_in_any_log(server: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    lies = [LIES[name] for name in ("502 with a page", "no HTTP", "302 with a page")]
    liar = Liar(server.port, lambda method, count: lies.pop() if lies and method == "getupdates" else None)
    async with liar, polling(server, api=liar.url) as (bot, _):
        await until(lambda: not lies and bot.trouble == "")
    assert SECRET_HALF not in caplog.text
