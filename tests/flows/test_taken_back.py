"""What its writer changes or deletes in the chat leaves nothing sealed of the words before (amending.py)."""

from bot.flow.screens import Asking, Held, in_doubt
from bot.talk.events import Deleted, Edited, Said
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
