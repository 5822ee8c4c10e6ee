"""The phone page's websocket, spoken as its page speaks it: promises 1 to 3, and what a stranger can't do."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.report.opened import open_report
from bot.running import open_phone
from bot.store import StoreError
from bot.wiring import Bot
from tests.conftest import IDENTITY, OpenBot
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME


def words_of(frame: dict[str, Any]) -> str:
    """What a message says."""
    return "\n\n".join(frame["paragraphs"])


def buttons_of(frame: dict[str, Any]) -> dict[str, str]:
    """What stands under a message: labels to data."""
    return {b["label"]: b["data"] for b in (*frame["choices"], *frame["extras"])}


class Tab:
    """One websocket. Frames are kept, so that a test may look back at them."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket, self.token = socket, token
        self.frames: list[dict[str, Any]] = []
        self.count = 0
        self.buttons: dict[str, str] = {}
        self.seen = 0

    def key(self) -> str:
        self.count += 1
        return f"{self.count}-{secrets.token_hex(8)}"

    async def send(self, **frame: Any) -> str:
        await self.socket.send_json(frame)
        return str(frame.get("key", ""))

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """The next frame with these values."""
        while True:
            frame = await asyncio.wait_for(self.socket.receive_json(), 10)
            self.frames.append(frame)
            if frame["type"] == "message" and (buttons := buttons_of(frame)):
                self.seen, self.buttons = frame["id"], buttons
            if all(frame.get(k) == v for k, v in wanted.items()):
                return frame

    async def does(self, line: str) -> None:
        """A button or words, until it is acknowledged and answered."""
        if line.startswith("["):
            key = await self.send(type="press", key=self.key(), data=self.buttons[line[1:-1]], message=self.seen)
        else:
            key = await self.send(type="say", key=self.key(), text=line, seen=self.seen)
        done = {"ack": False, "message": False}
        while not all(done.values()):
            frame = await self.until()
            done["message"] |= frame["type"] == "message"
            done["ack"] |= frame["type"] == "ack" and frame["key"] == key


@asynccontextmanager
async def page(open_test_bot: OpenBot, **more: Any) -> AsyncIterator[tuple[Bot, str]]:
    async with open_test_bot(**more) as bot:
        served = await open_phone(bot, "127.0.0.1:0")
        try:
            yield bot, served.url
        finally:
            await bot.conversations.stop()
            await served.close()


@asynccontextmanager
async def tab(url: str, token: str = "", hello: bool = True) -> AsyncIterator[Tab]:
    token = token or secrets.token_hex(16)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url.replace("http", "ws", 1) + "/talk", headers={"Origin": url}) as socket,
    ):
        found = Tab(socket, token)
        if hello:
            await found.send(type="hello", token=token)
            await found.until(type="room")
        yield found


async def begun(url: str, found: Tab) -> None:
    await found.send(type="start", key=found.key())
    await found.until(type="message")
    for line in UP_TO_NAME[:5]:
        await found.does(line)


async def test_acknowledged_means_committed(open_test_bot: OpenBot) -> None:
    """While the store can't write, nothing is acknowledged; sent again, it takes effect once."""
    async with page(open_test_bot) as (bot, url), tab(url) as ana:
        await begun(url, ana)
        real = bot.store.commit
        broken = True

        async def commit(turn: Any) -> bool:
            if broken and turn.updates:
                raise StoreError("the disk is full")
            return await real(turn)

        bot.store.commit = commit  # type: ignore[method-assign]
        key = await ana.send(type="say", key=ana.key(), text="words", seen=ana.seen)
        await ana.until(type="later", key=key)
        assert not any(f["type"] == "ack" and f["key"] == key for f in ana.frames)
        broken = False
        for _ in range(3):
            await ana.send(type="say", key=key, text="words", seen=ana.seen)
            await ana.until(type="ack", key=key)
        await bot.settled()
        (owner,) = await bot.store.conversations()
        assert len(await bot.store.parts(owner)) == 1


async def test_sent_again_after_a_restart_it_takes_effect_once(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with page(open_test_bot) as (_, url), tab(url) as ana:
        await begun(url, ana)
        key = await ana.send(type="say", key=ana.key(), text="once", seen=ana.seen)
        await ana.until(type="ack", key=key)
    async with page(open_test_bot) as (bot, url), tab(url, ana.token) as again:
        assert again.frames[0]["fresh"]
        again.count = ana.count
        await again.send(type="say", key=key, text="once", seen=ana.seen)
        await again.until(type="ack", key=key)
        await again.send(type="start", key=again.key())
        await again.until(type="message")
        for line in ["[Go on]", *UP_TO_NAME[6:], *TO_THE_END]:
            await again.does(line)
        await bot.handoff.round()
    (report,) = (tmp_path / "inbox").iterdir()
    assert list(open_report(report, [IDENTITY]).texts.values()).count("once") == 1


@pytest.mark.case("R21")
async def test_R21_words_belong_to_the_question_that_stood_there(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """A second message that was written before the next question was seen joins the first one's answer."""
    async with page(open_test_bot) as (bot, url), tab(url) as ana:
        await begun(url, ana)
        story = ana.seen
        await ana.does("First.")
        await ana.does("[Done]")
        await ana.send(type="say", key=ana.key(), text="Written before it was seen.", seen=story)
        frame = await ana.until(type="message")
        assert "Added to what you told us before" in words_of(frame)
        for line in [*UP_TO_NAME[7:], *TO_THE_END]:
            await ana.does(line)
        await bot.handoff.round()
    (report,) = (tmp_path / "inbox").iterdir()
    opened = open_report(report, [IDENTITY])
    parts = (opened.document or {})["answers"]["act_story"]["parts"]
    assert [opened.texts[p["part"]] for p in parts] == ["First.", "Written before it was seen."]


async def test_a_newer_tab_takes_over(open_test_bot: OpenBot) -> None:
    async with page(open_test_bot) as (_, url), tab(url) as ana:
        await begun(url, ana)
        async with tab(url, ana.token) as second:
            room = second.frames[0]
            assert "What happened, and about when" in words_of(room["entries"][-1])
            assert all(e.keys() == {"type", "id", "at", "own"} for e in room["entries"] if e["own"])
            await ana.until(type="elsewhere")
            key = await ana.send(type="say", key=ana.key(), text="from the old tab", seen=ana.seen)
            second.seen = ana.seen
            await second.does("from the new tab")
            assert not any(f.get("key") == key for f in ana.frames)


STRANGE = [
    "",
    "[]",
    "null",
    '{"type":"say"}',
    '{"type":"hello"}',
    '{"type":"hello","token":"short"}',
    '{"type":"hello","token":"' + "g" * 32 + '"}',
    '{"type":"hello","token":"' + "a" * 32 + '","more":1}',
    '{"type":"hello","token":"' + "a" * 32 + '","seen":-1}',
    "\x00",
    "{" * 50_000,
]


@pytest.mark.parametrize("frame", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_first_frame_ends_the_connection(open_test_bot: OpenBot, frame: str) -> None:
    async with page(open_test_bot) as (_, url), tab(url, hello=False) as ana:
        await ana.socket.send_str(frame)
        message = await asyncio.wait_for(ana.socket.receive(), 5)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"say","key":"1-00","text":"x"}',
        '{"type":"press","key":1}',
        '{"type":"shout"}',
        b"\xff\xfe",
        "x" * 300_000,
    ],
    ids=range(5),
)
async def test_a_strange_later_frame_ends_it_and_nothing_else(open_test_bot: OpenBot, frame: str | bytes) -> None:
    async with page(open_test_bot) as (_, url), tab(url) as other:
        await begun(url, other)
        async with tab(url) as ana:
            await (ana.socket.send_bytes(frame) if isinstance(frame, bytes) else ana.socket.send_str(frame))
            while (await asyncio.wait_for(ana.socket.receive(), 5)).type is aiohttp.WSMsgType.TEXT:
                pass
        await other.does("I am still here")


@pytest.mark.case("H04")
async def test_H04_forged_presses_change_nothing(open_test_bot: OpenBot) -> None:
    async with page(open_test_bot) as (_, url), tab(url) as ana:
        await begun(url, ana)
        for data in ("0:yes", "~erase", "\u202e" * 40, "", "x" * 5_000):
            await ana.send(type="press", key=ana.key(), data=data, message=ana.seen)
            frame = await ana.until(type="message")
            assert "What happened, and about when" in words_of(frame)


EVIL = [
    {"Host": "evil.example"},
    {"Host": "127.0.0.1"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://127.0.0.1"},
]


@pytest.mark.case("D01")
@pytest.mark.parametrize("headers", EVIL, ids=str)
async def test_D01_other_sites_reach_nothing(open_test_bot: OpenBot, headers: dict[str, str]) -> None:
    async with page(open_test_bot) as (_, url), aiohttp.ClientSession() as session:
        for path in ("/", "/words.json", "/phone.js"):
            async with session.get(url + path, headers=headers) as answer:
                assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url.replace("http", "ws", 1) + "/talk", headers={"Origin": url} | headers)


async def test_a_websocket_without_an_origin_is_refused(open_test_bot: OpenBot) -> None:
    async with page(open_test_bot) as (_, url), aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url.replace("http", "ws", 1) + "/talk")


async def test_every_answer_is_strict(open_test_bot: OpenBot) -> None:
    async with page(open_test_bot) as (_, url), aiohttp.ClientSession() as session:
        for path in ("/", "/words.json", "/phone.js", "/phone.css", "/icon.svg", "/nothing"):
            async with session.get(url + path) as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert "unsafe" not in answer.headers["Content-Security-Policy"]
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_knows_all_its_sentences_in_every_language(open_test_bot: OpenBot) -> None:
    import re

    from bot.channels.phone.app import SCRIPTS, STATIC

    sources = [*(STATIC / name for name in SCRIPTS), STATIC.parent / "app.py"]
    used = {name for path in sources for name in re.findall(r'"(page_\w+)"', path.read_text())}
    used |= {"page_sent", "page_saved"}  # marks: their names are put together
    async with (
        page(open_test_bot, languages=("en", "fr", "ar")) as (_, url),
        aiohttp.ClientSession() as session,
        session.get(f"{url}/words.json") as answer,
    ):
        words = await answer.json()
    assert list(words) == ["en", "fr", "ar"]
    assert words["ar"]["dir"] == "rtl"
    for language in words:
        assert set(words[language]) == used | {"dir"}, "none is missing, none is left over"


async def test_half_an_emoji_does_not_cost_its_sentence(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """A keyboard or a paste can cut one in two; its page would send the refused frame for ever."""
    async with page(open_test_bot) as (bot, url), tab(url) as ana:
        await begun(url, ana)
        await ana.does("They came at night \ud83d")
        for line in ("[Done]", *UP_TO_NAME[7:], *TO_THE_END):
            await ana.does(line)
        await bot.settled()
        await bot.handoff.round()
    (folder,) = [p for p in (tmp_path / "inbox").iterdir() if not p.name.startswith(".")]
    assert "They came at night \ufffd" in open_report(folder, [IDENTITY]).texts.values()


async def test_a_page_that_leaves_before_its_first_frame_is_no_error(
    open_test_bot: OpenBot, caplog: pytest.LogCaptureFixture
) -> None:
    async with page(open_test_bot) as (_, url):
        async with tab(url, hello=False):
            pass
        async with tab(url) as ana:
            await begun(url, ana)
    assert "Traceback" not in caplog.text
    assert not [r for r in caplog.records if r.exc_info]


async def test_what_was_refused_is_refused_again_when_its_answer_was_lost(open_test_bot: OpenBot) -> None:
    """A connection that drops in between must not turn "it can't be taken back" into "we dropped it"."""
    async with page(open_test_bot) as (_, url), tab(url) as ana:
        await begun(url, ana)
        asked = ana.key()
        answers = []
        for _ in range(2):
            await ana.send(type="take", key=asked, message=12_345)
            answers.append((await ana.until(type="ack", key=asked)).get("notice"))
        assert answers[0]
        assert answers == [answers[0], answers[0]]
