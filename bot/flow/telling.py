"""Typed words that are an answer: read by the kind of the question, sealed where they are free text."""

from datetime import datetime

import msgspec

from bot.flow import choosing, commands
from bot.flow.codes import KEEP
from bot.flow.conditions import lists_only, open_options
from bot.flow.forwarding import wait_early
from bot.flow.holding import hold
from bot.flow.model import Flow, Step
from bot.flow.moving import answered, asked_again
from bot.flow.offers import entries
from bot.flow.parts import new_parts
from bot.flow.path import with_part
from bot.flow.reading import CountryReading
from bot.flow.screens import Asking, Gathering, Held, InDoubt, Number
from bot.flow.session import Session, change, show, split
from bot.flow.taking import picked, picked_options, read_back, take
from bot.flow.turn import Turn
from bot.flow.values import Answer, PartRef, ToSeal
from bot.flow.wording import label, text
from bot.talk.events import MessageRef, Said
from bot.talk.sentences import Message

MOST_PARTS = 24  # of one answer; above it a kind sentence asks to stop
A_STORY = 15  # characters: shorter words before the consent are no story
REGION = 1_000  # characters of a part that stands beside a country


def told(flow: Flow, session: Session, event: Said, now: datetime) -> Turn:
    """An answer in words to the present question or menu."""
    match session.screen:
        case InDoubt():
            code = choosing.typed(flow, session, event.text)
            return choosing.choose(flow, session, code, now) if code else _not_understood(flow, session)
        case Gathering(at=at):
            return _more_text(flow, session, flow.steps[split(at)[0]], event, now)
        case Asking() as asking:
            return _remembered(session, event.message, _answer(flow, session, asking, event, now))
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    return hold(flow, session, event) if isinstance(session.screen, Held) else _not_understood(flow, session)


def _not_understood(flow: Flow, session: Session) -> Turn:
    if isinstance(session.screen, Number):
        return Turn(session, say=(text(flow, "not_understood_number", button=text(flow, "wrote_it_down")),))
    return Turn(session, say=(text(flow, "not_understood"),))


def _remembered(before: Session, message: MessageRef, turn: Turn) -> Turn:
    """Where typed words became a value, the answer remembers their message: an edit of it must find them.

    Where they became nothing the question remembers it, so that somebody who mends a slip in place is understood.
    """
    at, screen = before.at, turn.session.screen
    nothing = turn.session.answers is before.answers and not turn.seal and turn.do is None
    if nothing and isinstance(screen, Asking) and screen.at == at and screen.message is None:
        asking = msgspec.structs.replace(screen, message=message)
        return msgspec.structs.replace(turn, session=change(turn.session, screen=asking))
    answer = turn.session.answers.get(at)
    if answer is None or answer is before.answers.get(at) or answer.message or not answer.values or answer.parts:
        return turn
    answers = {**turn.session.answers, at: msgspec.structs.replace(answer, message=message)}
    return msgspec.structs.replace(turn, session=change(turn.session, answers=answers))


def _answer(flow: Flow, session: Session, asking: Asking, event: Said, now: datetime) -> Turn:
    step = flow.steps[split(asking.at)[0]]
    if (asking.dates or asking.countries or asking.listed) and (code := choosing.typed(flow, session, event.text)):
        return choosing.choose(flow, session, code, now)
    match step.kind:
        case "text":
            return _text(flow, session, step, event, now)
        case "date":
            return _date(flow, session, step, event, now)
        case "country":
            return _country(flow, session, step, event, now)
        case "files":
            return _not_understood(flow, session)
    return _option(flow, session, step, event, now)


def _skipped_by_zero(flow: Flow, session: Session, step: Step, words: str) -> bool:
    named = flow.reader.numbers(words, session.language) or choosing.counted(flow, session, words)
    return named == (0,) and not step.required and step.kind != "screen"


def _option(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    if step.kind == "choices" and (ids := several(flow, session, step, event.text)):
        chosen = picked_options(step, tuple({*ids, *picked(session)}))
        return take(flow, session, step, chosen, now, finish=True)
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if turn := _in_another_language(flow, session, event, now):
        return turn
    if not session.agreed:
        if len(event.text.strip()) < A_STORY:
            return _not_understood(flow, session)
        return wait_early(flow, session, event)
    maybe = _candidates(flow, session, step, event.text)
    if len(maybe) > 1:
        return Turn(session, say=(text(flow, "which_of", labels=maybe),))
    return _not_understood(flow, session)


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


def several(flow: Flow, session: Session, step: Step, words: str) -> tuple[str, ...]:
    """`1 4`, or several labels: the ids of the options that they mean. Empty: not all of it was understood."""
    here = entries(flow, session)
    numbers = flow.reader.numbers(words, session.language)
    if numbers and all(1 <= n <= len(here) for n in numbers):
        codes = [here[n - 1].code for n in numbers]
    else:
        options = open_options(flow, session, step, split(session.at)[1])
        labels = [(o.id, label(flow, session, o)) for o in options]
        read = flow.reader.options(words, labels, session.language)
        if any(len(group) != 1 for group in read):
            return ()
        numbers = choosing.counted(flow, session, words) if not read else ()
        said = [here[n - 1].code for n in numbers] if all(1 <= n <= len(here) for n in numbers) else []
        codes = [group[0] for group in read] or said
    return tuple(codes) if all(step.option(code) for code in codes) else ()


def _text(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    answer = session.answers.get(session.at)
    if flow.reader.command(event.text, session.language) == "done":
        if answer is not None and answer.parts:
            return answered(flow, session, session.at, answer)
        return Turn(session, say=(text(flow, "nothing_yet"),))
    if KEEP in (e.code for e in entries(flow, session)) and choosing.typed(flow, session, event.text) == KEEP:
        return choosing.choose(flow, session, KEEP, now)
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    # The question was asked again: the new words take the place of the old ones.
    drop = tuple(p.number for p in answer.parts) if answer else ()
    return _keep_text(flow, session, step, event, None, drop)


def _more_text(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    answer = session.answers.get(session.at)
    if flow.reader.command(event.text, session.language) == "done" or choosing.typed(flow, session, event.text):
        if answer is not None and answer.parts:
            return answered(flow, session, session.at, answer)
        return Turn(session, say=(text(flow, "nothing_yet"),))
    if answer is not None and len(answer.parts) >= MOST_PARTS:
        return Turn(session, say=(text(flow, "too_much"),))
    return _keep_text(flow, session, step, event, answer, ())


def room_for(step: Step, others: int) -> int:
    """Characters that one more message of this answer may have, with so many parts beside it."""
    return step.most * (MOST_PARTS - others if step.many else 1)


def _keep_text(
    flow: Flow, session: Session, step: Step, event: Said, answer: Answer | None, drop: tuple[int, ...]
) -> Turn:
    at, screen = session.at, session.screen
    assert isinstance(screen, Asking | Gathering)
    room = room_for(step, len(answer.parts) if answer else 0)
    words, rest = event.text[:room], event.text[room:]
    session, refs, sealing = new_parts(flow, session, at, words, event.message)
    seal = tuple(sealing)
    if step.no_contact and flow.reader.is_contact(event.text):
        others = {k: v for k, v in session.answers.items() if k != at} if drop else session.answers
        doubt = InDoubt(at, refs, "contact", screen.errand, isinstance(screen, Gathering))
        return Turn(show(change(session, answers=others), doubt), seal=seal, drop=drop)
    for ref in refs:
        answer = with_part(answer, ref, session.sitting)
    assert answer is not None
    say = (text(flow, "too_long", kept=len(words)),) if rest else ()
    if step.many or rest:
        kept = change(session, answers={**session.answers, at: answer}, screen=Gathering(at, screen.errand))
        return Turn(kept, say=say, seal=seal, drop=drop)
    return answered(flow, session, at, answer, Turn(session, seal=seal, drop=drop))


def _date(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    session = change(session, screen=asked_again(session.screen))
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    read = flow.reader.date(event.text, session.language, now, step.ahead)
    if not read:
        return Turn(show(session, session.screen), say=(text(flow, "date_unread"),))
    screen = session.screen
    assert isinstance(screen, Asking)
    return Turn(show(session, msgspec.structs.replace(screen, dates=read[:4], message=event.message)))


def _country(flow: Flow, session: Session, step: Step, event: Said, now: datetime) -> Turn:
    tries = session.screen.tries if isinstance(session.screen, Asking) else 0
    session = change(session, screen=asked_again(session.screen))
    if code := choosing.typed(flow, session, event.text):
        return choosing.choose(flow, session, code, now)
    if _skipped_by_zero(flow, session, step, event.text):
        return commands.HANDLERS["skip"](flow, session)
    read = flow.reader.country(event.text, session.language)
    if step.free and not lists_only(flow, session):
        return _free_words(flow, session, event, read)
    if not read.codes:
        return _country_unread(flow, session, event, tries + 1)
    return _country_read(flow, session, event, read)


def _country_unread(flow: Flow, session: Session, event: Said, tries: int) -> Turn:
    """Once a kind sentence; then a list by region, and the words, sealed, that can stay as they are."""
    screen, old = session.screen, session.answers.get(session.at)
    assert isinstance(screen, Asking)
    asking = msgspec.structs.replace(screen, tries=tries)
    if not asking.listed:
        return Turn(show(session, asking), say=(text(flow, "country_unread"),))
    say = (text(flow, "country_list"),)
    asking = msgspec.structs.replace(asking, message=event.message)
    if lists_only(flow, session) or (old and old.values):
        return Turn(show(session, asking), say=say)
    session, refs, seal = new_parts(flow, session, session.at, event.text, event.message, most=REGION)
    kept = Answer("not_sure", parts=refs, sitting=session.sitting)
    session = change(session, answers={**session.answers, session.at: kept})
    drop = tuple(p.number for p in old.parts) if old else ()
    return Turn(show(session, asking), say=say, seal=tuple(seal), drop=drop)


def _country_read(flow: Flow, session: Session, event: Said, read: CountryReading) -> Turn:
    at, screen, old = session.at, session.screen, session.answers.get(session.at)
    assert isinstance(screen, Asking)
    seal: list[ToSeal] = []
    refs: tuple[PartRef, ...] = ()
    drop = tuple(p.number for p in old.parts) if old else ()
    unkept = (text(flow, "lists_only"),) if read.rest and lists_only(flow, session) else ()
    if read.rest and not unkept:
        session, refs, seal = new_parts(flow, session, at, read.rest, event.message, most=REGION)
    if read.sure and len(read.codes) == 1:
        answer = Answer("answered", read.codes, parts=refs, sitting=session.sitting, message=event.message)
        said = (*read_back(flow, read.codes, disputed=read.note), *unkept)
        return answered(flow, session, at, answer, Turn(session, say=said, seal=tuple(seal), drop=drop))
    # The region is kept while the country is being made sure of.
    if refs:
        session = change(session, answers={**session.answers, at: Answer("not_sure", parts=refs)})
    asking = msgspec.structs.replace(screen, countries=read.codes[:4], message=event.message, both=read.sure)
    say = (text(flow, "country_note"),) if read.note else ()
    return Turn(show(session, asking), say=say, seal=tuple(seal), drop=drop if refs else ())


def _free_words(flow: Flow, session: Session, event: Said, read: CountryReading) -> Turn:
    """All words are kept as they are; a country is noted where one is named beyond doubt, and never asked for."""
    at, old = session.at, session.answers.get(session.at)
    session, refs, seal = new_parts(flow, session, at, event.text, event.message)
    codes = read.codes if read.sure else ()
    answer = Answer("answered", codes, parts=refs, sitting=session.sitting, message=event.message)
    say = read_back(flow, codes, disputed=read.note) if codes else ()
    drop = tuple(p.number for p in old.parts) if old else ()
    return answered(flow, session, at, answer, Turn(session, say=say, seal=tuple(seal), drop=drop))
