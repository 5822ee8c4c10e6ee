"""Who answered a hard question is told that they may rest, and how; which are hard is the flow's data."""

import pytest

from bot.flow.wording import text
from bot.talk.events import Deleted
from tests.flows.pure import Talk, world
from tests.flows.test_taken_back import AGREED, STORY

REST = 'You are doing fine. Rest if you want: write "pause".'
LANGUAGES = ("en", "fr", "ar")


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*AGREED, "[Me]", "[No]", *lines)
    return begun


def test_after_the_story_they_may_rest_and_pausing_says_how_long_it_is_kept() -> None:
    chat = talk(STORY)
    assert REST not in chat.heard, "not in the middle of it"
    chat.do("[Done]")
    assert chat.heard.split("\n\n")[1] == REST
    assert "In which country" in chat.heard, "the way goes on all the same"
    assert "We keep this for 72 hours" in chat.do("pause")


def test_after_the_acts_too_and_after_no_other_question() -> None:
    chat = talk(STORY, "[Done]", "Kenya", "[Spoke at a meeting]", "[Done]", "[Free but at risk]", "[Only your team]")
    chat.walk("[Skip]", "[No, never]", "[Add more]", "[Threats and pressure]")
    assert chat.lines.count(f"< {REST}") == 1
    assert REST not in chat.do("[Threat to kill]"), "a tick is no answer yet"
    assert chat.do("[Done]").split("\n\n")[1] == REST
    chat.walk("[Skip]", "[Skip]", "[Skip]", "[Skip]", "[That was all, go on]")
    assert chat.lines.count(f"< {REST}") == 2


def test_who_leaves_a_hard_question_out_or_only_changes_its_answer_goes_on_without_it() -> None:
    chat = talk("[Skip]")
    assert REST not in chat.heard
    chat = talk(STORY, "[Done]", "[Back]", "Other words.", "[Done]")
    assert chat.lines.count(f"< {REST}") == 1, "who went back has been told"
    chat.take(Deleted(chat.mine[-1]))
    assert REST not in chat.heard


def test_who_wants_to_die_is_not_told_that_they_do_fine() -> None:
    chat = talk("They beat me. I want to die.", "[Done]")
    assert "In which country" in chat.heard
    assert REST not in chat.heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_it_names_pauses_in_each_language(language: str) -> None:
    flow, words = world(*LANGUAGES)
    said = words.texts((text(flow, "rest_if_you_want"),), language)
    word = next(w for mark in ('""', "«»") if (w := said.partition(mark[0])[2].partition(mark[1])[0]))
    assert flow.reader.command(word.strip("\u00a0\u202f "), language) == "pause"
