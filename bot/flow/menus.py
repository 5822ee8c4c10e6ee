"""What was chosen on a screen that is no question."""

from bot.flow import commands
from bot.flow.codes import ANOTHER, CHANGING, GO_ON, KEEP, MORE, NEW, SEND, YES
from bot.flow.holding import attach, sealed_early
from bot.flow.model import Flow
from bot.flow.moving import go, standing
from bot.flow.screens import (
    Change,
    Changing,
    Held,
    Language,
    Neutral,
    Number,
    Over,
    Review,
    Screen,
    Sure,
    for_anybody,
    shown_anew,
)
from bot.flow.session import Session, begins, change, show
from bot.flow.turn import Erase, Finish, Forget, Submit, Turn
from bot.flow.wording import text


def choose(flow: Flow, session: Session, code: str) -> Turn:
    """`code` is on offer here."""
    match session.screen:
        case Review(opened_from=opened_from):
            return _review(flow, session, opened_from, code)
        case Change() as screen:
            return _change(flow, session, screen, code)
        case Number():
            return _number(flow, session, code)
        case Neutral(behind=behind):
            return _neutral(flow, session, behind, code)
        case Sure(behind=behind) if code == YES:
            do = Erase() if session.agreed else Forget()
            return Turn(session, say=commands.erased(flow, session), do=do, ask=False)
        case Sure(behind=behind):
            return Turn(show(session, behind))
        case Held() as screen:
            return _held(flow, session, screen, code)
        case Language(behind=behind):
            return Turn(show(change(session, language=code), shown_anew(behind)))
    return Turn(session)


def _review(flow: Flow, session: Session, opened_from: str, code: str) -> Turn:
    if code == SEND:
        return Turn(session, do=Submit())
    if code == CHANGING:
        return Turn(show(session, Change(opened_from)))
    if code == GO_ON:
        return Turn(go(flow, session, opened_from))
    return commands.press(flow, session, "erase")


def _change(flow: Flow, session: Session, screen: Change, code: str) -> Turn:
    if code == MORE:
        return Turn(change(session, screen=Change(screen.opened_from, screen.page + 1)))
    if code == GO_ON:
        return Turn(show(session, Review(screen.opened_from)))
    return Turn(go(flow, session, code[3:], Changing(screen.opened_from)))


def _number(flow: Flow, session: Session, code: str) -> Turn:
    if code == ANOTHER:
        say_so = text(flow, "another_begins", begins=begins(session.number))
        return Turn(show(session, Over()), say=(say_so,), do=Finish(another=True), ask=False)
    say = [commands.farewell(flow, session), text(flow, "no_copy")]
    if flow.fingerprints:
        say.append(text(flow, "keys", keys=flow.fingerprints))
    say.append(text(flow, "anti_fake"))
    return Turn(show(session, Over()), say=tuple(say), do=Finish(), ask=False)


def _neutral(flow: Flow, session: Session, behind: Screen, code: str) -> Turn:
    screen = for_anybody(behind)
    if code == GO_ON:
        fresh = change(session, sitting=session.sitting + 1)
        return Turn(show(fresh, Held(shown_anew(screen)) if fresh.held else screen))
    if code == NEW and session.submitted:  # its number must not be lost by a slip: first that, then a new one
        return Turn(show(session, screen))
    return commands.press(flow, session, "erase")


def _held(flow: Flow, session: Session, screen: Held, code: str) -> Turn:
    if code != KEEP:
        gone = tuple(p.number for p in session.held)
        return Turn(show(change(session, held=(), early=()), screen.behind), drop=gone)
    session, seal = sealed_early(flow, session)  # such as an older version left there
    held = session.held
    session = attach(flow, show(change(session, held=()), screen.behind), held)
    return Turn(standing(flow, session), say=(text(flow, "held_kept"),), seal=tuple(seal))
