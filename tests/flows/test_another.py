"""Another person after a report: what its teller said of themselves stays, nothing of whom it was about does."""

from pathlib import Path

import pytest

from bot.flow.another import go_on
from bot.flow.model import ROLES
from bot.flow.session import Session
from tests.channels.conftest import RunBot, ana, begin, running, telegram
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.e2e.test_cases import reports
from tests.flows.pure import TELEGRAM, Talk, world

__all__ = ["ana", "running", "telegram"]  # fixtures
ANOTHER = "Written down. Now another person"
TOLD = (
    "> [Yes, go on]", "> [Write here anyway]", "> [Yes, I agree]", "> [Yes, they may read it]",
)  # fmt: skip
REPORT = ("> They took the passport.", "> done", "> Kenya")


def told(*lines: str) -> Talk:
    flow, words = world("en")
    talk = Talk(flow, words, TELEGRAM, "telegram")
    for line in ("> /start", *lines):
        talk.do(line)
    return talk


def again(talk: Talk) -> Session:
    before = talk.session
    fresh = Session(before.flow, before.version, 7, language=before.language, channel=before.channel,
                    abilities=before.abilities)  # fmt: skip
    return go_on(talk.flow, before, fresh)


@pytest.mark.parametrize(
    ("role", "more", "asks"),
    [
        ("Someone I help or stand up for", ("> [Yes, they agreed]", "> [No]"), "permission"),
        ("Someone in my family", ("> [Parent]", "> [Yes, they agreed]", "> [No]"), "relation"),
        ("Me", ("> [No]",), "reporter_role"),
        ("My group", ("> [Yes]", "> [No]"), "reporter_role"),
    ],
)
def test_what_is_asked_first_of_the_next_person(role: str, more: tuple[str, ...], asks: str) -> None:
    session = again(told(*TOLD, f"> [{role}]", *more, *REPORT))
    assert session.at == asks
    assert session.agreed
    assert set(session.answers) <= {
        "safe_here", "telegram_notice", "agree", "if_silent", "reporter_role", "reporter_minor", "minor_support",
    }  # fmt: skip
    assert not any(answer.parts for answer in session.answers.values())


def test_a_child_stays_one() -> None:
    talk = told(
        *TOLD, "> [Someone I help or stand up for]", "> [Yes, they agreed]", "> [Yes]", "> [Yes, they are with me]"
    )
    session = again(talk)
    assert session.answers["reporter_minor"].values == ("yes",)
    assert session.answers["minor_support"].values == ("with_me",)


def test_what_a_call_for_help_agreed_to_by_itself_is_asked() -> None:
    talk = told("> [I am in danger now]", "> [Yes, read it and act]")
    assert talk.session.answers["agree"].by_rule
    session = again(talk)
    assert not session.agreed
    assert session.at == "safe_here"
    assert "DANGER" not in session.raised


def test_every_role_is_one_that_a_flow_must_name() -> None:
    assert "another" in ROLES


async def to_the_number(person: Person, first: bool = True) -> str:
    if first:
        await begin(person)
        await person.presses("No, destroy it")
        await person.reads("Who are you")
        await person.presses("Someone I help or stand up for")
    await person.reads("agree that you talk to us")
    await person.presses("Yes, they agreed")
    if first:
        await person.reads("under 18")
        await person.presses("No")
    await person.reads("What happened")
    await person.says("They took a passport.")
    await person.reads("Saved.")
    await person.presses("Done")
    await person.reads("In which country")
    await person.says("Kenya")
    await person.reads("with the UN")
    await person.says("2")
    await person.reads("now?")
    await person.says("skip")
    await person.reads("who may see it")
    await person.presses("Only your team")
    await person.reads("What name")
    await person.says("skip")
    await person.reads("write to you")
    await person.presses("No, never")
    await person.reads("You may send it now")
    await person.presses("Send it now")
    said = await person.reads("Your return number is")
    return next(line for line in said.splitlines() if line[:4].isdigit())


async def test_three_people_one_after_the_other_over_telegram(
    running: RunBot, telegram: FakeTelegram, ana: Person, tmp_path: Path
) -> None:
    async with running() as bot:
        numbers = []
        for count in range(3):
            numbers.append(await to_the_number(ana, first=not count))
            keys = set(bot.house.keys.names())
            await ana.presses(ANOTHER)
            said = await ana.reads("Now the next person")
            assert f"the number that begins with {numbers[-1][:4]}" in said
            await bot.settled()
            assert not any(numbers[-1] in message.text for message in ana.from_bot()), "the number stands there still"
            assert not keys & set(bot.house.keys.names()), "the key of the report before is there still"
            assert not await bot.house.store.conversations(), "its row is there still"
        assert len(reports(tmp_path)) == 3
        assert len(set(numbers)) == 3
        # Whoever asks for ten is told of which one it is.
        for number in numbers:
            await ana.says(number)
            await ana.reads(f"Number {number[:4]} …: it arrived")


async def test_the_next_person_is_gone_with_a_crash_and_nothing_else_is(
    running: RunBot, ana: Person, tmp_path: Path
) -> None:
    """Until an answer comes it is in memory alone, like every beginning: the next word begins a chat anew."""
    async with running():
        await to_the_number(ana)
        await ana.presses(ANOTHER)
        await ana.reads("Now the next person")
    async with running() as bot:
        assert len(reports(tmp_path)) == 1
        assert not list(bot.house.keys.names())
        await ana.presses("Yes, they agreed")
        await ana.reads("safe to write")


async def test_who_sent_the_reports_of_today_is_told_so_and_the_number_goes(running: RunBot, ana: Person) -> None:
    async with running(reports_a_day=1) as bot:
        number = await to_the_number(ana)
        await ana.presses(ANOTHER)
        await ana.reads("We can't start a new one today")
        await bot.settled()
        assert not any(number in message.text for message in ana.from_bot())
        assert not list(bot.house.keys.names())
