"""Words that somebody passes on are another's: they answer nothing by themselves, and are kept only after a yes."""

from bot.flow.conditions import lists_only
from bot.flow.holding import attach
from bot.flow.model import Flow
from bot.flow.moving import asked_again
from bot.flow.parts import new_parts
from bot.flow.path import with_part
from bot.flow.screens import Asking, Gathering, InDoubt
from bot.flow.session import Early, Session, change, show, split
from bot.flow.turn import Turn
from bot.flow.wording import text
from bot.talk.events import Said

EARLY = 8_000  # characters kept in memory before the consent


def wait_early(flow: Flow, session: Session, event: Said) -> Turn:
    """Before the consent nothing is written: words wait in memory and are offered after the yes."""
    room = EARLY - sum(len(early.text) for early in session.early)
    if len(event.text) > room:
        return Turn(session, say=(text(flow, "early_full"),))
    early = (*session.early, Early(event.message, event.text, event.forwarded))
    return Turn(change(session, early=early), say=(text(flow, "early"),))


def forwarded(flow: Flow, session: Session, event: Said) -> Turn:
    """Asked about, whatever the question is: nobody means to answer it with somebody else's message."""
    screen = session.screen
    if not session.agreed:
        return wait_early(flow, session, event)
    if not isinstance(screen, Asking | Gathering):
        return Turn(session, say=(text(flow, "not_understood"),))
    if lists_only(flow, session):
        return Turn(session, say=(text(flow, "lists_only_words"),))
    session, refs, sealing = new_parts(flow, session, screen.at, event.text, event.message, forwarded=True)
    doubt = InDoubt(screen.at, refs, "forwarded", screen.errand, isinstance(screen, Gathering))
    return Turn(show(session, doubt), seal=tuple(sealing))


def keep_forwarded(flow: Flow, session: Session, doubt: InDoubt) -> Turn:
    """As part of a text where one is asked for; else beside the story, and the question stands as before."""
    step = flow.steps[split(doubt.at)[0]]
    session = show(session, asked_again(session.screen))
    if step.kind != "text" or not step.many:
        return Turn(attach_beside(flow, session, doubt), say=(text(flow, "held_kept"),))
    answer = session.answers.get(doubt.at)
    for part in doubt.parts:
        answer = with_part(answer, part, session.sitting)
    assert answer is not None
    session = change(session, answers={**session.answers, doubt.at: answer})
    return Turn(show(session, Gathering(doubt.at, doubt.errand)), say=(text(flow, "held_kept"),))


def attach_beside(flow: Flow, session: Session, doubt: InDoubt) -> Session:
    """Into the story or the notes, never into the question that stands."""
    screen = session.screen
    beside = attach(flow, change(session, screen=Asking("")), doubt.parts)
    return change(beside, screen=screen)
