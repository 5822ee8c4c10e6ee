"""What its writer changes or deletes leaves nothing sealed of the words before (amending.py, withdrawing.py)."""

from bot.flow.prompts import prompt
from bot.flow.screens import Asking, Held, in_doubt
from bot.flow.session import opened
from bot.flow.withdrawing import withdrawable
from bot.talk.events import Deleted, Edited, Said
from bot.talk.sentences import Prompt
from tests.flows.pure import Talk, world

AGREED = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
STORY = "They stopped me at the airport and held my passport."


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*lines)
    return begun


def test_a_story_that_waits_is_deleted_by_its_writer() -> None:
    chat = talk("[Yes, go on]", STORY, "And they came again at night.", "[Yes, I agree]")
    first, second = chat.mine[-2:]
    assert isinstance(chat.session.screen, Held)
    assert sorted(chat.sealed.values()) == ["And they came again at night.", STORY]
    chat.take(Deleted(first))
    assert list(chat.sealed.values()) == ["And they came again at night."]
    assert [part.message for part in chat.session.held] == [second]


def test_a_story_that_waits_is_corrected_by_its_writer() -> None:
    chat = talk("[Yes, go on]", STORY, "[Yes, I agree]")
    chat.take(Edited("They stopped my brother.", chat.mine[-1]))
    assert list(chat.sealed.values()) == ["They stopped my brother."]
    assert [part.number for part in chat.session.held] == list(chat.sealed)


def test_a_name_that_looked_like_a_number_is_corrected_by_its_writer() -> None:
    chat = talk(*AGREED, "[Me]", "[No]", STORY, "[Done]", "Kenya", "[Spoke at a meeting]", "[Done]")
    chat.walk("[Free but at risk]", "[Only your team]", "+34 600 123 456")
    assert chat.heard.startswith("Is that meant?")
    chat.take(Edited("Ana", chat.mine[-1]))
    assert list(chat.sealed.values()) == [STORY, "Ana"]


def test_a_forward_in_doubt_is_corrected_and_deleted() -> None:
    for event, left in (("edit", ["other words"]), ("delete", [])):
        chat = talk(*AGREED, "[Me]", "[No]")
        message = chat.message()
        chat.take(Said("somebody else's words", message, forwarded=True))
        assert "somebody else's words" in chat.sealed.values()
        chat.take(Edited("other words", message) if event == "edit" else Deleted(message))
        assert list(chat.sealed.values()) == left
        shown = {part.number for part in in_doubt(chat.session.screen)}
        answers = {part.number for answer in chat.session.answers.values() for part in answer.parts}
        assert set(chat.sealed) == shown | answers


def test_an_answer_that_lost_its_words_is_asked_again() -> None:
    chat = talk(*AGREED, "[Me]", "[No]", STORY)
    place = chat.session.at
    chat.take(Deleted(chat.mine[-1]))
    assert chat.sealed == {}
    assert chat.session.at == place
    assert isinstance(chat.session.screen, Asking)
    assert "What happened" in chat.heard


SHORT = (*AGREED, "[Me]", "[No]", STORY, "[Done]")
COUNTRY = "In which country"


def test_a_country_goes_with_the_words_that_it_was_read_in() -> None:
    chat = talk(*SHORT, "Kenya, Nairobi")
    assert sorted(chat.sealed.values()) == ["Nairobi", STORY]
    heard = chat.take(Deleted(chat.mine[-1]))
    assert "We dropped that message here too." in heard
    assert COUNTRY in heard, "it is needed: it is asked again"
    assert list(chat.sealed.values()) == [STORY]
    assert "act_where" not in chat.session.answers


def test_a_country_in_doubt_goes_with_its_region() -> None:
    chat = talk(*SHORT, "Congo, near the river")
    assert "Which country" in chat.heard
    heard = chat.take(Deleted(chat.mine[-1]))
    assert COUNTRY in heard
    assert list(chat.sealed.values()) == [STORY]
    assert "act_where" not in chat.session.answers


def test_a_country_that_was_chosen_of_several_goes_with_its_words() -> None:
    chat = talk(*SHORT, "Congo, near the river")
    chat.take(chat.press(next(e.label for e in chat.words.prompt(*_shown(chat)).choices)))
    chat.take(Deleted(chat.mine[-1]))
    assert list(chat.sealed.values()) == [STORY]
    assert "act_where" not in chat.session.answers


def _shown(chat: Talk) -> tuple[Prompt, tuple[()], str]:
    return prompt(chat.flow, chat.session), (), chat.session.language


def test_a_choice_of_several_goes_with_the_numbers_that_were_typed() -> None:
    chat = talk(*SHORT, "Kenya", "1 2")
    assert chat.session.answers["un_how"].values
    heard = chat.take(Deleted(chat.mine[-1]))
    assert "What did you do with the UN" in heard
    assert "un_how" not in chat.session.answers


def test_one_line_of_a_story_goes_and_the_others_stay() -> None:
    chat = talk(*AGREED, "[Me]", "[No]", STORY, "And they came again.", "[Done]", "Kenya")
    chat.take(Deleted(chat.mine[-2]))
    assert list(chat.sealed.values()) == [STORY]
    assert chat.session.at == "un_how", "nothing is asked again"


def test_the_last_of_what_waits_leaves_nothing_to_ask_about() -> None:
    chat = talk("[Yes, go on]", STORY, "[Yes, I agree]")
    heard = chat.take(Deleted(chat.mine[-1]))
    assert "We dropped that message here too." in heard
    assert "If you stop before the end" in heard
    assert not chat.sealed


def test_what_can_be_taken_back_is_what_is_kept() -> None:
    chat = talk("[Yes, go on]", STORY)
    assert kept(chat) == [STORY], "in memory, before the consent"
    chat.walk("[Yes, I agree]")
    assert kept(chat) == [STORY]
    chat.walk("[Keep it]", "[No, destroy it]", "help", "[Me]", "1", "[Done]", "no such land", "Kenya, Nairobi")
    assert kept(chat) == ["1", "Kenya, Nairobi", STORY]
    chat.walk("[Spoke at a meeting]", "[Done]", "[Free but at risk]", "[Only your team]", "+34 600 123 456")
    assert "+34 600 123 456" in kept(chat), "words in doubt are sealed already"
    chat.walk("[Write it again]", "Ana", "[No, never]")
    assert kept(chat) == ["1", "Ana", "Kenya, Nairobi", STORY]
    for words in kept(chat):
        other = talk("[Yes, go on]")
        other.session, other.sealed = chat.session, dict(chat.sealed)
        other.take(Deleted(next(m for m, said in zip(chat.mine, said_by(chat), strict=True) if said == words)))
        assert words not in other.sealed.values()
        assert other.session != chat.session
    chat.walk("~ 31 minutes", "hello")
    assert kept(chat) == [], "whoever came back may be somebody else"
    chat.walk("[Go on]", "[Send it now]")
    assert kept(chat) == [], "it was sent"
    before = chat.session
    for message in chat.mine:
        chat.take(Deleted(message))
    assert chat.session == before


def said_by(chat: Talk) -> list[str]:
    return [line[2:] for line in chat.lines if line.startswith("> ") and not line.startswith("> [")]


def kept(chat: Talk) -> list[str]:
    words = dict(zip((m.id for m in chat.mine), said_by(chat), strict=True))
    return sorted(words[id_] for id_ in withdrawable(chat.flow, chat.session))


def test_what_people_may_have_read_is_said_so() -> None:
    chat = talk("danger", "[Yes, read it and act]", "[Taken or held]", "[Someone else]", "Kenya, my brother")
    assert kept(chat) == ["Kenya, my brother"]
    heard = chat.take(Deleted(chat.mine[-1]))
    assert "We dropped that message here, and we take it out of what our team has." in heard
    assert not chat.sealed
    silent = talk(*SHORT, "Kenya, Nairobi")
    silent.session = opened(silent.session, "r")  # its owner fell silent, and came back
    assert "Our team has a copy from before" in silent.take(Deleted(silent.mine[-1]))
