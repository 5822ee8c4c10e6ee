"""A flow whose consents have new words: drafts that are open are asked again."""

import msgspec

from bot.flow.model import Flow
from bot.flow.moving import go
from bot.flow.path import fits, next_place
from bot.flow.screens import Asking, InDoubt, under, with_under
from bot.flow.session import Session, change, here, show, split
from bot.talk.events import Event, Said


def renewed(flow: Flow, session: Session, event: Event) -> tuple[Session, Event]:
    """The session as the consents' words stand now, and the event with the question that it was meant for.

    An answer to older words holds nothing: it goes, and is asked for at once where its question is the next one. What
    was told because of it waits for the new answer. A consent that stands on the screen is asked anew, for its buttons
    stand under the older words. Words that were meant for the question that stood there go where they belong.
    """
    if session.mark == flow.mark or session.submitted:
        return session, event
    before, mark = here(session), session.mark
    stale = {at for at, a in session.answers.items() if _is_consent(flow, at) and not fits(flow, session, at, a)}
    answers = {at: a for at, a in session.answers.items() if at not in stale}
    session = change(session, mark=flow.mark, answers=answers)
    bottom, to = under(session.screen), next_place(flow, session)
    if to in stale:
        if isinstance(bottom, InDoubt):  # its words wait beside, and are asked about later
            session = change(session, held=(*session.held, *bottom.parts))
        there = go(flow, change(session, screen=bottom), to)
        session = show(session, with_under(session.screen, there.screen))
        session = change(session, trail=there.trail, answers=there.answers)
    elif isinstance(bottom, Asking) and _is_consent(flow, bottom.at) and _reads_otherwise(flow, bottom.at, mark):
        session = show(session, session.screen)
    if isinstance(event, Said) and event.place is None and here(session) != before:
        event = msgspec.structs.replace(event, place=before)
    return session, event


def _reads_otherwise(flow: Flow, at: str, mark: str) -> bool:
    """Whether the words of a consent changed since `mark`; where that says nothing, they were the first ones."""
    step, versions = flow.steps[split(at)[0]], mark.split(".")
    if len(versions) != len(flow.consents):
        return step.text_version > 1
    return versions[flow.consents.index(step)] != str(step.text_version)


def _is_consent(flow: Flow, at: str) -> bool:
    step = flow.steps.get(split(at)[0])
    return step is not None and step.kind == "consent"
