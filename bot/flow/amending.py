"""Messages that their writer edited: one walk over all that a message may have become."""

from datetime import datetime

import msgspec

from bot.flow import commands
from bot.flow.forwarding import EARLY
from bot.flow.model import Flow
from bot.flow.moving import asked_again, with_answer
from bot.flow.parts import new_parts
from bot.flow.path import NOTES
from bot.flow.rereading import reread
from bot.flow.screens import Asking, InDoubt, under, with_under
from bot.flow.session import Early, Session, change, is_open, show, split
from bot.flow.telling import MOST_PARTS, room_for, told
from bot.flow.turn import Turn
from bot.flow.values import PartRef
from bot.flow.wording import text
from bot.talk.events import Edited, MessageRef, Said


def edited(flow: Flow, session: Session, event: Edited, now: datetime, *, asleep: bool) -> Turn:
    """The edited words take the place of the first ones, after the same checks; else it is said that those stay.

    `asleep`: nobody knows who edits, so nothing of the report is shown, and once people may read the report nothing of
    it is changed either: the words stand apart, like whatever is typed then.
    """
    if session.submitted:
        return Turn(session, ask=False)
    found = find(session, event.message)
    if found is None:
        return Turn(session, ask=False)
    if flow.reader.return_number(event.text):
        return _stays(flow, session)
    if asleep and is_open(session):
        return _apart(flow, session, event)
    turn = _edit(flow, session, found, event, now, asleep)
    languages = [code for code, _ in flow.languages]
    feelings = flow.reader.distress(event.text, languages)
    if feelings and not asleep:
        turn = commands.with_help(flow, msgspec.structs.replace(turn, ask=True), feelings)
    return msgspec.structs.replace(turn, ask=False) if asleep else turn


def find(session: Session, message: MessageRef) -> str | None:
    """What this message became: `early`, `held`, `apart`, `screen` (asked about there), or the place of its answer."""

    def of(parts: tuple[PartRef, ...]) -> bool:
        return any(p.message.id == message.id for p in parts)

    if any(e.message.id == message.id for e in session.early):
        return "early"
    bottom = under(session.screen)
    pending = isinstance(bottom, Asking) and bottom.message is not None and bottom.message.id == message.id
    if pending or (isinstance(bottom, InDoubt) and of(bottom.parts)):
        return "screen"
    if of(session.held):
        return "held"
    for at, answer in session.answers.items():
        if of(answer.parts) or (answer.message and answer.message.id == message.id):
            return at
    return "apart" if of(session.apart) else None


def _stays(flow: Flow, session: Session) -> Turn:
    return Turn(session, say=(text(flow, "edit_stays"),))


def _apart(flow: Flow, session: Session, event: Edited) -> Turn:
    session, refs, seal = new_parts(flow, session, flow.first_words, event.text, event.message, after_silence=True)
    return Turn(change(session, apart=(*session.apart, *refs)), seal=tuple(seal), ask=False)


def _edit(flow: Flow, session: Session, found: str, event: Edited, now: datetime, asleep: bool) -> Turn:
    match found:
        case "early":
            others = sum(len(e.text) for e in session.early if e.message.id != event.message.id)
            if not event.text.strip() or others + len(event.text) > EARLY:
                return _stays(flow, session)
            early = tuple(
                Early(e.message, event.text, e.forwarded) if e.message.id == event.message.id else e
                for e in session.early
            )
            return Turn(change(session, early=early), say=(text(flow, "edited"),))
        case "held" | "apart":
            return _edit_held(flow, session, event)
        case "screen":
            return _edit_asked(flow, session, event, now, asleep)
    step = flow.steps.get(split(found)[0])
    if step is None or step.kind == "text":
        return _edit_text(flow, session, found, event)
    return reread(flow, session, found, step, event, now, asleep=asleep) or _stays(flow, session)


def _edit_held(flow: Flow, session: Session, event: Edited) -> Turn:
    if not event.text.strip():
        return _stays(flow, session)
    mine = [p for p in (*session.held, *session.apart) if p.message.id == event.message.id]
    first = mine[0]
    session, refs, seal = new_parts(
        flow,
        session,
        flow.first_words,
        event.text,
        first.message,
        after_silence=first.after_silence,
        forwarded=first.forwarded,
    )

    def swapped(parts: tuple[PartRef, ...]) -> tuple[PartRef, ...]:
        kept = tuple(p for p in parts if p not in mine)
        return tuple(sorted((*kept, *refs), key=lambda p: p.place)) if first in parts else parts

    session = change(session, held=swapped(session.held), apart=swapped(session.apart))
    gone = tuple(p.number for p in mine)
    return Turn(session, say=(text(flow, "edited"),), seal=tuple(seal), drop=gone)


def _edit_asked(flow: Flow, session: Session, event: Edited, now: datetime, asleep: bool) -> Turn:
    """What is asked about on the screen is read anew, as if it had been written so at once."""
    bottom = under(session.screen)
    if isinstance(bottom, InDoubt) and (asleep or bottom is not session.screen or bottom.why == "forwarded"):
        return _edit_doubt(flow, session, bottom, event)
    assert isinstance(bottom, Asking | InDoubt)
    again = asked_again(bottom)
    if asleep or bottom is not session.screen:  # it can't be read back now: the question stands again
        say = () if asleep else (text(flow, "edit_asked_again"),)
        return Turn(change(session, screen=with_under(session.screen, again)), say=say)
    message = bottom.parts[0].message if isinstance(bottom, InDoubt) else bottom.message
    assert message is not None
    gone = [p.number for p in bottom.parts] if isinstance(bottom, InDoubt) else []
    region = session.answers.get(bottom.at)
    if region is not None and region.state == "not_sure":  # a place that came with a country still in doubt
        gone += [p.number for p in region.parts]
        session = change(session, answers={at: a for at, a in session.answers.items() if at != bottom.at})
    turn = told(flow, show(session, again), Said(event.text, message), now)
    return msgspec.structs.replace(turn, drop=(*turn.drop, *(n for n in gone if n not in turn.drop)))


def _edit_doubt(flow: Flow, session: Session, doubt: InDoubt, event: Edited) -> Turn:
    """Other words are asked about in the place of the first ones."""
    first = doubt.parts[0]
    session, refs, seal = new_parts(flow, session, doubt.at, event.text, first.message, forwarded=first.forwarded)
    screen = with_under(session.screen, msgspec.structs.replace(doubt, parts=refs))
    gone = tuple(p.number for p in doubt.parts)
    return Turn(change(session, screen=screen), say=(text(flow, "edited"),), seal=tuple(seal), drop=gone)


def _edit_text(flow: Flow, session: Session, at: str, event: Edited) -> Turn:
    """Sealed words: other sealed words in their place, within the same limits."""
    answer = session.answers[at]
    step = flow.steps.get(split(at)[0] if at != NOTES else flow.first_words)
    mine = tuple(p for p in answer.parts if p.message.id == event.message.id)
    kept = tuple(p for p in answer.parts if p.message.id != event.message.id)
    if step and step.no_contact and flow.reader.is_contact(event.text):
        return _stays(flow, session)
    room = room_for(step, len(kept)) if step else len(event.text)
    words, rest = event.text[:room], event.text[room:]
    if not words.strip() or len(kept) >= MOST_PARTS:
        return _stays(flow, session)
    session, refs, seal = new_parts(
        flow, session, step.id if step and at == NOTES else at, words, mine[0].message, forwarded=mine[0].forwarded
    )
    parts = tuple(sorted((*kept, *refs), key=lambda p: p.place))
    changed = msgspec.structs.replace(answer, parts=parts, sitting=session.sitting)
    say = (text(flow, "edited"), *((text(flow, "too_long", kept=len(words)),) if rest else ()))
    gone = tuple(p.number for p in mine)
    return Turn(with_answer(session, at, changed), say=say, seal=tuple(seal), drop=gone)
