"""`erase` says exactly what went and what stays; "stop" and "cancel" rest and offer it (X09)."""

import pytest

from bot.flow.screens import Sure
from bot.flow.turn import Erase, Forget
from tests.flows.pure import NUMBER, Talk, world
from tests.flows.test_door import TO_PLACE, TO_STORY, talk, words

FULL = " ".join(NUMBER[i : i + 4] for i in range(0, 24, 4))


def test_x09_before_the_consent_nothing_was_kept() -> None:
    chat = talk("[Yes, go on]", "They took my brother this morning.")
    heard = chat.do("erase")
    assert "We erased" not in heard
    assert "Nothing was kept" in heard
    assert chat.turn is not None
    assert chat.turn.do == Forget()


def test_x09_after_a_number_was_looked_up_what_was_sent_stays() -> None:
    chat = Talk(*world())
    chat.known.add(NUMBER)
    assert "We have had it since" in chat.do(FULL)
    heard = chat.do("erase")
    assert "We erased" not in heard
    assert "not erased" in heard
    assert "help@example.org" in heard
    chat = talk(*TO_PLACE)
    chat.known.add(NUMBER)
    chat.walk(FULL, "erase")
    assert "We erased it here" in chat.heard
    assert "The report behind your number was sent before, so it is not erased" in chat.heard


def test_x09_a_number_that_is_nobodys_leaves_nothing_to_say() -> None:
    chat = talk("[Yes, go on]", FULL)
    assert "behind your number" not in chat.do("erase")


def test_x09_a_draft_and_what_was_sent() -> None:
    assert "Nothing of it was sent" in talk(*TO_PLACE, "erase").heard
    chat = talk("danger", "[Yes, read it and act]", "[Missing]", "erase")
    assert "we destroy the copy that was sent" in chat.heard
    assert "Nothing of it was sent" not in chat.heard


def test_x09_the_consent_promises_no_more_than_that() -> None:
    heard = talk("[Yes, go on]").heard
    assert "stop or erase at any time" not in heard
    assert "erase it until you send it" in heard
    assert "at any time, and erase it until you send it" in talk("is this safe").heard


STOPS = [
    "stop", "Stop!", "STOP", "cancel", "delete everything", "Delete all", "i want to stop", "/stop", "/cancel now",
    "arrêter", "Arrêtez !", "annuler", "tout effacer", "supprimez tout", "إلغاء", "احذف كل شيء", "امسح كل شيء", "أوقف",
]  # fmt: skip
NO_STORY = [TO_STORY, (*TO_STORY, "They came."), TO_PLACE, (*TO_PLACE, "Kenya", "2", "skip", "[Only your team]")]


@pytest.mark.parametrize("typed", STOPS)
@pytest.mark.parametrize("where", NO_STORY, ids=len)
def test_x09_stop_and_cancel_rest_and_offer_to_erase(typed: str, where: tuple[str, ...]) -> None:
    chat = talk("[English]", *where, languages=("en", "fr", "ar"))
    before = dict(chat.sealed)
    chat.do(typed)
    assert chat.sealed == before, "it is no story"
    assert isinstance(chat.session.screen, Sure)
    assert chat.session.screen.stopping
    chat.do("1")  # no, keep it
    assert not isinstance(chat.session.screen, Sure)
    chat.walk(typed, "2")
    assert chat.turn is not None
    assert chat.turn.do == Erase()


def test_x09_it_says_how_long_it_is_kept_and_who_can_read_it() -> None:
    assert "We keep this for 72 hours" in talk(*TO_PLACE, "stop").heard
    heard = talk("danger", "[Yes, read it and act]", "[Missing]", "cancel").heard
    assert "Our team can read what you told us so far" in heard
    assert "We keep this" not in heard


def test_x09_before_the_consent_and_after_a_silence() -> None:
    chat = talk("[Yes, go on]", "stop")
    assert chat.turn is not None
    assert chat.turn.do == Forget()
    chat = talk(*TO_PLACE, "~ 1 hours", "stop")
    assert chat.session.held == ()
    assert words(chat, "act_story") == ["They took my passport."]
