"""Typed words that are an answer: read by the kind of the question, sealed where they are free text."""

from datetime import datetime

import msgspec

from bot.flow import choosing, commands
from bot.flow.conditions import lists_only, open_options
from bot.flow.model import Flow, Step
from bot.flow.parts import new_parts
from bot.flow.path import with_part
from bot.flow.prompts import KEEP, entries
from bot.flow.reading import CountryReading
from bot.flow.session import HELD, NUMBER, Session, split
from bot.flow.turn import Turn, answered, change, split_known, with_answer
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import label, text
from bot.talk.events import Said
from bot.talk.sentences import Message

MOST_PARTS = 24  # of one answer; above it a kind sentence asks to stop
HELD_PARTS = 12
EARLY = 8_000  # characters kept in memory before the consent
A_STORY = 15  # characters: shorter words before the consent are no story


def told(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """An answer in words to the present question or menu."""
    if not split_known(flow, session.at):
        code = choosing.typed(flow, session, event.text)
        if code:
            return choosing.choose(flow, session, code, now)
        if session.at == HELD:
            return hold(flow, session, event)
        name = "not_understood_number" if session.at == NUMBER else "not_understood"
        return Turn(session, say=(text(flow, name),))
    step = flow.steps[split(session.at)[0]]
    if session.doubt or session.dates or session.choices:
        if code := choosing.typed(flow, session, event.text):
            return choosing.choose(flow, session, code, now)
        if session.doubt:
            return Turn(session, say=(text(flow, "not_understood"),))
    match step.kind:
        case "text":
            return _text(flow, session, step, event, now)
        case "date":
            return _date(flow, session, event, now)
        case "country":
            return _country(flow, session, step, event, now)
        case "files":
            return Turn(session, say=(text(flow, "not_understood"),))
    return _option(flow, session, step, event, now)


def _skipped_by_zero(flow: Flow, session: Session, step: Step, words: str) -> bool:
    return flow.reader.numbers(words) == (0,) and not step.required and step.kind != "screen"


def _option(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    if step.kind == "choices" and (turn := _several(flow, session, step, event.text, now)):
        return turn
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if turn := _in_another_language(flow, session, event, now):
        return turn
    if not session.agreed:
        return _early(flow, session, event)
    maybe = _candidates(flow, session, step, event.text)
    if len(maybe) > 1:
        return Turn(session, say=(text(flow, "which_of", labels=maybe),))
    return Turn(session, say=(text(flow, "not_understood"),))


def _in_another_language(flow: Flow, session: Session, event: Said, now: datetime) -> Turn | None:
    """A choice in a language that was not chosen is a choice all the same; a switch is offered with it."""
    for code, name in flow.languages:
        if code == session.language:
            continue
        chosen = choosing.typed(flow, change(session, language=code), event.text)
        if chosen is not None:
            turn = choosing.choose(flow, session, chosen, now)
            say = (text(flow, "go_on_in", language=name), *turn.say)
            return msgspec.structs.replace(turn, say=say)
    return None


def _candidates(flow: Flow, session: Session, step: Step, words: str) -> tuple[Message, ...]:
    options = open_options(flow, session, step, split(session.at)[1])
    labels = {o.id: label(flow, session, o) for o in options}
    read = flow.reader.options(words, list(labels.items()), session.language)
    return tuple(labels[i] for group in read for i in group if i in labels)[:7]


def _several(flow: Flow, session: Session, step: Step, words: str, now: datetime) -> Turn | None:
    """`1 4`, or several labels: chosen and answered at once."""
    options = open_options(flow, session, step, split(session.at)[1])
    here = entries(flow, session)
    numbers = flow.reader.numbers(words)
    if numbers and all(1 <= n <= len(here) for n in numbers):
        codes = [here[n - 1].code for n in numbers]
    else:
        labels = [(o.id, label(flow, session, o)) for o in options]
        read = flow.reader.options(words, labels, session.language)
        if not read or any(len(group) != 1 for group in read):
            return None
        codes = [group[0] for group in read]
    ids = {c for c in codes if step.option(c)} | set(session.picked)
    if not ids or len([c for c in codes if not step.option(c)]) > 0:
        return None
    picked = choosing.picked_options(step, tuple(ids))
    return choosing.take(flow, session, step, picked, now, finish=True)


def _early(flow: Flow, session: Session, event: Said) -> Turn:
    """Before the consent nothing is written: a story waits in memory and is offered after the yes."""
    if len(event.text.strip()) < A_STORY:
        return Turn(session, say=(text(flow, "not_understood"),))
    room = EARLY - sum(len(words) for _, words in session.early)
    if len(event.text) > room:
        return Turn(session, say=(text(flow, "early_full"),))
    return Turn(change(session, early=(*session.early, (event.message, event.text))), say=(text(flow, "early"),))


def _text(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    at, answer = session.at, session.answers.get(session.at)
    command = flow.reader.command(event.text, session.language)
    if command == "done" or (session.gathering and flow.reader.numbers(event.text) == (1,)):
        if answer is not None and answer.parts:
            return answered(flow, session, at, answer)
        return Turn(session, say=(text(flow, "nothing_yet"),))
    offers_keep = not session.gathering and KEEP in (e.code for e in entries(flow, session))
    if offers_keep and choosing.typed(flow, session, event.text) == KEEP:
        return choosing.choose(flow, session, KEEP, now)
    if _skipped_by_zero(flow, session, step, event.text) and not session.gathering:
        return commands.HANDLERS["skip"](flow, session)
    drop: tuple[int, ...] = ()
    if not session.gathering and answer is not None:
        # The question was asked again: the new words take the place of the old ones.
        drop, answer = tuple(p.number for p in answer.parts), None
    if answer is not None and len(answer.parts) >= MOST_PARTS:
        return Turn(session, say=(text(flow, "too_much"),))
    return _keep_text(flow, session, step, event, answer, drop)


def _keep_text(
    flow: Flow, session: Session, step: Step, event: Said, answer: Answer | None, drop: tuple[int, ...]
) -> Turn:
    at = session.at
    room = MOST_PARTS - len(answer.parts if answer else ()) if step.many else 1
    words, rest = event.text[: step.most * room], event.text[step.most * room :]
    session, refs, sealing = new_parts(flow, session, step.id, words, event.message)
    if step.no_contact and flow.reader.is_contact(event.text):
        answers = {k: v for k, v in session.answers.items() if k != at} if drop else session.answers
        doubtful = change(session, doubt=refs, answers=answers, nonce=session.nonce + 1)
        return Turn(doubtful, seal=tuple(sealing), drop=drop)
    for ref in refs:
        answer = with_part(answer, ref, session.sitting)
    assert answer is not None
    say = (text(flow, "too_long", kept=len(words)),) if rest else ()
    if step.many or rest:
        kept = change(session, answers={**session.answers, at: answer}, gathering=True)
        return Turn(kept, say=say, seal=tuple(sealing), drop=drop)
    return answered(flow, session, at, answer, Turn(session, seal=tuple(sealing), drop=drop))


def _date(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    step = flow.steps[split(session.at)[0]]
    session = change(session, dates=())
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    read = flow.reader.date(event.text, session.language, now)
    if not read:
        return Turn(change(session, nonce=session.nonce + 1), say=(text(flow, "date_unread"),))
    return Turn(change(session, dates=read[:4], nonce=session.nonce + 1))


def _country(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    at = session.at
    session = change(session, choices=())
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    read = flow.reader.country(event.text, session.language)
    if step.free and not lists_only(flow, session):
        return _free_words(flow, session, step, event, read)
    if not read.codes:
        return Turn(change(session, nonce=session.nonce + 1), say=(text(flow, "country_unread"),))
    seal: list[ToSeal] = []
    refs: tuple[PartRef, ...] = ()
    old = session.answers.get(at)
    drop = tuple(p.number for p in old.parts) if old else ()
    unkept = (text(flow, "lists_only"),) if read.rest and lists_only(flow, session) else ()
    if read.rest and not unkept:
        session, refs, seal = new_parts(flow, session, step.id, read.rest, event.message, 1_000)
    if read.sure:
        answer = Answer("answered", read.codes, parts=refs, sitting=session.sitting, message=event.message)
        said = (*choosing.read_back(flow, read.codes), *unkept)
        return answered(flow, session, at, answer, Turn(session, say=said, seal=tuple(seal), drop=drop))
    # The region is kept while the country is being made sure of.
    if refs:
        session = change(session, answers={**session.answers, at: Answer("not_sure", parts=refs)})
    asking = change(session, choices=read.codes[:4], nonce=session.nonce + 1)
    return Turn(asking, seal=tuple(seal), drop=drop if refs else ())


def _free_words(flow: Flow, session: Session, step: Step, event: Said, read: CountryReading) -> Turn:
    """All words are kept as they are; a country is noted where one is named beyond doubt, and never asked for."""
    old = session.answers.get(session.at)
    session, refs, seal = new_parts(flow, session, step.id, event.text, event.message)
    codes = read.codes if read.sure else ()
    answer = Answer("answered", codes, parts=refs, sitting=session.sitting, message=event.message)
    turn = Turn(
        session,
        say=choosing.read_back(flow, codes) if codes else (),
        seal=tuple(seal),
        drop=tuple(p.number for p in old.parts) if old else (),
    )
    return answered(flow, session, session.at, answer, turn)


def hold(flow: Flow, session: Session, event: Said) -> Turn:
    """Words on a neutral screen are kept sealed, and offered again after 'go on'."""
    if lists_only(flow, session):
        return Turn(session)
    if len(session.held) >= HELD_PARTS:
        return Turn(session, say=(text(flow, "too_much"),))
    session, refs, sealing = new_parts(flow, session, flow.first_words, event.text, event.message)
    return Turn(change(session, held=(*session.held, *refs)), seal=tuple(sealing))


def for_earlier(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """Words that were written for an earlier question: sent before the present one stood there, or quoting it."""
    at = event.place or ""
    step = flow.steps.get(split(at)[0])
    answer = session.answers.get(at)
    if step is None or answer is None or session.submitted:
        return told(flow, session, Said(event.text, event.message), now)
    if step.kind == "text":
        if len(answer.parts) >= MOST_PARTS:
            return Turn(session, say=(text(flow, "too_much"),))
        was = change(session, at=at)
        was, refs, sealing = new_parts(flow, was, step.id, event.text, event.message)
        for ref in refs:
            answer = with_part(answer, ref, session.sitting)
        session = with_answer(change(was, at=session.at), at, answer)
        return Turn(session, say=(text(flow, "added"),), seal=tuple(sealing))
    if step.kind in ("choice", "consent") and not step.is_language:
        then = change(session, at=at, picked=(), page=0, group="", dates=(), choices=(), doubt=())
        code = choosing.typed(flow, then, event.text)
        option = step.option(code) if code else None
        if option and not option.does:
            kept = Answer(
                "answered",
                (option.id,),
                sitting=session.sitting,
                day=answer.day,
                language=answer.language,
                text=step.text_version,
            )
            return answered(flow, session, at, kept, Turn(session, say=(text(flow, "changed"),)))
    return told(flow, session, Said(event.text, event.message), now)
