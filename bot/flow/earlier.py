"""Words that were written for an earlier question: typed ahead, or quoting it."""

from datetime import datetime

import msgspec

from bot.flow import choosing
from bot.flow.model import Flow
from bot.flow.moving import answered, with_answer
from bot.flow.parts import new_parts
from bot.flow.path import places, with_part
from bot.flow.screens import Asking
from bot.flow.session import Session, change, split
from bot.flow.taking import given
from bot.flow.telling import MOST_PARTS, told
from bot.flow.turn import Turn
from bot.flow.wording import text
from bot.talk.events import Said


def for_earlier(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """Words that were written for an earlier question: sent before the present one stood there, or quoting it."""
    at = event.place or ""
    step = flow.steps.get(split(at)[0])
    answer = session.answers.get(at)
    awaited = step is not None and step.kind == "text" and at in places(flow, session)
    if step is None or (answer is None and not awaited) or session.submitted:
        return told(flow, session, event, now)
    if step.kind == "text":
        if answer and len(answer.parts) >= MOST_PARTS:
            return Turn(session, say=(text(flow, "too_much"),))
        session, refs, sealing = new_parts(flow, session, at, event.text, event.message)
        for ref in refs:
            answer = with_part(answer, ref, session.sitting)
        assert answer is not None
        return Turn(with_answer(session, at, answer), say=(text(flow, "added"),), seal=tuple(sealing))
    if step.kind in ("choice", "consent") and not step.is_language:
        code = choosing.typed(flow, change(session, screen=Asking(at)), event.text)
        option = step.option(code) if code else None
        if option and not option.does:
            kept = msgspec.structs.replace(given(step, session, (option.id,), now), message=event.message)
            return answered(flow, session, at, kept, Turn(session, say=(text(flow, "changed"),)))
    return told(flow, session, event, now)
