"""An edited message whose words had become a value: a choice, a date, a country. They are read again, and read back."""

from datetime import datetime

import msgspec

from bot.flow import choosing
from bot.flow.conditions import lists_only
from bot.flow.model import Flow, Step
from bot.flow.moving import answered
from bot.flow.parts import new_parts
from bot.flow.screens import Asking
from bot.flow.session import Session, change, split
from bot.flow.taking import given, picked_options, read_back
from bot.flow.telling import REGION, several
from bot.flow.turn import Turn
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import label, text
from bot.talk.events import Edited


def reread(
    flow: Flow, session: Session, at: str, step: Step, event: Edited, now: datetime, *, asleep: bool
) -> Turn | None:
    """The turn of what the new words mean; None where they can't be read beyond doubt, and the value stays.

    Nothing can be read back to somebody who may be another person, so `asleep` no value is changed.
    """
    if asleep:
        return None
    match step.kind:
        case "country":
            return _country(flow, session, at, step, event)
        case "date":
            return _date(flow, session, at, event, now)
        case "choice" | "choices" | "consent":
            return _options(flow, session, at, step, event, now)
    return None


def _with(flow: Flow, session: Session, at: str, answer: Answer, turn: Turn) -> Turn:
    """Answered anew, at a question that may be the present one: then it stays there."""
    if at != session.at:
        return answered(flow, session, at, answer, turn)
    elsewhere = answered(flow, change(session, screen=Asking("")), at, answer, turn)
    return msgspec.structs.replace(elsewhere, session=change(elsewhere.session, screen=session.screen))


def _date(flow: Flow, session: Session, at: str, event: Edited, now: datetime) -> Turn | None:
    read = flow.reader.date(event.text, session.language, now, flow.steps[split(at)[0]].ahead)
    if len(read) != 1:
        return None
    old = session.answers[at]
    answer = Answer("answered", (read[0].code(),), read[0], sitting=session.sitting, message=old.message)
    return _with(flow, session, at, answer, Turn(session, say=(text(flow, "changed_to", value=read[0]),)))


def _options(flow: Flow, session: Session, at: str, step: Step, event: Edited, now: datetime) -> Turn | None:
    there = change(session, screen=Asking(at))
    if step.is_language:
        return None
    if step.kind == "choices":
        ids = several(flow, there, step, event.text)
    else:
        code = choosing.typed(flow, there, event.text)
        ids = (code,) if code else ()
    options = picked_options(step, ids)
    if not options or len(options) != len(set(ids)) or any(o.does not in ("", "alone") for o in options):
        return None
    if len(options) > 1 and any(o.does == "alone" for o in options):
        return None
    answer = given(step, session, tuple(o.id for o in options), now)
    answer = msgspec.structs.replace(answer, message=session.answers[at].message)
    names = tuple(label(flow, session, o) for o in options)
    return _with(flow, session, at, answer, Turn(session, say=(text(flow, "changed_to", value=names),)))


def _country(flow: Flow, session: Session, at: str, step: Step, event: Edited) -> Turn | None:
    read = flow.reader.country(event.text, session.language)
    listed = lists_only(flow, session)
    free = step.free and not listed
    if not free and not (read.sure and len(read.codes) == 1):
        return None
    old = session.answers[at]
    codes = read.codes if read.sure else ()
    words = event.text if free else "" if listed else read.rest
    refs: tuple[PartRef, ...] = ()
    seal: list[ToSeal] = []
    message = old.parts[0].message if old.parts else old.message or event.message
    if words:
        session, refs, seal = new_parts(flow, session, at, words, message, most=REGION)
    answer = Answer("answered", codes, parts=refs, sitting=session.sitting, message=message)
    say = read_back(flow, codes, disputed=read.note) if codes else (text(flow, "edited"),)
    if listed and read.rest:
        say = (*say, text(flow, "lists_only"))
    gone = tuple(p.number for p in old.parts)
    return _with(flow, session, at, answer, Turn(session, say=say, seal=tuple(seal), drop=gone))
