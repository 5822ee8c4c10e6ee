"""Words that wait: said on the neutral screen, or before their question came."""

from bot.flow.conditions import lists_only
from bot.flow.model import Flow
from bot.flow.parts import new_parts
from bot.flow.path import NOTES, places, with_part
from bot.flow.screens import Asking, Gathering, Neutral, without_menus
from bot.flow.session import Session, change, is_open, show, split
from bot.flow.turn import Turn
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import text
from bot.talk.events import Said

MOST_HELD = 12  # parts


def hold(flow: Flow, session: Session, event: Said) -> Turn:
    """Words on a neutral screen are kept sealed, and offered again after 'go on'.

    Once people may read the report nobody knows who types there: then they leave as they are, marked, and stand apart
    from all that was told before, which they change nothing of.
    """
    if lists_only(flow, session):
        return Turn(session)
    apart = is_open(session) and isinstance(session.screen, Neutral)
    waiting = session.apart if apart else session.held
    if len(waiting) >= MOST_HELD:
        return Turn(session, say=(text(flow, "too_much"),))
    session, refs, sealing = new_parts(
        flow, session, flow.first_words, event.text, event.message, after_silence=apart, forwarded=event.forwarded
    )
    now = (*waiting, *refs)
    return Turn(change(session, apart=now) if apart else change(session, held=now), seal=tuple(sealing))


def go_idle(session: Session) -> Session:
    """The neutral screen. What stood before is kept for 'go on' and shown to nobody; a menu that was open is closed."""
    if isinstance(session.screen, Neutral):
        return session
    behind = without_menus(session.screen)
    return show(session, behind if isinstance(behind, Neutral) else Neutral(behind))


def attach(flow: Flow, session: Session, held: tuple[PartRef, ...]) -> Session:
    """Held words go where they answer something: the open question, else the first story, else the notes."""
    if not held:  # all of it was taken back meanwhile
        return session
    screen = session.screen
    to = screen.at if isinstance(screen, Asking | Gathering) else ""
    here = flow.steps.get(split(to)[0])
    target = to if here is not None and here.kind == "text" else flow.first_words
    live = set(places(flow, session))
    if target != to and target not in session.answers and target in live:
        return change(session, held=(*session.held, *held))  # until its question comes
    if target not in live:
        target = NOTES
    answer = session.answers.get(target)
    for part in held:
        answer = with_part(answer, part, session.sitting)
    session = change(session, answers={**session.answers, target: answer or Answer("skipped")})
    if target == to and isinstance(screen, Asking):
        return show(session, Gathering(screen.at, screen.errand))
    return session


def sealed_early(flow: Flow, session: Session) -> tuple[Session, list[ToSeal]]:
    """What was said before the consent, sealed before anything is written."""
    held: list[PartRef] = []
    seal: list[ToSeal] = []
    for early in session.early:
        session, refs, sealing = new_parts(
            flow, session, flow.first_words, early.text, early.message, forwarded=early.forwarded
        )
        held, seal = [*held, *refs], [*seal, *sealing]
    return change(session, early=(), held=(*session.held, *held)), seal
