"""Options of a question were chosen: they are ticked, answer it, or do something."""

from datetime import datetime

import msgspec

from bot.flow import commands
from bot.flow.conditions import lists_only
from bot.flow.holding import sealed_early
from bot.flow.model import Flow, Option, Step
from bot.flow.moving import answered
from bot.flow.offers import toggles
from bot.flow.screens import Asking, Held, Review, Sure
from bot.flow.session import Session, change, reopened, show
from bot.flow.turn import Forget, Start, Submit, Turn
from bot.flow.values import Answer
from bot.flow.wording import filled, text
from bot.talk.sentences import Message


def read_back(flow: Flow, codes: tuple[str, ...], *, disputed: bool = False) -> tuple[Message, ...]:
    """Countries are always said back. `disputed`: a part was named whose status is, though its country's is not."""
    names = tuple(flow.codes["countries"][c] for c in codes if c in flow.codes["countries"])
    note = (text(flow, "country_note"),) if disputed or flow.disputed.intersection(codes) else ()
    return (text(flow, "country_read", countries=names), *note)


def picked_options(step: Step, ids: tuple[str, ...]) -> tuple[Option, ...]:
    """In the order of the list, whatever the order of the taps."""
    return tuple(o for o in step.options if o.id in ids)


def picked(session: Session) -> tuple[str, ...]:
    """The ids that are ticked at the present question."""
    return session.screen.picked if isinstance(session.screen, Asking) else ()


def take(
    flow: Flow,
    session: Session,
    step: Step,
    options: tuple[Option, ...],
    now: datetime,
    *,
    wanted: str = "",
    finish: bool = False,
) -> Turn:
    """Tick them, or answer with them. `wanted` is + or - where a toggle says what it is to be; `finish`: answer."""
    says = tuple(filled(flow, session, o.says) for o in options if o.says is not None)
    if step.kind == "choices" and not finish and all(toggles(flow, session, o.id) for o in options):
        return Turn(_ticked(session, options, wanted))
    does = next((o.does for o in options if o.does not in ("", "alone")), "")
    ids = tuple(o.id for o in options)
    return _do(flow, session, step, does, given(step, session, ids, now), says)


def given(step: Step, session: Session, ids: tuple[str, ...], now: datetime) -> Answer:
    """An answer by option; a consent says when, in which language and to which words it was given."""
    if step.kind != "consent":
        return Answer("answered", ids, sitting=session.sitting)
    day, words = f"{now:%Y-%m-%d}", step.text_version
    return Answer("answered", ids, sitting=session.sitting, day=day, language=session.language, text=words)


def _ticked(session: Session, options: tuple[Option, ...], wanted: str) -> Session:
    screen = session.screen
    if not isinstance(screen, Asking):
        return session
    others = [p for p in screen.picked if p not in {o.id for o in options}]
    ticks = [o.id for o in options if wanted == "+" or (not wanted and o.id not in screen.picked)]
    return change(session, screen=msgspec.structs.replace(screen, picked=(*others, *ticks)))


def _do(flow: Flow, session: Session, step: Step, does: str, answer: Answer, says: tuple[Message, ...]) -> Turn:
    turn = Turn(session, say=says)
    match does:
        case "say":
            return turn
        case "forget" if not session.agreed:
            return Turn(session, say=(*says, text(flow, "forgotten")), do=Forget(), ask=False)
        case "forget" | "erase":  # things are written by now: that is erasing, and is asked about once
            return Turn(show(session, Sure(session.screen)), say=says)
        case "danger" | "pause":
            return commands.HANDLERS[does](flow, session)
        case "just_help":
            return commands.just_help(flow, session)
        case "review":
            return Turn(show(session, Review(session.at)), say=says)
        case "submit":
            return Turn(session, say=says, do=Submit())
        case "start":
            return _start(flow, session, step, answer, turn)
        case "next_round":
            chapter = flow.chapter_of[step.id]
            rounds = session.rounds.get(chapter.id, 1)
            if rounds < chapter.repeat:
                session = change(session, rounds={**session.rounds, chapter.id: rounds + 1})
    return answered(flow, session, session.at, answer, turn)


def _start(flow: Flow, session: Session, step: Step, answer: Answer, turn: Turn) -> Turn:
    """The consent to start: from here on things are written. Words that came before it are sealed, and offered."""
    option = step.option(answer.values[0])
    also = {at: value for at, value in (option.also if option else {}).items() if at not in session.answers}
    ruled = {
        at: msgspec.structs.replace(answer, values=(value,), by_rule=True, text=flow.steps[at].text_version)
        for at, value in also.items()
    }
    session = change(session, answers={**session.answers, **ruled})
    if session.agreed:  # the same consent to newer words, or a call for help once it was sent
        session = reopened(session)
        return answered(flow, session, session.at, answer, turn)
    say = turn.say if flow.chapter_of[step.id].aside else (*turn.say, text(flow, "check_word", word=session.word))
    if session.early and lists_only(flow, session):  # who chose lists only wants nothing kept that was typed
        session, say = change(session, early=()), (*say, text(flow, "lists_only_early"))
    begun = answered(flow, change(session, agreed=True), session.at, answer, Turn(session, say=say))
    session, seal = sealed_early(flow, begun.session)
    if seal:
        session = show(session, Held(session.screen, first=True))
    return msgspec.structs.replace(begun, session=session, seal=tuple(seal), do=Start())
