"""Something was chosen: a button that counts, a number, or the words of an option."""

from datetime import datetime

from bot.flow import menus
from bot.flow.codes import AGAIN, BOTH, DONE, GROUPS, KEEP, MORE, NO, NOT_SURE, YES
from bot.flow.conditions import open_options
from bot.flow.forwarding import keep_forwarded
from bot.flow.model import Flow, Step
from bot.flow.moving import answered, asked_again
from bot.flow.offers import entries
from bot.flow.path import with_part
from bot.flow.screens import Asking, Gathering, InDoubt
from bot.flow.session import Session, change, show, split
from bot.flow.taking import picked_options, read_back, take
from bot.flow.turn import Turn
from bot.flow.values import Answer
from bot.flow.wording import label, text
from bot.talk.sentences import Message


def typed(flow: Flow, session: Session, words: str) -> str | None:
    """The code of the one thing here that the words mean, by its number or its label. None: nothing, or several."""
    here = entries(flow, session)
    numbers = flow.reader.numbers(words, session.language)
    if len(numbers) == 1 and 1 <= numbers[0] <= len(here):
        return here[numbers[0] - 1].code
    command = flow.reader.command(words, session.language)
    codes = [e.code for e in here]
    for word, code in (("done", DONE), ("yes", YES), ("no", NO), ("yes", KEEP), ("no", AGAIN)):
        if command == word and code in codes:
            return code
    if command == "yes" and (plain := _plain_yes(flow, session)):
        return plain
    read = flow.reader.options(words, labels(flow, session), session.language)
    if len(read) == 1 and len(read[0]) == 1:
        return read[0][0]
    numbers = counted(flow, session, words)
    return here[numbers[0] - 1].code if len(numbers) == 1 and 1 <= numbers[0] <= len(here) else None


def counted(flow: Flow, session: Session, words: str) -> tuple[int, ...]:
    """Numbers in words, where words are no answer of their own: to a date "the second" is a day, in a story a word."""
    screen = session.screen
    if isinstance(screen, Gathering):
        return ()
    if isinstance(screen, Asking) and not screen.countries and len(screen.dates) < 2:
        step = flow.steps[split(screen.at)[0]]
        if step.kind in ("date", "text", "files") or (step.kind == "country" and not screen.listed):
            return ()
    return flow.reader.counted(words, session.language)


def _plain_yes(flow: Flow, session: Session) -> str | None:
    """Of several answers that begin with yes, the one that is just that."""
    screen = session.screen
    if not isinstance(screen, Asking) or screen.dates or screen.countries:
        return None
    step_id, round_, _ = split(screen.at)
    options = open_options(flow, session, flow.steps[step_id], round_)
    return next((o.id for o in options if o.plain_yes), None)


def labels(flow: Flow, session: Session) -> list[tuple[str, Message]]:
    """(code, label) of everything that can be chosen here; options that stand on other pages count as well."""
    found = [(e.code, e.label) for e in entries(flow, session)]
    screen = session.screen
    if isinstance(screen, Gathering) or (isinstance(screen, Asking) and not (screen.dates or screen.countries)):
        step_id, round_, _ = split(screen.at)
        known = {code for code, _ in found}
        more = open_options(flow, session, flow.steps[step_id], round_)
        found += [(o.id, label(flow, session, o)) for o in more if o.id not in known]
    return found


def exactly(flow: Flow, session: Session, words: str) -> bool:
    """These are all the words of one thing that can be chosen here."""
    return len(flow.reader.exact(words, labels(flow, session), session.language)) == 1


def begins(flow: Flow, session: Session, words: str) -> bool:
    """With these words begins the label of one thing that can be chosen here, and of no other."""
    return len(flow.reader.beginning(words, labels(flow, session), session.language)) == 1


def choose(flow: Flow, session: Session, code: str, now: datetime) -> Turn:
    """Take a choice by its code; a code that is not on offer changes nothing."""
    wanted, bare = code[:1] if code[:1] in "+-" else "", code.lstrip("+-")
    match session.screen:
        case InDoubt() as doubt:
            return _doubt(flow, session, doubt, bare)
        case Gathering(at=at):
            answer = session.answers.get(at)
            return answered(flow, session, at, answer) if bare in (DONE, KEEP) and answer else Turn(session)
        case Asking() as asking:
            return _at_question(flow, session, asking, bare, wanted, now)
    if bare not in {e.code for e in entries(flow, session)}:
        return Turn(session)
    return menus.choose(flow, session, bare)


def _at_question(flow: Flow, session: Session, asking: Asking, code: str, wanted: str, now: datetime) -> Turn:
    step_id, round_, _ = split(asking.at)
    step = flow.steps[step_id]
    option = step.option(code)
    if option is not None and not step.is_language:
        if not any(o is option for o in open_options(flow, session, step, round_)):
            return Turn(session)
        return take(flow, session, step, (option,), now, wanted=wanted)
    if code not in {e.code for e in entries(flow, session)}:
        return Turn(session)
    if step.is_language:
        session = change(session, language=code)
        return answered(flow, session, asking.at, Answer("answered", (code,), sitting=session.sitting))
    if code == MORE:
        return Turn(change(session, screen=_turned(asking, page=asking.page + 1, group=asking.group)))
    if code == GROUPS:
        return Turn(change(session, screen=_turned(asking)))
    if code.startswith("~g."):
        return Turn(change(session, screen=_turned(asking, group=code[3:])))
    return _answer_code(flow, session, asking, step, code, now)


def _turned(asking: Asking, *, page: int = 0, group: str = "") -> Asking:
    return Asking(asking.at, asking.errand, asking.picked, group, page, message=asking.message, tries=asking.tries)


def _answer_code(flow: Flow, session: Session, asking: Asking, step: Step, code: str, now: datetime) -> Turn:
    at, answer = asking.at, session.answers.get(asking.at)
    if code == KEEP and answer is not None:
        return answered(flow, session, at, answer)
    if code == NOT_SURE:
        return answered(flow, session, at, Answer("not_sure", sitting=session.sitting))
    if code == NO:
        hint = text(flow, "date_again" if asking.dates else "country_again")
        return Turn(show(session, asked_again(session.screen)), say=(hint,))
    if asking.dates:
        date = asking.dates[0 if code == YES else int(code[2:])]
        given = Answer("answered", (date.code(),), date, sitting=session.sitting, message=asking.message)
        return answered(flow, session, at, given)
    if code.startswith("~c.") or code == BOTH:
        parts = answer.parts if answer else ()
        codes = asking.countries if code == BOTH else (code[3:],)
        country = Answer("answered", codes, parts=parts, sitting=session.sitting, message=asking.message)
        return answered(flow, session, at, country, Turn(session, say=read_back(flow, country.values)))
    if code == DONE and step.kind == "choices" and asking.picked:
        return take(flow, session, step, picked_options(step, asking.picked), now, finish=True)
    return Turn(session)


def _doubt(flow: Flow, session: Session, doubt: InDoubt, code: str) -> Turn:
    """Words that were asked about are kept, or go."""
    if code == AGAIN:
        return Turn(show(session, asked_again(session.screen)), drop=tuple(p.number for p in doubt.parts))
    if code != KEEP:
        return Turn(session)
    if doubt.why == "forwarded":
        return keep_forwarded(flow, session, doubt)
    answer = session.answers.get(doubt.at)
    for part in doubt.parts:
        answer = with_part(answer, part, session.sitting)
    return answered(flow, session, doubt.at, answer or Answer("skipped"))
