"""Whole random conversations: any event at any step, saved and loaded, and the same again."""

import string
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.flow import turn as turns
from bot.flow.conditions import open_options
from bot.flow.model import DATA_LIMIT, Flow
from bot.flow.path import fits, places, settle
from bot.flow.prompts import prompt
from bot.flow.screens import Asking, Gathering, Neutral, in_doubt
from bot.flow.session import IDLE, Session, is_open, is_over, opened, split
from bot.flow.step import start, step
from bot.talk.events import (
    Blocked,
    CameBack,
    Deleted,
    Edited,
    Event,
    LookedUp,
    MessageRef,
    Missed,
    Pressed,
    Refused,
    Said,
)
from bot.words.catalogue import Words
from bot.words.loading import load_flows, load_words

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@cache
def world() -> tuple[Flow, Words]:
    words = load_words()
    flows, _ = load_flows(words, organisation="Example", help_at="x", first_read=24)
    return flows["reprisal", 1], words


def said(words_: str, order: int = 0, place: str | None = None) -> Said:
    return Said(words_, MessageRef(str(order), order), place)


def begin(**more: object) -> Session:
    flow, _ = world()
    return start(flow, Session("reprisal", 1, nonce=77, word="amber river", last=int(NOW.timestamp()), **more))  # type: ignore[arg-type]


words_typed = st.one_of(
    st.sampled_from(
        "help|back|skip|pause|human|language|status|danger|done|yes|no|0|1|2|3|1,4|Kenya|Congo|sexual violence|police|"
        "March 2026|5/3/2026|yesterday|me|someone in my family|a letter to the government|12345678901234567890|"
        "+34 600 123 456|ana@example.org|My home government|erase|send it now|look at it first|change something".split(
            "|"
        )
    ),
    st.text(max_size=60),
    st.text(alphabet=string.printable + "\u202e\u200d\ud800٣", max_size=20),
    st.just("long " * 1000),
)
choose = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 12)),
    st.tuples(st.just("press"), st.integers(0, 12)),
    st.tuples(st.just("press"), st.integers(0, 12)),
    st.tuples(st.just("say"), words_typed),
    st.tuples(st.just("say"), words_typed),
    st.tuples(st.just("rubbish"), st.text(max_size=64)),
    st.tuples(st.just("edit"), words_typed),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("send"), st.sampled_from(["location", "contact", "file", "other"])),
    st.tuples(st.just("wait"), st.integers(1, 50)),
    st.tuples(st.just("return"), st.just(0)),
    st.tuples(st.just("looked"), st.sampled_from([None, "2026-01-01", "rubbish"])),
    st.tuples(st.just("forward"), words_typed),
    st.tuples(st.just("open"), words_typed),
    st.tuples(st.just("missed"), st.integers(-100, 100)),
    st.tuples(st.just("blocked"), st.just(0)),
    st.tuples(st.just("earlier"), words_typed),
)


def event_of(flow: Flow, session: Session, kind: str, value: object, order: int) -> Event:
    match kind:
        case "press":
            shown = prompt(flow, session)
            buttons = [*shown.choices, *shown.extras]
            data = buttons[int(value) % len(buttons)].data if buttons else "x"  # type: ignore[call-overload]
            return Pressed(data, MessageRef("0", ours=True))
        case "forward":
            return Said(str(value), MessageRef(str(order), order), forwarded=True)
        case "say" | "open":
            return said(str(value), order)
        case "edit":
            return Edited(str(value), MessageRef(str(max(1, order - 2)), order))
        case "delete":
            return Deleted(MessageRef(str(value)))
        case "send":
            return Refused(str(value), MessageRef(str(order), order))
        case "return":
            return CameBack()
        case "looked":
            return LookedUp(value)  # type: ignore[arg-type]
        case "missed":
            return Missed(session.last + int(value))  # type: ignore[call-overload]
        case "blocked":
            return Blocked()
        case "earlier":
            asked = [*session.answers, "rubbish", "act_types/9"]
            return said(str(value), order, asked[order % len(asked)])
    return Pressed(str(value), MessageRef("0", ours=True))


# A whole report in words; a random conversation begins anywhere in it.
WAY = (
    "go on|yes i agree|yes they may|someone in my family|brother or sister|no way to ask|no|They took him.|done|"
    "Kenya|2|held or in prison|no|in the capital|yes|Ana|yes in this chat|any time|add more|arrest or jail, torture or"
    " cruel treatment|March 2026|yes|it goes on|police, people sent by another state|the station|Iran|1|a law|"
    "tell the time before that|threat to kill|skip|1|i do not know|skip|that was all|human rights defenders|skip|"
    "a un office|skip|it denied it|1 January 2027|yes|a court day|add more|yes|Her own name|go on|"
    "a letter to the government, a public statement|nobody in particular|yes, with the name|ask me first|"
    "yes, with the name|yes, i am sure"
).split("|")


@given(
    st.integers(0, len(WAY)),
    st.lists(choose, max_size=60),
    st.sampled_from([("buttons",), ("buttons", "sensitive_ask"), ("files",)]),
)
@example(43, [("press", 0), ("say", "0")], ("files",))  # a zero at a text that was answered before
@settings(max_examples=250, deadline=None)
def test_whatever_is_done_the_flow_stands(
    way: int, doings: list[tuple[str, object]], capabilities: tuple[str, ...]
) -> None:
    flow, words = world()
    session, now = begin(abilities=capabilities), NOW
    sealed: set[int] = set()
    doings = [*(("say", words_) for words_ in WAY[:way]), *doings]
    for order, (kind, value) in enumerate(doings, 1):
        if kind == "wait":
            now += timedelta(minutes=int(value))  # type: ignore[call-overload]
            continue
        event = event_of(flow, session, kind, value, order)
        before = session
        turn = step(flow, session, event, now)
        assert step(flow, before, event, now) == turn, "pure: the same again"
        assert not (before.agreed and before.early), "words before the consent are never written"
        if not before.early:
            loaded = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=Session)
            assert step(flow, loaded, event, now) == turn, "saved, loaded and going on the same"
        session = turn.session
        assert not (turn.do == turns.Forget() and before.agreed), "what is written is erased, not only forgotten"
        assert not (turn.do == turns.Erase() and not before.agreed)
        if isinstance(turn.do, turns.Forget | turns.Erase | turns.Finish | turns.Submit):
            session, sealed = begin(abilities=capabilities), set()
            continue
        if kind == "open" and session.agreed and not session.submitted:
            session = opened(session, "r")
        _nobody_is_here(before, event, turn, now)
        sealed |= {p.number for p in turn.seal}
        sealed -= set(turn.drop)
        held = {p.number for a in session.answers.values() for p in a.parts}
        held |= {p.number for p in (*session.held, *session.apart, *in_doubt(session.screen))}
        assert held == sealed, "every sealed part belongs to an answer, and none is lost"
        shown = prompt(flow, session)
        out = words.prompt(shown, turn.say, session.language)
        assert out.text
        assert all(0 < len(c.data.encode()) <= DATA_LIMIT and c.label for c in (*out.choices, *out.extras))
        assert len(shown.choices) <= 12
        at = split(session.at)[0]
        assert at in flow.steps or session.at.startswith("~")
    settled, _ = settle(flow, session)
    if session.agreed and not session.answers.keys() - {"~notes"} - set(places(flow, session)):
        for place, answer in settled.answers.items():
            if place != "~notes":
                assert fits(flow, settled, place, answer), "no answer stands above a cap"


def _nobody_is_here(before: Session, event: Event, turn: turns.Turn, now: datetime) -> None:
    """I01, I02, X12: what is no "here I am" moves no clock; asleep, nothing is shown or changed by typing."""
    after = turn.session
    if isinstance(event, Edited | Deleted | Refused | LookedUp | Missed | Blocked):
        assert after.last == before.last
    asleep = isinstance(before.screen, Neutral) or (before.agreed and int(now.timestamp()) - before.last > IDLE)
    if not asleep or isinstance(event, Pressed):
        return
    if isinstance(after.screen, Neutral):
        assert after.last == before.last
        if is_open(before):
            assert after.answers == before.answers
            assert after.held == before.held
    if turn.ask and isinstance(event, Edited | Deleted | Refused | LookedUp | Missed):
        assert isinstance(after.screen, Neutral) or is_over(after)


@given(st.lists(st.integers(0, 6), min_size=8, max_size=30))
@settings(max_examples=60, deadline=None)
def test_back_to_the_start_and_forward_again_gives_the_same_questions(picks: list[int]) -> None:
    flow, _ = world()
    session = begin()
    taken: list[tuple[str, Event]] = []
    for pick in picks:
        at = split(session.at)[0]
        if at not in flow.steps or at == "part_done":
            break
        step_ = flow.steps[at]
        options = [
            o for o in open_options(flow, session, step_, split(session.at)[1]) if o.does in ("", "start", "alone")
        ]
        if step_.kind in ("choice", "consent") and options:
            event: Event = said(options[pick % len(options)].label.text)
        elif step_.kind == "country":
            event = said("Kenya")
        else:
            event = said("skip")
        place = session.at
        session = step(flow, session, event, NOW).session
        taken.append((place, event))
    frontier = session.at
    for _ in range(len(taken) + 3):
        session = step(flow, session, said("back"), NOW).session
    assert session.at == taken[0][0]
    for place, event in taken:
        assert session.at == place
        session = step(flow, session, event, NOW).session
    assert session.at == frontier


def test_the_way_of_the_random_walks_leads_to_the_review() -> None:
    flow, _ = world()
    session = begin()
    for order, words_ in enumerate(WAY, 1):
        before = session.at
        session = step(flow, session, said(words_, order), NOW).session
        assert (
            session.at != before
            or isinstance(session.screen, Gathering)
            or (isinstance(session.screen, Asking) and session.screen.dates)
        ), f"{words_!r} at {before} went nowhere"
    assert session.at == "~review"


def test_every_sentence_that_the_code_names_exists() -> None:
    import re

    flow, _ = world()
    named: set[str] = set()
    for path in Path(turns.__file__).parent.glob("*.py"):
        named |= set(re.findall(r'text\(flow, "(\w+)"', path.read_text()))
    for path in (Path(turns.__file__).parents[1] / "conversation").glob("*.py"):
        named |= set(re.findall(r'say\("(\w+)"', path.read_text()))
    assert named
    assert named <= set(flow.texts)


@pytest.mark.parametrize("name", ["help", "back", "skip", "pause", "erase", "human", "language", "status", "danger"])
def test_every_word_works_at_every_step(name: str) -> None:
    flow, _ = world()
    for step_id in flow.steps:
        chapter = flow.chapter_of[step_id]
        at = f"{step_id}/0" if chapter.repeat > 1 else step_id
        at = f"{step_id}@KE" if flow.steps[step_id].for_each else at
        session = msgspec.structs.replace(begin(), screen=Asking(at), agreed=True)
        turn = step(flow, session, said(name), NOW)
        assert not turn.seal, f"'{name}' at {step_id} was taken for an answer"


@pytest.mark.case("R20")
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("Who are you?", "I am a bot of"),
        ("is this safe?", "No chat is fully safe"),
        ("What happens now?", "it waits until a person opens it"),
    ],
)
def test_R20_a_short_true_answer_then_the_question_again(asked: str, says: str) -> None:
    flow, words = world()
    for step_id in ("safe_here", "act_story", "consent_share", "victim_name", "part_done"):
        session = msgspec.structs.replace(begin(), screen=Asking(step_id), agreed=True)
        turn = step(flow, session, said(asked, 3), NOW)
        text = words.prompt(prompt(flow, turn.session), turn.say, "en").text
        assert says in text
        assert turn.session.at == step_id
        question = words.prompt(prompt(flow, session), (), "en").text
        assert text.endswith(question.rpartition("\n\n")[2])
