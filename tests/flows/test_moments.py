"""Moments in which somebody might feel lost: a greeting, a pause, a change that takes something away, a time, a no."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.flow.commands import danger_card
from bot.flow.promises import said_blocks
from bot.flow.prompts import prompt
from bot.flow.screens import Asking, Neutral
from bot.flow.session import Session, change, submitted
from bot.flow.shelf import load_shelf
from bot.flow.source import FlowError
from bot.talk.events import CameBack, MessageRef, Pressed
from bot.talk.sentences import DateValue, Message
from bot.words.loading import data_folder
from tests.flows.pure import NUMBER, Talk, world

TO_ROLE = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
SHORT = (*TO_ROLE, "[Me]", "[No]", "They took my passport.", "[Done]", "Kenya", "2", "[Free but at risk]")
TO_CONTACT = (*SHORT, "[Yes, to the UN team]", "Ana")
EVERY = ("en", "fr", "ar")


def talk(*lines: str, languages: tuple[str, ...] = ("en",)) -> Talk:
    chat = Talk(*world(*languages))
    chat.walk(*lines)
    return chat


# --- a greeting ---

GREETINGS = [
    "hello",
    "Hello, how are you?",
    "hellooo",
    "👋🏽",
    "Hi there!",
    "good morning sir",
    "Hello again, my friend",
]
GREETINGS += ["Bonjour monsieur", "السلام عليكم ورحمة الله وبركاته", "مرحبا كيف حالك", "Hello? Is anyone there?"]


@pytest.mark.parametrize("words", GREETINGS)
@pytest.mark.parametrize("lines", [(), TO_ROLE, SHORT], ids=["first", "role", "consent"])
def test_i06_a_greeting_gets_a_kind_answer_and_the_question_again(words: str, lines: tuple[str, ...]) -> None:
    chat = talk("[English]", *lines, languages=EVERY)
    before = chat.session
    heard = chat.do(words)
    assert "Hello." in heard
    assert "did not get that" not in heard
    assert chat.session.screen == before.screen
    assert not chat.turn or not chat.turn.seal


@pytest.mark.parametrize(
    "words", ["there", "sir", "my friend", "hello they took him", "Hello, his name is Ali", "pour tout"]
)
def test_i06_what_only_goes_with_a_greeting_is_none(words: str) -> None:
    flow, _ = world(*EVERY)
    assert flow.reader.pleasantry(words, EVERY) is None


def test_i06_thanks_count_before_the_greeting_that_they_came_with() -> None:
    assert "You are welcome" in talk(*TO_ROLE).do("Hello, thank you so much for your help")


# --- pause ---


@pytest.mark.parametrize("word", ["hello", "what did I write?", "status", "back", "/start"])
@pytest.mark.parametrize("how", ["pause", "[Pause]"])
def test_after_a_pause_whoever_writes_gets_the_neutral_screen_with_its_buttons(word: str, how: str) -> None:
    chat = talk(*TO_CONTACT, "[I come back with my number]", how)
    heard = chat.do(word)
    assert heard == "Hello. Start, or go on?"
    assert chat.lines[-1] == "  [Go on] [Start new] [Erase it]"
    heard = chat.do("[Go on]") if word != "what did I write?" else chat.walk("[Go on]", "[Drop it]")
    assert heard.startswith("Part 1 of 5\n\nYou may send it now, or add more.")


def test_after_a_pause_an_older_button_shows_the_neutral_screen_and_nothing_ticked() -> None:
    chat = talk(*SHORT, "[Only your team]", "skip", "back", "back")
    (old,) = [c for c in prompt(chat.flow, chat.session).choices if c.chosen]
    chat.do("pause")
    assert chat.take(Pressed(old.data, MessageRef("1", 1, ours=True))) == "Hello. Start, or go on?"
    chat.do("[Go on]")
    assert "✓" not in chat.lines[-1]


def test_a_pause_counts_as_a_word_of_its_person() -> None:
    """The draft's hours and the day of silence count from it: that is what it says."""
    chat = talk(*SHORT, "~ 20 minutes", "pause")
    assert chat.session.last == int(chat.now.timestamp())
    at = chat.session.last
    chat.walk("~ 20 minutes", "hello")
    assert chat.session.last == at, "who writes on the neutral screen may be anybody"


def test_before_the_consent_a_pause_keeps_nothing() -> None:
    chat = talk("[Yes, go on]")
    assert chat.do("pause") == "Nothing was kept. Come back any time."


# --- what a change takes with it ---


def test_narrowing_who_may_see_it_says_that_the_name_goes() -> None:
    chat = talk(*TO_CONTACT, "[No, never]", "[Look at it first]", "[Change something]")
    chat.do("[If the UN may see it]")
    heard = chat.do("[Yes, but not the name]")
    assert "With that change we dropped: A name to use." in heard
    assert "Ana" not in chat.sealed.values()
    assert heard.index("we dropped") < heard.index("Here is what we have.")


def letters() -> Talk:
    chat = talk(*TO_CONTACT, "[No, never]", "[Add more]", "skip")
    chat.walk(*["skip"] * 5, "[That was all, go on]", *["skip"] * 4, "[Add more]", *["skip"] * 3, "[Go on]")
    chat.walk("letter, public statement", "nobody", "[Yes, with the name]", "[Yes, with the name]", "[Yes, I am sure]")
    chat.walk("[Change something]", "[If the UN may see it]")
    return chat


def test_narrowing_says_what_is_asked_again_before_it_asks() -> None:
    heard = letters().do("[Yes, but not the name]")
    assert "With that change we dropped: A name to use" in heard
    again = "With that change we ask again: A letter to the government (Kenya), In public."
    assert again in heard
    assert heard.index(again) < heard.index("Your choice: a letter.")


def test_narrowing_to_the_team_alone_says_that_the_letter_goes() -> None:
    heard = letters().do("[Only your team]")
    assert "we dropped: A letter to the government (Kenya), In public, In public, once more." in heard
    assert "we ask again: What would help." in heard, "a letter can't be wished for any more"


def test_words_that_stay_without_their_question_are_not_called_dropped() -> None:
    chat = talk(*TO_ROLE, "[Someone in my family]", "[Brother or sister]", "[Yes, they agreed]", "[No]", "He is gone.")
    chat.walk("[Done]", "Kenya", "2", "[Held or in prison]", "[No]", "In the capital", "[Only your team]", "skip")
    chat.walk("[No, never]", "[Look at it first]", "[Change something]", "[More …]", "[How it is now]")
    heard = chat.do("[Free and safe]")
    assert "your words stay as a note: Where held or last seen." in heard
    assert "we dropped: Seen or heard since." in heard
    assert "In the capital" in chat.sealed.values()


def test_a_change_that_takes_nothing_with_it_says_nothing() -> None:
    chat = talk(*TO_CONTACT, "[No, never]", "[Look at it first]", "[Change something]", "[How it is now]")
    assert chat.do("[Free and safe]").startswith("Here is what we have.")


def test_who_may_be_somebody_else_hears_no_title() -> None:
    chat = talk(*SHORT, "~ 31 minutes")
    assert chat.do("(delete 1)") == ""


# --- a time of day ---


def test_whose_time_is_said_and_asked() -> None:
    chat = talk(*TO_CONTACT, "[Yes, in this chat]")
    assert "We mean the time where you are." in chat.heard
    heard = chat.do("[In the morning]")
    assert "A big city with the same time is enough" in heard
    chat.do("Nairobi")
    assert chat.session.at == "part_done"
    (part,) = chat.session.answers["safe_zone"].parts
    assert part.cls == "contact"


@pytest.mark.parametrize("label", ["[Any time]", "[I will say]"])
def test_where_no_time_is_meant_none_is_asked(label: str) -> None:
    assert talk(*TO_CONTACT, "[Yes, in this chat]", label).session.at == "part_done"


# --- a no to what was read ---


@pytest.mark.parametrize("words", ["March 2026", "5/3/2026"])
def test_a_no_to_a_date_gives_a_hint(words: str) -> None:
    chat = talk(*TO_CONTACT, "[No, never]", "[Add more]", "skip", words)
    heard = chat.do("no" if words == "March 2026" else "[None of these]")
    assert "with the month as a word, like 5 March 2026" in heard
    assert heard.index("like 5 March") < heard.index("When did it start?")
    assert "I read Thursday 5 March 2026." in chat.do("5 March 2026")


def test_a_no_to_countries_gives_a_hint() -> None:
    chat = talk(*SHORT[:-3], "Congo")
    assert "Its full name is best" in chat.do("[None of these]")


# --- the number, the check word ---


@pytest.mark.parametrize("language", EVERY)
def test_what_is_to_be_pressed_is_called_by_its_label(language: str) -> None:
    flow, words = world(*EVERY)
    session = change(Session("reprisal", 1, nonce=7, language=language, agreed=True), word="amber river")
    out = words.prompt(prompt(flow, submitted(session, number=NUMBER, report="r", day="2026-09-21")), (), language)
    label = out.choices[0].label
    assert label in out.text
    for name in ("status_sent", "status_sent_waits", "not_understood_number"):
        button = Message("bot.wrote_it_down", flow.texts["wrote_it_down"])  # type: ignore[arg-type]
        assert label in words.texts((Message(f"bot.{name}", flow.texts[name], {"button": button}),), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(("label", "shown"), [("[Yes, in this chat]", True), ("[No, never]", False)])
def test_the_check_word_stands_beside_the_number_once_somebody_can_write_here(label: str, shown: bool) -> None:
    chat = talk(*TO_CONTACT, label, *(["[Any time]"] if shown else []), "[Send it now]")
    blocks = prompt(chat.flow, chat.session).paragraphs
    able = chat.words.paragraphs(said_blocks(chat.flow, frozenset({"channel_replies"}), blocks), "en")
    assert any("Your check word is: amber amber\nWrite it down" in each for each in able) == shown
    unable = chat.words.paragraphs(said_blocks(chat.flow, frozenset(), blocks), "en")
    assert not any("check word" in each for each in unable), "while nobody can write here, none is promised"


# --- help cards ---


def test_a_card_that_nobody_checked_says_nothing_of_it() -> None:
    flow, words = world()
    assert flow.cards["anywhere"].checked is None
    heard = words.texts(danger_card(flow, talk(*TO_ROLE).session), "en")
    assert "hecked" not in heard
    assert "not called" not in heard


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "(Last checked: Tuesday 24 November 2026.)"), ("fr", "24 novembre 2026"), ("ar", "24 نوفمبر 2026")],
)
def test_a_card_says_when_it_was_last_checked_in_words(language: str, says: str) -> None:
    flow, words = world(*EVERY)
    checked = replace(flow.cards["anywhere"], checked=DateValue(date(2026, 11, 24), "day"))
    flow = replace(flow, cards={**flow.cards, "anywhere": checked})
    assert says in words.texts(danger_card(flow, talk(*TO_ROLE).session), language)


# --- numbers and words that fit ---


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("name", ["status", "status_read", "what_now", "what_now_sent", "next", "rest", "rest_read"])
def test_one_hour_is_no_plural(name: str, language: str) -> None:
    flow, words = world(*EVERY)
    one, many = flow.texts[name]
    values = {"organisation": "Example", "part": "2", "parts": "5"}
    heard = [words.texts((Message(f"bot.{name}", one, {**values, "hours": n}, many),), language) for n in (1, 24)]
    singular = {"en": "1 hour", "fr": "1 heure", "ar": "ساعة واحدة"}[language]
    assert singular in heard[0]
    assert f"{singular}s" not in heard[0]
    assert "24" in heard[1]


def test_hours_decide_of_a_status_and_not_the_part() -> None:
    chat = talk(*TO_CONTACT, "[No, never]", "[Add more]")
    assert "kept for 72 hours" in chat.do("status")
    chat.session = change(chat.session, hours=1)
    assert "kept for 1 hour after" in chat.do("status")


@pytest.mark.parametrize(("code", "name"), [("en", "English"), ("fr", "Français"), ("ar", "العربية")])
def test_the_only_language_is_called_by_its_name(code: str, name: str) -> None:
    chat = talk(languages=(code,))
    heard = chat.do("language")
    assert name in heard


ABOUT_NOBODY = ["Me", "My group", "Several people or a community", "Something I saw"]


@pytest.mark.parametrize("role", [*ABOUT_NOBODY, "Someone in my family"])
def test_this_person_is_somebody_who_was_named(role: str) -> None:
    flow, words = world()
    values = {o.label.text: o.id for o in flow.steps["reporter_role"].options}
    chat = talk(*TO_ROLE, f"[{role}]")
    assert chat.session.answers["reporter_role"].values == (values[role],)
    asked = {"permission", "un_how", "status_now", "victim_name", "held_where"}
    asked -= {"permission"} if role in ("Me", "My group") else {"victim_name"} if role == "Something I saw" else set()
    shown = [prompt(flow, change(chat.session, screen=Asking(at))).paragraphs for at in sorted(asked)]
    heard = "\n".join(words.texts(tuple(each), "en") for each in shown)
    assert ("this person" in heard) == (role not in ABOUT_NOBODY)


def test_self_is_not_asked_where_they_are() -> None:
    chat = talk(*SHORT[:-1], "[Held or in prison]")
    assert "Do you know where you are held?" in chat.heard


def test_the_neutral_screen_after_a_pause_is_that_of_coming_back() -> None:
    chat = talk(*SHORT, "pause")
    assert isinstance(chat.session.screen, Neutral)
    assert chat.take(CameBack()) == "Hello. Start, or go on?"


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "28/11/2026"])
def test_a_card_that_was_checked_on_no_day_is_refused(day: str, tmp_path: Path) -> None:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    (tmp_path / "flows" / "help" / "KE.yaml").write_text(f'checked: "{day}"\nlines: ["x"]\n')
    with pytest.raises(FlowError, match="write a day like 2026-11-28, or never"):
        load_shelf(tmp_path / "flows")
