"""A slash command is one whatever stands behind it; what stands there answers where it fits, and is not lost (X07)."""

import pytest

from bot.flow.turn import Erase, Forget
from tests.flows.pure import Talk
from tests.flows.test_door import AGREED, TO_PLACE, TO_STORY, talk, words

AT_THE_DOOR = "they are at the door"


@pytest.mark.parametrize("line", [
    "/danger they are at the door", "/danger@the_bot they are at the door", "/DANGER they are at the door",
    "/danger, they are at the door", "/danger\nthey are at the door", "/sos they are at the door",
])  # fmt: skip
@pytest.mark.parametrize("where", [AGREED, TO_STORY, (*TO_STORY, "They came."), TO_PLACE], ids=len)
def test_x07_danger_with_words_behind_it(line: str, where: tuple[str, ...]) -> None:
    chat = talk(*where)
    story = words(chat, "act_story")
    heard = chat.do(line)
    assert "Front Line Defenders" in heard
    assert chat.session.at == "d_consent"
    assert words(chat, "act_story") == story, "it is no story until somebody says so"
    assert AT_THE_DOOR in chat.sealed.values(), "and it is not lost"
    assert [chat.sealed[p.number] for p in chat.session.held] == [AT_THE_DOOR]


def test_x07_it_never_answers_a_consent() -> None:
    chat = talk(*TO_STORY)
    chat.do("/danger Yes, read it and act")
    assert "d_consent" not in chat.session.answers
    chat = talk(*TO_STORY)
    chat.do("/danger yes")
    assert "d_consent" not in chat.session.answers


def test_x07_before_the_consent_it_waits_in_memory() -> None:
    chat = talk("[Yes, go on]")
    heard = chat.do("/danger they are at the door")
    assert "Front Line Defenders" in heard
    assert [e.text for e in chat.session.early] == [AT_THE_DOOR]
    assert not chat.sealed


def test_x07_after_a_silence_it_stands_apart() -> None:
    chat = talk("danger", "[Yes, read it and act]", "[Missing]", "~ 1 hours")
    chat.do("/danger they are at the door")
    assert [chat.sealed[p.number] for p in chat.session.apart] == [AT_THE_DOOR]
    assert all(p.after_silence for p in chat.session.apart)


@pytest.mark.parametrize(
    "line", ["/erase now", "/erase@the_bot", "/delete everything please", "/Erase!", "/effacer tout"]
)
def test_x07_erase_with_words_behind_it(line: str) -> None:
    chat = _bilingual()
    chat.do(line)
    assert chat.turn is not None
    assert chat.turn.do == Erase()


def _bilingual() -> Talk:
    return talk("[English]", *TO_PLACE, languages=("en", "fr"))


def test_x07_erase_before_the_consent_forgets() -> None:
    chat = talk("[Yes, go on]")
    chat.do("/erase now")
    assert chat.turn is not None
    assert chat.turn.do == Forget()


@pytest.mark.parametrize(
    "line", ["/help@the_bot", "/help me understand", "/help", "/begin", "/xyz they came", "/settings"]
)
@pytest.mark.parametrize("where", [("[Yes, go on]",), TO_STORY, (*TO_STORY, "They came."), TO_PLACE], ids=len)
def test_x07_help_and_unknown_ones_say_what_can_be_written(line: str, where: tuple[str, ...]) -> None:
    chat = talk(*where)
    before, at = dict(chat.sealed), chat.session.at
    heard = chat.do(line)
    assert "You can write these words" in heard
    assert chat.session.at == at
    assert words(chat, "act_story") == list(before.values()), "no story"


@pytest.mark.parametrize("line", ["/start again", "/start@the_bot", "/START"])
def test_x07_start_is_start_whatever_stands_behind_it(line: str) -> None:
    chat = talk(*TO_PLACE)
    assert "Start, or go on" in chat.do(line)


def test_x07_what_stands_behind_is_the_answer_where_it_fits() -> None:
    chat = talk(*TO_STORY, "They came.")
    chat.do("/skip Kenya")  # "skip" ends a story that has words
    assert chat.session.answers["act_where"].values == ("KE",)
    chat = talk("[English]", *TO_STORY, languages=("en", "fr"))
    chat.do("/language Français")
    assert chat.session.language == "fr"
    chat = talk(*TO_PLACE)
    chat.do("/back to what I said before that")
    assert chat.session.at == "act_story"
    assert "They took my passport." in chat.sealed.values()


def test_x07_done_with_words_behind_it_keeps_them() -> None:
    chat = talk(*TO_STORY, "They came.")
    chat.do("/done and they took my phone")
    assert words(chat, "act_story") == ["They came.", "and they took my phone"]
    assert chat.session.at == "act_where"


@pytest.mark.parametrize(
    "line", ["/home/ali/papers was searched", "/ 5 March they came", "they wrote /danger on my door"]
)
def test_x07_what_is_no_command_is_a_story(line: str) -> None:
    chat = talk(*TO_STORY)
    chat.do(line)
    assert line in chat.sealed.values()


def test_x07_in_arabic_and_french() -> None:
    for line in ("/خطر هم على الباب الآن", "/danger ils sont devant la porte"):
        chat = talk("[English]", *TO_STORY, languages=("en", "fr", "ar"))
        chat.do(line)
        assert chat.session.at == "d_consent"
