"""P14, the whole kind: each answer that a platform, or what stands before it, can give, to each method that is called.

For every cell: the bot lives, what was asked for takes effect once, nothing follows a redirect, one line when it fails
and one when it is well again, and the token is in none of them.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from telegram.error import TelegramError

from bot.channels.telegram import calls, groups
from bot.channels.telegram import channel as channel_module
from bot.channels.telegram import polling as polling_module
from bot.channels.telegram import request as request_module
from bot.channels.telegram import webhook as webhook_module
from bot.channels.telegram.answers import SHAPES, checked, result_of
from bot.channels.telegram.looking import look
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import set_webhook
from bot.talk.events import MessageRef, Said
from bot.talk.outgoing import Outgoing, Undeliverable
from tests.channels.alone import Taking, channel, polling, until
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.channels.liar import AFTER, HTML, LIES, SLOW, TRUE, Forward, Liar, Lie, Wire, bomb, error, http, said

HOOK = "https://bot.example/hook"
TIMES = 2  # that a method is lied to
CHUNKS = 6
ALL = list(LIES)


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def ana(server: FakeTelegram) -> Person:
    return Person(server, 900_100_200)


@pytest.fixture
async def liar(server: FakeTelegram) -> AsyncIterator[Liar]:
    async with Liar(server.port) as found:
        yield found


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits are short; how long they really are is tested elsewhere."""
    for module, name, value in (
        (calls, "FIRST_WAIT", 0.01),
        (calls, "LONGEST_WAIT", 0.02),
        (calls, "INSIST", 0.01),
        (calls, "BRIEF", (0.01, 0.01, 0.0)),
        (groups, "WAITS", (0.0, 0.01, 0.02)),
        (polling_module, "FIRST_WAIT", 0.01),
        (polling_module, "SLOW", 0.01),
        (polling_module, "PAUSE", 0.01),
        (webhook_module, "WATCH", 0.01),
        (channel_module, "GRACE", 0.5),
        (channel_module, "ANSWERED", 0.5),
        (request_module, "SPARE", 0.5),
    ):
        monkeypatch.setattr(module, name, value)


def lies_to(*methods: str, with_: Lie, times: int = TIMES, liar: Liar) -> None:
    """To the first calls from now on of these methods, or of any."""
    before = {method: liar.asked.count(method) for method in (*methods, *set(liar.asked))}

    def lie(method: str, count: int) -> Lie | None:
        return with_ if (method in methods or not methods) and count - before.get(method, 0) <= times else None

    liar.lie = lie


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


def check_lines(caplog: pytest.LogCaptureFixture, name: str, most: int = 1) -> None:
    """At most `most` that it fails and that it is well; the token in no line of any level."""
    found = lines(caplog)
    assert sum("reached again" in line for line in found) <= most, (name, found)
    assert sum("reached again" not in line for line in found) <= most, (name, found)
    assert TOKEN.partition(":")[2] not in caplog.text, name
    assert "Traceback" not in caplog.text, name
    for line in found:
        assert line.isprintable(), name
        assert "; " in line or "again, after" in line, (name, "it says what to do", line)
    caplog.clear()


def some_of(number: int) -> dict[str, Lie]:
    names = ALL[number::CHUNKS] + (list({**SLOW, **AFTER}) if number == 0 else [])
    every = {**LIES, **SLOW, **AFTER}
    return {name: every[name] for name in names}


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_P14_matrix_polls(
    server: FakeTelegram, liar: Liar, ana: Person, chunk: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "stonechat")
    async with polling(server, api=liar.url, poll=1) as (bot, taking):
        for name, lie in some_of(chunk).items():
            lies_to("getupdates", with_=lie, liar=liar)
            asked = liar.asked.count("getupdates")
            update = await ana.says(f"After {name}.")
            async with asyncio.timeout(15):
                await server.wait_confirmed(update)
                await server.wait_confirmed(await ana.says("And more."))  # wakes the poll that is well
            await until(lambda: bot.trouble == "")
            assert liar.asked.count("getupdates") - asked < 20, name
            assert [e.text for e in taking.events if isinstance(e, Said)].count(f"After {name}.") == 1, name
            check_lines(caplog, name)


@asynccontextmanager
async def hooked(server: FakeTelegram, liar: Liar) -> AsyncIterator[None]:
    """Another channel that sets a webhook, watches it until it saw that all is well, and takes it away again."""
    async with channel(server, api=liar.url) as bot:
        setting = asyncio.create_task(set_webhook(bot, HOOK, "s" * 64))
        yield
        await setting
        asked = liar.asked.count("getwebhookinfo")
        await until(lambda: liar.asked.count("getwebhookinfo") > asked + 1 and bot.trouble == "")
        await bot.insist("DeleteWebhook", {"drop_pending_updates": False})
        assert server.webhook == {}


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_P14_matrix_calls(
    server: FakeTelegram, liar: Liar, ana: Person, chunk: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "stonechat")
    for name, lie in some_of(chunk).items():
        lies_to(with_=lie, liar=liar)
        server.calls.clear()
        async with channel(server, api=liar.url, descriptions={"en": [("help", "x")]}) as bot, asyncio.timeout(30):
            async with hooked(server, liar):
                (sent,) = await bot.send(str(ana.id), Outgoing((f"Before {name}",)))
                assert await bot.send(str(ana.id), Outgoing((f"After {name}",), edits=sent)) == (sent,)
                assert [m.text for m in ana.from_bot()][-1] == f"After {name}"
            await until(
                lambda: ("setmycommands", {"commands": [{"command": "help", "description": "x"}]}) in server.calls
            )
            lies_to("deletemessages", "deletemessage", with_=lie, liar=liar)
            assert await bot.delete(str(ana.id), [MessageRef(str(m.id), m.id) for m in ana.from_bot()])
            assert ana.from_bot() == []
            if name not in AFTER:
                sends = [v for m, v in server.calls if m == "sendmessage"]
                assert len(sends) == 1, (name, "sent twice")
            assert (await look(TOKEN, liar.url, 5)).name == "example_bot"
            lies_to("getme", "getwebhookinfo", with_=lie, liar=liar)
            found = await look(TOKEN, liar.url, 0.5)
            assert "reached" in found.trouble or "wait" in found.trouble or name in ("reset after its effect"), name
            assert bot.trouble == ""
        check_lines(caplog, name, 6)  # the webhook is set, looked at, taken away; asked to wait, and closed


async def test_P14_matrix_of_one_message_after_the_other(server: FakeTelegram, liar: Liar, ana: Person) -> None:
    """Where deletion of many is refused by the platform each is deleted alone: that insists too."""
    server.clock = lambda: time.time() - 49 * 3600
    async with channel(server, api=liar.url) as bot:
        (old,) = await bot.send(str(ana.id), Outgoing(("Old.",)))
        server.clock = time.time
        for name in ALL[::9]:
            (sent,) = await bot.send(str(ana.id), Outgoing(("New.",)))
            lies_to("deletemessages", "deletemessage", with_=LIES[name], liar=liar)
            assert not await bot.delete(str(ana.id), [old, sent]), name
            assert [m.text for m in ana.from_bot()] == ["Old."], name


@pytest.mark.parametrize("name", ["502 with a page", "a rest", "closed at once", "null as a result", "307 with a page"])
async def test_P14_what_may_fail_harms_nothing(server: FakeTelegram, liar: Liar, ana: Person, name: str) -> None:
    """A button's notice and leaving a group are tried again for some seconds, and nothing waits for them."""
    async with polling(server, api=liar.url) as (bot, taking):
        await bot.send(str(ana.id), Outgoing(("Well?",)))
        lies_to("answercallbackquery", "leavechat", with_=LIES[name], liar=liar)
        await ana.presses_data("x", ana.from_bot()[-1])
        group = {"id": -100, "type": "group", "title": "x"}
        user = {"id": 5, "is_bot": False, "first_name": "x"}
        message = {"message_id": 7, "date": 1, "chat": group, "from": user, "text": "x"}
        await server.wait_confirmed(await server.push({"message": message}))
        await until(lambda: server.answered == [ana.last_callback])
        await until(lambda: server.left == [-100])
        assert len(taking.events) == 1
        assert bot.trouble == ""


# --- redirects: the token goes nowhere else ---


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_P14_a_redirect_is_never_followed(server: FakeTelegram, liar: Liar, ana: Person, status: int) -> None:
    visitors: list[bytes] = []

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitors.append(await reader.read(1000))
        writer.close()

    elsewhere = await asyncio.start_server(visited, "127.0.0.1", 0)
    port = elsewhere.sockets[0].getsockname()[1]
    leads = http(
        status, HTML, f"Location: http://127.0.0.1:{port}/bot{TOKEN}/x", f"Refresh: 0; url=http://127.0.0.1:{port}/"
    )
    lies_to(with_=leads, liar=liar)
    async with polling(server, api=liar.url) as (bot, _):
        await bot.send(str(ana.id), Outgoing(("Well?",)))
        await server.wait_confirmed(await ana.says("They came."))
        assert "can't be reached" in (await look(TOKEN, liar.url, 5)).trouble
    elsewhere.close()
    assert visitors == []


# --- answers to other calls ---


async def test_P14_an_answer_that_came_too_early_answers_no_later_call(
    server: FakeTelegram, liar: Liar, ana: Person
) -> None:
    """One connection, two answers: the second one, of nobody's call, must not be taken for the next one's."""
    message = {"message_id": 77, "date": 1, "chat": {"id": ana.id, "type": "private"}}
    early = said({"ok": True, "result": message})

    async def twice(wire: Wire, forward: Forward) -> None:
        answer = await forward()
        await wire.says(answer)
        await asyncio.sleep(0.05)
        with contextlib.suppress(OSError):
            await wire.says(early)
            await asyncio.sleep(5)

    lies_to("sendmessage", with_=twice, times=1, liar=liar)
    async with channel(server, api=liar.url) as bot:
        for text in ("One.", "Two.", "Three."):
            (sent,) = await bot.send(str(ana.id), Outgoing((text,)))
            assert ana.from_bot()[-1].text == text
            assert sent.id == str(ana.from_bot()[-1].id)
            await asyncio.sleep(0.1)


async def test_P14_the_answer_to_somebody_elses_message_is_none(server: FakeTelegram, liar: Liar, ana: Person) -> None:
    other = said({"ok": True, "result": {"message_id": 77, "chat": {"id": 5, "type": "private"}}})
    lies_to("sendmessage", "editmessagetext", with_=other, liar=liar)
    async with channel(server, api=liar.url) as bot:
        (sent,) = await bot.send(str(ana.id), Outgoing(("Well?",)))
        assert await bot.send(str(ana.id), Outgoing(("Changed.",), edits=sent)) == (sent,)
        assert [m.text for m in ana.from_bot()] == ["Changed."]


# --- size ---


@pytest.mark.parametrize("name", ["a bomb", "a body without an end"])
async def test_P14_an_answer_is_never_larger_than_memory(liar: Liar, name: str) -> None:
    lie: Lie = bomb() if name == "a bomb" else SLOW[name]
    lies_to(with_=lie, liar=liar, times=1)
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    request = AiohttpRequest(1, 20)

    def figure(name: str) -> int:
        found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
        assert found
        return int(found.group(1))

    before = figure("VmRSS")
    with pytest.raises(TelegramError, match=r"too long|no answer in time|damaged"):
        await request.call(f"{liar.url}/botX/GetMe", {})
    await request.shutdown()
    assert (figure("VmHWM") - before) / 1024 < 150, "megabytes"


# --- the platform's own errors ---


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (401, "refuses the token"),
        (404, "is not its Bot API"),
        (409, "another program"),
        (420, "reached"),
        (500, "reached"),
    ],
)
async def test_P17_each_code_of_the_platforms_own_is_told_and_nothing_is_lost(
    server: FakeTelegram, liar: Liar, ana: Person, code: int, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    lies_to("getupdates", "sendmessage", with_=error(code, "Some reason"), times=3, liar=liar)
    async with polling(server, api=liar.url) as (bot, taking):
        update = await ana.says("They came.")
        sending = asyncio.create_task(bot.send(str(ana.id), Outgoing(("Well?",))))
        await until(lambda: says in bot.trouble)
        await server.wait_confirmed(update)
        await sending
        await until(lambda: bot.trouble == "")
        assert len(taking.events) == 1
        assert len(ana.from_bot()) == 1
    check_lines(caplog, str(code))


@pytest.mark.parametrize("body", [error(403, "Forbidden: bot was blocked"), error(400, "Bad Request: chat not found")])
async def test_P04_a_refused_chat_rests_at_once(server: FakeTelegram, liar: Liar, ana: Person, body: bytes) -> None:
    lies_to("sendmessage", with_=body, times=100, liar=liar)
    async with channel(server, api=liar.url) as bot:
        with pytest.raises(Undeliverable):
            await bot.send(str(ana.id), Outgoing(("Well?",)))
        assert bot.trouble == ""
        assert liar.asked.count("sendmessage") <= 3


@pytest.mark.parametrize(
    "seconds", ["-1e9", "0", "1e400", "-1e400", "NaN", "1e9999", "1" + "0" * 400, '"9"', "true", "{}"]
)
async def test_P14_no_rest_is_longer_than_what_waits_is_kept(seconds: str) -> None:
    body = b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":%s}}' % seconds.encode()
    with pytest.raises(TelegramError) as found:
        result_of(429, body)
    assert 0 <= calls.retry_after(found.value) <= 3600
    assert 0 < polling_module.LONGEST_REST <= 600, "of a day in which updates are kept"


# --- the shape of answers ---

KEYS = "ok result error_code description parameters retry_after migrate_to_chat_id message_id chat id url".split()
JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats(allow_nan=False)
    | some.text(max_size=20)
    | some.sampled_from(["ok", "result", 401, 403, 429, 2**53]),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(KEYS) | some.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(value=JSON, status=some.integers(0, 999), method=some.sampled_from([*SHAPES, "DeleteMessages", "SetWebhook"]))
@settings(max_examples=400, deadline=None)
def test_P14_any_json_is_an_answer_of_the_right_shape_or_a_telegram_error(value: Any, status: int, method: str) -> None:
    import msgspec

    try:
        result = checked(method, result_of(status, msgspec.json.encode(value)))
    except TelegramError as found:
        well = len(str(found)) < 300 and 0 <= calls.retry_after(found) <= 3600
        assert well, str(found)  # noqa: PT017  it may raise, and is looked at then
        return
    assert 200 <= status < 300
    assert isinstance(value, dict)
    assert value["ok"] is True
    assert result is True or isinstance(result, list if method == "GetUpdates" else dict)


@given(raw=some.binary(max_size=200), status=some.integers(0, 999))
@settings(max_examples=200, deadline=None)
def test_P14_any_bytes_are_no_answer(raw: bytes, status: int) -> None:
    with contextlib.suppress(TelegramError):
        checked("GetMe", result_of(status, raw))


@given(cuts=some.lists(some.tuples(some.integers(0, 200), some.binary(max_size=8)), max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_P14_an_answer_that_is_damaged_anywhere(cuts: list[tuple[int, bytes]]) -> None:
    raw = bytearray(http(200, TRUE, "Connection: close", kind="application/json"))
    for at, piece in cuts:
        raw[at : at + len(piece)] = piece

    async def ask() -> None:
        async with Liar(1, lambda method, count: bytes(raw)) as liar:
            request = AiohttpRequest(1, 0.3)
            try:
                assert await request.call(f"{liar.url}/bot{TOKEN}/SetWebhook", {}) is True
            except TelegramError as error:
                quiet = TOKEN not in str(error) and error.__cause__ is None
                assert quiet, str(error)  # noqa: PT017  as above
            finally:
                await request.shutdown()

    asyncio.run(ask())


# --- updates ---

ODD_UPDATES: list[Any] = [
    None, 5, "x", [], {}, True, {"update_id": None}, {"update_id": "5"}, {"update_id": -1}, {"update_id": 2**63},
    {"update_id": 5.5}, {"update_id": True}, {"message": {}}, {"update_id": 3, "message": None},
    {"update_id": 4, "message": []}, {"update_id": 5, "message": {"text": 5}}, {"update_id": 6, "x_unknown": {"a": 1}},
    {"update_id": 7, "callback_query": {"id": 5}}, {"update_id": 8, "my_chat_member": "x"}, {"update_id": 9},
    {"update_id": 10, "message": {"message_id": 2**70, "date": 1, "chat": {"id": 1, "type": "private"}}},
    {"update_id": 11, "message": {"message_id": "1", "date": "x", "chat": {"id": "1", "type": 5}, "from": []}},
]  # fmt: skip


@given(odd=some.lists(some.sampled_from(ODD_UPDATES), max_size=6), at=some.integers(0, 6))
@settings(max_examples=50, deadline=None)
def test_P07_an_update_that_is_none_beside_good_ones(odd: list[Any], at: int) -> None:
    good = {
        "update_id": 1000,
        "message": {
            "message_id": 5,
            "date": 1,
            "chat": {"id": 9, "type": "private"},
            "from": {"id": 9, "is_bot": False},
            "text": "They came.",
        },
    }
    found = asyncio.run(_polled([*odd[:at], good, *odd[at:]]))
    assert [e.text for e in found.events if isinstance(e, Said)] == ["They came."]


async def _polled(updates: list[Any]) -> Taking:
    """What a bot takes of one answer, until it confirms it."""
    from bot.channels.telegram.account import Account
    from bot.channels.telegram.health import Health
    from bot.channels.telegram.polling import Polling

    taking, confirmed = Taking(), asyncio.Event()

    async def call(method: str, values: dict[str, Any]) -> Any:
        if values["offset"] == 1001:
            confirmed.set()
        if confirmed.is_set():
            await asyncio.sleep(60)
        return updates

    async with FakeTelegram() as server, channel(server) as bot:
        polls = Polling(
            call, lambda raw: bot.take_one(raw, taking.take), lambda callback, notice: None, Health(), 1, Account(TOKEN)
        )
        task = asyncio.create_task(polls.run())
        await asyncio.wait_for(confirmed.wait(), 5)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return taking


async def test_P07_a_flood_of_what_can_not_be_read_is_one_line(
    server: FakeTelegram, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling(server) as (_, taking):
        for _ in range(150):
            await server.push({"message": {"text": "Unmistakable"}}, check=False)
        await server.wait_confirmed(await ana.says("They came."))
        assert len(taking.events) == 1
    assert sum("could not be read" in line for line in lines(caplog)) == 1
    assert "Unmistakable" not in caplog.text


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("SendMessage", {"message_id": 1}),
        ("SendMessage", {"message_id": 1, "chat": {"id": 8}}),
        ("SendMessage", {"message_id": 1, "chat": 7}),
        ("SendMessage", True),
        ("EditMessageText", True),
        ("EditMessageText", {"message_id": 3}),
        ("EditMessageText", {"message_id": 3, "chat": {"id": 8}}),
        ("EditMessageText", {"message_id": 4, "chat": {"id": 7}}),
    ],
)
def test_P14_an_answer_to_another_call_is_none_to_this_one(method: str, result: Any) -> None:
    """Seen in a soak of an hour: a second answer came just after the next call began, and its message was lost."""
    values = {"chat_id": 7, "message_id": 3}
    with pytest.raises(TelegramError):
        checked(method, result, values)
    right = {"message_id": 3, "chat": {"id": 7}}
    assert checked(method, right, values) == right
