"""One reporter's event in, one Turn out."""

from datetime import UTC, datetime

import msgspec

from bot.flow import amending, choosing, commands, telling
from bot.flow.model import LISTS_ONLY, Flow
from bot.flow.path import next_place
from bot.flow.prompts import base36, entries
from bot.flow.session import HELD, IDLE, IDLING, LANGUAGE, OVER, SURE, Session, is_over
from bot.flow.turn import LookUp, Turn, change, go
from bot.flow.wording import text
from bot.talk.events import Blocked, CameBack, Deleted, Edited, Event, LookedUp, Missed, Pressed, Refused, Said
from bot.talk.sentences import DateValue

IN_ANY_LANGUAGE = ("danger", "erase", "help", "language")


def start(flow: Flow, session: Session) -> Session:
    """A new session at its first question. Where its channel may not carry names and stories, lists are all it asks."""
    if "sensitive_refuse" in session.abilities and LISTS_ONLY not in session.raised:
        session = change(session, raised=(*session.raised, LISTS_ONLY))
    return go(flow, session, next_place(flow, session))


def step(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    """Take one event and say what follows.

    Pure: same arguments, same Turn. Never raises on anything that a reporter can send.
    """
    turn = _step(flow, session, event, now)
    if not session.doubt or turn.session.doubt == session.doubt:
        return turn
    # Words that were asked about ("is that meant?") and never kept: they go when their question does.
    kept = {p for a in turn.session.answers.values() for p in a.parts}
    lost = tuple(p.number for p in session.doubt if p not in kept and p.number not in turn.drop)
    return msgspec.structs.replace(turn, drop=(*turn.drop, *lost))


def _step(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    if isinstance(event, Blocked):
        return Turn(session, ask=False)  # about the chat, not the report: no clock moves and nothing is said
    stamp = int(now.timestamp())
    if isinstance(event, Missed):
        return _missed(flow, session, event, stamp)
    idle = session.agreed and stamp - session.last > IDLE and session.at not in (OVER, IDLING)
    session = change(session, last=stamp)
    if session.at == OVER:
        return Turn(session, ask=False)
    if isinstance(event, LookedUp):
        return _looked_up(flow, session, event)
    if isinstance(event, Edited):
        return amending.edited(flow, session, event, now)
    if isinstance(event, Deleted):
        return amending.deleted(flow, session, event)
    if idle or (session.at == IDLING and not isinstance(event, Pressed)):
        return _idle(flow, session, event, now)
    match event:
        case Pressed(data=data):
            return _pressed(flow, session, data, now)
        case Refused(kind=kind):
            name = {"location": "not_kept", "contact": "not_kept", "file": "no_files"}.get(kind, "only_words")
            return Turn(session, say=(text(flow, name),))
        case CameBack():
            return _came_back(flow, session)
        case Said():
            return said(flow, session, event, now)
    return Turn(session)


def _missed(flow: Flow, session: Session, event: Missed, now: int) -> Turn:
    """The channel lost what came since then: whoever wrote before that is told once, and asked again."""
    told = event.since <= session.missed or event.since < session.last
    if not session.agreed or session.submitted or is_over(session) or told:
        return Turn(session, ask=False)
    if now - session.last > IDLE:
        session = go_idle(flow, session)
    since = datetime.fromtimestamp(event.since, UTC)
    say = text(flow, "missed", day=DateValue(since.date(), "day"), time=f"{since:%H:%M}")
    return Turn(change(session, missed=event.since), say=(say,))


def keep_words(flow: Flow, session: Session, event: Said) -> Turn:
    """Words that nothing else can be done with (their step failed): held, and offered again after `go on`."""
    return telling.hold(flow, session, event)


def _came_back(flow: Flow, session: Session) -> Turn:
    if not session.agreed:
        return Turn(session)
    return Turn(go_idle(flow, session))


def go_idle(flow: Flow, session: Session) -> Session:
    """The neutral screen. What stood before is kept for 'go on' and shown to nobody."""
    if session.at == IDLING:
        return session
    # A menu that was open is closed; a review or a number is come back to.
    back_to = session.back_to if session.at in (SURE, LANGUAGE, HELD) else session.at
    return change(session, back_to=back_to, at=IDLING, nonce=session.nonce + 1)


def _idle(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    waiting = session.at == IDLING
    session = go_idle(flow, session)
    if not isinstance(event, Said):
        return Turn(session)
    if waiting and (code := choosing.typed(flow, session, event.text)):
        return choosing.choose(flow, session, code, now)
    command = flow.reader.command(event.text, session.language) or _for_help(flow, event.text)
    if command in commands.WHILE_IDLE and (turn := commands.run(flow, session, command)):
        return turn
    if number := flow.reader.return_number(event.text):
        return Turn(session, do=LookUp(number), ask=False)
    if session.submitted:
        return Turn(session)
    return telling.hold(flow, session, event)


def _pressed(flow: Flow, session: Session, data: str, now: datetime) -> Turn:
    nonce, found, code = data.partition(":")
    if not found or nonce != base36(session.nonce):
        return Turn(session)  # an old, foreign or forged button: the present question again
    if code[:1] == "~" and code[1:] in commands.ON_BUTTONS and code not in (e.code for e in entries(flow, session)):
        return commands.press(flow, session, code[1:])
    return choosing.choose(flow, session, code, now)


def said(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """Typed words: a word that works everywhere, a return number, something to choose, or an answer."""
    if event.place is not None and event.place != session.at:
        return telling.for_earlier(flow, session, event, now)
    command = flow.reader.command(event.text, session.language) or _for_help(flow, event.text)
    if command and (turn := commands.run(flow, session, command)):
        return turn
    if not session.agreed and (number := flow.reader.return_number(event.text)):
        return Turn(session, do=LookUp(number), ask=False)
    turn = telling.told(flow, session, event, now)
    languages = [code for code, _ in flow.languages]
    return commands.with_help(flow, turn) if flow.reader.is_distress(event.text, languages) else turn


def _for_help(flow: Flow, words: str) -> str | None:
    """The words that somebody may need before they found their language: understood in all of them."""
    if len(words) > 40:
        return None
    found = (flow.reader.command(words, code) for code, _ in flow.languages)
    return next((command for command in found if command in IN_ANY_LANGUAGE), None)


def _looked_up(flow: Flow, session: Session, event: LookedUp) -> Turn:
    if event.slip:
        return Turn(session, say=(text(flow, "number_slip"),))
    if event.day is None:
        return Turn(session, say=(text(flow, "number_wrong"),))
    try:
        day = DateValue(datetime.fromisoformat(event.day).date(), "day")
    except ValueError:
        return Turn(session)
    return Turn(session, say=(text(flow, "number_found", date=day),))
