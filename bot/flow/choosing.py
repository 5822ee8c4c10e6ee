"""Something was chosen: a button that counts, a number, or the words of an option."""

from datetime import datetime

import msgspec

from bot.flow import commands
from bot.flow.conditions import lists_only, open_options
from bot.flow.model import Flow, Option, Step
from bot.flow.parts import new_parts
from bot.flow.path import NOTES, next_place, places, with_part
from bot.flow.prompts import (
    AGAIN,
    CHANGING,
    DONE,
    GO_ON,
    GROUPS,
    KEEP,
    MORE,
    NEW,
    NO,
    NOT_SURE,
    SEND,
    YES,
    entries,
    toggles,
)
from bot.flow.session import CHANGE, HELD, IDLING, LANGUAGE, NUMBER, OVER, REVIEW, SURE, Session, split
from bot.flow.turn import Erase, Finish, Forget, Start, Submit, Turn, answered, change, go, split_known
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import filled, label, text
from bot.talk.sentences import Message


def typed(flow: Flow, session: Session, words: str) -> str | None:
    """The code of the one thing here that the words mean, by its number or its label. None: nothing, or several."""
    here = entries(flow, session)
    numbers = flow.reader.numbers(words)
    if len(numbers) == 1 and 1 <= numbers[0] <= len(here):
        return here[numbers[0] - 1].code
    command = flow.reader.command(words, session.language)
    codes = [e.code for e in here]
    for word, code in (("done", DONE), ("yes", YES), ("no", NO), ("yes", KEEP), ("no", AGAIN)):
        if command == word and code in codes:
            return code
    step = flow.steps.get(split(session.at)[0])
    labels = [(e.code, e.label) for e in here]
    if step is not None and not (session.doubt or session.dates or session.choices):
        known = {code for code, _ in labels}
        more = open_options(flow, session, step, split(session.at)[1])
        labels += [(o.id, label(flow, session, o)) for o in more if o.id not in known]
    read = flow.reader.options(words, labels, session.language)
    if len(read) == 1 and len(read[0]) == 1:
        return read[0][0]
    return None


def choose(flow: Flow, session: Session, code: str, now: datetime) -> Turn:
    """Take a choice by its code; a code that is not on offer changes nothing."""
    wanted, bare = code[:1] if code[:1] in "+-" else "", code.lstrip("+-")
    if split_known(flow, session.at):
        return _at_step(flow, session, bare, wanted, now)
    if bare not in {e.code for e in entries(flow, session)}:
        return Turn(session)
    menu = {
        REVIEW: _review,
        CHANGE: _change,
        NUMBER: _number,
        IDLING: _idling,
        SURE: _sure,
        HELD: _held,
        LANGUAGE: _language,
    }[session.at]
    return menu(flow, session, bare)


def _at_step(flow: Flow, session: Session, code: str, wanted: str, now: datetime) -> Turn:
    step = flow.steps[split(session.at)[0]]
    option = step.option(code)
    if option is not None and not step.is_language:
        if session.doubt or not any(o is option for o in open_options(flow, session, step, split(session.at)[1])):
            return Turn(session)
        return take(flow, session, step, (option,), now, wanted=wanted)
    if code not in {e.code for e in entries(flow, session)}:
        return Turn(session)
    if step.is_language:
        session = change(session, language=code)
        return answered(flow, session, session.at, Answer("answered", (code,), sitting=session.sitting))
    if code == MORE:
        return Turn(change(session, page=session.page + 1))
    if code == GROUPS:
        return Turn(change(session, group="", page=0))
    if code.startswith("~g."):
        return Turn(change(session, group=code[3:], page=0))
    return _answer_code(flow, session, step, code, now)


def _answer_code(flow: Flow, session: Session, step: Step, code: str, now: datetime) -> Turn:
    at, answer = session.at, session.answers.get(session.at)
    if session.doubt:
        return _doubt(flow, session, code)
    if code == KEEP and answer is not None:
        return answered(flow, session, at, answer)
    if code == NOT_SURE:
        return answered(flow, session, at, Answer("not_sure", sitting=session.sitting))
    if code == NO:
        cleared = change(session, dates=(), choices=(), nonce=session.nonce + 1)
        return Turn(cleared)
    if session.dates:
        index = 0 if code == YES else int(code[2:])
        date = session.dates[index]
        return answered(flow, session, at, Answer("answered", (date.code(),), date, sitting=session.sitting))
    if code.startswith("~c."):
        parts = answer.parts if answer else ()
        country = Answer("answered", (code[3:],), parts=parts, sitting=session.sitting)
        return answered(flow, session, at, country, Turn(session, say=read_back(flow, country.values)))
    if code == DONE and step.kind == "choices" and session.picked:
        return take(flow, session, step, picked_options(step, session.picked), now, finish=True)
    if code == DONE and answer is not None:
        return answered(flow, session, at, answer)
    return Turn(session)


def read_back(flow: Flow, codes: tuple[str, ...]) -> tuple[Message, ...]:
    """Countries are always said back."""
    names = tuple(flow.codes["countries"][c] for c in codes if c in flow.codes["countries"])
    note = (text(flow, "country_note"),) if flow.disputed.intersection(codes) else ()
    return (text(flow, "country_read", countries=names), *note)


def picked_options(step: Step, ids: tuple[str, ...]) -> tuple[Option, ...]:
    """In the order of the list, whatever the order of the taps."""
    return tuple(o for o in step.options if o.id in ids)


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
    """Options of a question were chosen: tick them, or answer with them."""
    says = tuple(filled(flow, session, o.says) for o in options if o.says is not None)
    if step.kind == "choices" and not finish and all(toggles(flow, session, o.id) for o in options):
        picked = [p for p in session.picked if p not in {o.id for o in options}]
        ticks = [o.id for o in options if wanted == "+" or (not wanted and o.id not in session.picked)]
        return Turn(change(session, picked=(*picked, *ticks)))
    does = next((o.does for o in options if o.does not in ("", "alone")), "")
    ids = tuple(o.id for o in options)
    answer = Answer(
        "answered",
        ids,
        sitting=session.sitting,
        day=f"{now:%Y-%m-%d}" if step.kind == "consent" else "",
        language=session.language if step.kind == "consent" else "",
        text=step.text_version,
    )
    return _do(flow, session, does, answer, says)


def _do(flow: Flow, session: Session, does: str, answer: Answer, says: tuple[Message, ...]) -> Turn:
    turn = Turn(session, say=says)
    match does:
        case "say":
            return turn
        case "forget" if session.agreed:  # things are written by now: that is erasing, and is asked about once
            return Turn(go(flow, change(session, back_to=session.at), SURE), say=turn.say)
        case "forget":
            return Turn(session, say=(*turn.say, text(flow, "forgotten")), do=Forget(), ask=False)
        case "erase":
            return Turn(go(flow, change(session, back_to=session.at), SURE), say=turn.say)
        case "danger":
            return commands.HANDLERS["danger"](flow, session)
        case "just_help":
            return commands.just_help(flow, session)
        case "pause":
            return commands.HANDLERS["pause"](flow, session)
        case "review":
            return Turn(go(flow, change(session, return_to=session.at), REVIEW), say=turn.say)
        case "submit":
            return Turn(session, say=turn.say, do=Submit())
        case "start":
            return _start(flow, session, answer, turn)
        case "next_round":
            chapter = flow.chapter_of[split(session.at)[0]]
            opened = session.rounds.get(chapter.id, 1)
            if opened < chapter.repeat:
                session = change(session, rounds={**session.rounds, chapter.id: opened + 1})
            return answered(flow, session, session.at, answer, turn)
    return answered(flow, session, session.at, answer, turn)


def _start(flow: Flow, session: Session, answer: Answer, turn: Turn) -> Turn:
    """The consent to start: from here on things are written. Words that came before it are offered."""
    step = flow.steps[split(session.at)[0]]
    aside = flow.chapter_of[step.id].aside
    say = turn.say if aside else (*turn.say, text(flow, "check_word", word=session.word))
    option = step.option(answer.values[0])
    also = {at: value for at, value in (option.also if option else {}).items() if at not in session.answers}
    ruled = {
        at: msgspec.structs.replace(answer, values=(value,), by_rule=True, text=flow.steps[at].text_version)
        for at, value in also.items()
    }
    session = change(session, answers={**session.answers, **ruled})
    if session.early and lists_only(flow, session):  # who chose lists only wants nothing kept that was typed
        session, say = change(session, early=()), (*say, text(flow, "lists_only_early"))
    session = change(session, agreed=True)
    turn = answered(flow, session, session.at, answer, Turn(session, say=say))
    if not session.early:
        return Turn(turn.session, say=turn.say, do=Start())
    held = go(flow, change(turn.session, back_to=turn.session.at), HELD)
    return Turn(held, say=turn.say, do=Start())


def _doubt(flow: Flow, session: Session, code: str) -> Turn:
    at, doubt = session.at, session.doubt
    if code == AGAIN:
        again = change(session, doubt=(), nonce=session.nonce + 1)
        return Turn(again, drop=tuple(p.number for p in doubt))
    answer = session.answers.get(at)
    for part in doubt:
        answer = with_part(answer, part, session.sitting)
    return answered(flow, change(session, doubt=()), at, answer or Answer("skipped"))


def _review(flow: Flow, session: Session, code: str) -> Turn:
    if code == SEND:
        return Turn(session, do=Submit())
    if code == CHANGING:
        return Turn(go(flow, session, CHANGE))
    if code == GO_ON:
        return Turn(go(flow, change(session, return_to=""), session.return_to))
    return commands.press(flow, session, "erase")


def _change(flow: Flow, session: Session, code: str) -> Turn:
    if code == MORE:
        return Turn(change(session, page=session.page + 1))
    if code == GO_ON:
        return Turn(go(flow, session, REVIEW))
    return Turn(change(go(flow, session, code[3:]), changing=True))


def _number(flow: Flow, session: Session, code: str) -> Turn:
    say = [text(flow, "next", hours=flow.first_read), text(flow, "no_copy")]
    if flow.fingerprints:
        say.append(text(flow, "keys", keys=flow.fingerprints))
    say.append(text(flow, "anti_fake"))
    return Turn(go(flow, change(session, number=""), OVER), say=tuple(say), do=Finish(), ask=False)


def _idling(flow: Flow, session: Session, code: str) -> Turn:
    if code == GO_ON:
        to = session.back_to or next_place(flow, session)
        fresh = change(session, sitting=session.sitting + 1, back_to="")
        if fresh.held:
            return Turn(go(flow, change(fresh, back_to=to), HELD))
        keep_gathering = session.gathering
        return Turn(change(go(flow, fresh, to), gathering=keep_gathering))
    if code == NEW and session.submitted:  # its number must not be lost by a slip: first that, then a new one
        return Turn(go(flow, change(session, back_to=""), NUMBER))
    return commands.press(flow, session, "erase")


def _sure(flow: Flow, session: Session, code: str) -> Turn:
    if code == YES:
        return Turn(session, say=commands.erased(flow, session), do=Erase() if session.agreed else Forget(), ask=False)
    if session.from_idle:
        return Turn(change(session, at=IDLING, from_idle=False, nonce=session.nonce + 1))
    to = session.back_to or next_place(flow, session)
    return Turn(go(flow, change(session, back_to=""), to))


def _held(flow: Flow, session: Session, code: str) -> Turn:
    to = session.back_to or next_place(flow, session)
    held, early = session.held, session.early
    session = change(session, held=(), early=(), back_to="")
    if code != KEEP:
        return Turn(go(flow, session, to), drop=tuple(p.number for p in held))
    seal: list[ToSeal] = []
    if early:
        for message, words in early:
            session, refs, sealing = new_parts(flow, session, flow.first_words, words, message)
            held, seal = (*held, *refs), [*seal, *sealing]
    return Turn(_attach(flow, session, to, held), say=(text(flow, "held_kept"),), seal=tuple(seal))


def _attach(flow: Flow, session: Session, to: str, held: tuple[PartRef, ...]) -> Session:
    """Held words go where they answer something: the open question, else the first story, else the notes."""
    here = flow.steps.get(split(to)[0])
    target = to if here is not None and here.kind == "text" else flow.first_words
    if target != to and target not in session.answers and target in places(flow, session):
        return go(flow, change(session, held=held), to)
    if target not in places(flow, session):
        target = NOTES
    answer = session.answers.get(target)
    for part in held:
        answer = with_part(answer, part, session.sitting)
    answers = {**session.answers, target: answer or Answer("skipped")}
    session = go(flow, change(session, answers=answers), to)
    return change(session, gathering=target == to)


def _language(flow: Flow, session: Session, code: str) -> Turn:
    session = change(session, language=code)
    return Turn(go(flow, change(session, back_to=""), session.back_to or next_place(flow, session)))
