"""What a flow makes of dates and countries that were read: days to come (T02), places (T04, T06), who takes no side."""

from dataclasses import replace
from datetime import date

import pytest

from bot.flow.document import SealedPart, content, part_refs
from bot.flow.flags import Rules, load_rules, rules_amiss
from bot.flow.moving import go
from bot.flow.screens import Asking
from bot.flow.session import change
from bot.flow.values import Answer
from bot.talk.events import Edited, Said
from bot.talk.sentences import DateValue
from bot.words.loading import HERE, load_flows, load_words
from tests.flows.pure import NOON, Talk, world

FLOWS = HERE.parent / "flows"

AGREED = ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
TO_PLACE = (*AGREED, "[Me]", "[No]", "They took my passport.", "[Done]")
NOTE = "It takes no side."


def talk(*lines: str) -> Talk:
    begun = Talk(*world())
    begun.walk(*lines)
    return begun


def at(chat: Talk, place: str) -> Talk:
    """The same chat at another question, as if all before it were answered."""
    chat.session = go(chat.flow, chat.session, place)
    return chat


def rules() -> Rules:
    _, shelf = load_flows(load_words())
    return load_rules(FLOWS / "flags.yaml", shelf.extra["acts"])


def urgency(chat: Talk) -> str:
    return rules().urgency(chat.flow, chat.session, chat.now)


# --- T02: NOON is 21 September 2026, a Monday ---


@pytest.mark.parametrize(
    ("typed", "day", "level"),
    [
        ("24 September", date(2026, 9, 24), "P1"),
        ("28 September", date(2026, 9, 28), "P1"),
        ("21 September", date(2026, 9, 21), "P1"),
        ("Thursday", date(2026, 9, 24), "P1"),
        ("tomorrow", date(2026, 9, 22), "P1"),
        ("29 September", date(2026, 9, 29), "P3"),
        ("10 December", date(2026, 12, 10), "P3"),
        ("5 January", date(2027, 1, 5), "P3"),
    ],
)
def test_t02_a_day_that_is_coming_is_read_ahead_and_counts(typed: str, day: date, level: str) -> None:
    chat = at(talk(*TO_PLACE, "Kenya"), "next_date")
    heard = chat.do(typed)
    assert f"{day:%A}" in heard, "the weekday is read back"
    chat.do("[Yes]")
    answer = chat.session.answers["next_date"]
    assert answer.date is not None
    assert answer.date.day == day
    assert urgency(chat) == level


@pytest.mark.parametrize(
    ("typed", "level"), [("this month", "P1"), ("next week", "P1"), ("October 2026", "P3"), ("in November", "P3")]
)
def test_t02_a_span_counts_where_it_touches_the_days_to_come(typed: str, level: str) -> None:
    chat = at(talk(*TO_PLACE, "Kenya"), "next_date")
    chat.do(typed)
    assert isinstance(chat.session.screen, Asking)
    assert chat.session.screen.dates, "it was read"
    chat.take(Said("1", chat.message()))
    assert urgency(chat) == level


def test_t02_an_edited_day_is_read_ahead_too() -> None:
    chat = at(talk(*TO_PLACE, "Kenya"), "next_date")
    chat.walk("1 November", "[Yes]")
    message = chat.session.answers["next_date"].message
    assert message is not None
    chat.take(Edited("24 September", message))
    answer = chat.session.answers["next_date"]
    assert answer.date is not None
    assert answer.date.day == date(2026, 9, 24)


@pytest.mark.parametrize(
    ("typed", "level"),
    [("20 August 2026", "P3"), ("25 August 2026", "P1"), ("August 2026", "P1"), ("July 2026", "P3"), ("2026", "P1")],
)
def test_t02_what_began_in_a_month_counts_to_its_last_day(typed: str, level: str) -> None:
    """`within: {act_when: 30}` of a grave act, seen from 21 September."""
    chat = at(talk(*TO_PLACE, "Kenya"), "act_types/0")
    grave = next(o.id for o in chat.flow.steps["act_types"].options if rules().severity_of.get(o.id) == "4")
    (read,) = chat.flow.reader.date(typed, "en", NOON)
    assert isinstance(read, DateValue)
    answers = {
        **chat.session.answers,
        "act_types/0": Answer("answered", (grave,)),
        "act_when/0": Answer("answered", (read.code(),), read),
    }
    chat.session = change(chat.session, answers=answers)
    assert urgency(chat) == level


def test_t02_a_rule_that_looks_ahead_wants_a_step_that_does() -> None:
    flow, _ = world()
    _, shelf = load_flows(load_words())
    assert list(rules_amiss(FLOWS / "flags.yaml", [flow], shelf)) == []
    past = replace(flow, chapters=(), steps={})
    past.steps.update(flow.steps | {"next_date": replace(flow.steps["next_date"], ahead=False)})
    found = [str(e) for e in rules_amiss(FLOWS / "flags.yaml", [past], shelf)]
    assert len(found) == 1
    assert "prefer: future" in found[0]


# --- countries ---


@pytest.mark.parametrize("typed", ["Gaza", "Crimea", "West Bank"])
def test_a_disputed_part_is_noted_with_the_words_that_take_no_side(typed: str) -> None:
    read = world()[0].reader.country(typed, "en")
    assert read.note
    heard = talk(*TO_PLACE).do(typed)
    assert NOTE in heard


def test_an_edit_that_names_a_disputed_part_says_so_too() -> None:
    named = next(t for t in ("Gaza", "Crimea", "West Bank", "Kurdistan", "Nagorno-Karabakh") if _sure(t))
    chat = talk(*TO_PLACE, "Kenya")
    message = chat.session.answers["act_where"].message
    assert message is not None
    assert NOTE in chat.take(Edited(named, message))


def _sure(typed: str) -> bool:
    read = world()[0].reader.country(typed, "en")
    return read.sure and read.note and len(read.codes) == 1


def test_a_country_that_nobody_disputes_has_no_such_words() -> None:
    assert NOTE not in talk(*TO_PLACE).do("Kenya")


UNREAD = ("at my uncle's", "the place of which I told you")


def test_t04_after_two_tries_there_is_a_list_by_region() -> None:
    chat = talk(*TO_PLACE)
    assert "I could not find that country" in chat.do(UNREAD[0])
    assert "[Northern Africa]" not in chat.lines[-1]
    heard = chat.do(UNREAD[1])
    assert "In which country did it happen?" in heard
    assert "[Northern Africa]" in chat.lines[-1]
    chat.do("[More …]")
    chat.walk("[More …]", "[More …]", "[More …]", "[Eastern Africa]")
    assert "[Burundi]" in chat.lines[-1]
    chat.do("[Other regions …]")
    chat.walk("[Eastern Africa]", "[More …]", "[Kenya]")
    assert "Noted: Kenya" in chat.heard
    answer = chat.session.answers["act_where"]
    assert answer.values == ("KE",)
    assert [chat.sealed[p.number] for p in answer.parts] == [UNREAD[1]], "the words stay beside it"


def test_t04_its_numbers_and_names_can_be_typed() -> None:
    chat = talk(*TO_PLACE, *UNREAD)
    chat.take(Said("3", chat.message()))
    assert "[Burundi]" in chat.lines[-1]
    chat.take(Said("1", chat.message()))
    assert chat.session.answers["act_where"].values
    chat = talk(*TO_PLACE, *UNREAD, "Kenya")
    answer = chat.session.answers["act_where"]
    assert (answer.values, answer.parts) == (("KE",), ())
    assert UNREAD[1] not in chat.sealed.values()


def test_t04_keep_my_words_is_a_way_out_of_a_question_that_cant_be_skipped() -> None:
    chat = talk(*TO_PLACE, *UNREAD)
    assert chat.flow.steps["act_where"].required
    chat.do("[Keep my words as they are]")
    assert chat.session.at != "act_where"
    answer = chat.session.answers["act_where"]
    assert (answer.state, answer.values) == ("not_sure", ())
    assert [chat.sealed[p.number] for p in answer.parts] == [UNREAD[1]]


def test_t04_a_third_try_that_is_not_read_takes_the_place_of_the_second() -> None:
    chat = talk(*TO_PLACE, *UNREAD, "somewhere else again")
    assert UNREAD[1] not in chat.sealed.values()
    chat.do("[Keep my words as they are]")
    answer = chat.session.answers["act_where"]
    assert [chat.sealed[p.number] for p in answer.parts] == ["somewhere else again"]


def test_t04_where_lists_are_all_that_is_kept_the_way_out_keeps_nothing() -> None:
    chat = Talk(*world(), abilities=("buttons", "sensitive_refuse"))
    chat.walk("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]")
    at(chat, "act_where").walk(*UNREAD)
    assert chat.sealed == {}
    chat.do("[I am not sure]")
    assert chat.session.answers["act_where"].state == "not_sure"
    assert chat.session.at != "act_where"


def test_t04_a_country_that_stands_is_not_lost_by_words_that_are_not_read() -> None:
    chat = talk(*TO_PLACE, "Kenya")
    chat.do("back")
    chat.walk(*UNREAD)
    assert "Kenya" in chat.lines[-1], "it can be kept"
    assert chat.session.answers["act_where"].values == ("KE",)


@pytest.mark.parametrize(("typed", "code"), [("Atlanta, Georgia, USA", "US"), ("Tbilisi, Georgia", "GE")])
def test_t06_one_place_is_one_country(typed: str, code: str) -> None:
    chat = talk(*TO_PLACE, typed)
    assert chat.session.answers["act_where"].values == (code,)


def test_t06_two_that_were_meant_are_asked() -> None:
    chat = talk(*TO_PLACE)
    assert "Which country do you mean?" in chat.do("Kenya and Uganda")
    assert "act_where" not in chat.session.answers or not chat.session.answers["act_where"].values
    assert "[Kenya] [Uganda] [All of them] [None of these]" in chat.lines[-1]
    heard = chat.do("[All of them]")
    assert "Kenya" in heard
    assert "Uganda" in heard
    assert chat.session.answers["act_where"].values == ("KE", "UG")
    chat = talk(*TO_PLACE, "Kenya and Uganda", "[Uganda]")
    assert chat.session.answers["act_where"].values == ("UG",)


def test_t06_two_names_that_may_be_one_are_not_offered_together() -> None:
    chat = talk(*TO_PLACE, "Congo")
    assert "[All of them]" not in chat.lines[-1]


# --- Q03: the button in the phone page's head says it, also while the next question is on its way ---


@pytest.mark.parametrize("word", ["/danger", "danger"])
def test_q03_danger_is_never_taken_for_words_to_an_earlier_question(word: str) -> None:
    chat = talk(*TO_PLACE)
    heard = chat.take(Said(word, chat.message(), place="act_story"))
    assert "May our team read this" in heard
    assert word not in chat.sealed.values()


def test_t04_words_that_were_kept_are_in_the_report() -> None:
    chat = talk(*TO_PLACE, *UNREAD, "[Keep my words as they are]")
    sealed = {p.number: SealedPart(f"{p.number:04}.age", "0" * 64, 1) for p in part_refs(chat.session)}
    found = content(chat.flow, chat.session, sealed)
    assert len(found.answers["act_where_words"]["parts"]) == 1
    assert found.fields["act_where"] == "not_sure"


# --- I08: numbers in words, where options stand, and nowhere else ---


def test_i08_options_are_chosen_by_their_numbers_in_words() -> None:
    chat = talk(*AGREED)
    chat.do("the second")
    by_words = chat.session.answers["reporter_role"].values
    chat = talk(*AGREED)
    chat.do("2")
    assert by_words == chat.session.answers["reporter_role"].values != ()


@pytest.mark.parametrize("typed", ["first and third", "1st, 3rd", "one and three", "numbers 1 and 3", "① ③"])
def test_i08_several_are_chosen_by_their_numbers_in_words(typed: str) -> None:
    chosen = []
    for each in ("1, 3", typed):
        chat = at(talk(*TO_PLACE, "Kenya"), "un_how")
        chat.do(each)
        chosen.append(chat.session.answers["un_how"].values)
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 2


def test_i08_to_a_date_the_second_is_a_day() -> None:
    chat = at(talk(*TO_PLACE, "Kenya"), "next_date")
    heard = chat.do("the second")
    assert "2 October 2026" in heard
    chat.do("the 3rd")
    assert isinstance(chat.session.screen, Asking)
    assert [d.day for d in chat.session.screen.dates] == [date(2026, 10, 3)]


def test_i08_in_a_story_one_is_a_word() -> None:
    chat = talk(*AGREED, "[Me]", "[No]", "They took my passport.")
    chat.do("two")
    assert "two" in chat.sealed.values()
