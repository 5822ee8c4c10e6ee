"""Cases of what goes wrong that need a whole bot, but no platform."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bot.handoff import Handoff, HandoffError
from bot.report.opened import Opened
from bot.report.sealed import SealedReport
from bot.store import Commit, Unwritable
from bot.talk.outgoing import Outgoing
from bot.wiring import Bot
from bot.words.loading import data_folder
from tests.conftest import Clock, OpenBot, lying_in, opened_by_any_tool
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, Account, everything, walk


def reports(folder: Path) -> list[Opened]:
    return [opened_by_any_tool(path) for path in lying_in(folder / "inbox")]


async def listening(  # type: ignore[no-untyped-def]
    bot, lines: list[str], first_update: int = 0
) -> tuple[Account, list[Outgoing]]:
    heard: list[Outgoing] = []
    chat = Account(heard.append)
    chat._update = first_update
    bot.house.channels["terminal"] = chat
    await bot.deliver(chat.came_back())
    await bot.settled()
    await walk(bot, lines, chat)
    return chat, heard


@pytest.mark.case("R05")
@pytest.mark.parametrize(("size", "kept"), [(4001, 4001), (50_000, 50_000), (1_000_000, 96_000)])
async def test_R05_long_words_are_kept_or_the_rest_is_asked_for(
    open_test_bot: OpenBot, tmp_path: Path, size: int, kept: int
) -> None:
    words = "\u202e" * size
    async with open_test_bot() as bot:
        lines = [words if line == UP_TO_NAME[5] else line for line in UP_TO_NAME]
        _, heard = await listening(bot, [*lines, *TO_THE_END])
        await bot.handoff.round()
        cut = [o.text for o in heard if "We kept the first 96000 characters" in o.text]
        assert len(cut) == (1 if kept < size else 0)
    (report,) = reports(tmp_path)
    assert report.document is not None
    parts = [report.texts[p["part"]] for p in report.document["answers"]["act_story"]["parts"]]
    assert "".join(parts) == words[:kept]


@pytest.mark.case("R08")
@pytest.mark.parametrize(("answer", "kept"), [("Yes, keep it", True), ("Write it again", False)])
async def test_R08_a_number_in_a_name_is_kept_only_on_a_yes(
    open_test_bot: OpenBot, tmp_path: Path, answer: str, kept: bool
) -> None:
    async with open_test_bot() as bot:
        lines = [*UP_TO_NAME[:-1], "Ana +34 600 123 456", f"[{answer}]", *([] if kept else ["Ana"])]
        await listening(bot, [*lines, *TO_THE_END])
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert ("Ana +34 600 123 456" in report.texts.values()) is kept


@pytest.mark.case("R22")
async def test_R22_a_later_answer_raises_what_was_told_before(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        more = ["[I come back with my number]", "[Add more]", "sexual violence"]
        chat, _ = await listening(bot, [*UP_TO_NAME, *more])
        await walk(bot, ["back"] * 2 + ["[Look at it first]", "[Send it now]"], chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert report.document is not None
    (part,) = report.document["answers"]["act_story"]["parts"]
    assert (part["class"], part["handle_as"]) == ("case", "sensitive")
    assert "SGBV" in report.document["flags"]


async def test_a_person_who_was_asked_for_stands_in_the_report(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        _, heard = await listening(bot, ["[Yes, go on]", "[Yes, I agree]", "human", *UP_TO_NAME[2:], *TO_THE_END])
        await bot.handoff.round()
        assert any("No one is here now" in o.text for o in heard)
    (report,) = reports(tmp_path)
    assert report.document is not None
    assert "HUMAN" in report.document["flags"]


@pytest.mark.case("R13")
async def test_R13_back_thirty_times_and_erase(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [*UP_TO_NAME, *["back"] * 30])
        assert "This is the first question" in heard[-1].text
        await walk(bot, ["erase"], chat)
        assert "We erased it here" in heard[-1].text
        assert await bot.store.conversations() == []


async def test_the_question_about_a_change_quotes_the_own_message(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        lines = [*UP_TO_NAME, "[I come back with my number]", "[Look at it first]", "[Change something]"]
        chat, heard = await listening(bot, UP_TO_NAME[:5])
        story = chat.said(UP_TO_NAME[5])
        await bot.deliver(story)
        await bot.settled()
        await walk(bot, [*lines[6:], "[What happened]"], chat)
        assert heard[-1].quotes == story.envelope.message


async def test_a_card_of_the_country_comes_first(open_test_bot: OpenBot, tmp_path: Path) -> None:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    card = 'checked: "2026-11-01"\nlines: ["Nairobi helpline: 0800 123."]\n'
    (tmp_path / "flows" / "help" / "KE.yaml").write_text(card)
    async with open_test_bot(flows=tmp_path / "flows") as bot:
        _, heard = await listening(bot, [*UP_TO_NAME, "danger"])
        text = heard[-1].text
        assert text.index("Leave this chat") < text.index("Nairobi helpline") < text.index("Front Line Defenders")
        assert "(Last checked: Sunday 1 November 2026.)" in text
        assert "What name should we use" not in text.split("Leave this chat")[0]


@pytest.mark.case("R17")
async def test_R17_danger_works_on_the_neutral_screen_and_shows_no_country(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock
) -> None:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    (tmp_path / "flows" / "help" / "KE.yaml").write_text(
        'checked: "2026-11-01"\nlines: ["Nairobi helpline: 0800 123."]\n'
    )
    async with open_test_bot(flows=tmp_path / "flows") as bot:
        chat, heard = await listening(bot, UP_TO_NAME)
        clock.pass_(minutes=31)
        await walk(bot, ["help"], chat)
        assert "Losing your phone soon" in heard[-1].text
        assert heard[-1].text.endswith("Hello. Start, or go on?")
        await walk(bot, ["danger"], chat)
        assert "Front Line Defenders" in heard[-1].text
        assert "Nairobi" not in heard[-1].text
        assert heard[-1].text.endswith("May our team read this, and see what it can do?")


async def test_a_session_finishes_on_the_version_that_it_began_with(open_test_bot: OpenBot, tmp_path: Path) -> None:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    first = tmp_path / "flows" / "reprisal" / "1.yaml"
    async with open_test_bot(flows=tmp_path / "flows") as bot:
        chat, _ = await listening(bot, UP_TO_NAME)
    text = (
        first.read_text().replace("version: 1\nroles", "version: 2\nroles").replace("write to you again", "write again")
    )
    first.with_name("2.yaml").write_text(text)
    async with open_test_bot(flows=tmp_path / "flows") as bot:
        bot.house.channels["terminal"] = chat
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
        other, _heard = await listening(bot, [])
        back = other.came_back()
        await bot.deliver(structs.replace(back, envelope=structs.replace(back.envelope, account="another")))
        await bot.settled()
        assert bot.house.flow.version == 2
    (report,) = reports(tmp_path)
    assert report.document is not None
    assert report.document["flow_version"] == 1


class Away:
    """An intake that is away, then answers twice for one report."""

    def __init__(self) -> None:
        self.there, self.taken, self.tries = False, [], 0  # type: ignore[var-annotated]

    async def hand_over(self, report: SealedReport) -> None:
        self.tries += 1
        if not self.there:
            raise HandoffError("away")
        self.taken.append(report.report)
        if self.taken.count(report.report) == 1 and len(self.taken) == 1:
            raise HandoffError("it has it, but its answer was lost")

    async def close(self) -> None:
        pass


@pytest.mark.case("F06")
async def test_F06_an_intake_that_is_away_for_three_days(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot() as bot:
        away = Away()
        handoff = Handoff(bot.store, away, clock)
        for n in range(3):
            await listening(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"], n * 1000)
            clock.pass_(minutes=1)
        first_order = [r for r, _ in await bot.store.outbox(int(clock()))]
        for _ in range(3 * 24 * 4):
            await handoff.round()
            clock.pass_(minutes=15)
        assert await bot.store.waiting() == 3
        assert away.tries < 3 * 24 * 4 * 3 + 3, "each report backs off"
        away.there = True
        for _ in range(10):
            await handoff.round()
            clock.pass_(minutes=30)
        assert await bot.store.waiting() == 0
        assert set(away.taken) == set(first_order)
        assert sorted(away.taken.count(r) for r in first_order) == [1, 1, 2]


@pytest.mark.case("R14")
async def test_R14_read_if_silent_is_handed_over_after_a_day_and_outlives_the_draft(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock
) -> None:
    async with open_test_bot() as bot:
        lines = ["[Yes, they may read it]" if line == "[No, destroy it]" else line for line in UP_TO_NAME]
        _, heard = await listening(bot, lines)
        said = len(heard)
        await passes(bot, clock, 23)
        assert await bot.store.waiting() == 0
        await passes(bot, clock, 2)
        assert await bot.store.waiting() == 1
        await passes(bot, clock, 46)
        assert len(await bot.store.conversations()) == 1
        assert len(heard) == said, "no phone rings for it"
        await passes(bot, clock, 2)
        assert await bot.store.conversations() == []
        assert "our team may read what you sent" in heard[-1].text
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert (report.manifest.state, report.manifest.version, report.manifest.ring) == ("open", 1, False)
    assert UP_TO_NAME[5] in report.texts.values()


@pytest.mark.case("R14")
async def test_R14_who_comes_back_after_a_day_of_silence_goes_on_in_the_same_report(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock
) -> None:
    async with open_test_bot() as bot:
        lines = ["[Yes, they may read it]" if line == "[No, destroy it]" else line for line in UP_TO_NAME]
        chat, heard = await listening(bot, lines)
        await passes(bot, clock, 25)
        await bot.handoff.round()
        (first,) = reports(tmp_path)
        await walk(bot, ["hello", "[Go on]", "status"], chat)
        assert "Our team can read what you told us so far" in heard[-1].text
        await walk(bot, TO_THE_END, chat)
        await bot.handoff.round()
    (second,) = reports(tmp_path)
    assert second.manifest.report == first.manifest.report
    assert (second.manifest.state, second.manifest.version) == ("submitted", 2)
    assert second.manifest.receipt == first.manifest.receipt


async def passes(bot: Bot, clock: Clock, hours: float) -> None:
    clock.pass_(hours=hours)
    await bot.conversations.look()
    await bot.settled()


async def test_not_now_after_the_consent_erases_what_was_written(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [*UP_TO_NAME, *["back"] * 30, "[Not now, forget this chat]"])
        assert "Are you sure" in heard[-1].text
        await walk(bot, ["[Yes, erase it]"], chat)
        assert await bot.store.conversations() == []
        assert list(bot.house.keys.names()) == []


async def test_start_new_after_sending_shows_the_number_first(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, [*UP_TO_NAME, *TO_THE_END])
        await bot.deliver(chat.came_back())
        await bot.settled()
        await walk(bot, ["[Start new]"], chat)
        assert "Your return number is" in heard[-1].text
        await bot.handoff.round()
    assert len(reports(tmp_path)) == 1


HOSTILE = [
    "start <script>alert(1)</script>",
    "'; DROP TABLE parts; --",
    "- !!python/object/apply:os.system ['id']",
    "{{ 7 * 7 }} {% raw %} {0} {country} {organisation}",
    "*bold* _it_ [link](http://x) <b>b</b> &amp;",
    "\x1b[2J\x1b]0;t\x07",
    "%(x)s %s %n",
    "\u202etxet\u202c \u2066x",
]


@pytest.mark.case("H05")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
async def test_H05_hostile_words_are_only_text_at_every_question(
    open_test_bot: OpenBot, tmp_path: Path, language: str
) -> None:
    """Typed at every question of the short way: nothing of them comes back, and nothing breaks."""
    async with open_test_bot(languages=(language,)) as bot:
        chat, heard = await listening(bot, [])
        for answer in ("1", "2", "1", "3", "1", "1"):  # the third keeps what came before the consent
            await walk(bot, [*HOSTILE, answer], chat)
        await walk(bot, HOSTILE, chat)
        said = "\n".join(o.text for o in heard)
        for words in HOSTILE:
            assert words not in said
        assert "49" not in said
        assert bot.house.seen_errors == {}
        await walk(bot, ["1", "Kenya", "2", "skip", "1", "skip", "1", "1"], chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    texts = list(report.texts.values())
    assert set(HOSTILE) <= set(texts), "sealed as they were typed"


@pytest.mark.case("R19")
async def test_R19_under_18_and_sexual_violence(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """No detail and no name is asked, nothing goes to a government or into print, a trained person reads first."""
    async with open_test_bot() as bot:
        start = ["[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[Yes]", "[It is not safe to tell them]"]
        short = [
            UP_TO_NAME[5],
            "done",
            "Kenya, Unmistakable-Town",
            "2",
            "skip",
            "[Yes, to the UN team]",
            "[Yes, in this chat]",
            "skip",
        ]
        act = ["[Add more]", "sexual violence", "skip", "skip", "skip", "skip", "[That was all, go on]"]
        chat, heard = await listening(bot, [*start, *short, *act])
        assert any("Example Organisation may have to tell people who protect children" in o.text for o in heard)
        assert any("You do not need to say more" in o.text for o in heard)
        await walk(bot, ["skip", "skip", "skip", "skip", "[Add more]", "skip", "skip", "[Go on]"], chat)
        assert "You do not have to choose about letters or public reports" in heard[-1].text
        await walk(bot, ["skip", "skip", "[Send it now]"], chat)
        assert not any("What name should we use" in o.text or "Your own name" in o.text for o in heard)
        assert not any("May the UN write" in o.text or "public report?" in o.text for o in heard)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    document = report.document or {}
    assert {"MINOR", "MINOR_UNSAFE", "SGBV"} <= set(document["flags"])
    assert {e.cls for e in report.entries.values()} == {"sensitive"}
    assert document["consent"]["raise"]["KE"]["answer"] == "no"
    assert document["consent"]["publish"]["answer"] == "no"
    assert document["consent"]["publish"]["by"] == "rule"


@pytest.mark.case("R18")
@pytest.mark.parametrize(
    ("languages", "first", "words", "says"),
    [
        (("en",), [], "I want to die. I can't go on.", "Front Line Defenders"),
        (("fr", "en"), [], "Je veux mourir.", "Front Line Defenders"),
        (("ar", "en"), [], "أريد أن أموت", "فرونت لاين"),
    ],
)
async def test_R18_help_comes_at_once_and_the_words_are_kept(
    open_test_bot: OpenBot, tmp_path: Path, languages: tuple[str, ...], first: list[str], words: str, says: str
) -> None:
    async with open_test_bot(languages=languages) as bot:
        # Numbers work in every language.
        lines = [*(["1"] if len(languages) > 1 else []), "1", "2", "3", "1", "1", words]
        chat, heard = await listening(bot, lines)
        assert says in heard[-1].text
        await walk(bot, [words], chat)  # the story goes on
        assert says not in heard[-1].text, "once: it is no lecture"
        await walk(bot, ["done", "Kenya", "2", "skip", "1", "skip", "1", "1"], chat)
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert report.document is not None
    assert "DISTRESS" in report.document["flags"]
    assert report.document["urgency"] == "P0"
    assert report.manifest.state == "submitted"
    assert list(report.texts.values()).count(words) == 2


@pytest.mark.case("H02")
async def test_H02_a_chat_sends_so_many_a_day_and_danger_is_always_open(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_test_bot(reports_a_day=2) as bot:
        chat, heard = await listening(bot, [])

        async def comes(*lines: str) -> None:
            await bot.deliver(chat.came_back())
            await bot.settled()
            await walk(bot, list(lines), chat)

        whole = (*UP_TO_NAME, *TO_THE_END, "[I wrote it down]")
        await walk(bot, list(whole), chat)
        await comes(*whole)
        await comes("[Yes, go on]")
        before = everything(tmp_path / "state", tmp_path / "keys")
        for _ in range(3):
            await walk(bot, ["[Yes, I agree]"], chat)
            assert heard[-1].text.startswith("We can't start a new one today.")
            assert "Yes, I agree" in str(heard[-1].choices), "the same question stands there"
        assert everything(tmp_path / "state", tmp_path / "keys") == before, "nothing is written for it"
        assert bot.house.seen_errors == {"limit": 3}
        assert caplog.text.count("a chat has sent its 2 reports of today") == 1
        await walk(bot, ["danger", "[Yes, read it and act]", "[Taken or held]"], chat)
        await bot.handoff.round()
        assert [r.manifest.state for r in reports(tmp_path)].count("open") == 1
        await walk(bot, ["erase"], chat)
        clock.pass_(hours=24)
        await comes(*whole)
        await bot.handoff.round()
        assert len(reports(tmp_path)) == 3


async def test_of_a_conversation_that_is_over_nothing_stays_in_memory(open_test_bot: OpenBot) -> None:
    async with open_test_bot() as bot:
        front = bot.conversations
        chat, _ = await listening(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"])
        assert front._awake == {}
        for end in (["[Not now, forget this chat]"], [*UP_TO_NAME[:4], "erase"]):
            await bot.deliver(chat.came_back())
            await bot.settled()
            assert len(front._awake) == 1
            await walk(bot, end, chat)
            assert front._awake == {}


@pytest.mark.case("F10")
async def test_F10_a_turn_that_no_store_can_take_holds_up_nobody(open_test_bot: OpenBot) -> None:
    """Neither it nor its setting aside can be written: it is said, and the conversation goes on."""
    async with open_test_bot() as bot:
        chat, heard = await listening(bot, UP_TO_NAME[:5])
        real, broken = bot.store.commit, True

        async def commit(turn: Commit) -> bool:
            if broken and turn.updates:
                raise Unwritable("a turn can't be written (OverflowError)")
            return await real(turn)

        bot.store.commit = commit  # type: ignore[method-assign]
        await asyncio.wait_for(bot.deliver(chat.said("These words are lost, and it is said.")), 10)
        await bot.settled()
        assert heard[-1].text.startswith("We have a problem on our side")
        assert bot.house.seen_errors == {"event": 1}
        broken = False
        await walk(bot, [*UP_TO_NAME[5:], *TO_THE_END], chat)
        assert "Your return number is" in heard[-1].text


async def test_an_error_that_nobody_foresaw_ends_no_part_of_the_bot(
    open_test_bot: OpenBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What destroys drafts, tidies chats and hands reports over begins again."""
    monkeypatch.setattr("bot.wiring.AGAIN", 0.01)
    async with open_test_bot() as bot:
        await listening(bot, [*UP_TO_NAME, *TO_THE_END])
        failed: list[str] = []

        def failing(name: str) -> Any:
            real = getattr(bot.store, name)

            async def fails(*values: int) -> Any:
                if name not in failed:
                    failed.append(name)
                    raise RuntimeError("nobody foresaw this")
                return await real(*values)

            return fails

        await bot.start()
        for name in ("due", "chores", "outbox"):
            monkeypatch.setattr(bot.store, name, failing(name))
        for _ in range(200):
            if list(tmp_path.glob("inbox/[!.]*")) and len(failed) == 3:
                break
            await asyncio.sleep(0.02)
        assert len(reports(tmp_path)) == 1
        assert sorted(failed) == ["chores", "due", "outbox"]
        assert bot.house.seen_errors == {"task": 3}
        assert not any(task.done() for task in bot.tasks)
