"""The words that work at any step: help, back, skip, pause, erase, human, language, status, danger."""

from collections.abc import Callable

import msgspec

from bot.flow.model import DANGER, DISTRESS, HUMAN, Flow
from bot.flow.path import next_place, places
from bot.flow.session import HELD, IDLING, LANGUAGE, NUMBER, REVIEW, SURE, Session, is_open, split
from bot.flow.turn import Erase, Forget, Turn, answered, change, go, split_known
from bot.flow.values import Answer
from bot.flow.wording import text
from bot.talk.sentences import Block

Handler = Callable[[Flow, Session], Turn]


def _help(flow: Flow, session: Session) -> Turn:
    return Turn(session, say=(text(flow, "help"),))


def _back(flow: Flow, session: Session) -> Turn:
    if session.at == IDLING:
        return Turn(session)
    if session.doubt or session.dates or session.choices or session.group:
        gone = tuple(p.number for p in session.doubt)
        blank = change(session, doubt=(), dates=(), choices=(), group="", page=0)
        return Turn(change(blank, nonce=session.nonce + 1), drop=gone)
    if not split_known(flow, session.at):
        return _leave_menu(flow, session)
    live = set(places(flow, session))
    trail = list(session.trail)
    while trail and (trail[-1] not in live or trail[-1] == session.at):
        trail.pop()
    if not trail:
        return Turn(change(session, trail=()), say=(text(flow, "first_question"),))
    to = trail.pop()
    frontier = session.frontier or session.at
    session = go(flow, session, to)
    return Turn(change(session, trail=tuple(trail), frontier=frontier))


def _leave_menu(flow: Flow, session: Session) -> Turn:
    if session.at == SURE and session.from_idle:
        return Turn(change(session, at=IDLING, from_idle=False, nonce=session.nonce + 1))
    if session.at in (SURE, LANGUAGE) and session.back_to:
        return Turn(go(flow, change(session, back_to=""), session.back_to))
    if session.at == REVIEW and session.return_to:
        return Turn(go(flow, session, session.return_to))
    if session.at == "~change":
        return Turn(go(flow, session, REVIEW))
    if session.at == REVIEW and session.trail:
        session = go(flow, session, session.trail[-1])
        return Turn(change(session, trail=session.trail[:-1], frontier=REVIEW))
    return Turn(session)


def _skip(flow: Flow, session: Session) -> Turn:
    step = flow.steps.get(split(session.at)[0])
    if step is None:
        return Turn(session)
    answer = session.answers.get(session.at)
    if session.gathering and answer is not None and answer.parts:
        return answered(flow, session, session.at, answer)
    if step.required:
        return Turn(session, say=(text(flow, "required"),))
    gone = tuple(p.number for p in (*session.doubt, *(answer.parts if answer else ())))
    skipped = Answer("skipped", sitting=session.sitting)
    return answered(flow, session, session.at, skipped, Turn(session, drop=gone))


def _pause(flow: Flow, session: Session) -> Turn:
    if not session.agreed:
        return Turn(session, say=(text(flow, "pause_early"),), do=Forget(), ask=False)
    say = text(flow, "rest", hours=session.hours or flow.draft_hours)
    return Turn(session, say=(say,), ask=False)


def _erase(flow: Flow, session: Session) -> Turn:
    # A typed word is meant: whoever has a minute left is not asked again.
    return Turn(session, say=erased(flow, session), do=Erase() if session.agreed else Forget(), ask=False)


def erased(flow: Flow, session: Session) -> tuple[Block, ...]:
    """What is said last of an erased report: the truth about what was sent before."""
    return (text(flow, "erased_sent" if session.report else "erased"),)


def _erase_button(flow: Flow, session: Session) -> Turn:
    back_to = session.back_to if session.at == IDLING else session.at
    idle = session.at == IDLING
    return Turn(go(flow, change(session, back_to=back_to, from_idle=idle), SURE))


def _human(flow: Flow, session: Session) -> Turn:
    raised = session.raised if HUMAN in session.raised else (*session.raised, HUMAN)
    name = "human_away" if session.agreed else "human_early"
    return Turn(change(session, raised=raised), say=(text(flow, name, help=flow.help_at or flow.organisation),))


def _language(flow: Flow, session: Session) -> Turn:
    if len(flow.languages) < 2:
        return Turn(session, say=(text(flow, "one_language"),))
    if session.at in (LANGUAGE, SURE, HELD, IDLING):
        return Turn(session)
    if flow.steps.get(session.at) and flow.steps[session.at].is_language:
        return Turn(session)
    return Turn(go(flow, change(session, back_to=session.at), LANGUAGE))


def _status(flow: Flow, session: Session) -> Turn:
    if session.submitted:
        return Turn(session, say=(text(flow, "status_sent"),))
    if not session.agreed:
        return Turn(session, say=(text(flow, "status_new"),))
    parts = flow.parts()
    chapter = flow.chapter_of.get(split(session.at)[0])
    number = parts.index(chapter) + 1 if chapter in parts else len(parts) if session.at == REVIEW else 1
    name = "status_open" if is_open(session) else "status"
    say = text(flow, name, part=number, parts=len(parts), hours=session.hours or flow.draft_hours)
    return Turn(session, say=(say,))


def danger_card(flow: Flow, session: Session) -> tuple[Block, ...]:
    """Where to turn now: the country's own lines where there are some, then the lines for everywhere."""
    # On the neutral screen not even the country may show.
    idle = session.at == IDLING
    asked = () if idle else flow.roles.place
    places_named = {v for at, a in session.answers.items() if split(at)[0] in asked for v in a.values}
    cards = [flow.cards[c] for c in sorted(places_named) if c in flow.cards]
    cards.append(flow.cards["anywhere"])
    blocks: list[Block] = [text(flow, "danger")]
    for card in cards:
        unchecked = card.checked == "never"
        note = text(flow, "card_unchecked") if unchecked else text(flow, "card_checked", day=card.checked)
        blocks.append((*card.lines, note))
    return tuple(blocks)


def with_help(flow: Flow, turn: Turn) -> Turn:
    """Where to turn now, before anything else; the words are kept as they were, and a person sees a flag."""
    session = turn.session
    if turn.do or DISTRESS in session.raised:
        return turn  # said once: it is no lecture
    _, *cards = danger_card(flow, session)
    session = change(session, raised=(*session.raised, DISTRESS))
    say = (text(flow, "distress"), *cards, *turn.say)
    return msgspec.structs.replace(turn, session=open_danger(flow, session), say=say)


def open_danger(flow: Flow, session: Session) -> Session:
    """To the few questions that bring help, from wherever this session stands; what stood there is come back to."""
    asked = [at for at in places(flow, with_danger(session)) if flow.chapter_of[split(at)[0]].aside]
    if session.submitted or all(at in session.answers for at in asked):
        return session  # it is with people already, or this flow has no such questions
    if session.at == IDLING:
        session = change(session, sitting=session.sitting + 1)
    session = change(with_danger(session), frontier="", changing=False, back_to="", from_idle=False)
    return go(flow, session, next_place(flow, session))


def with_danger(session: Session) -> Session:
    return session if DANGER in session.raised else change(session, raised=(*session.raised, DANGER))


def just_help(flow: Flow, session: Session) -> Turn:
    """The card was all that was wanted: back to where one was, as if nothing had been pressed."""
    if is_open(session):  # people can read it by now: no to that is erasing, and is asked about once
        return Turn(go(flow, change(session, back_to=session.at), SURE))
    session = change(session, raised=tuple(flag for flag in session.raised if flag != DANGER))
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
    "what_now": _plain("what_now"),
    "keys": _keys,
}
ON_BUTTONS = {"help": _help, "back": _back, "skip": _skip, "danger": _danger, "erase": _erase_button}
WHILE_IDLE = ("erase", "danger", "help")  # nothing of the report shows through these


def run(flow: Flow, session: Session, command: str) -> Turn | None:
    """The turn of a command; None for words that only mean something to the present question (done, yes, no)."""
    if session.at == IDLING and command not in WHILE_IDLE:
        return None
    if session.at == NUMBER and command in ("back", "skip", "language", "pause"):
        return Turn(session)
    handler = HANDLERS.get(command)
    return handler(flow, session) if handler else None


def press(flow: Flow, session: Session, command: str) -> Turn:
    """The same by button; erasing by button is asked about once, for a thumb slips."""
    return ON_BUTTONS[command](flow, session)
