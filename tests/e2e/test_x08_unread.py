"""Nobody presses what binds before they can have read it (X08)."""

import pytest

from bot.conversation.loading import load
from bot.flow.check_consents import check_consents
from bot.flow.prompts import binds, prompt
from bot.flow.screens import Asking, Number, Review, Sure
from bot.flow.session import change, show
from bot.talk.outgoing import Outgoing
from tests.conftest import Clock, OpenBot
from tests.e2e.test_promises import UP_TO_NAME, Account
from tests.flows.pure import world
from tests.flows.test_door import talk


class Ana(Account):
    """Hears everything, and can press the same button again."""

    def __init__(self) -> None:
        self.heard: list[Outgoing] = []
        super().__init__(self.heard.append)


async def up_to(bot, clock: Clock, lines: list[str]) -> Ana:  # type: ignore[no-untyped-def]
    ana = Ana()
    bot.house.channels["terminal"] = ana
    await bot.deliver(ana.came_back())
    await bot.settled()
    for line in lines:
        clock.pass_(seconds=2)
        await bot.deliver(ana.pressed(line[1:-1]) if line.startswith("[") else ana.said(line))
        await bot.settled()
    return ana


async def press(bot, ana: Ana, label: str) -> str | None:  # type: ignore[no-untyped-def]
    """What is shown beside the button."""
    notice = await bot.conversations.take(ana.pressed(label))
    await bot.settled()
    return notice


BINDS = [
    (UP_TO_NAME[:1], "Yes, I agree"),
    (UP_TO_NAME[:2], "Yes, they may read it"),
    ([*UP_TO_NAME[:2], "danger"], "Yes, read it and act"),
    (UP_TO_NAME[:10], "Yes, to the UN team"),
    (UP_TO_NAME[:10], "No, erase it"),
    ([*UP_TO_NAME, "[I come back with my number]"], "Send it now"),
    ([*UP_TO_NAME, "[I come back with my number]", "[Look at it first]"], "Send it now"),
    ([*UP_TO_NAME, "[I come back with my number]", "[Look at it first]", "[Erase it]"], "Yes, erase it"),
    ([*UP_TO_NAME, "[I come back with my number]", "[Send it now]"], "I wrote it down"),
]


@pytest.mark.parametrize(("lines", "label"), BINDS, ids=lambda v: v if isinstance(v, str) else str(len(v)))
async def test_x08_a_press_counts_a_second_after_it_was_sent(
    open_test_bot: OpenBot, clock: Clock, lines: list[str], label: str
) -> None:
    async with open_test_bot(monotonic=clock) as bot:
        ana = await up_to(bot, clock, lines)
        before = next(iter(bot.conversations._awake.values())).standing
        said = len(ana.heard)
        for _ in range(3):
            clock.pass_(seconds=0.3)
            assert await press(bot, ana, label) == "Please read it first."
        after = next(iter(bot.conversations._awake.values())).standing
        assert after.session == before.session, "nothing changes"
        assert len(ana.heard) == said, "nothing is sent anew"
        clock.pass_(seconds=0.2)
        assert await press(bot, ana, label) is None
        assert len(ana.heard) > said


async def test_x08_help_is_never_kept_waiting(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot(monotonic=clock) as bot:
        ana = await up_to(bot, clock, UP_TO_NAME[:2])
        assert await press(bot, ana, "I am in danger") is None
        assert "Front Line Defenders" in ana.heard[-1].text


async def test_x08_the_second_tap_of_a_thumb(open_test_bot: OpenBot, clock: Clock) -> None:
    """On the button of before: no consent, and it is not asked twice."""
    async with open_test_bot(monotonic=clock) as bot:
        ana = await up_to(bot, clock, [])
        clock.pass_(seconds=2)
        tap = ana.shown["Yes, go on"]
        await press(bot, ana, "Yes, go on")
        said = len(ana.heard)
        clock.pass_(seconds=0.3)
        ana.shown["again"] = tap
        assert await press(bot, ana, "again") == "Please read it first."
        assert len(ana.heard) == said


async def test_x08_a_consent_is_always_a_new_message(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot(monotonic=clock) as bot:
        ana = await up_to(bot, clock, UP_TO_NAME[:3])
        consents = [out for out in ana.heard if out.consent]
        assert len(consents) == 2
        assert all(out.edits is None for out in consents)
        assert [out.edits is not None for out in ana.heard if not out.consent][-1], "what follows takes its place"


async def test_x08_after_a_restart_it_counts_after_the_new_rendering(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot(monotonic=clock) as bot:
        ana = await up_to(bot, clock, UP_TO_NAME[:10])
        clock.pass_(seconds=60)
    async with open_test_bot(monotonic=clock) as bot:
        bot.house.channels["terminal"] = ana
        said = len(ana.heard)
        assert await press(bot, ana, "Yes, to the UN team") is None
        assert len(ana.heard) == said + 1, "asked anew: nobody knows when it was sent"
        assert "who may see it" in ana.heard[-1].text
        assert await press(bot, ana, "Yes, to the UN team") == "Please read it first."
        assert len(ana.heard) == said + 1
        clock.pass_(seconds=1)
        await press(bot, ana, "Yes, to the UN team")
        assert "What name should we use" in ana.heard[-1].text


async def test_x08_no_reading_of_a_clock_is_stored(open_test_bot: OpenBot, clock: Clock) -> None:
    async with open_test_bot(monotonic=clock) as bot:
        await up_to(bot, clock, UP_TO_NAME[:10])
        (conversation,) = bot.conversations._awake.values()
        assert conversation.standing is not None
        assert conversation.standing.thread.since is not None
    async with open_test_bot(monotonic=clock) as bot:
        (id_,) = await bot.store.conversations()
        conversation = bot.conversations._of(id_)
        standing = await load(bot.house, bot.conversations, conversation.id)
        assert standing is not None
        assert standing.thread.since is None


def test_x08_first_stands_what_neither_passes_on_nor_destroys() -> None:
    flow, _ = world()
    assert list(check_consents(flow)) == []
    for step in flow.consents:
        assert not any(o.label.text == "Yes" for o in step.options), step.id


def test_x08_what_binds_says_so() -> None:
    chat = talk("[Yes, go on]")
    assert prompt(chat.flow, chat.session).consent
    for screen in (Sure(Asking("act_where")), Review(), Number("1" * 24), Asking("part_done"), Asking("d_consent")):
        assert binds(chat.flow, show(change(chat.session, agreed=True), screen))
    for screen in (Asking("act_where"), Asking("safe_here"), Asking("reporter_role")):
        assert not binds(chat.flow, show(chat.session, screen))
