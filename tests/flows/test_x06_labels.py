"""Each label of a button is a typed word for it, in every language; words of need lead to help from anywhere (X06)."""

import dataclasses

import pytest

from bot.flow import choosing, hearing
from bot.flow.codes import ERASE
from bot.flow.commands import HANDLERS
from bot.flow.model import ALWAYS, Flow, Step
from bot.flow.offers import entries, extras
from bot.flow.prompts import prompt
from bot.flow.screens import (
    Asking,
    Change,
    Gathering,
    Held,
    InDoubt,
    Language,
    Neutral,
    Number,
    Over,
    Review,
    Screen,
    Sure,
)
from bot.flow.session import Session, place
from bot.flow.step import step
from bot.flow.turn import Erase
from bot.flow.values import Answer, PartRef
from bot.talk.events import MessageRef, Said
from bot.talk.sentences import DateValue
from tests.flows.pure import NOON, Talk, world

LANGUAGES = ("en", "fr", "ar")
EVERY = [*world(*LANGUAGES)[0].every_step()]
MESSAGE = MessageRef("900", 900)


def open_flow() -> Flow:
    """Our flow with every question and every option open, so that each label stands somewhere."""
    flow, _ = world(*LANGUAGES)

    def opened(each: Step) -> Step:
        options = tuple(dataclasses.replace(o, when=ALWAYS) for o in each.options)
        return dataclasses.replace(each, when=ALWAYS, options=options, scale=())

    chapters = tuple(dataclasses.replace(c, steps=tuple(map(opened, c.steps))) for c in flow.chapters)
    return dataclasses.replace(flow, chapters=chapters, caps=(), steps={}, chapter_of={})


FLOW = open_flow()


def standing(screen: Screen, language: str, answers: dict[str, Answer] | None = None) -> Session:
    return Session(
        FLOW.id, FLOW.version, nonce=5, language=language, screen=screen, agreed=True, last=int(NOON.timestamp()),
        answers=answers or {}, trail=("safe_here",), mark=FLOW.mark, number="1" * 24, hours=72,
    )  # fmt: skip


def pressed_and_typed(session: Session) -> None:
    """Pressing each button and typing its words come to the same."""
    _, words = world(*LANGUAGES)
    catalogue = words.of(session.language)
    shown = prompt(FLOW, session)
    assert shown.choices or isinstance(session.screen, Asking | Over)
    for button in (*entries(FLOW, session), *extras(FLOW, session)):
        label = catalogue.put(button.label)
        for typed in (label, label.upper(), f" {label}! "):
            if typed != label and session.language == "ar":
                continue
            found = step(FLOW, session, Said(typed, MESSAGE), NOON)
            if button.code == ERASE and hearing.urgent(FLOW, session, typed):
                assert found.do == Erase(), "a typed word is meant; a button is asked about once"
                continue
            same = (
                choosing.choose(FLOW, session, button.code, NOON)
                if button in entries(FLOW, session)
                else HANDLERS[button.code[1:]](FLOW, session)
            )
            assert (found.session.at, found.do) == (same.session.at, same.do), (session.at, typed)
            given = found.session.answers.get(session.at), same.session.answers.get(session.at)
            one, other = ((a.state, a.values) if a else None for a in given)
            assert one == other, typed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("each", EVERY, ids=lambda s: s.id)
def test_x06_every_label_of_a_question_is_a_word_for_it(each: Step, language: str) -> None:
    chapter = FLOW.chapter_of[each.id]
    item = "KE" if each.for_each else None
    at = place(each.id, 0 if chapter.repeat > 1 else None, item)
    session = standing(Asking(at), language)
    if each.kind == "choices":
        for option in FLOW.steps[each.id].options:  # typed, it is an answer at once; pressed, it is ticked first
            label = world(*LANGUAGES)[1].of(language).put(option.label)
            turn = step(FLOW, session, Said(label, MESSAGE), NOON)
            answer = turn.session.answers.get(at)
            assert answer is not None, label
            assert answer.values == (option.id,), label
        return
    pressed_and_typed(session)
    if each.kind == "date":
        pressed_and_typed(standing(Asking(at, dates=(DateValue(NOON.date(), "day"),)), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_x06_every_label_of_the_other_screens(language: str) -> None:
    part = PartRef(1, MessageRef("7", 7), "case")
    told = {"act_story": Answer("answered", parts=(part,), sitting=1), "reporter_role": Answer("answered", ("self",))}
    for screen in (
        Gathering("act_story"),
        Gathering("act_story", anew=True),
        InDoubt("victim_name", (part,)),
        Review(),
        Review("part_done"),
        Change(),
        Sure(Asking("act_where")),
        Held(Asking("act_where")),
        Language(Asking("act_where")),
        Number("1" * 24),
        Asking("act_where", countries=("CD", "CG")),
        Asking("act_story"),
    ):
        pressed_and_typed(standing(screen, language, told))
    neutral = standing(Neutral(Asking("act_where")), language, told)
    for button in (e for e in entries(FLOW, neutral) if e.code != ERASE):
        label = world(*LANGUAGES)[1].of(language).put(button.label)
        found = step(FLOW, neutral, Said(label, MESSAGE), NOON)
        same = choosing.choose(FLOW, neutral, button.code, NOON)
        assert (found.session.at, found.do) == (same.session.at, same.do), label


NEED = [
    "I am in danger", "I am in danger now", "I'm in danger", "help me", "HELP ME!!!", "Help me, please", "emergency",
    "Je suis en danger", "Je suis en danger maintenant", "au secours", "Au secours !", "à l'aide", "A l’aide !!",
    "aidez-moi", "c'est une urgence", "أنا في خطر", "نجدة", "النجدة!", "أغيثوني", "انقذوني", "ساعدوني", "طوارئ", "/خطر",
    "SOS", "sos!",
]  # fmt: skip
PLACES = [
    [], ["[Yes, go on]"], ["[Yes, go on]", "[Yes, I agree]"],
    ["[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]"],
    ["[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]", "They came at night."],
    ["[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]", "They came at night.", "done"],
    ["[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "~ 1 hours"],
]  # fmt: skip


@pytest.mark.parametrize("words", NEED)
@pytest.mark.parametrize("where", PLACES, ids=len)
def test_x06_words_of_need_lead_to_help_from_anywhere(words: str, where: list[str]) -> None:
    chat = Talk(*world(*LANGUAGES), abilities=("buttons", "sensitive_allow"))
    chat.do("[English]")
    chat.walk(*where)
    before = dict(chat.sealed)
    heard = chat.do(words)
    assert "Front Line Defenders" in heard
    assert chat.session.at == "d_consent"
    assert chat.sealed == before, "it is no story"


def test_x06_typed_ahead_of_a_question_it_is_a_call_too() -> None:
    chat = Talk(*world("en"))
    chat.walk("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]", "They came.", "done")
    chat.take(Said("help me", chat.message(), place="act_story"))
    assert chat.session.at == "d_consent"
    assert list(chat.sealed.values()) == ["They came."]


def test_x06_calls_are_all_buttons_that_call() -> None:
    flow, _ = world("en")
    assert {code for code, _ in hearing.calls(flow)} >= {"~danger", "danger_now"}
