"""Messages that their writer edited or deleted: what was sealed of them is replaced, or dropped."""

from datetime import datetime

from bot.flow import choosing
from bot.flow.model import Flow
from bot.flow.parts import new_parts
from bot.flow.path import NOTES, next_place, settle
from bot.flow.session import Session, split
from bot.flow.turn import Turn, answered, change, go, split_known, with_answer
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import text
from bot.talk.events import Deleted, Edited


def _of_message(session: Session, message: str) -> list[tuple[str, Answer]]:
    return [(at, a) for at, a in session.answers.items() if any(p.message.id == message for p in a.parts)]


def edited(flow: Flow, session: Session, event: Edited, now: datetime) -> Turn:
    """The edited words take the place of the sealed ones."""
    if session.early:
        early = tuple((m, event.text if m.id == event.message.id else w) for m, w in session.early)
        session = change(session, early=early)
    found = _of_message(session, event.message.id)
    if not found or session.submitted:
        return Turn(session, ask=False)
    at, answer = found[0]
    step_id = split(at)[0] if at != NOTES else flow.first_words
    step = flow.steps[step_id]
    if step.kind == "country":
        return _edited_country(flow, session, at, answer, event)
    was, refs, sealing = new_parts(flow, change(session, at=at), step_id, event.text, event.message)
    gone = tuple(p.number for p in answer.parts if p.message.id == event.message.id)
    kept = tuple(p for p in answer.parts if p.message.id != event.message.id)
    parts = tuple(sorted((*kept, *refs), key=lambda p: p.place))
    answer = Answer(answer.state, answer.values, answer.date, parts, session.sitting)
    session = with_answer(change(was, at=session.at), at, answer)
    return Turn(session, say=(text(flow, "edited"),), seal=tuple(sealing), drop=gone)


def _edited_country(flow: Flow, session: Session, at: str, answer: Answer, event: Edited) -> Turn:
    read = flow.reader.country(event.text, session.language)
    free = flow.steps[split(at)[0]].free
    codes = read.codes if read.sure else () if free else answer.values
    gone = tuple(p.number for p in answer.parts)
    refs: tuple[PartRef, ...] = ()
    seal: list[ToSeal] = []
    words = event.text if free else read.rest
    if words:
        session, refs, seal = new_parts(flow, session, split(at)[0], words, event.message, 1_000)
    kept = Answer("answered", codes, parts=refs, sitting=session.sitting, message=event.message)
    say = choosing.read_back(flow, codes) if codes else (text(flow, "edited"),)
    turn = Turn(session, say=say, seal=tuple(seal), drop=gone)
    if at == session.at:
        session = with_answer(session, at, kept)
        return Turn(session, turn.say, turn.seal, turn.drop)
    return answered(flow, session, at, kept, turn)


def deleted(flow: Flow, session: Session, event: Deleted) -> Turn:
    """A message that its writer deleted is dropped; an answer that has nothing left is asked again."""
    early = tuple((m, w) for m, w in session.early if m.id != event.message.id)
    held = tuple(p for p in session.held if p.message.id != event.message.id)
    gone = [p.number for p in session.held if p.message.id == event.message.id]
    session = change(session, early=early, held=held)
    found = _of_message(session, event.message.id)
    if session.submitted or not found:
        return Turn(session, drop=tuple(gone), ask=False)
    answers, empty = dict(session.answers), ""
    for at, answer in found:
        parts = tuple(p for p in answer.parts if p.message.id != event.message.id)
        gone += [p.number for p in answer.parts if p.message.id == event.message.id]
        if parts or answer.values:
            answers[at] = Answer(answer.state, answer.values, answer.date, parts, answer.sitting)
        else:
            del answers[at]
            empty = at if at != NOTES else empty
    session, more = settle(flow, change(session, answers=answers))
    say = (text(flow, "deleted"),)
    if empty and split_known(flow, session.at) and empty != session.at:
        session = go(flow, session, next_place(flow, session))
    elif empty == session.at:
        session = change(session, gathering=False, nonce=session.nonce + 1)
    return Turn(session, say=say, drop=(*gone, *more))
