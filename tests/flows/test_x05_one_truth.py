"""`human`, `what happens now`, `status` and the end say one truth of open, ringing, locked reports (X05, X10)."""

import pytest

from tests.flows.pure import Talk, world
from tests.flows.test_door import TO_PLACE, talk

CALLED = ("danger", "[Yes, read it and act]", "[Missing]", "[Me]", "Kenya", "[Do not write to me]", "[Ask me first]")
LOCKED = (*TO_PLACE, "Kenya", "2", "skip", "[Not yet: lock it, erase it after 30 days]", "[No, never]")
ASKED = ("human", "what happens now", "status")
UNTRUE = {
    "ringing": ["No one is here", "within 24 hours", "Until then nobody", "part 1 of 5", "Nothing has been sent"],
    "locked": ["within 24 hours", "a trained person reads it", "We marked", "on top of the list"],
}


@pytest.mark.parametrize("word", ASKED)
@pytest.mark.parametrize("sent", [False, True])
def test_x05_a_ringing_report(word: str, sent: bool) -> None:
    chat = talk(*CALLED, *(["[That is all for now]"] if sent else []))
    heard = chat.do(word)
    assert not [said for said in UNTRUE["ringing"] if said in heard], heard
    assert "on top of the list" in heard or "can read what you told us" in heard
    if sent:
        assert "We marked" not in heard, "a mark would reach nobody now"
        farewell = chat.do("[I wrote it down]")
        assert "on top of the list" in farewell
        assert "within 24 hours" not in farewell


@pytest.mark.parametrize("word", ASKED)
def test_x05_a_locked_report(word: str) -> None:
    chat = talk(*LOCKED, "[Send it now]")
    heard = chat.do(word)
    assert not [said for said in UNTRUE["locked"] if said in heard], heard
    assert "locked" in heard
    farewell = chat.do("[I wrote it down]")
    assert "erased after 30 days" in farewell
    assert "No one reads it" in farewell
    assert not [said for said in UNTRUE["locked"] if said in farewell]


def test_x05_a_locked_report_that_calls_for_help_is_no_longer_locked() -> None:
    chat = talk(*LOCKED, "[Send it now]", "danger", "[Yes, read it and act]")
    assert "locked" not in chat.do("status")
    assert "on top of the list" in chat.heard


def test_x05_a_draft_and_a_calm_report_keep_their_own() -> None:
    chat = talk(*TO_PLACE)
    assert "Nothing has been sent yet" in chat.do("status")
    assert "We noted" in chat.do("human")
    chat = talk(*TO_PLACE, "Kenya", "2", "skip", "[Only your team]", "skip", "[No, never]", "[Send it now]")
    assert "It has been sent" in chat.do("human")
    assert "We marked" not in chat.heard
    assert "within 24 hours" in chat.do("[I wrote it down]")


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_x05_the_same_in_three_languages(language: str) -> None:
    flow, words = world("en", "fr", "ar")
    for name in ("human_ringing", "status_ringing", "what_now_ringing", "next_ringing", "status_locked", "next_locked"):
        english = flow.texts[name]
        assert isinstance(english, str)
        from bot.talk.sentences import Message

        said = words.of(language).put(Message(f"bot.{name}", english))
        assert (said == english) == (language == "en")


def test_x05_tell_us_more_goes_on_and_keeps_what_was_said() -> None:
    """Not at "Which language do you want to use?"."""
    chat = Talk(*world("en", "fr", "ar"))
    chat.do("[English]")
    chat.walk(*CALLED)
    kept = {at: a.values for at, a in chat.session.answers.items() if at.startswith("d_")}
    chat.do("[Tell us more]")
    assert chat.session.at != "language"
    assert "Which language" not in chat.heard
    fresh = Talk(*world("en", "fr", "ar"))
    fresh.walk(*CALLED, "[Tell us more]")
    assert fresh.session.at != "language"
    assert fresh.session.language == "en"
    assert {at: fresh.session.answers[at].values for at in kept} == kept
