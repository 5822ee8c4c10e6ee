"""The result of one event, and the small steps that every handler makes."""

from typing import Any

import msgspec
from msgspec import Struct

from bot.flow.model import Flow
from bot.flow.path import by_rule, following, next_place, places, settle
from bot.flow.session import REVIEW, Session, split
from bot.flow.values import Answer, ToSeal
from bot.talk.sentences import Block


class Start(Struct, frozen=True):
    """Its person agreed: from here on things are written."""


class Forget(Struct, frozen=True):
    """Nothing was written so far, and nothing is to be."""


class Erase(Struct, frozen=True):
    """Destroy the draft, and what was handed over of it."""


class Submit(Struct, frozen=True):
    """Hand the report over."""


class Finish(Struct, frozen=True):
    """The return number was written down: close the conversation."""


class LookUp(Struct, frozen=True):
    """Somebody typed what was meant as a return number: its digits, however many."""

    number: str


Do = Start | Forget | Erase | Submit | Finish | LookUp


class Turn(Struct, frozen=True):
    """`say` comes before the prompt, which follows from the session alone; `ask`: the prompt is to be said as well.

    `drop` are the numbers of parts to destroy; `do` is what the conversation is to do besides.
    """

    session: Session
    say: tuple[Block, ...] = ()
    seal: tuple[ToSeal, ...] = ()
    drop: tuple[int, ...] = ()
    do: Do | None = None
    ask: bool = True


def change(session: Session, **fields: Any) -> Session:
    return msgspec.structs.replace(session, **fields)


_BLANK: dict[str, Any] = {
    "picked": (),
    "page": 0,
    "group": "",
    "dates": (),
    "choices": (),
    "doubt": (),
    "gathering": False,
}


def with_answer(session: Session, at: str, answer: Answer) -> Session:
    """The newest answer stands last: where one fact is asked in two places, that order tells which counts."""
    others = {place: each for place, each in session.answers.items() if place != at}
    return change(session, answers={**others, at: answer})


def go(flow: Flow, session: Session, to: str) -> Session:
    """Stand at `to`, with a new nonce, so that no older button counts any more."""
    while (split_known(flow, to)) and to not in session.answers and (ruled := by_rule(flow, session, to)):
        session = change(session, answers={**session.answers, to: ruled})
        to = next_place(flow, session, to)
    trail = session.trail
    if session.at != to and split_known(flow, session.at) and (not trail or trail[-1] != session.at):
        trail = (*trail, session.at)
    session = change(session, at=to, trail=trail, nonce=session.nonce + 1, **_BLANK)
    answer = session.answers.get(to)
    if answer and answer.sitting == session.sitting and flow.steps[split(to)[0]].kind == "choices":
        session = change(session, picked=answer.values)
    if to == flow.first_words and session.held and to not in session.answers:
        kept = Answer("answered", parts=session.held, sitting=session.sitting)
        session = change(session, held=(), gathering=True, answers={**session.answers, to: kept})
    return session


def split_known(flow: Flow, at: str) -> bool:
    """Whether a place is a question of the flow."""
    return at.partition("@")[0].partition("/")[0] in flow.steps


def after(flow: Flow, session: Session, at: str) -> str:
    """Where to go once `at` is answered."""
    if session.changing:
        order = list(places(flow, session))
        to = next_place(flow, session)
        limit = order.index(session.return_to) if session.return_to in order else len(order)
        return to if to in order and order.index(to) < limit else REVIEW
    if session.frontier:
        order = list(places(flow, session))
        to = following(flow, session, at)
        if session.frontier in order and to in order and order.index(to) < order.index(session.frontier):
            return to
        return next_place(flow, session)
    return next_place(flow, session, at)


def answered(flow: Flow, session: Session, at: str, answer: Answer, turn: Turn | None = None) -> Turn:
    """`at` has its answer: settle what depends on it and go on. `turn` brings words said and sealed so far."""
    turn = turn or Turn(session)
    session = with_answer(session, at, answer)
    gone: tuple[int, ...] = ()
    if _steers(flow, session, at):
        session, gone = settle(flow, session)
    if at == session.at:
        to = after(flow, session, at)
        session = go(flow, session, to)
        session = change(
            session,
            changing=session.changing and to != REVIEW,
            frontier=session.frontier if session.frontier and to != session.frontier and to in session.answers else "",
        )
    elif not _stands(flow, session):
        session = go(flow, session, next_place(flow, session))
    return msgspec.structs.replace(turn, session=session, drop=(*turn.drop, *gone))


def _steers(flow: Flow, session: Session, at: str) -> bool:
    """Whether a step that was answered before depends on this one: on the straight way none is, and rules can wait."""
    affected = flow.steers.get(split(at)[0])
    return affected is not None and any(split(each)[0] in affected for each in session.answers)


def _stands(flow: Flow, session: Session) -> bool:
    """Whether the present question is still one, after an earlier answer changed."""
    return not split_known(flow, session.at) or session.at in places(flow, session)
