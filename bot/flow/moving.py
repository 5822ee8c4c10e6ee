"""From one question to the next: what an answer leads to, and what it takes with it."""

import msgspec

from bot.flow.model import DISTRESS, Flow
from bot.flow.path import GONE_WITH_IT, by_rule, following, next_place, places, settle
from bot.flow.review import title
from bot.flow.screens import (
    REVIEW,
    Asking,
    Changing,
    Errand,
    Gathering,
    InDoubt,
    Returning,
    Review,
    Screen,
    errand,
    under,
    with_under,
)
from bot.flow.session import Session, change, show, split
from bot.flow.turn import Turn
from bot.flow.values import Answer
from bot.flow.wording import text
from bot.talk.sentences import Message


def with_answer(session: Session, at: str, answer: Answer) -> Session:
    """The newest answer stands last: where one fact is asked in two places, that order tells which counts."""
    others = {place: each for place, each in session.answers.items() if place != at}
    return change(session, answers={**others, at: answer})


def is_question(flow: Flow, at: str) -> bool:
    """Whether a place is a question of the flow."""
    return at.partition("@")[0].partition("/")[0] in flow.steps


def go(flow: Flow, session: Session, to: str, about: Errand | None = None) -> Session:
    """Stand at the place `to`, or at the review. What rules answer is passed by."""
    while is_question(flow, to) and to not in session.answers and (ruled := by_rule(flow, session, to)):
        session = change(session, answers={**session.answers, to: ruled})
        to = next_place(flow, session, to)
    before, trail = session.screen, session.trail
    if isinstance(before, Asking | Gathering | InDoubt) and before.at != to and trail[-1:] != (before.at,):
        session = change(session, trail=(*trail, before.at))
    if not is_question(flow, to):
        return show(session, Review(about.opened_from if isinstance(about, Changing) else ""))
    if to == flow.first_words and session.held and to not in session.answers:
        return show(adopted(session, to), Gathering(to, about))
    return show(session, asking(flow, session, to, about))


def adopted(session: Session, at: str) -> Session:
    """Words that were held until their question came are its answer now."""
    kept = Answer("answered", parts=session.held, sitting=session.sitting)
    return change(session, held=(), answers={**session.answers, at: kept})


def asking(flow: Flow, session: Session, at: str, about: Errand | None = None) -> Asking:
    """The question as it is asked: with the ticks of an answer from this sitting."""
    answer = session.answers.get(at)
    ticked = answer and answer.sitting == session.sitting and flow.steps[split(at)[0]].kind == "choices"
    return Asking(at, about, answer.values if answer and ticked else ())


def answered(flow: Flow, session: Session, at: str, answer: Answer, turn: Turn | None = None) -> Turn:
    """`at` has its answer: settle what depends on it and go on. `turn` brings words said and sealed so far."""
    turn = turn or Turn(session)
    turn = msgspec.structs.replace(turn, say=(*turn.say, *_rest(flow, session, at, answer)))
    session = with_answer(session, at, answer)
    gone: tuple[int, ...] = ()
    say: tuple[Message, ...] = ()
    if _steers(flow, session, at):
        before = session
        session, gone = settle(flow, session)
        say = taken_along(flow, before, session)
    session = _onward(flow, session, at) if at == session.at else standing(flow, session)
    return msgspec.structs.replace(turn, session=session, say=(*turn.say, *say), drop=(*turn.drop, *gone))


def taken_along(flow: Flow, before: Session, after: Session) -> tuple[Message, ...]:
    """What an answer took with it is said: what went, what is asked again, and whose words stay without a question."""
    live = set(places(flow, after))
    found: dict[str, list[Message]] = {"change_dropped": [], "change_notes": [], "change_asks": []}
    for at, old in before.answers.items():
        step, new = flow.steps.get(split(at)[0]), after.answers.get(at)
        told = (
            step is not None
            and step.kind != "screen"
            and not step.is_language
            and old.state == "answered"
            and not old.by_rule
        )
        if not told or (new is not None and new.values == old.values and new.parts == old.parts):
            continue
        if new is None and at in live:
            name = "change_asks"
        else:
            name = "change_notes" if any(p.cls not in GONE_WITH_IT for p in old.parts) else "change_dropped"
        found[name].append(title(flow, after, at))
    return tuple(text(flow, name, titles=tuple(titles)) for name, titles in found.items() if titles)


def _rest(flow: Flow, session: Session, at: str, answer: Answer) -> tuple[Message, ...]:
    """After a hard question, on the way on: they may rest. Who wants to die is not told that they do fine."""
    told = at == session.at and answer.state == "answered" and errand(session.screen) is None
    if not told or not flow.steps[split(at)[0]].hard or DISTRESS in session.raised:
        return ()
    return (text(flow, "rest_if_you_want"),)


def _steers(flow: Flow, session: Session, at: str) -> bool:
    """Whether a step that was answered before depends on this one: on the straight way none is, and rules can wait."""
    step_id, round_, _ = split(at)
    affected = flow.steers.get(step_id)
    if affected is None:
        return False
    chapter = flow.chapter_of[step_id]
    for each in session.answers:
        other, its_round, _ = split(each)
        # A round of a repeat reads its own answers, never those of another round.
        if other in affected and (its_round == round_ or flow.chapter_of[other] is not chapter):
            return True
    return False


def _onward(flow: Flow, session: Session, at: str) -> Session:
    """Where to go once the present question is answered."""
    match errand(session.screen):
        case Changing(opened_from=opened_from) as about:
            # Only what the change made necessary is asked besides, up to where the review was opened.
            order, to = list(places(flow, session)), next_place(flow, session)
            limit = order.index(opened_from) if opened_from in order else len(order)
            return go(flow, session, to if to in order and order.index(to) < limit else REVIEW, about)
        case Returning(until=until) as about:
            order, to = list(places(flow, session)), following(flow, session, at)
            if until in order and to in order and order.index(to) < order.index(until):
                return go(flow, session, to, about if to in session.answers else None)
            return go(flow, session, next_place(flow, session))
    return go(flow, session, next_place(flow, session, at))


def standing(flow: Flow, session: Session) -> Session:
    """After an earlier answer changed: what it made necessary is asked now, and a question that is none any more goes.

    Words that are being gathered or asked about stay until they are settled; then the way goes on from the first open
    question. What menus are open stay open.
    """
    bottom = under(session.screen)
    if not isinstance(bottom, Asking | Gathering | InDoubt):
        return session
    order, first = list(places(flow, session)), next_place(flow, session)
    stands = bottom.at in order
    if stands and not (first in order and order.index(first) < order.index(bottom.at)):
        return session
    if stands and not isinstance(bottom, Asking):
        later = msgspec.structs.replace(bottom, errand=bottom.errand or Returning(bottom.at))
        return change(session, screen=with_under(session.screen, later))
    there = go(flow, change(session, screen=bottom), first, bottom.errand)
    return change(there, screen=with_under(session.screen, there.screen))


def asked_again(screen: Screen) -> Screen:
    """The question without what was typed or opened at it; any other screen as it is."""
    if isinstance(screen, Asking):
        return Asking(screen.at, screen.errand, screen.picked)
    if isinstance(screen, InDoubt):
        return Gathering(screen.at, screen.errand) if screen.gathering else Asking(screen.at, screen.errand)
    return screen
