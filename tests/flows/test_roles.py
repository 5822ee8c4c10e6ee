"""What the house asks of a flow: held, read now, read if silent, how to reach somebody."""

import msgspec
import pytest

from bot.flow import roles
from bot.flow.session import opened
from tests.flows.pure import Talk, world

AGREED = ("[Yes, go on]", "[Yes, I agree]")
TO_SHARE = ("[Me]", "[No]", "They took my passport.", "[Done]", "Kenya", "2", "[Free but at risk]")
IN_DANGER = ("danger", "[Yes, read it and act]")


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*lines)
    return begun


def said(chat: Talk) -> tuple[bool, bool, bool, bool]:
    flow, session = chat.flow, chat.session
    return (
        roles.is_held(flow, session),
        roles.reads_now(flow, session),
        roles.reads_if_silent(flow, session),
        roles.in_danger(flow, session),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((*AGREED, "[No, destroy it]"), (False, False, False, False)),
        ((*AGREED, "[Yes, they may read it]"), (False, False, True, False)),
        (("danger",), (False, False, False, True)),
        (("danger", "[No, I only wanted this list]"), (False, False, False, False)),
        (IN_DANGER, (False, True, True, True)),
        ((*AGREED, "[No, destroy it]", *TO_SHARE, "4"), (True, False, False, False)),
        ((*AGREED, "[No, destroy it]", *TO_SHARE, "4", *IN_DANGER), (False, True, False, True)),
        ((*AGREED, "[No, destroy it]", *TO_SHARE, "[Only your team]"), (False, False, False, False)),
    ],
)
def test_held_and_read(lines: tuple[str, ...], expected: tuple[bool, ...]) -> None:
    assert said(talk(*lines)) == expected


def test_x02_a_lock_that_comes_after_the_danger_is_the_newer_word() -> None:
    chat = talk(*IN_DANGER, "[Taken or held]", "[Me]", "Kenya", "[In this chat]", "[Ask me first]", "[Tell us more]")
    chat.walk("[Yes, go on]", *TO_SHARE, "4")
    assert said(chat) == (True, False, True, True)


def test_nobody_was_asked_how_to_reach_them() -> None:
    chat = talk(*AGREED)
    assert roles.reply(chat.flow, chat.session) == roles.Reply("i_will_return")
    chat = talk(*IN_DANGER, "skip", "skip", "skip", "skip")
    assert not roles.reply(chat.flow, chat.session).here


def test_a_flow_that_never_asks_gives_no_address_away() -> None:
    flow, words = world()
    from dataclasses import replace

    chat = Talk(replace(flow, roles=replace(flow.roles, contact=None)), words)
    assert roles.reply(chat.flow, chat.session).never
    assert not roles.reply(chat.flow, chat.session).here


def test_a_report_is_open_from_its_first_version_on() -> None:
    chat = talk(*AGREED)
    assert opened(chat.session, "abc").report == "abc"
    assert msgspec.structs.replace(opened(chat.session, "abc"), report="") == chat.session
