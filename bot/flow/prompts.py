"""What the bot is to say where a session stands. Follows from the session alone, so a crash can't lose it."""

from bot.flow.codes import BACK, DANGER, HELP, SKIP
from bot.flow.conditions import holds
from bot.flow.model import Flow, Step
from bot.flow.offers import Entry, base36, entries, extras, toggles
from bot.flow.review import review_texts
from bot.flow.roles import reply
from bot.flow.screens import (
    Asking,
    Change,
    Gathering,
    Held,
    InDoubt,
    Language,
    Neutral,
    Number,
    Over,
    Review,
    Screen,
    Sure,
)
from bot.flow.session import Session, split
from bot.flow.wording import text, wording
from bot.talk.sentences import Block, Button, Message, Prompt

BINDING = ("submit", "erase")  # what an option does that can't be taken back


def _texts(flow: Flow, session: Session) -> list[Block]:
    match session.screen:
        case Asking() as asking:
            return _question(flow, session, asking)
        case Gathering(at=at, anew=anew):
            return _question(flow, session, Asking(at)) if anew else [text(flow, "saved")]
        case InDoubt(why=why):
            return [text(flow, "forwarded_doubt" if why == "forwarded" else "contact_doubt")]
        case Review():
            return review_texts(flow, session)
        case Number(number=number):
            return _number(flow, session, number)
        case Held(first=first):
            return [text(flow, "held_first" if first else "held")]
        case Sure(stopping=True):
            return [text(flow, "stopping")]
        case Over():
            return []
    return [text(flow, _PLAIN[type(session.screen)])]


def _number(flow: Flow, session: Session, number: str) -> list[Block]:
    """The number, and where somebody may write to them the word that shows that it is us: both are written down."""
    fours = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    found: list[Block] = [text(flow, "number", number=fours, button=text(flow, "wrote_it_down"))]
    if reply(flow, session).here:
        found.append(text(flow, "check_word", word=session.word))
    return found


_PLAIN: dict[type[Screen], str] = {Change: "change_which", Neutral: "resume", Sure: "sure", Language: "language_which"}


def _question(flow: Flow, session: Session, asking: Asking) -> list[Block]:
    if asking.dates:
        one = len(asking.dates) == 1
        return [text(flow, "date_check", date=asking.dates[0]) if one else text(flow, "date_which")]
    if asking.countries:
        return [text(flow, "country_which")]
    step_id, round_, item = split(asking.at)
    step = flow.steps[step_id]
    question = wording(flow, session, step, round_)
    if item is not None:
        name = flow.codes["countries"].get(item, Message("", item))
        question = Message(question.context, question.text, {**question.values, "country": name})
    texts: list[Block] = [question]
    intro = flow.chapter_of[step_id].intro
    if intro and not round_ and not asking.group and step is _first_step(flow, session, step_id, round_):
        texts.insert(0, intro)
    if step.kind == "choices" and not asking.group:
        texts.append(text(flow, "pick_many"))
    return texts


def _first_step(flow: Flow, session: Session, step_id: str, round_: int | None) -> Step | None:
    """The first of its chapter that is asked now."""
    return next((s for s in flow.chapter_of[step_id].steps if holds(flow, session, s.when, round_, s.id)), None)


def _head(flow: Flow, session: Session) -> Message | None:
    """`Part 2 of 5`: a calm first line, and where one is. After `danger` the card comes first, then the quick way."""
    chapter = flow.chapter_of.get(split(session.at)[0])
    counted = flow.counted()
    if chapter and chapter.aside and session.at != chapter.steps[0].id:
        return chapter.title
    screen = session.screen
    asks = isinstance(screen, Asking) and not screen.dates and not screen.countries
    if chapter not in counted or not (asks or (isinstance(screen, Gathering) and screen.anew)):
        return None
    return text(flow, "part", n=counted.index(chapter) + 1, m=len(counted))


def prompt(flow: Flow, session: Session) -> Prompt:
    """The question that stands now. Button data is `nonce:code`, at most 64 bytes, and is checked when it returns."""
    nonce = base36(session.nonce)
    step = flow.steps.get(split(session.at)[0])
    ticking = step is not None and step.kind == "choices"

    def button(entry: Entry) -> Button:
        # A toggle says what it wants, so that five quick presses are one answer.
        sign = ("-" if entry.chosen else "+") if ticking and toggles(flow, session, entry.code) else ""
        return Button(entry.label, f"{nonce}:{sign}{entry.code}", entry.chosen)

    answer = session.answers.get(session.at)
    return Prompt(
        paragraphs=tuple(_texts(flow, session)),
        choices=tuple(button(e) for e in entries(flow, session)),
        extras=tuple(button(e) for e in extras(flow, session)),
        quotes=answer.parts[0].message
        if answer and answer.parts and not isinstance(session.screen, Gathering)
        else None,
        head=_head(flow, session),
        consent=binds(flow, session),
    )


def binds(flow: Flow, session: Session) -> bool:
    """A press here may agree to something, pass something on, or take what can't be had again."""
    match session.screen:
        case Sure() | Review() | Number():
            return True
        case Asking(at=at):
            step = flow.steps[split(at)[0]]
            return step.kind == "consent" or any(o.does in BINDING for o in step.options)
    return False


def may_pass(data: str) -> bool:
    """What a button asks that binds nobody: help is never kept waiting."""
    return data.partition(":")[2] in (DANGER, HELP, BACK, SKIP)


def is_of(session: Session, data: str) -> bool:
    """This button belongs to the question that stands now."""
    return data.partition(":")[0] == base36(session.nonce)
