"""The words that work at any step: help, back, skip, pause, stop, erase, human, language, status, danger."""

from collections.abc import Callable
from typing import Literal

import msgspec

from bot.flow.holding import go_idle
from bot.flow.model import DANGER, DISTRESS, HUMAN, THREAT, Flow
from bot.flow.moving import answered, asked_again, go
from bot.flow.path import next_place, places
from bot.flow.reading import Distress
from bot.flow.roles import is_held, reads_if_silent, reads_now
from bot.flow.screens import (
    REVIEW,
    Asking,
    Change,
    Changing,
    Errand,
    Gathering,
    Held,
    InDoubt,
    Language,
    Neutral,
    Number,
    Over,
    Returning,
    Review,
    Sure,
    without_menus,
)
from bot.flow.session import Session, change, is_open, reopened, show, split
from bot.flow.turn import Erase, Forget, Turn
from bot.flow.values import Answer
from bot.flow.wording import text
from bot.talk.sentences import Block

Handler = Callable[[Flow, Session], Turn]
ReportState = Literal["draft", "to_lock", "open", "ringing", "sent", "ringing_sent", "locked"]


def _help(flow: Flow, session: Session) -> Turn:
    return Turn(session, say=(text(flow, "help"),))


def _back(flow: Flow, session: Session) -> Turn:
    match session.screen:
        case Neutral() | Held() | Number() | Over():
            return Turn(session)
        case InDoubt(parts=parts):
            return Turn(show(session, asked_again(session.screen)), drop=tuple(p.number for p in parts))
        case Asking(dates=dates, countries=countries, group=group) if dates or countries or group:
            return Turn(show(session, asked_again(session.screen)))
        case Sure(behind=behind) | Language(behind=behind):
            return Turn(show(session, behind))
        case Review(opened_from=opened_from) if opened_from:
            return Turn(go(flow, session, opened_from))
        case Review():
            if not session.trail:
                return Turn(session)
            gone_back = go(flow, session, session.trail[-1], Returning(REVIEW))
            return Turn(change(gone_back, trail=session.trail[:-1]))
        case Change(opened_from=opened_from):
            return Turn(show(session, Review(opened_from)))
        case Asking(at=at, errand=about) | Gathering(at=at, errand=about):
            return _question_before(flow, session, at, about)


def _question_before(flow: Flow, session: Session, at: str, about: Errand | None) -> Turn:
    if isinstance(about, Changing):  # a change that is not made after all
        return Turn(show(session, Review(about.opened_from)))
    live = set(places(flow, session))
    trail = list(session.trail)
    while trail and (trail[-1] not in live or trail[-1] == at):
        trail.pop()
    if not trail:
        return Turn(change(session, trail=()), say=(text(flow, "first_question"),))
    to = trail.pop()
    until = about.until if about else at
    return Turn(change(go(flow, session, to, Returning(until)), trail=tuple(trail)))


def _skip(flow: Flow, session: Session) -> Turn:
    screen = session.screen
    if not isinstance(screen, Asking | Gathering | InDoubt):
        return Turn(session)
    step, answer = flow.steps[split(screen.at)[0]], session.answers.get(screen.at)
    if isinstance(screen, Gathering) and answer is not None and answer.parts:
        return answered(flow, session, screen.at, answer)
    if step.required:
        return Turn(session, say=(text(flow, "required"),))
    doubt = screen.parts if isinstance(screen, InDoubt) else ()
    gone = tuple(p.number for p in (*doubt, *(answer.parts if answer else ())))
    skipped = Answer("skipped", sitting=session.sitting)
    return answered(flow, session, screen.at, skipped, Turn(session, drop=gone))


def _pause(flow: Flow, session: Session) -> Turn:
    if not session.agreed:
        return Turn(session, say=(text(flow, "pause_early"),), do=Forget(), ask=False)
    # Whoever writes next may be somebody else: they get the neutral screen, and nothing of the report.
    return Turn(go_idle(session), say=(_rest(flow, session),), ask=False)


def _rest(flow: Flow, session: Session) -> Block:
    if is_open(session):
        return text(flow, "rest_open")
    name = "rest_read" if reads_if_silent(flow, session) else "rest"
    return text(flow, name, hours=session.hours or flow.draft_hours)


def _stop(flow: Flow, session: Session) -> Turn:
    """ "Stop", "cancel", "delete everything": it rests, and erasing it is offered, for nobody knows which was meant."""
    if not session.agreed:
        return _pause(flow, session)
    say = () if session.submitted else (_rest(flow, session),)
    return Turn(show(session, Sure(without_menus(session.screen), stopping=True)), say=say)


def _erase(flow: Flow, session: Session) -> Turn:
    # A typed word is meant: whoever has a minute left is not asked again.
    return Turn(session, say=erased(flow, session), do=Erase() if session.agreed else Forget(), ask=False)


def erased(flow: Flow, session: Session) -> tuple[Block, ...]:
    """What is said last of an erased report: exactly what went, and what stays."""
    name = "forgotten" if not session.agreed else "erased_sent" if session.report else "erased"
    found: tuple[Block, ...] = (text(flow, name),)
    if session.looked_up:
        found = (*found, text(flow, "erased_not_number", help=flow.help_at or flow.organisation))
    return found


def _erase_button(flow: Flow, session: Session) -> Turn:
    return Turn(show(session, Sure(session.screen)))


def report_state(flow: Flow, session: Session) -> ReportState:
    """What is true of this report now: whoever asks hears the same from every word that they may ask with."""
    if is_held(flow, session):
        return "locked" if session.submitted else "to_lock"
    if session.report and reads_now(flow, session):
        return "ringing_sent" if session.submitted else "ringing"
    if session.submitted:
        return "sent"
    return "open" if is_open(session) else "draft"


def _human(flow: Flow, session: Session) -> Turn:
    ask = {"help": flow.help_at or flow.organisation}
    if session.submitted:  # a mark would reach nobody: it is said what is true instead
        return Turn(session, say=(_state(flow, session), text(flow, "human_sent", **ask)))
    raised = session.raised if HUMAN in session.raised else (*session.raised, HUMAN)
    marked = change(session, raised=raised)
    if not session.agreed:
        return Turn(marked, say=(text(flow, "human_early", **ask),))
    name = {"ringing": "human_ringing", "open": "human_open"}.get(report_state(flow, session), "human_away")
    return Turn(marked, say=(text(flow, name, **ask),))


def _language(flow: Flow, session: Session) -> Turn:
    if len(flow.languages) < 2:
        (_, name) = flow.languages[0]
        return Turn(session, say=(text(flow, "one_language", language=name),))
    if isinstance(session.screen, Language | Sure | Held | Neutral):
        return Turn(session)
    if session.at in flow.steps and flow.steps[session.at].is_language:
        return Turn(session)
    return Turn(show(session, Language(session.screen)))


def _state(flow: Flow, session: Session) -> Block:
    """Where a report is that was sent, or that rings."""
    return text(flow, f"status_{report_state(flow, session)}", button=text(flow, "wrote_it_down"))


def _status(flow: Flow, session: Session) -> Turn:
    if session.submitted or report_state(flow, session) == "ringing":
        return Turn(session, say=(_state(flow, session),))
    if not session.agreed:
        return Turn(session, say=(text(flow, "status_new"),))
    counted = flow.counted()
    chapter = flow.chapter_of.get(split(session.at)[0])
    number = counted.index(chapter) + 1 if chapter in counted else len(counted) if session.at == REVIEW else 1
    name = "status_open" if is_open(session) else "status_read" if reads_if_silent(flow, session) else "status"
    # In words: of several numbers the first would decide between singular and plural.
    part, parts = str(number), str(len(counted))
    say = text(flow, name, hours=session.hours or flow.draft_hours, part=part, parts=parts)
    return Turn(session, say=(say,))


def _what_now(flow: Flow, session: Session) -> Turn:
    state = report_state(flow, session)
    name = {"draft": "what_now", "to_lock": "what_now_locked", "ringing_sent": "status_ringing_sent"}.get(
        state, f"what_now_{state}"
    )
    return Turn(session, say=(text(flow, name, hours=flow.first_read),))


def farewell(flow: Flow, session: Session) -> Block:
    """What happens with a report that was sent: said once its number was written down."""
    name = {"locked": "next_locked", "ringing_sent": "next_ringing"}.get(report_state(flow, session), "next")
    return text(flow, name, hours=flow.first_read)


def danger_card(flow: Flow, session: Session) -> tuple[Block, ...]:
    """Where to turn now: the country's own lines where there are some, then the lines for everywhere."""
    # On the neutral screen not even the country may show.
    idle = isinstance(session.screen, Neutral)
    asked = () if idle else flow.roles.place
    places_named = {v for at, a in session.answers.items() if split(at)[0] in asked for v in a.values}
    cards = [flow.cards[c] for c in sorted(places_named) if c in flow.cards]
    cards.append(flow.cards["anywhere"])
    blocks: list[Block] = [text(flow, "danger")]
    for card in cards:
        checked = (text(flow, "card_checked", day=card.checked),) if card.checked else ()
        blocks.append((*card.lines, *checked))
    return tuple(blocks)


def with_help(flow: Flow, turn: Turn, found: frozenset[Distress]) -> Turn:
    """Beside what somebody told, when it says that they want to die, or that others threaten somebody.

    Their words are kept as they were and the story goes on. Despair gets those who listen, before anything else, and a
    person sees a flag; a threat gets the way to help. Each is said once: it is no lecture.
    """
    session, say = turn.session, turn.say
    if turn.do:
        return turn
    if "threatened" in found and not {THREAT, DANGER} & {*session.raised}:
        session = change(session, raised=(*session.raised, THREAT))
        say = (*say, text(flow, "threat_offer"))
    if "despair" in found and DISTRESS not in session.raised:
        _, *cards = danger_card(flow, session)
        session = change(session, raised=(*session.raised, DISTRESS))
        say = (text(flow, "distress"), *cards, *say)
    return msgspec.structs.replace(turn, session=session, say=say)


def open_danger(flow: Flow, session: Session) -> Session:
    """To the few questions that bring help, from wherever this session stands; what stood there is come back to.

    Also after sending, while the number stands there: a new version of the same report leaves once it may be read, and
    at once where it may be already.
    """
    called = with_danger(session)
    asked = [at for at in places(flow, called) if flow.chapter_of[split(at)[0]].aside]
    if session.submitted:
        called = _stops_again(flow, called, asked)
    if all(at in called.answers for at in asked):
        return session  # it is with people already, or this flow has no such questions
    if isinstance(session.screen, Neutral):
        called = change(called, sitting=session.sitting + 1)
    called = go(flow, called, next_place(flow, called))
    return reopened(called) if called.submitted and reads_now(flow, called) else called


def _stops_again(flow: Flow, session: Session, asked: list[str]) -> Session:
    """Who asked for help in a report that was sent is asked again whether there is more to tell."""
    stops = {at for at in asked if flow.steps[split(at)[0]].kind == "screen"}
    return change(session, answers={at: a for at, a in session.answers.items() if at not in stops})


def with_danger(session: Session) -> Session:
    """The session of somebody who called for help: the flow's questions of danger are asked now."""
    return session if DANGER in session.raised else change(session, raised=(*session.raised, DANGER))


def just_help(flow: Flow, session: Session) -> Turn:
    """The card was all that was wanted: back to where one was, as if nothing had been pressed."""
    if is_open(session):  # people can read it by now: no to that is erasing, and is asked about once
        return Turn(show(session, Sure(session.screen)))
    session = change(session, raised=tuple(flag for flag in session.raised if flag != DANGER))
    if session.submitted:
        return Turn(show(session, Number(session.number)))
    return Turn(go(flow, session, next_place(flow, session)))


def _danger(flow: Flow, session: Session) -> Turn:
    return Turn(open_danger(flow, session), say=danger_card(flow, session))


def _plain(name: str) -> Handler:
    def say(flow: Flow, session: Session) -> Turn:
        return Turn(session, say=(text(flow, name, organisation=flow.organisation, hours=flow.first_read),))

    return say


def _keys(flow: Flow, session: Session) -> Turn:
    return Turn(session, say=(text(flow, "keys", keys=flow.fingerprints),))


HANDLERS: dict[str, Handler] = {
    "help": _help,
    "back": _back,
    "skip": _skip,
    "pause": _pause,
    "erase": _erase,
    "human": _human,
    "language": _language,
    "status": _status,
    "danger": _danger,
    "who": _plain("who"),
    "is_it_safe": _plain("is_it_safe"),
    "what_now": _what_now,
    "stop": _stop,
    "keys": _keys,
}
ON_BUTTONS = {"help": _help, "back": _back, "skip": _skip, "danger": _danger, "erase": _erase_button}
WHILE_IDLE = ("erase", "danger", "help")  # nothing of the report shows through these


def run(flow: Flow, session: Session, command: str) -> Turn | None:
    """The turn of a command; None for words that only mean something to the present question (done, yes, no)."""
    if isinstance(session.screen, Neutral) and command not in WHILE_IDLE:
        return None
    if isinstance(session.screen, Number) and command in ("back", "skip", "language", "pause"):
        return Turn(session)
    handler = HANDLERS.get(command)
    return handler(flow, session) if handler else None


def press(flow: Flow, session: Session, command: str) -> Turn:
    """The same by button; erasing by button is asked about once, for a thumb slips."""
    return ON_BUTTONS[command](flow, session)
