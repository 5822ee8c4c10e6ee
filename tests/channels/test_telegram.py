"""Telegram: a whole report, and what platforms and people do to it."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.conversation import taking
from bot.flow.session import Session
from bot.report.opened import Opened, open_report
from bot.wiring import Bot
from tests.channels.conftest import RunBot, begin, submit, to_send, to_story
from tests.channels.fake_telegram import Failure, FakeTelegram, Person, too_many
from tests.conftest import IDENTITY, Clock


async def opened(bot: Bot, folder: Path) -> list[Opened]:
    await bot.settled()
    await bot.handoff.round()
    inbox = folder / "inbox"
    found = sorted(inbox.iterdir()) if inbox.is_dir() else []
    return [open_report(path, [IDENTITY], bot.house.signer.public) for path in found]


def session_of(bot: Bot) -> Session | None:
    """Where the one conversation that is awake stands."""
    standing = next(iter(bot.conversations._awake.values())).standing
    return standing.session if standing is not None else None


def words_of(report: Opened) -> list[str]:
    return [t for name, t in sorted(report.texts.items())]


async def test_a_whole_report(running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path) -> None:
    async with running(sensitive="ask") as bot:
        await ana.says("/start payload'; DROP TABLE")
        await ana.reads("safe to write")
        await ana.presses("Yes, go on")
        await ana.reads("Telegram can read this chat")
        await ana.presses("Write here anyway")
        await ana.reads("Do you agree to start")
        await ana.presses("Yes, I agree")
        await ana.reads("If you stop before the end")
        await ana.presses("No, destroy it")
        await ana.reads("Who are you telling us about")
        await ana.presses("Me")
        await ana.reads("under 18")
        await ana.presses("No")
        await ana.reads("What happened")
        await ana.says("They took my passport.")
        await ana.reads("Saved.")
        await ana.presses("Done")
        await ana.reads("In which country")
        await ana.says("Nairobi, Kenya")
        await ana.reads("What did you do")
        await ana.presses("Spoke at a meeting")
        await bot.settled()
        await ana.presses("Done")
        await ana.reads("How are you now")
        await ana.presses("Free but at risk")
        await ana.reads("who may see it")
        await ana.presses("Yes, to the UN team")
        await ana.reads("What name")
        await ana.says("Ana")
        await ana.reads("write to you again")
        await ana.presses("I come back with my number")
        await ana.reads("You may send it now")
        await submit(ana)
        (report,) = await opened(bot, tmp_path)
        assert report.document is not None
        assert report.document["answers"]["act_where"] == ["KE"]
        assert report.document["flags"] == ["TELEGRAM_SOURCE"]
        assert words_of(report) == ["They took my passport.", "Nairobi", "Ana"]
        await telegram.wait(lambda: [m.text for m in ana.messages()][1:] == [])
        # Both sides' messages are gone; only the farewell stands.
        assert "delete this chat" in ana.screen()


async def test_a_press_edits_instead_of_piling_up(running: RunBot, ana: Person) -> None:
    async with running():
        await to_story(ana)
        heads = [shown.text.split("\n")[0] for shown in ana.from_bot()]
        # What binds is always a new message: first the way to it, then two consents, and what follows in the last.
        assert len(heads) == 3, heads


async def test_confirmed_only_after_the_commit(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    async with running() as bot:
        await to_story(ana)
        commit = bot.store.commit
        gate = asyncio.Event()

        async def slow(turn):  # type: ignore[no-untyped-def]
            await gate.wait()
            return await commit(turn)

        bot.store.commit = slow  # type: ignore[method-assign]
        update = await ana.says("They came at night.")
        await asyncio.sleep(0.3)
        assert telegram.confirmed <= update
        gate.set()
        await telegram.wait_confirmed(update)


@pytest.mark.case("R02 R03 H04")
async def test_R02_R03_H04_buttons(running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person) -> None:
    async with running() as bot:
        await begin(ana)
        await bot.settled()
        old = ana.from_bot()[-1].rows[1][0]["callback_data"]
        shown = ana.from_bot()[-1]
        for _ in range(5):
            await ana.presses_data(old, shown)
        await ana.reads("Who are you telling us about")
        await bot.settled()
        session = session_of(bot)
        assert session is not None
        assert list(session.answers)[-1] == "if_silent"
        before = session.answers
        for data in (old, "x" * 64, "zzz:yes", ":", "~done", ben_button(ben), "1:+self\x00"):
            await ana.presses_data(data, shown)
        await telegram.wait_confirmed(telegram.next_update)
        await bot.settled()
        session = session_of(bot)
        assert session is not None
        assert session.answers == before
        assert "Who are you telling us about" in ana.screen()


def ben_button(ben: Person) -> str:
    return "abc:self"


@pytest.mark.case("R04 R05")
async def test_R04_R05_a_story_in_pieces(running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path) -> None:
    async with running() as bot:
        await to_story(ana)
        pieces = [f"Part {n}. " + "x" * n for n in range(6)]
        for piece in pieces:
            last = await ana.says(piece)
        long = "y" * 4001
        last = await ana.says(long)
        await telegram.wait_confirmed(last)
        await ana.reads("Saved.")
        await bot.settled()
        await finish_short(ana)
        (report,) = await opened(bot, tmp_path)
        assert report.document is not None
        parts = [p["part"] for p in report.document["answers"]["act_story"]["parts"]]
        assert [report.texts[p] for p in parts] == [*pieces, "y" * 4000, "y"]


async def finish_short(person: Person) -> None:
    await person.presses("Done")
    await person.reads("In which country")
    await person.says("Kenya")
    await person.reads("What did you do")
    for question in ("How are you now", "who may see it"):
        await person.says("skip")
        await person.reads(question)
    await person.presses("Only your team")
    await person.reads("What name")
    await person.says("skip")
    await person.reads("write to you again")
    await person.presses("No, never")
    await person.reads("You may send it now")
    await submit(person)


@pytest.mark.case("R21")
async def test_R21_words_sent_before_the_next_question_belong_to_theirs(
    running: RunBot, telegram: FakeTelegram, ana: Person
) -> None:
    async with running() as bot:
        await to_story(ana)
        await ana.says("They came at night.")
        await ana.reads("Saved.")
        first = next(m.id for m in ana.messages() if m.text == "They came at night.")
        await ana.presses("Done")
        await ana.reads("In which country")
        # An answer that quotes her own story is more of the story.
        quoted = {"message_id": first, "date": 1, "chat": ana._chat(), "from": ana._sender(), "text": "x"}
        await ana.says("There were four of them.", reply_to_message=quoted)
        await ana.reads("Added to what you told us before")
        await bot.settled()
        session = session_of(bot)
        assert session is not None
        assert len(session.answers["act_story"].parts) == 2
        assert session.at == "act_where"


@pytest.mark.case("R06")
async def test_R06_an_edit_takes_the_old_words_place(
    running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        await to_story(ana)
        await ana.says("They came at nigt.")
        await ana.reads("Saved.")
        message = [m.id for m in ana.messages() if not m.from_bot][-1]
        await ana.edits(message, "They came at night.")
        await ana.reads("We took your new words")
        await finish_short(ana)
        (report,) = await opened(bot, tmp_path)
        assert words_of(report) == ["They came at night."]


@pytest.mark.case("R07")
async def test_R07_what_is_no_text_is_not_kept(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    user = {"id": 1, "is_bot": False, "first_name": "x"}
    kinds = {
        "location": {"latitude": 1.5, "longitude": 2.5},
        "contact": {"phone_number": "+15550001", "first_name": "X"},
        "sticker": {
            "file_id": "a",
            "file_unique_id": "b",
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        },
        "dice": {"emoji": "🎲", "value": 3},
        "video_note": {"file_id": "a", "file_unique_id": "b", "length": 1, "duration": 1},
        "game": {"title": "t", "description": "d", "photo": []},
        "story": {"chat": {"id": 5, "type": "private"}, "id": 1},
        "voice": {"file_id": "a", "file_unique_id": "b", "duration": 1},
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
        "poll": {
            "id": "1",
            "question": "q",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        },
    }
    async with running() as bot:
        await to_story(ana)
        for kind, value in kinds.items():
            update = await ana.sends(**{kind: value})
            await telegram.wait_confirmed(update)
            await bot.settled()
            expected = {"location": "map pins", "contact": "map pins", "photo": "files", "voice": "files"}
            assert expected.get(kind, "answer in words") in ana.screen(), kind
            assert "What happened" in ana.screen()
        update = await ana.says("fwd", forward_origin={"type": "user", "date": 1, "sender_user": user})
        await telegram.wait_confirmed(update)
        await bot.settled()
        session = session_of(bot)
        assert session is not None
        assert "act_story" not in session.answers


@pytest.mark.case("R12")
async def test_R12_every_character_is_kept(
    running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person, tmp_path: Path
) -> None:
    odd = "a\u202eb\u200dc e\u0301 👩‍👩‍👧‍👦 \x00 %(x)s {y} <b>&amp; \x1b[31m ‎‏ العربية"
    async with running() as bot:
        await to_story(ana)
        # One lone surrogate in a batch: the other updates are served.
        await ana.says(odd)
        await ana.says("lone \ud83d surrogate")
        await ben.says("/start")
        await ben.reads("safe to write")
        await ana.reads("Saved.")
        await bot.settled()
        await finish_short(ana)
        (report,) = await opened(bot, tmp_path)
        assert words_of(report) == [odd, "lone \ufffd surrogate"]


@pytest.mark.case("R15")
async def test_R15_two_accounts_are_two_conversations(
    running: RunBot, ana: Person, ben: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        await to_story(ana)
        await to_story(ben)
        assert len(await bot.store.conversations()) == 2


@pytest.mark.case("R16 R17")
async def test_R16_R17_somebody_else_learns_nothing(
    running: RunBot, telegram: FakeTelegram, clock: Clock, ana: Person
) -> None:
    async with running() as bot:
        await to_story(ana)
        await ana.says("They beat me.")
        await ana.reads("Saved.")
        change = {"chat": ana._chat(), "from": ana._sender(), "date": 1}
        blocked = {"user": {"id": 1, "is_bot": True, "first_name": "b"}, "status": "kicked", "until_date": 0}
        member = {"user": {"id": 1, "is_bot": True, "first_name": "b"}, "status": "member"}
        update = await telegram.push(
            {"my_chat_member": {**change, "old_chat_member": member, "new_chat_member": blocked}}
        )
        await telegram.wait_confirmed(update)
        await ana.says("/start")
        await ana.reads("Hello. Start, or go on?")
        clock.pass_(minutes=31)
        await ana.says("they came back at night")
        await telegram.wait_confirmed(telegram.next_update)
        await bot.settled()
        assert "Start, or go on" in ana.screen()
        await ana.presses("Go on")
        await ana.reads("keep it")


@pytest.mark.case("R14")
async def test_R14_silence_ends_a_draft(
    running: RunBot, telegram: FakeTelegram, clock: Clock, ana: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        await to_story(ana)
        clock.pass_(hours=45)
        await bot.conversations.look()
        await bot.settled()
        assert len(await bot.store.conversations()) == 1
        clock.pass_(hours=1, minutes=30)
        await bot.conversations.look()
        await bot.settled()
        assert await bot.store.conversations() == []
        await ana.reads("This chat was closed and emptied")
        assert len(ana.messages()) == 1
        await ana.says("hello")
        await ana.reads("safe to write")


@pytest.mark.case("H06")
async def test_H06_only_private_chats(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    group = {"id": -100, "type": "group", "title": "G"}
    async with running() as bot:
        message = {"message_id": 5, "date": 1, "chat": group, "from": ana._sender(), "text": "our secret story"}
        await telegram.push({"message": message})
        await telegram.wait(lambda: -100 in telegram.left)
        assert [v["text"] for m, v in telegram.calls if m == "sendmessage"] == ["Please write to me in a private chat."]
        channel = {"id": -200, "type": "channel", "title": "C"}
        post = {"message_id": 6, "date": 1, "chat": channel, "text": "x"}
        await telegram.push({"channel_post": post})
        other_bot = {"id": 77, "is_bot": True, "first_name": "Bot"}
        chat = {"id": 77, "type": "private", "first_name": "Bot"}
        last = await telegram.push(
            {"message": {"message_id": 7, "date": 1, "chat": chat, "from": other_bot, "text": "hi"}}
        )
        await telegram.wait_confirmed(last)
        await bot.settled()
        assert 77 not in telegram.chats
        assert await bot.store.conversations() == []


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_v_a_press_outside_a_private_chat_is_nobodys(
    running: RunBot, telegram: FakeTelegram, ana: Person, kind: str
) -> None:
    """The bot's own buttons, forwarded or shown in a group: whoever presses them starts and answers nothing."""
    group = {"id": -100, "type": kind, "title": "G"}
    async with running() as bot:
        await ana.says("/start")
        await ana.reads("safe to write")
        shown = ana.from_bot()[-1]
        for row in shown.rows:
            for button in row:
                sender = {"id": 5, "is_bot": True, "first_name": "Bot"}
                message = {"message_id": shown.id, "date": 1, "chat": group, "from": sender, "text": "x"}
                callback = {"id": "1", "from": ana._sender(), "chat_instance": "1", "data": button["callback_data"]}
                last = await telegram.push({"callback_query": {**callback, "message": message}})
        await telegram.wait_confirmed(last)
        await bot.settled()
        await telegram.wait(lambda: "1" in telegram.answered)
        assert -100 not in telegram.chats, "nothing of a report is shown there"
        assert "safe to write" in ana.screen()
        assert len(ana.from_bot()) == 1
        assert bot.conversations.queued == 0
        assert await bot.store.conversations() == []
        await ana.presses("Yes, go on")
        await ana.reads("Do you agree to start")


@pytest.mark.case("H14")
async def test_H14_words_before_the_consent_are_only_in_memory(
    running: RunBot, telegram: FakeTelegram, clock: Clock, ana: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        await ana.says("They came at night and took my brother, help me.")
        await ana.reads("Nothing is written down yet")
        assert await bot.store.conversations() == []
        for path in tmp_path.rglob("*"):
            if path.is_file():
                assert b"brother" not in path.read_bytes()
        clock.pass_(minutes=31)
        await bot.conversations.look()
        assert bot.conversations._awake == {}


@pytest.mark.case("P01 P02")
async def test_P01_P02_each_update_once(running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path) -> None:
    async with running() as bot:
        await to_story(ana)
        await ana.says("Once.")
        await ana.reads("Saved.")
        copy = {"message": {**ana._new("Once.", 10_000), "text": "Once."}}
        number = await telegram.push(copy)
        await telegram.wait_confirmed(number)
        await telegram.push(copy, update_id=number)  # again, at once
        await asyncio.sleep(0.1)
    async with running() as bot:
        telegram.updates = [u for u in telegram.updates if u["update_id"] > number]
        await telegram.push(copy, update_id=number)  # and after a restart, out of order and with a gap
        last = await telegram.push({"message": {**ana._new("Two."), "text": "Two."}}, update_id=number + 500)
        await telegram.wait_confirmed(last)
        await bot.settled()
        await finish_short(ana)
        (report,) = await opened(bot, tmp_path)
        assert sorted(words_of(report)) == ["Once.", "Once.", "Two."]


@pytest.mark.case("P03")
async def test_P03_sends_never_give_up(running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person) -> None:
    async with running():
        telegram.failures += [
            Failure("SendMessage", 502, b"<html>Bad Gateway</html>", "text/html", chat=ana.id),
            Failure("SendMessage", 500, chat=ana.id),
            Failure("SendMessage", cut=True, chat=ana.id),
        ]
        await ana.says("/start")
        await ben.says("/start")
        await ben.reads("safe to write")
        await ana.reads("safe to write", 20)
        telegram.failures.append(Failure("EditMessageText", 500, after=True, chat=ana.id))
        await ana.presses("Yes, go on")
        await ana.reads("Do you agree")
        wait = too_many(1)
        wait.chat = ana.id
        telegram.failures.append(wait)
        await ana.says("hm")
        await ana.reads("did not get that", 20)


@pytest.mark.case("P04")
async def test_P04_a_blocked_chat_rests(running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person) -> None:
    body = json.dumps({"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"})
    async with running() as bot:
        telegram.failures.append(Failure("SendMessage", 403, body.encode(), times=50, chat=ana.id))
        await ana.says("/start")
        await ben.says("/start")
        await ben.reads("safe to write")
        await bot.settled()
        tries = [v for m, v in telegram.calls if m == "sendmessage" and v["chat_id"] == ana.id]
        assert len(tries) == 1


@pytest.mark.case("P05 P06")
async def test_P05_P06_one_line_to_the_operator(
    running: RunBot, telegram: FakeTelegram, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps({"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates"})
    telegram.failures.append(Failure("GetUpdates", 409, body.encode(), times=1))
    async with running() as bot:
        await ana.says("/start")
        await ana.reads("safe to write", 15)
        assert sum("another program polls" in r.getMessage() for r in caplog.records) == 1
        telegram.refuse_token = True
        await asyncio.sleep(1.5)
        channel = bot.house.channels["telegram"]
        for _ in range(40):
            if "token" in channel.trouble:  # type: ignore[attr-defined]
                break
            await asyncio.sleep(0.1)
        assert sum("refuses the token" in r.getMessage() for r in caplog.records) == 1


@pytest.mark.case("P07")
async def test_P07_a_malformed_update_is_left_out_alone(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    async with running():
        bad = [
            {"message": None},
            {"message": {"message_id": "x", "chat": {"id": 1, "type": "private"}}},
            {"message": {"message_id": 1, "chat": None, "date": 1}},
            {"message": {**ana._new("x"), "message_id": 2**63, "text": "x"}},
            {"message": {**ana._new("x"), "date": -(2**70), "text": "x"}},
            {"callback_query": {"id": 5}},
            {"x_unknown": {"a": [1, {"b": None}]}},
            {"edited_message": [1, 2]},
            {"my_chat_member": {}},
        ]
        for content in bad:
            await telegram.push(content, check=False)
        await telegram.push({"message": {**ana._new("x"), "text": "x"}}, check=False, update_id=2**80)
        await ana.says("/start")
        await ana.reads("safe to write")
        before = len(telegram.calls)
        await asyncio.sleep(0.5)
        assert len(telegram.calls) - before < 5, "one that can't be confirmed is not asked for without a pause"


@pytest.mark.case("P08")
async def test_P08_the_network_comes_back(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    async with running():
        await begin(ana)
        await telegram._runner.cleanup()
        await asyncio.sleep(1)
        await telegram.__aenter__()
        await ana.presses("No, destroy it")
        await ana.reads("Who are you telling us about", 30)


@pytest.mark.case("F10")
async def test_F10_words_of_a_poisoned_update_stay_sealed_in_their_draft(
    running: RunBot, telegram: FakeTelegram, ana: Person, ben: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = taking.step

    def fragile(flow, session, event, now):  # type: ignore[no-untyped-def]
        if getattr(event, "text", "") == "poison":
            raise RuntimeError("boom")
        return real(flow, session, event, now)

    monkeypatch.setattr(taking, "step", fragile)
    async with running() as bot:
        await to_story(ana)
        await ana.says("before")
        update = await ana.says("poison")
        await ana.says("after")
        await telegram.wait_confirmed(update + 1)
        await bot.settled()
        await begin(ben)
        rows = await bot.store._all("SELECT header, payload FROM parts")
        assert len(rows) == 3
        assert not any(b"poison" in each for row in rows for each in row)
        await finish_short(ana)
        (report,) = await opened(bot, tmp_path)
        assert sorted(words_of(report)) == ["after", "before", "poison"]


async def test_messages_are_deleted_before_telegram_forbids_it(
    running: RunBot, telegram: FakeTelegram, clock: Clock, ana: Person
) -> None:
    async with running() as bot:
        await to_story(ana)
        for hour in range(1, 61):
            clock.pass_(hours=1)
            if hour % 20 == 0:
                await ana.says("/start")
                await ana.reads("Start, or go on")
                await ana.presses("Go on")
            await bot.settled()
            await bot.conversations.look()
            await bot.settled()
            assert all(clock() - m.date <= 47 * 3600 for m in ana.messages())
        assert len(ana.messages()) < len(ana.messages(deleted=True))
        assert all(clock() - m.date <= 47 * 3600 for m in ana.messages())


async def test_a_submission_leaves_only_what_promise_five_names(
    running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        await to_send(ana)
        await submit(ana)
        await bot.settled()
        await bot.handoff.round()
        tables = {}
        for table in ("conversations", "parts", "outbox", "outbox_parts", "chores", "receipts"):
            tables[table] = len(await bot.store._all(f"SELECT 1 FROM {table}"))
        assert tables == {
            "conversations": 0,
            "parts": 0,
            "outbox": 0,
            "outbox_parts": 0,
            "chores": 0,
            "receipts": 1,
        }
        assert list(bot.house.keys.names()) == []  # type: ignore[attr-defined]


async def test_the_menu_of_commands_is_set_in_each_language(running: RunBot, telegram: FakeTelegram) -> None:
    async with running():
        await telegram.wait(lambda: sum(m == "setmycommands" for m, _ in telegram.calls) == 2)
        languages = [v.get("language_code") for m, v in telegram.calls if m == "setmycommands"]
        assert sorted(languages, key=str) == [None, "fr"]


async def test_the_platforms_language_comes_first(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    async with running(languages=()):
        message = ana._new("/start")
        message["from"]["language_code"] = "ar-EG"
        await telegram.push({"message": {**message, "text": "/start"}})
        await ana.reads("ما اللغة التي تناسبك")
        assert ana.from_bot()[-1].rows[0][0]["text"] == "العربية"
        await ana.presses("Français")
        await ana.reads("Êtes-vous dans un endroit sûr")


async def test_what_is_said_of_a_drafts_life_is_true_on_telegram(running: RunBot, ana: Person) -> None:
    async with running():
        await begin(ana)
        await ana.says("pause")
        await ana.reads("We keep this for 46 hours")
