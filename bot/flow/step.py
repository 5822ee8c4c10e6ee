"""One reporter's event in, one Turn out."""

from datetime import UTC, datetime

import msgspec

from bot.flow import amending, choosing, commands, hearing, renewing, telling, withdrawing
from bot.flow.earlier import for_earlier
from bot.flow.forwarding import forwarded
from bot.flow.holding import go_idle, hold
from bot.flow.model import LISTS_ONLY, Flow
from bot.flow.moving import go
from bot.flow.offers import base36, entries
from bot.flow.path import next_place
from bot.flow.screens import Asking, Gathering, Neutral, Over, in_doubt
from bot.flow.session import Session, change, here, is_idle, split
from bot.flow.slashed import slashed
from bot.flow.turn import LookUp, Turn
from bot.flow.wording import text
from bot.talk.events import Blocked, Deleted, Edited, Event, LookedUp, Missed, Pressed, Refused, Said
from bot.talk.sentences import DateValue


def start(flow: Flow, session: Session) -> Session:
    """A new session at its first question. Where its channel may not carry names and stories, lists are all it asks."""
    if "sensitive_refuse" in session.abilities and LISTS_ONLY not in session.raised:
        session = change(session, raised=(*session.raised, LISTS_ONLY))
    return go(flow, change(session, mark=flow.mark), next_place(flow, session))


def step(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    """Take one event and say what follows.

    Pure: same arguments, same Turn. Never raises on anything that a reporter can send.
    """
    turn = _step(flow, session, event, now)
    doubt = in_doubt(session.screen)
    if not doubt or turn.session.screen is session.screen:
        return turn
    # Words that were asked about ("is that meant?") and never kept: they go when their question does.
    kept = {p for a in turn.session.answers.values() for p in a.parts} | {*turn.session.held}
    kept |= {*in_doubt(turn.session.screen)}
    lost = tuple(p.number for p in doubt if p not in kept and p.number not in turn.drop)
    return msgspec.structs.replace(turn, drop=(*turn.drop, *lost))


def _step(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    if isinstance(session.screen, Over) or isinstance(event, Blocked):
        return Turn(session, ask=False)  # blocked is about the chat, not the report
    session, event = renewing.renewed(flow, session, event)
    stamp = int(now.timestamp())
    idle = is_idle(session, now)
    asleep = idle or isinstance(session.screen, Neutral)
    match event:
        # None of these is a "here I am": it shows nothing of the report, and moves no clock.
        case LookedUp():
            return _looked_up(flow, session, event, idle)
        case Missed():
            return _missed(flow, session, event, idle)
        case Edited():
            return amending.edited(flow, session, event, now, asleep=asleep)
        case Deleted():
            return withdrawing.deleted(flow, session, event, asleep=asleep)
        case Refused():
            return _refused(flow, session, event, idle)
        case _:
            turn = _acted(flow, session, event, now, idle)
    if asleep and isinstance(turn.session.screen, Neutral):
        return turn
    return msgspec.structs.replace(turn, session=change(turn.session, last=stamp))


def _acted(flow: Flow, session: Session, event: Event, now: datetime, idle: bool) -> Turn:
    """Something that a person does: the idle guard first."""
    waiting = isinstance(session.screen, Neutral)
    if (idle and not waiting) or (waiting and not isinstance(event, Pressed)):
        return _idle(flow, session, event, now)
    match event:
        case Pressed(data=data):
            return _pressed(flow, session, data, now)
        case Said():
            return said(flow, session, event, now)
    return Turn(go_idle(session) if session.agreed else session)


def keep_words(flow: Flow, session: Session, event: Said) -> Turn:
    """Words that nothing else can be done with (their step failed): held, and offered again after `go on`."""
    return hold(flow, session, event)


def _idle(flow: Flow, session: Session, event: Event, now: datetime) -> Turn:
    waiting = isinstance(session.screen, Neutral)
    session = go_idle(session)
    if not isinstance(event, Said):
        return Turn(session)
    if number := flow.reader.return_number(event.text):
        return Turn(session, do=LookUp(number), ask=False)
    if not event.forwarded:
        if found := hearing.slash(event.text):
            return slashed(flow, session, event, *found, now)
        command = hearing.urgent(flow, session, event.text)
        if command is None and waiting and (code := choosing.typed(flow, session, event.text)):
            return choosing.choose(flow, session, code, now)
        command = command or hearing.command(flow, session, event.text)
        if command in commands.HANDLERS:  # one that would show something of the report does nothing here
            return commands.run(flow, session, command) or Turn(session)
    if session.submitted or flow.reader.pleasantry(event.text, _languages(flow)):
        return Turn(session)
    return _with_help(flow, event, hold(flow, session, event))


def _pressed(flow: Flow, session: Session, data: str, now: datetime) -> Turn:
    nonce, found, code = data.partition(":")
    if not found or nonce != base36(session.nonce):
        return Turn(session)  # an old, foreign or forged button: the present question again
    if code[:1] == "~" and code[1:] in commands.ON_BUTTONS and code not in {e.code for e in entries(flow, session)}:
        return commands.press(flow, session, code[1:])
    return choosing.choose(flow, session, code, now)


def said(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """Typed words: a return number, a word that works everywhere, something to choose, or an answer."""
    if number := flow.reader.return_number(event.text):
        return Turn(session, do=LookUp(number), ask=False)  # it opens a report: it is never kept as words
    if event.forwarded:
        return _with_help(flow, event, forwarded(flow, session, event))
    if found := hearing.slash(event.text):
        return _with_help(flow, event, slashed(flow, session, event, *found, now))
    command = hearing.urgent(flow, session, event.text)
    if command and (turn := commands.run(flow, session, command)):
        return turn
    if event.place is not None and event.place != here(session):
        return for_earlier(flow, session, event, now)
    command = hearing.extra(flow, session, event.text) or hearing.command(flow, session, event.text)
    answers = command is not None and hearing.is_answer(flow, session, event.text, command)
    if command and not answers and (turn := commands.run(flow, session, command)):
        return turn
    if turn := _pleasantry(flow, session, event):
        return turn
    return _with_help(flow, event, telling.told(flow, session, event, now))


def _pleasantry(flow: Flow, session: Session, event: Said) -> Turn | None:
    """A greeting begins, thanks are welcome: neither is an answer, or a story, or a mistake.

    Where a line of words is asked for they may be one all the same (Salam is a name), and are left alone.
    """
    kind = flow.reader.pleasantry(event.text, _languages(flow))
    if kind is None or choosing.typed(flow, session, event.text):
        return None
    if isinstance(session.screen, Asking | Gathering):
        step_ = flow.steps[split(session.at)[0]]
        if step_.kind == "text" and not step_.many:
            return None
    if kind == "greeting":
        return Turn(session, say=(text(flow, "hello"),))
    begun = session.agreed or bool(session.answers)
    # After the end a thank-you finds a new chat: it is answered, and nothing begins.
    return Turn(session, say=(text(flow, "welcome"),), ask=begun)


def _with_help(flow: Flow, event: Said, turn: Turn) -> Turn:
    return commands.with_help(flow, turn, flow.reader.distress(event.text, _languages(flow)))


def _languages(flow: Flow) -> list[str]:
    return [code for code, _ in flow.languages]


def _refused(flow: Flow, session: Session, event: Refused, idle: bool) -> Turn:
    """Nothing of it is kept. Said once a burst: an album is one thing to people, and so is a live location."""
    if event.burst and event.burst == session.burst:
        return Turn(session, ask=False)
    name = {"location": "not_kept", "contact": "not_kept", "file": "no_files"}.get(event.kind, "only_words")
    session = go_idle(session) if idle else session
    return Turn(change(session, burst=event.burst), say=(text(flow, name),))


def _missed(flow: Flow, session: Session, event: Missed, idle: bool) -> Turn:
    """The channel lost what came since then: whoever wrote before that is told once, and asked again."""
    told = event.since <= session.missed or event.since < session.last
    if not session.agreed or session.submitted or told:
        return Turn(session, ask=False)
    since = datetime.fromtimestamp(event.since, UTC)
    say = text(flow, "missed", day=DateValue(since.date(), "day"), time=f"{since:%H:%M}")
    return Turn(change(go_idle(session) if idle else session, missed=event.since), say=(say,))


def _looked_up(flow: Flow, session: Session, event: LookedUp, idle: bool) -> Turn:
    session = go_idle(session) if idle else session
    if event.slip:
        return Turn(session, say=(text(flow, "number_slip"),))
    if event.day is None:
        return Turn(session, say=(text(flow, "number_wrong", begins=event.begins),))
    try:
        day = DateValue(datetime.fromisoformat(event.day).date(), "day")
    except ValueError:
        return Turn(session)
    name = "number_waits" if event.waits else "number_found"
    return Turn(change(session, looked_up=True), say=(text(flow, name, date=day, begins=event.begins),))
