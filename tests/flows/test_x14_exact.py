"""An exact answer to the question that stands comes before a word that works everywhere (X14)."""

import pytest

from bot.flow.model import HUMAN
from bot.flow.screens import Asking
from bot.flow.session import change, show
from bot.flow.turn import Erase
from tests.flows.pure import Talk
from tests.flows.test_door import TO_PLACE, talk, words

TO_STORY_FR = ("[Français]", "[Oui, continuer]", "[Oui, j'accepte]", "[Non, le détruire]", "1", "[Non]")


def french(*lines: str) -> Talk:
    return talk(*TO_STORY_FR, *lines, languages=("en", "fr", "ar"))


def at(chat: Talk, place: str) -> Talk:
    chat.session = change(show(chat.session, Asking(place)))
    return chat


@pytest.mark.parametrize("typed", ["Personne", "personne", "Personne.", "personne en particulier"])
def test_x14_personne_is_nobody_where_that_is_an_answer(typed: str) -> None:
    chat = at(french(), "keep_from")
    chat.do(typed)
    assert chat.session.answers["keep_from"].values == ("nobody",)
    assert HUMAN not in chat.session.raised


@pytest.mark.parametrize("typed", ["Personne", "Etat", "État"])
def test_x14_where_words_are_asked_for_they_are_kept(typed: str) -> None:
    chat = at(french(), "perp_office/0")
    chat.do(typed)
    assert typed in chat.sealed.values()
    assert HUMAN not in chat.session.raised


def test_x14_etat_at_a_question_of_lists_is_not_the_status() -> None:
    chat = at(french(), "perpetrators/0")
    heard = chat.do("Etat")
    assert "partie" not in heard.split("\n")[2]
    assert "Vous êtes à" not in heard


def test_x14_the_words_still_work_where_they_answer_nothing() -> None:
    chat = french()
    assert "Vous êtes à la partie" in chat.do("statut")
    chat.do("humain")
    assert HUMAN in chat.session.raised


@pytest.mark.parametrize("typed", ["danger", "erase", "help", "back"])
def test_x14_danger_and_erase_come_before_everything(typed: str) -> None:
    chat = talk(*TO_PLACE)
    chat = at(chat, "keep_from")
    chat.do(typed)
    assert "keep_from" not in chat.session.answers
    if typed == "danger":
        assert chat.session.at == "d_consent"
    if typed == "erase":
        assert chat.turn is not None
        assert chat.turn.do == Erase()


def test_x14_pause_is_the_button_where_one_stands() -> None:
    chat = at(talk(*TO_PLACE), "part_done")
    assert "You can rest now" in chat.do("Pause")
    assert not words(chat, "part_done")
