"""X01: "a person is told now" is said while an alarm that a person heard rings, and this version came to the intake.

A danger call over a real Bot API server, a real SMTP server and a real push server; the intake is a folder, or away.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.alarm.targets import Mail, Push
from bot.handoff import HandoffError
from bot.report.opened import Opened
from bot.state import reports_looked_mark, set_mark
from bot.wiring import Bot
from tests.alarm.sinks import Mailbox, Ntfy, ntfy_server, smtp_server
from tests.channels.conftest import RunBot, ana, begin, running, telegram
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.conftest import Clock
from tests.e2e.test_cases import reports

__all__ = ["ana", "running", "telegram"]  # fixtures
TOLD = "A person is told now."
NOBODY = "Nobody is told at once."


@asynccontextmanager
async def alarmed() -> AsyncIterator[tuple[dict[str, Any], Mailbox, Ntfy]]:
    """Settings of a bot whose alarm goes by mail first, then by push."""
    async with smtp_server() as box, ntfy_server() as ntfy:
        targets = Mail("duty@example.org"), Push(f"{ntfy.url}/a-long-random-topic", "")
        yield (
            {"alarm": targets, "alarm_mail": f"smtp://127.0.0.1:{box.port}", "alarm_from": "stonechat@example.org"},
            box,
            ntfy,
        )


async def rehearsed(bot: Bot, box: Mailbox) -> None:
    """A person hears the rehearsal of the first target, and says so."""
    assert bot.alarm is not None
    assert [error for _, error in await bot.alarm.rehearse()] == [None, None]
    code = re.search(r"\d{6}", box.mails[-1][2].get_content())
    assert code
    await bot.alarm.heard(code.group(0))
    box.mails.clear()
    await bot.alarm._look()
    assert bot.alarm.backed(bot.house.clock())


async def calls(person: Person) -> None:
    """From the first screen to the yes that lets people read it."""
    await person.says("/start")
    await person.reads("safe to write")
    await person.presses("I am in danger now")
    await person.reads("May our team read")
    await person.presses("Yes, read it and act")
    await person.reads("What is going on")


async def tells(person: Person, contact: str = "In this chat") -> str:
    """Six answers more; what stands at their end."""
    await person.presses("Taken or held")
    await person.reads("Who needs help")
    await person.presses("Someone else")
    await person.reads("Which country")
    await person.says("Kenya, my brother Ali, since this morning")
    await person.reads("How may we reach you")
    await person.presses(contact)
    await person.reads("who else may see it")
    await person.presses("Ask me first")
    return await person.reads("You can stop here")


def all_said(person: Person) -> str:
    return "\n".join(message.text for message in person.from_bot())


async def until(what: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.01)


def cut_off(bot: Bot) -> Any:
    """The intake is away; returns what brings it back."""
    connector = bot.handoff._connector
    hand_over = connector.hand_over

    async def away(report: object) -> None:
        raise HandoffError("the intake is away")

    connector.hand_over = away  # type: ignore[method-assign]

    def back() -> None:
        connector.hand_over = hand_over  # type: ignore[method-assign]

    return back


async def comes_back_later(bot: Bot, clock: Clock, back: Any) -> None:
    """The intake, once somebody else may hold the phone: it has signed for all."""
    clock.pass_(minutes=31)
    back()
    bot.handoff.wake()
    await until(lambda: not bot.conversations._handed)


async def test_x01_without_an_alarm_nobody_is_told_and_that_is_said(running: RunBot, ana: Person) -> None:
    async with running():
        await calls(ana)
        said = await tells(ana)
        assert "We put it on top of the list. Nobody is told at once." in said
        assert "looks every" not in said
        await asyncio.sleep(0.3)  # whatever came of the acknowledgement would be there
    assert TOLD not in all_said(ana)


async def test_x01_with_an_alarm_a_person_is_told_once_it_arrived(running: RunBot, ana: Person, tmp_path: Path) -> None:
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        began = time.monotonic()
        await calls(ana)
        await until(lambda: box.mails)
        assert time.monotonic() - began < 2.0
        (_, to, mail), *_ = box.mails
        assert to == ["duty@example.org"]
        assert "Ali" not in mail.as_string()
        await tells(ana)
        await ana.reads(TOLD)
        await until(lambda: len(reports(tmp_path)) == 1 and reports(tmp_path)[0].manifest.version == 6)
        await asyncio.sleep(0.3)
        assert NOBODY not in all_said(ana)
        assert all_said(ana).count(TOLD) == 1
        # More is told, more versions come: it was said, and is not said again.
        await ana.presses("Tell us more")
        await ana.reads("Which language" if "Which language" in ana.screen() else "")
        await asyncio.sleep(0.3)
        assert all_said(ana).count(TOLD) == 1


IN_WORDS = {
    "fr": ("Kenya, mon frère Ali, depuis ce matin", "ne personne est prévenue maintenant", "Personne n’est prévenu"),
    "ar": ("كينيا، أخي علي، منذ هذا الصباح", "يُبلَّغ شخص الآن", "لا يُبلَّغ أحد فورا"),
}


@pytest.mark.parametrize("rings", [True, False], ids=["alarm", "none"])
@pytest.mark.parametrize("language", IN_WORDS)
async def test_x01_both_states_are_said_in_each_language(
    running: RunBot, ana: Person, language: str, rings: bool
) -> None:
    """By numbers alone, as somebody does who reads no button."""
    line, told, nobody = IN_WORDS[language]
    async with alarmed() as (settings, box, _), running(languages=(language,), **(settings if rings else {})) as bot:
        if rings:
            await until(lambda: bot.alarm and bot.alarm._looked is not None)
            await rehearsed(bot, box)
        for said in ("/start", "danger", "2", "1", "2", line, "1", "1"):
            before = len(ana.from_bot()), ana.screen()
            await ana.says(said)
            await until(lambda: (len(ana.from_bot()), ana.screen()) != before)  # noqa: B023
        await asyncio.sleep(0.5)
        heard = all_said(ana)
        assert heard.count(told) == rings, heard
        assert (nobody in heard) == (not rings), heard
        assert bool(box.mails) == rings


async def test_x01_an_alarm_that_nobody_heard_backs_nothing(running: RunBot, ana: Person) -> None:
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        assert bot.alarm is not None
        await bot.alarm.rehearse()
        await calls(ana)
        assert NOBODY in await tells(ana)
        await until(lambda: len(box.mails) >= 2)  # it rings all the same
        await asyncio.sleep(0.3)
        assert TOLD not in all_said(ana)


async def test_x01_the_intake_is_away(running: RunBot, ana: Person, clock: Clock) -> None:
    """It rings, for a person may look why nothing came; but nobody is told that they are until it is there."""
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        back = cut_off(bot)
        await calls(ana)
        said = await tells(ana)
        await until(lambda: box.mails)
        assert "We put it on top of the list. It is still on its way." in said
        assert TOLD not in all_said(ana)
        await ana.says("status")
        assert "You can go on, send it, or erase it." in await ana.reads("once it has arrived")
        back()
        clock.pass_(seconds=30)  # at most so long until the next try
        bot.handoff.wake()
        assert "It arrived. A person is told now." in await ana.reads(TOLD)
        await asyncio.sleep(0.3)
        assert all_said(ana).count(TOLD) == 1


async def test_x01_it_arrives_while_somebody_else_may_hold_the_phone(
    running: RunBot, ana: Person, clock: Clock
) -> None:
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        back = cut_off(bot)
        await calls(ana)
        await tells(ana)
        await comes_back_later(bot, clock, back)
        await bot.settled()
        assert TOLD not in all_said(ana)
        await ana.says("/start")
        await ana.reads("Start, or go on?")
        assert TOLD not in all_said(ana)
        await ana.presses("Go on")
        await ana.reads("You can stop here")
        assert all_said(ana).count(TOLD) == 1


async def test_x01_who_went_on_meanwhile_is_told_before_the_next_question(
    running: RunBot, ana: Person, clock: Clock
) -> None:
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        back = cut_off(bot)
        await calls(ana)
        await tells(ana)
        await ana.presses("Tell us more")
        question = await ana.reads("Are you somewhere safe to write?")
        await comes_back_later(bot, clock, back)
        await ana.says("/start")
        await ana.reads("Start, or go on?")
        await ana.presses("Go on")
        said = await ana.reads("Are you somewhere safe to write?")
        assert said == f"It arrived. {TOLD}\n\n{question}"
        assert all_said(ana).count(TOLD) == 1


async def test_x01_after_not_yet_and_after_never(running: RunBot, ana: Person, tmp_path: Path) -> None:
    """A locked report rings nobody; the call that comes after it does. "Do not write to me" changes nothing of it."""
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        await begin(ana)
        await ana.presses("No, destroy it")
        for label in ("Me", "No"):
            await ana.reads("Who are you" if label == "Me" else "under 18")
            await ana.presses(label)
        await ana.reads("What happened")
        await ana.says("They took my passport.")
        await ana.reads("Saved.")
        await ana.presses("Done")
        await ana.reads("In which country")
        await ana.says("Kenya")
        await ana.reads("with the UN")
        await ana.says("2")
        await ana.reads("How are you now")
        await ana.says("skip")
        await ana.reads("who may see it")
        label = next(b["text"] for m in ana.from_bot() for r in m.rows for b in r if b["text"].startswith("Not yet"))
        await ana.presses(label)
        await ana.reads("write to you")
        assert box.mails == []
        await ana.says("danger")
        await ana.reads("May our team read")
        await ana.presses("Yes, read it and act")
        await ana.reads("What is going on")
        await tells(ana, "Do not write to me")
        await ana.reads(TOLD)
        assert box.mails
        report: Opened
        (report,) = reports(tmp_path)
        assert report.manifest.ring
        assert report.contact is not None
        assert report.contact.how == "never"


async def test_x01_a_look_that_is_young_enough_is_named(
    running: RunBot, ana: Person, clock: Clock, tmp_path: Path
) -> None:
    async with running(look=4):
        set_mark(reports_looked_mark(tmp_path / "state"), clock())
        await calls(ana)
        assert f"{NOBODY} Somebody looks every 4 hours." in await tells(ana)
        clock.pass_(hours=4, minutes=6)
        await ana.says("/start")
        await ana.reads("Start, or go on?")
        await ana.presses("Go on")
        said = await ana.reads("You can stop here")
        assert NOBODY in said
        assert "looks every" not in said


async def test_x01_killed_between_the_commit_and_the_alarm_it_rings_at_the_start(
    running: RunBot, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with alarmed() as (settings, box, _):
        async with running(**settings) as bot:

            async def cut(account: bytes, alarm: bytes) -> bool:
                raise asyncio.CancelledError  # the process ends here

            bot.house.ring = cut
            await calls_without_answer(ana)
            await until(lambda: box.mails == [])
        assert box.mails == []
        async with running(**settings):
            await until(lambda: box.mails)


async def calls_without_answer(person: Person) -> None:
    await person.says("/start")
    await person.reads("safe to write")
    await person.presses("I am in danger now")
    await person.reads("May our team read")
    await person.presses("Yes, read it and act")
    await asyncio.sleep(0.5)


async def test_x01_what_was_taken_before_a_restart_does_not_ring_after_it(running: RunBot, ana: Person) -> None:
    async with alarmed() as (settings, box, _):
        async with running(**settings) as bot:
            assert bot.alarm is not None
            await calls(ana)
            await until(lambda: box.mails)
            await asyncio.sleep(0.5)  # the note of it
            await bot.settled()
            assert await bot.alarm.taken() == 1
        box.mails.clear()
        async with running(**settings):
            await asyncio.sleep(1.0)
            assert box.mails == []


async def test_s07_later_calls_of_one_account_join(running: RunBot, telegram: FakeTelegram, ana: Person) -> None:
    """Seven danger reports of one account in a row: five alarms, and each of the seven is told of its own."""
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        assert bot.alarm is not None
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        for number in range(7):
            await calls(ana)
            await tells(ana)
            await ana.reads(TOLD)
            await ana.presses("That is all for now")
            await ana.reads("Your return number is")
            await ana.presses("I wrote it down")
            await ana.reads("Thank you for trusting us")
            assert len(await bot.alarm.open_alarms()) == min(number + 1, 5)
        ben = Person(telegram, 900_100_300)
        await calls(ben)
        await bot.settled()
        assert len(await bot.alarm.open_alarms()) == 6


async def test_x01_it_is_said_once_however_late_the_question_is_sent(
    running: RunBot, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many are sent to at once: the acknowledgement is there before the question that would have waited for it."""
    async with alarmed() as (settings, box, _), running(**settings) as bot:
        await until(lambda: bot.alarm and bot.alarm._looked is not None)
        await rehearsed(bot, box)
        sends, may_send = bot.conversations.sends, asyncio.Event()
        enter = sends.enter

        async def slowly(due: float) -> None:
            await may_send.wait()
            await enter(due)

        monkeypatch.setattr(sends, "enter", slowly)
        may_send.set()
        await calls(ana)
        await ana.presses("Taken or held")
        await ana.reads("Who needs help")
        await ana.presses("Someone else")
        await ana.reads("Which country")
        await ana.says("Kenya, my brother Ali, since this morning")
        await ana.reads("How may we reach you")
        await ana.presses("In this chat")
        await ana.reads("who else may see it")
        may_send.clear()
        await ana.presses("Ask me first")
        await asyncio.sleep(0.5)
        may_send.set()
        assert "It arrived" not in await ana.reads("You can stop here")
        await asyncio.sleep(0.3)
        assert all_said(ana).count(TOLD) == 1
