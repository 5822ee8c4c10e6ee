"""Events about the chat itself: blocked, missed, looked up."""

from datetime import timedelta

from bot.flow.step import step
from bot.talk.events import Blocked, LookedUp, MessageRef, Missed, Pressed, Said
from tests.flows.pure import Talk, world

AGREED = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*lines)
    return begun


def test_blocked_changes_nothing_and_says_nothing() -> None:
    chat = talk(*AGREED)
    later = chat.now + timedelta(hours=10)
    turn = step(chat.flow, chat.session, Blocked(), later)
    assert turn.session == chat.session
    assert not turn.say
    assert not turn.ask


def test_what_was_missed_is_told_once_and_the_question_asked_again() -> None:
    chat = talk(*AGREED)
    question = chat.heard
    chat.do("~ 20 minutes")
    since = int(chat.now.timestamp()) - 300
    heard = chat.take(Missed(since))
    assert "may not have reached us" in heard
    assert heard.endswith(question.rpartition("\n\n")[2])
    assert chat.take(Missed(since)) == ""
    assert chat.session.last == since + 300 - 1200, "nobody was here, so the clock stands"


def test_what_was_missed_by_an_idle_chat_shows_nothing_of_the_report() -> None:
    chat = talk(*AGREED)
    chat.do("~ 10 hours")
    heard = chat.take(Missed(int(chat.now.timestamp()) - 300))
    assert heard.endswith("Hello. Start, or go on?")
    assert "Who are you telling us about" not in heard


def test_nobody_else_is_told_that_messages_may_be_missing() -> None:
    for chat in (Talk(*world()), talk("[Yes, go on]")):
        assert chat.take(Missed(int(chat.now.timestamp()) + 5)) == ""
    chat = talk(*AGREED)
    assert chat.take(Missed(int(chat.now.timestamp()) - 5)) == "", "they wrote since, and that arrived"


def test_a_slip_in_a_return_number_is_told_as_a_slip() -> None:
    chat = talk()
    assert chat.take(LookedUp(None, slip=True)).startswith("That is not one of our numbers")
    assert chat.take(LookedUp(None, begins="1234")).startswith("Number 1234 …: we can't find it")


def test_a_forged_button_is_the_present_question_again() -> None:
    chat = talk(*AGREED)
    turn = step(chat.flow, chat.session, Pressed("zz:yes", MessageRef("1")), chat.now)
    assert turn.session.answers == chat.session.answers
    assert turn.ask


def test_what_can_be_missing_is_said_before_the_consent_to_nobody_and_words_stay_words() -> None:
    chat = talk(*AGREED, "[Me]", "[No]")
    chat.take(Missed(int(chat.now.timestamp()) + 1))
    chat.take(Said("They took him away.", chat.message()))
    assert list(chat.sealed.values()) == ["They took him away."]
