"""What comes through the phone page's door, and what goes out: the channel alone, over its real websocket."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.channels.phone import MOST_FRAME, Phone, make_app
from bot.machine.serving import Served
from bot.talk.events import CameBack, MessageRef, Pressed, Said
from bot.talk.outgoing import Choice, Outgoing
from tests.channels.alone import Taking, until

WORDS = {"en": {"dir": "ltr"}, "ar": {"dir": "rtl"}}
TOKEN = "0123456789abcdef" * 2


@asynccontextmanager
async def page(
    words: dict[str, dict[str, str]] | None = None, clock: Any = None
) -> AsyncIterator[tuple[Phone, Taking, str]]:
    """A phone page with nobody behind it; its address."""
    phone, taking = Phone(clock) if clock else Phone(), Taking()
    app = make_app(phone, taking.take, words or WORDS)
    served = await Served.start(app, "127.0.0.1", 0, ws="websockets-sansio", ws_max_size=MOST_FRAME)
    try:
        yield phone, taking, served.url
    finally:
        await served.close()


@asynccontextmanager
async def socket(url: str, **hello: Any) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A page that has entered its room."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url.replace("http", "ws", 1) + "/talk", headers={"Origin": url}) as found,
    ):
        await found.send_json({"type": "hello", "token": TOKEN} | hello)
        yield found


def key(number: int) -> str:
    return f"{number}-{secrets.token_hex(8)}"


async def heard(found: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of this kind."""
    while True:
        frame: dict[str, Any] = await asyncio.wait_for(found.receive_json(), 5)
        if frame["type"] == kind:
            return frame


async def test_an_event_comes_in_its_envelope() -> None:
    async with page(clock=lambda: 1_790_000_000.5) as (_, taking, url), socket(url, language="ar") as ana:
        first, second, third = key(1), key(2), key(3)
        await ana.send_json({"type": "start", "key": first})
        await ana.send_json({"type": "say", "key": second, "text": "They came.", "seen": 7})
        await ana.send_json({"type": "press", "key": third, "data": "1:yes", "message": 7})
        acknowledged = [await heard(ana, "ack") for _ in range(3)]
        assert [a["key"] for a in acknowledged] == [first, second, third]
        came, said, pressed = taking.arrivals
        assert came.event == CameBack()
        number = acknowledged[1]["id"]
        assert number >= 1_790_000_000_500
        assert said.event == Said("They came.", MessageRef(str(number), number))
        assert pressed.event == Pressed("1:yes", MessageRef("7", 7, True))
        assert said.envelope.message == MessageRef(str(number), number)
        assert (said.envelope.replies_to, said.envelope.sent) == ("7", 1_790_000_000)
        assert pressed.envelope.message is None
        assert came.envelope.message is None
        for arrival, one in zip(taking.arrivals, (first, second, third), strict=True):
            envelope = arrival.envelope
            assert (envelope.channel, envelope.update, envelope.language) == ("phone", f"{TOKEN}:{one}", "ar")
            assert envelope.account == envelope.address == TOKEN


async def test_sent_again_a_message_keeps_its_id() -> None:
    async with page() as (_, taking, url), socket(url) as ana:
        one = key(1)
        frame = {"type": "say", "key": one, "text": "They came.", "seen": 0}
        for _ in range(3):
            await ana.send_json(frame)
        ids = {(await heard(ana, "ack"))["id"] for _ in range(3)}
        assert len(ids) == 1
        assert {a.envelope.message for a in taking.arrivals} == {MessageRef(str(*ids), *ids)}
        assert taking.arrivals[0].envelope.replies_to == "", "nothing stood there yet"


async def test_what_could_not_be_written_is_not_acknowledged() -> None:
    async with page() as (_, taking, url), socket(url) as ana:
        taking.fails = lambda arrival: True
        await ana.send_json({"type": "say", "key": key(1), "text": "They came.", "seen": 0})
        await heard(ana, "later")


async def test_words_go_out_with_their_parts_apart() -> None:
    async with page() as (phone, _, url), socket(url) as ana:
        await heard(ana, "room")
        choices = (Choice("One", "1:a"), Choice("Two", "1:b", chosen=True))
        out = Outgoing(("First.", "Second.\n\nthird"), choices, (Choice("Help", "1:~help"),), language="ar")
        (sent,) = await phone.send(TOKEN, out)
        frame = await heard(ana, "message")
        assert sent == MessageRef(str(frame["id"]), frame["id"], True)
        assert frame["paragraphs"] == ["First.", "Second.\n\nthird"], "a paragraph stays one, whatever stands in it"
        assert frame["choices"] == [
            {"label": "One", "data": "1:a", "chosen": False},
            {"label": "Two", "data": "1:b", "chosen": True},
        ]
        assert frame["extras"] == [{"label": "Help", "data": "1:~help", "chosen": False}]
        assert (frame["language"], frame["quotes"]) == ("ar", 0)


async def test_both_sides_stand_in_one_order_that_a_restart_goes_on() -> None:
    now = 1_790_000_000.0
    async with page(clock=lambda: now) as (phone, taking, url), socket(url) as ana:
        orders = [(await phone.send(TOKEN, Outgoing(("x",))))[0].order for _ in range(2)]
        await ana.send_json({"type": "say", "key": key(1), "text": "x", "seen": 0})
        await until(lambda: bool(taking.arrivals))
        orders.append(taking.arrivals[0].envelope.message.order)  # type: ignore[union-attr]
        orders.append((await phone.send(TOKEN, Outgoing(("x",))))[0].order)
        assert orders == sorted(set(orders))
    now -= 3600  # the clock was set back meanwhile
    async with page(clock=lambda: now) as (phone, _, url), socket(url, seen=orders[-1]) as ana:
        await heard(ana, "room")
        assert (await phone.send(TOKEN, Outgoing(("x",))))[0].order > orders[-1]


async def test_changed_in_place_and_older_choices_are_gone() -> None:
    async with page() as (phone, _, url):
        (first,) = await phone.send(TOKEN, Outgoing(("First?",), (Choice("Yes", "1:yes"),), (Choice("Help", "1:h"),)))
        phone.pressed(TOKEN, key(1), "1:yes", first.order, "")
        (second,) = await phone.send(TOKEN, Outgoing(("Second?",), (Choice("No", "2:no"),)))
        assert await phone.send(TOKEN, Outgoing(("Second, changed?",), quotes=first, edits=second)) == (second,)
        async with socket(url) as ana:
            one, two = (await heard(ana, "room"))["entries"]
            assert (one["choices"], one["extras"], one["picked"]) == ([], [], "Yes")
            assert (two["paragraphs"], two["choices"], two["quotes"]) == (["Second, changed?"], [], first.order)


async def test_both_sides_messages_go_and_of_the_persons_no_word_is_kept() -> None:
    async with page() as (phone, taking, url), socket(url) as ana:
        await ana.send_json({"type": "say", "key": key(1), "text": "Unmistakable.", "seen": 0})
        await heard(ana, "ack")
        own = taking.arrivals[0].envelope.message
        assert own is not None
        (sent,) = await phone.send(TOKEN, Outgoing(("Well?",)))
        assert "Unmistakable" not in repr(phone.room(TOKEN).entries)
        assert await phone.delete(TOKEN, [own, sent])
        assert (await heard(ana, "gone"))["ids"] == [own.order, sent.order]
        assert phone.room(TOKEN).entries == {}
        assert phone.abilities.words() == ("buttons", "edits", "deletes", "sensitive_allow")


@pytest.mark.parametrize("text", ["They came \ud83d", "\udc00"])
async def test_half_a_character_costs_only_itself(text: str) -> None:
    async with page() as (_, taking, url), socket(url) as ana:
        await ana.send_json({"type": "say", "key": key(1), "text": text, "seen": 0})
        await heard(ana, "ack")
        (arrival,) = taking.arrivals
        assert isinstance(arrival.event, Said)
        assert arrival.event.text == text.replace("\ud83d", "\ufffd").replace("\udc00", "\ufffd")
