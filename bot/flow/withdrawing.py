"""Messages that their writer takes back: which can be, until the report is sent, and what goes with each."""

import msgspec

from bot.flow.amending import find
from bot.flow.model import Flow
from bot.flow.moving import asked_again, standing, taken_along
from bot.flow.path import NOTES, next_place, settle
from bot.flow.roles import reads_now
from bot.flow.screens import Asking, Gathering, Held, InDoubt, Neutral, Over, Question, under, with_under
from bot.flow.session import Session, change, is_open, show, split
from bot.flow.turn import Turn
from bot.flow.values import PartRef
from bot.flow.wording import text
from bot.talk.events import Deleted
from bot.talk.sentences import Block


def withdrawable(flow: Flow, session: Session) -> tuple[str, ...]:
    """Ids of the messages whose words are kept and can be taken back now.

    None on the neutral screen: whoever came back may be somebody else.
    """
    if session.submitted or isinstance(session.screen, Neutral | Over):
        return ()
    bottom = under(session.screen)
    found = [e.message.id for e in session.early]
    parts: list[PartRef] = [*session.held, *session.apart]
    for at, answer in session.answers.items():
        if not _begins(flow, at):
            parts += answer.parts
            found += [answer.message.id] if answer.message else []
    if isinstance(bottom, InDoubt):
        parts += bottom.parts
    elif isinstance(bottom, Asking) and bottom.message and (bottom.dates or bottom.countries):
        found.append(bottom.message.id)
    return tuple(dict.fromkeys((*found, *(part.message.id for part in parts))))


def deleted(flow: Flow, session: Session, event: Deleted, *, asleep: bool) -> Turn:
    """A message that its writer deleted is dropped; an answer that has nothing left is asked again.

    `asleep`: as with an edit, nothing is shown, and nothing of a report that people may read already is changed.
    """
    found = None if session.submitted else find(session, event.message)
    if found is None or (asleep and is_open(session)):
        return Turn(session, ask=False)
    if found == "screen":
        return _delete_asked(flow, session, asleep)
    if found in ("early", "held", "apart"):
        return _delete_waiting(flow, session, event.message.id, asleep)
    if _begins(flow, found):
        return Turn(session, ask=False)  # what was agreed to is taken back by erasing, not by tidying up the chat
    return _delete_answer(flow, session, event.message.id, asleep)


def _says(flow: Flow, session: Session, asleep: bool) -> tuple[Block, ...]:
    """What was done, as far as it goes: people may have a copy of what left before."""
    if asleep:
        return ()
    name = "deleted_ringing" if reads_now(flow, session) else "deleted_open"
    return (text(flow, name if is_open(session) else "deleted"),)


def _begins(flow: Flow, at: str) -> bool:
    step = flow.steps.get(split(at)[0])
    return step is not None and (step.is_language or any(o.does == "start" for o in step.options))


def _delete_waiting(flow: Flow, session: Session, message: str, asleep: bool) -> Turn:
    gone = tuple(p.number for p in (*session.held, *session.apart) if p.message.id == message)
    left = change(
        session,
        early=tuple(e for e in session.early if e.message.id != message),
        held=tuple(p for p in session.held if p.message.id != message),
        apart=tuple(p for p in session.apart if p.message.id != message),
    )
    screen = left.screen
    if isinstance(screen, Held) and not left.held:  # nothing waits any more: nothing is asked about it
        return Turn(show(left, screen.behind), say=_says(flow, session, asleep), drop=gone, ask=not asleep)
    return Turn(left, say=_says(flow, session, asleep), drop=gone, ask=False)


def _delete_asked(flow: Flow, session: Session, asleep: bool) -> Turn:
    bottom = under(session.screen)
    gone = tuple(p.number for p in bottom.parts) if isinstance(bottom, InDoubt) else ()
    region = session.answers.get(bottom.at) if isinstance(bottom, Asking) else None
    if region is not None and region.state == "not_sure":  # a place that came with a country still in doubt
        gone = tuple(p.number for p in region.parts)
        session = change(session, answers={at: a for at, a in session.answers.items() if a is not region})
    again = with_under(session.screen, asked_again(bottom))
    return Turn(show(session, again), say=_says(flow, session, asleep), drop=gone, ask=not asleep)


def _delete_answer(flow: Flow, session: Session, message: str, asleep: bool) -> Turn:
    answers, gone, empty = dict(session.answers), [], ""
    for at, answer in session.answers.items():
        mine = any(p.message.id == message for p in answer.parts)
        typed = answer.message is not None and answer.message.id == message
        if not mine and not typed:
            continue
        left = () if typed else tuple(p for p in answer.parts if p.message.id != message)
        gone += [p.number for p in answer.parts if p not in left]
        if left or (answer.values and not typed):
            answers[at] = msgspec.structs.replace(answer, parts=left)
        else:  # nothing is left of it: a value goes as well that was read in these very words
            del answers[at]
            empty = at if at != NOTES else empty
    left_over = change(session, answers=answers)
    session, more = settle(flow, left_over)
    say = () if asleep else (*_says(flow, session, asleep), *taken_along(flow, left_over, session))
    session = _after_deletion(flow, session, empty)
    return Turn(session, say=say, drop=(*gone, *more), ask=not asleep)


def _after_deletion(flow: Flow, session: Session, empty: str) -> Session:
    """An answer that lost all its words is asked again, below whatever menu is open."""
    session = standing(flow, session)
    bottom = under(session.screen)
    if not empty or not isinstance(bottom, Asking | Gathering | InDoubt):
        return session
    to = empty if bottom.at == empty else next_place(flow, session)
    again: Question = Asking(to, bottom.errand if bottom.at == to else None)
    return show(session, with_under(session.screen, again))
