"""What comes through Telegram's door, and what goes out: the channel alone, over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram.splitting import split_text, units
from bot.talk.events import Blocked, CameBack, Edited, Event, MessageRef, Pressed, Refused, Said
from bot.talk.outgoing import Choice, Outgoing, Undeliverable
from tests.channels.alone import SENTENCE, Taking, channel, polling
from tests.channels.fake_telegram import Failure, FakeTelegram, Person

FILE = {"file_id": "a", "file_unique_id": "b"}
PHOTO = [{**FILE, "width": 1, "height": 1}]
USER = {"id": 1, "is_bot": False, "first_name": "x"}
BOT = {"id": 2, "is_bot": True, "first_name": "y", "username": "gifs_bot"}


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def ana(server: FakeTelegram) -> Person:
    return Person(server, 900_100_200)


async def came(server: FakeTelegram, taking: Taking, update: int) -> Event | None:
    """What this update led to; None: to nothing."""
    await server.wait_confirmed(update)
    found = [a.event for a in taking.arrivals if a.envelope.update == str(update)]
    assert len(found) <= 1
    return found[0] if found else None


# --- in ---


async def test_an_event_comes_in_its_envelope(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        first = ana._new("x")
        quoted = {**first, "text": "x"}
        message = {**ana._new("They came."), "text": "They came.", "reply_to_message": quoted}
        message["from"]["language_code"] = "ar-EG"
        update = await server.push({"message": message})
        await server.wait_confirmed(update)
        (arrival,) = taking.arrivals
        number = message["message_id"]
        assert arrival.event == Said("They came.", MessageRef(str(number), number))
        envelope = arrival.envelope
        assert (envelope.channel, envelope.update) == ("telegram", str(update))
        assert envelope.account == envelope.address == str(ana.id)
        assert envelope.message == MessageRef(str(number), number)
        assert envelope.replies_to == str(first["message_id"])
        assert envelope.sent == message["date"]
        assert envelope.language == "ar-EG"


async def test_a_press_names_our_message_and_comes_as_none(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (bot, taking):
        (sent,) = await bot.send(str(ana.id), Outgoing(("Well?",), (Choice("Yes", "1:yes"),)))
        update = await ana.presses("Yes")
        assert await came(server, taking, update) == Pressed("1:yes", sent)
        assert sent.ours
        assert taking.arrivals[0].envelope.message is None, "it is no message that would have to be deleted"
        assert taking.arrivals[0].envelope.sent == int(ana.from_bot()[0].date), "but the one that it stood under is"
        await server.wait(lambda: len(server.answered) == 1)


async def test_start_and_blocked(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        assert await came(server, taking, await ana.says("/start secret-payload")) == CameBack()
        assert taking.arrivals[0].envelope.message is not None, "it can be deleted"
        member = {"user": BOT, "status": "member"}
        change = {"chat": ana._chat(), "from": ana._sender(), "date": 1, "old_chat_member": member}
        kicked = {"user": BOT, "status": "kicked", "until_date": 0}
        update = await server.push({"my_chat_member": {**change, "new_chat_member": kicked}})
        assert await came(server, taking, update) == Blocked()


LINKS = [
    ("the video", [("text_link", 4, 5, "https://a.example/v")], "the video <https://a.example/v>"),
    ("👩‍👩‍👧 here.", [("text_link", 9, 4, "https://a.example")], "👩‍👩‍👧 here <https://a.example>."),
    (
        "one and two",
        [("text_link", 8, 3, "https://b.example"), ("text_link", 0, 3, "https://a.example")],
        "one <https://a.example> and two <https://b.example>",
    ),
    (
        "bold link",
        [("text_link", 0, 4, "x://1"), ("bold", 0, 4, ""), ("text_link", 4, 5, "x://1")],
        "bold link <x://1>",
    ),
    ("https://a.example", [("text_link", 0, 17, "https://a.example")], "https://a.example"),
    (
        "https://good.example",
        [("text_link", 0, 20, "https://bad.example")],
        "https://good.example <https://bad.example>",
    ),
    ("شاهد هنا الآن", [("text_link", 5, 3, "https://a.example")], "شاهد هنا <https://a.example> الآن"),
]


def entities(found: list[tuple[str, int, int, str]]) -> list[dict[str, Any]]:
    return [
        {"type": kind, "offset": at, "length": size} | ({"url": url} if url else {}) for kind, at, size, url in found
    ]


@pytest.mark.parametrize(("text", "links", "kept"), LINKS, ids=range(len(LINKS)))
async def test_I03_an_address_behind_words_is_kept_beside_them(
    server: FakeTelegram, ana: Person, text: str, links: list[tuple[str, int, int, str]], kept: str
) -> None:
    async with polling(server) as (_, taking):
        event = await came(server, taking, await ana.says(text, entities=entities(links)))
        assert isinstance(event, Said)
        assert event.text == kept
        edit = await came(server, taking, await ana.edits(int(event.message.id), text, entities=entities(links)))
        assert isinstance(edit, Edited)
        assert (edit.text, edit.message) == (kept, event.message)


async def test_I03_somebody_without_a_name_is_found_again(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        mention = {"type": "text_mention", "offset": 0, "length": 2, "user": USER}
        event = await came(server, taking, await ana.says("He did it", entities=[mention]))
        assert isinstance(event, Said)
        assert event.text == "He <tg://user?id=1> did it"


ODD: list[Any] = [
    None,
    "x",
    [None, 5, "x", []],
    [{"type": "text_link"}],
    [{"type": "text_link", "offset": -1, "length": 2, "url": "https://a.example"}],
    [{"type": "text_link", "offset": 0, "length": 99, "url": "https://a.example"}],
    [{"type": "text_link", "offset": "0", "length": 2, "url": "https://a.example"}],
    [{"type": "text_link", "offset": 0, "length": 2, "url": None}],
    [{"type": "text_link", "offset": 0, "length": 2, "url": " \n"}],
    [{"type": "text_mention", "offset": 0, "length": 2, "user": {}}],
    [{"type": "text_link", "offset": 2**70, "length": 2, "url": "https://a.example"}],
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_I03_entities_without_sense_cost_no_word(server: FakeTelegram, ana: Person, odd: Any) -> None:
    async with polling(server) as (_, taking):
        message = {**ana._new("They came."), "text": "They came.", "entities": odd}
        event = await came(server, taking, await server.push({"message": message}, check=False))
        assert isinstance(event, Said)
        assert event.text == "They came."


OTHERS: dict[str, Any] = {
    "rich_message": {"blocks": []},
    "tomorrows_kind": {"a": 1},
    "sticker": {"x": 1},
    "dice": {"emoji": "🎲", "value": 3},
    "video_note": FILE,
    "story": {"id": 1},
    "game": {},
    "poll": {},
    "checklist": {},
    "web_app_data": {"data": "x"},
    "users_shared": {},
    "gift": {},
    "passport_data": {},
}


@pytest.mark.parametrize("kind", [*OTHERS, ""])
async def test_I04_whatever_has_no_words_is_answered(server: FakeTelegram, ana: Person, kind: str) -> None:
    async with polling(server) as (_, taking):
        message = ana._new("") | ({kind: OTHERS[kind]} if kind else {})
        event = await came(server, taking, await server.push({"message": message}, check=False))
        assert event == Refused("other", MessageRef(str(message["message_id"]), message["message_id"]))


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "audio", "video", "animation", "paid_media"])
@pytest.mark.parametrize("caption", ["", "They beat him here."])
async def test_I04_a_file_is_told_so_with_or_without_words(
    server: FakeTelegram, ana: Person, kind: str, caption: str
) -> None:
    async with polling(server) as (_, taking):
        content: dict[str, Any] = {kind: PHOTO if kind == "photo" else FILE}
        if caption:
            content["caption"] = caption
        event = await came(server, taking, await server.push({"message": ana._new("") | content}, check=False))
        assert isinstance(event, Refused)
        assert event.kind == "file"


async def test_I04_pins_and_contacts_have_kinds_of_their_own(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        point = {"latitude": 1.5, "longitude": 2.5}
        for content, kind in (
            ({"location": point}, "location"),
            ({"venue": {"location": point, "title": "t", "address": "a"}, "location": point}, "location"),
            ({"contact": {"phone_number": "+15550001", "first_name": "X"}}, "contact"),
        ):
            event = await came(server, taking, await ana.sends(**content))
            assert isinstance(event, Refused)
            assert event.kind == kind


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("message_auto_delete_timer_changed", {"message_auto_delete_time": 86400}),
        ("pinned_message", {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}),
        ("forum_topic_created", {"name": "t", "icon_color": 1}),
        ("forum_topic_edited", {"name": "t"}),
        ("write_access_allowed", {}),
        ("chat_background_set", {"type": {}}),
        ("boost_added", {"boost_count": 1}),
    ],
)
async def test_I04_what_nobody_sent_is_not_answered(
    server: FakeTelegram, ana: Person, kind: str, content: dict[str, Any]
) -> None:
    async with polling(server) as (_, taking):
        message = ana._new("") | {kind: content}
        assert await came(server, taking, await server.push({"message": message}, check=False)) is None
        assert server.complaints == []


async def test_I05_an_album_is_one_burst(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        for group in ("7", "7", "7", "8"):
            last = await ana.sends(photo=PHOTO, media_group_id=group)
        await ana.sends(photo=PHOTO)
        await server.wait_confirmed(last + 1)
        assert [e.burst for e in taking.events if isinstance(e, Refused)] == ["7", "7", "7", "8", ""]


@pytest.mark.parametrize(
    "whose", [{"forward_origin": {"type": "user", "date": 1, "sender_user": USER}}, {"via_bot": BOT}]
)
async def test_I06_the_words_of_others_come_marked(server: FakeTelegram, ana: Person, whose: dict[str, Any]) -> None:
    async with polling(server) as (_, taking):
        event = await came(server, taking, await ana.says("We will find you.", **whose))
        assert isinstance(event, Said)
        assert (event.text, event.forwarded) == ("We will find you.", True)
        event = await came(server, taking, await ana.says("/start", **whose))
        assert isinstance(event, Said), "nobody came back: somebody else's /start was passed on"
        event = await came(server, taking, await ana.sends(photo=PHOTO, caption="x", **whose))
        assert isinstance(event, Refused)
        assert event.kind == "file"


async def test_I01_a_location_that_moves_says_it_once(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        live = {"latitude": 1.5, "longitude": 2.5, "live_period": 900}
        message = {**ana._new(""), "location": live}
        first = await came(server, taking, await server.push({"message": message}))
        assert isinstance(first, Refused)
        for step in range(5):
            moved = {**message, "edit_date": message["date"] + step, "location": {**live, "latitude": 1.5 + step}}
            assert await came(server, taking, await server.push({"edited_message": moved})) is None
        assert len(taking.arrivals) == 1


async def test_I02_words_that_get_a_picture_are_still_words(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        said = await came(server, taking, await ana.says("They came at nigt."))
        assert isinstance(said, Said)
        number = int(said.message.id)
        content = {"photo": PHOTO, "caption": "They came at night.", "edit_date": 1}
        update = await server.push({"edited_message": ana._new("", number) | content})
        assert await came(server, taking, update) == Edited("They came at night.", said.message)


async def test_I09_a_topic_is_answered_in_the_topic(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (bot, taking):
        await ana.says("Here.", message_thread_id=77, is_topic_message=True)
        await ana.says("A thread of replies is no topic.", message_thread_id=78)
        last = await ana.says("And there.")
        await server.wait_confirmed(last)
        assert [a.envelope.address for a in taking.arrivals] == [f"{ana.id}/77", str(ana.id), str(ana.id)]
        assert {a.envelope.account for a in taking.arrivals} == {str(ana.id)}, "one conversation"
        address = taking.arrivals[0].envelope.address
        asked = Outgoing(("Well?",), (Choice("Yes", "1:yes"),))
        (sent,) = await bot.send(address, asked)
        assert server.chats[ana.id][int(sent.id)].topic == 77
        update = await ana.presses("Yes")
        await server.wait_confirmed(update)
        assert taking.arrivals[-1].envelope.address == address
        changed = await bot.send(address, Outgoing(("Changed.",), edits=sent))
        assert changed == (sent,)
        assert await bot.delete(address, [sent])
        assert server.chats[ana.id][int(sent.id)].deleted


async def test_I09_a_topic_that_was_closed_costs_no_message(server: FakeTelegram, ana: Person) -> None:
    async with channel(server) as bot:
        server.closed_topics.add(77)
        (sent,) = await bot.send(f"{ana.id}/77", Outgoing(("Well?",)))
        assert server.chats[ana.id][int(sent.id)].topic == 0


@pytest.mark.case("S08")
async def test_S08_a_group_costs_one_sentence(server: FakeTelegram, ana: Person) -> None:
    def talk(chat: int, number: int) -> dict[str, Any]:
        group = {"id": chat, "type": "supergroup", "title": "G"}
        return {"message": {"message_id": number, "date": 1, "chat": group, "from": ana._sender(), "text": "secret"}}

    async with polling(server) as (_, taking):
        for number in range(1, 301):
            last = await server.push(talk(-100 - number % 3, number))
        await server.wait_confirmed(last)
        await server.wait(lambda: len(server.left) == 3)
        last = await server.push(talk(-100, 400))
        await server.wait_confirmed(last)
        asked = [(m, v["chat_id"]) for m, v in server.calls if m in ("sendmessage", "leavechat")]
        assert sorted(asked) == sorted((m, c) for m in ("sendmessage", "leavechat") for c in (-100, -101, -102))
        assert {v["text"] for m, v in server.calls if m == "sendmessage"} == {SENTENCE}
        assert taking.arrivals == []


async def test_S08_what_is_remembered_of_groups_is_bounded() -> None:
    from bot.channels.telegram.recent import Recent

    recent = Recent(3)
    assert [recent.adds(n) for n in (1, 2, 3, 1, 4, 2)] == [True, True, True, False, True, True]
    assert len(recent._known) == 3


async def test_in_a_group_a_press_is_nobodys(server: FakeTelegram, ana: Person) -> None:
    async with polling(server) as (_, taking):
        under = {"message_id": 5, "date": 1, "chat": {"id": -100, "type": "group", "title": "G"}}
        callback = {"id": "9", "from": ana._sender(), "chat_instance": "1", "data": "1:yes", "message": under}
        assert await came(server, taking, await server.push({"callback_query": callback}, check=False)) is None
        await server.wait(lambda: server.answered == ["9"])


# --- out ---


async def test_choices_stand_below_each_other_and_extras_in_pairs(server: FakeTelegram, ana: Person) -> None:
    choices = (Choice("One", "1:a"), Choice("Two", "1:b", chosen=True), Choice("Three", "1:c"))
    extras = (Choice("Back", "1:~back"), Choice("Skip", "1:~skip"), Choice("Help", "1:~help"))
    async with channel(server) as bot:
        await bot.send(str(ana.id), Outgoing(("First.", "Second."), choices, extras))
        (shown,) = ana.from_bot()
        assert shown.text == "First.\n\nSecond."
        assert [[b["text"] for b in row] for row in shown.rows] == [
            ["One"],
            ["✓ Two"],
            ["Three"],
            ["Back", "Skip"],
            ["Help"],
        ]


async def test_what_it_can_do_is_said(server: FakeTelegram) -> None:
    async with channel(server, sensitive="refuse") as bot:
        can = bot.abilities
        assert (can.buttons, can.edits, can.deletes, can.orders, can.files) == (True, True, "both", True, False)
        assert can.deletes_for < 48 * 3600
        assert can.longest_text == 4096
        assert can.words() == ("buttons", "edits", "deletes", "sensitive_refuse")
        assert Telegram.KEEPS == 86_400


async def test_a_long_text_goes_in_pieces_with_the_buttons_last(server: FakeTelegram, ana: Person) -> None:
    text = "\n".join("👪" * 90 for _ in range(60))
    async with channel(server) as bot:
        sent = await bot.send(str(ana.id), Outgoing((text,), (Choice("Yes", "1:yes"),)))
        shown = ana.from_bot()
        assert [m.id for m in shown] == [int(ref.id) for ref in sent]
        assert [bool(m.rows) for m in shown] == [False] * (len(shown) - 1) + [True]
        assert "\n".join(m.text for m in shown) == text


@pytest.mark.parametrize("text", ["", "x" * 4096, "x" * 4097, "👪" * 5000, "a\n" * 5000, "\n" * 9000 + "x"])
def test_pieces_fit_and_lose_nothing(text: str) -> None:
    pieces = split_text(text)
    assert all(units(piece) <= 4096 for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


async def test_quotes_and_changes(server: FakeTelegram, ana: Person) -> None:
    async with channel(server) as bot:
        own = ana._new("x")["message_id"]
        (sent,) = await bot.send(str(ana.id), Outgoing(("Is it so?",), quotes=MessageRef(str(own), own)))
        assert server.chats[ana.id][int(sent.id)].quotes == own
        for _ in range(2):  # the second time nothing changes, and that is no error
            assert await bot.send(str(ana.id), Outgoing(("It is so.",), edits=sent)) == (sent,)
        await bot.delete(str(ana.id), [sent])
        (again,) = await bot.send(str(ana.id), Outgoing(("It is gone.",), edits=sent))
        assert again != sent, "what can't be changed any more is sent anew"


async def test_deleted_are_both_sides_and_what_is_too_old_is_said(server: FakeTelegram, ana: Person) -> None:
    now = 1_790_000_000.0
    server.clock = lambda: now
    async with channel(server) as bot:
        (sent,) = await bot.send(str(ana.id), Outgoing(("Old.",)))
        now += 48 * 3600 + 1
        own = ana._new("New.")["message_id"]
        refs = [sent, MessageRef(str(own), own), MessageRef("never-ours", 0)]
        assert not await bot.delete(str(ana.id), refs)
        assert [m.text for m in ana.messages()] == ["Old."], "the others are gone"
        assert await bot.delete(str(ana.id), [refs[1]]), "what is gone already is no failure"


async def test_a_chat_that_is_gone_is_undeliverable(server: FakeTelegram, ana: Person) -> None:
    blocked = b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'
    async with channel(server) as bot:
        server.failures.append(Failure("SendMessage", 403, blocked))
        with pytest.raises(Undeliverable):
            await bot.send(str(ana.id), Outgoing(("Well?",)))
        missing = b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}'
        server.failures.append(Failure("SendMessage", 400, missing, times=3))
        with pytest.raises(Undeliverable):
            await bot.send(f"{ana.id}/5", Outgoing(("Well?",), quotes=MessageRef("1", 1)))


async def test_Q01_a_line_of_arabic_begins_on_its_side(server: FakeTelegram, ana: Person) -> None:
    review = "\u2068الاسم\u2069: \u2068Ana\u2069\nهل هذا صحيح؟"
    async with channel(server) as bot:
        await bot.send(str(ana.id), Outgoing((review,), language="ar"))
        assert ana.screen() == f"\u200f{review}"
