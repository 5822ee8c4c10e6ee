"""What the bot is to say where a session stands. Follows from the session alone, so a crash can't lose it."""

from msgspec import Struct

from bot.flow.codes import (
    AGAIN,
    BACK,
    CHANGING,
    DANGER,
    DONE,
    ERASE,
    GO_ON,
    GROUPS,
    HELP,
    KEEP,
    MORE,
    NEW,
    NO,
    NOT_SURE,
    SEND,
    SKIP,
    YES,
)
from bot.flow.conditions import holds, open_options
from bot.flow.model import PAGE, Flow, Option, Step
from bot.flow.review import change_entries, review_texts, shown_value
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
from bot.flow.wording import label, text, wording
from bot.talk.sentences import Block, Button, Message, Prompt


class Entry(Struct, frozen=True):
    """One thing that can be chosen here: a button, a number, or its words."""

    code: str
    label: Message
    chosen: bool = False


def _paged(flow: Flow, page: int, every: list[Entry]) -> list[Entry]:
    if len(every) <= PAGE:
        return every
    pages = -(-len(every) // PAGE)
    first = page % pages * PAGE
    return [*every[first : first + PAGE], Entry(MORE, text(flow, "more"))]


def _options(flow: Flow, session: Session, options: tuple[Option, ...], ticked: tuple[str, ...]) -> list[Entry]:
    return [Entry(o.id, label(flow, session, o), o.id in ticked) for o in options]


def _choices(flow: Flow, session: Session, asking: Asking, step: Step, options: tuple[Option, ...]) -> list[Entry]:
    done = [Entry(DONE, text(flow, "done"))] if asking.picked else []
    if step.groups and not asking.group:
        shown = []
        for name, title in step.groups:
            inside = [o for o in options if o.group == name]
            if len(inside) == 1:  # a group of one is its option
                shown += _options(flow, session, (inside[0],), asking.picked)
            elif inside:
                shown.append(Entry(f"~g.{name}", title, any(o.id in asking.picked for o in inside)))
        return [*_paged(flow, asking.page, shown), *done]
    back: list[Entry] = []
    if step.groups:
        options = tuple(o for o in options if o.group == asking.group)
        back = [Entry(GROUPS, text(flow, "groups"))]
    return [*_paged(flow, asking.page, _options(flow, session, options, asking.picked)), *back, *done]


def _read(flow: Flow, asking: Asking) -> list[Entry]:
    """What typed words may mean, to be chosen from."""
    if len(asking.dates) == 1:
        return [Entry(YES, text(flow, "yes")), Entry(NO, text(flow, "no"))]
    dates = [Entry(f"~d{i}", text(flow, "as_is", value=d)) for i, d in enumerate(asking.dates)]
    countries = [Entry(f"~c.{c}", flow.codes["countries"][c]) for c in asking.countries]
    return [*dates, *countries, Entry(NO, text(flow, "neither"))]


def _asking(flow: Flow, session: Session, asking: Asking) -> list[Entry]:
    if asking.dates or asking.countries:
        return _read(flow, asking)
    step_id, round_, _ = split(asking.at)
    step = flow.steps[step_id]
    keep: list[Entry] = []
    answer = session.answers.get(asking.at)
    options = open_options(flow, session, step, round_)
    ticked = asking.picked
    if answer is not None and answer.state == "answered":
        value = shown_value(flow, session, asking.at)
        if options and value:
            ticked = ticked or answer.values  # the answer that stands is ticked; choosing it again keeps it
        else:
            keep = [Entry(KEEP, text(flow, "keep_value", value=value) if value else text(flow, "keep"))]
    match step.kind:
        case "choices":
            return [*keep, *_choices(flow, session, asking, step, options)]
        case "choice" | "consent" | "screen":
            if step.is_language:
                return _languages(flow, session)
            return [*keep, *_paged(flow, asking.page, _options(flow, session, options, ticked))]
        case "date":
            return [*keep, Entry(NOT_SURE, text(flow, "not_sure"))]
        case _:
            return keep


def _languages(flow: Flow, session: Session) -> list[Entry]:
    """In their own script, the present one (at first: the platform's) before the others."""
    ordered = sorted(flow.languages, key=lambda named: named[0] != session.language)
    return [Entry(code, Message("", name)) for code, name in ordered]


def _review(flow: Flow, screen: Review) -> list[Entry]:
    found = [Entry(SEND, text(flow, "send")), Entry(CHANGING, text(flow, "change"))]
    if screen.opened_from:
        found.append(Entry(GO_ON, text(flow, "add_more")))
    return [*found, Entry(ERASE, text(flow, "erase"))]


def _change(flow: Flow, session: Session, page: int) -> list[Entry]:
    listed = [Entry(f"~p.{at}", title) for at, title in change_entries(flow, session)]
    return [*_paged(flow, page, listed), Entry(GO_ON, text(flow, "to_review"))]


def entries(flow: Flow, session: Session) -> list[Entry]:
    """What can be chosen here, in the order of its numbers."""
    match session.screen:
        case Asking() as asking:
            return _asking(flow, session, asking)
        case Gathering(anew=anew):
            return [Entry(KEEP, text(flow, "keep")) if anew else Entry(DONE, text(flow, "done"))]
        case InDoubt():
            return [Entry(KEEP, text(flow, "doubt_keep")), Entry(AGAIN, text(flow, "doubt_again"))]
        case Review() as screen:
            return _review(flow, screen)
        case Change(page=page):
            return _change(flow, session, page)
        case Number():
            return [Entry(DONE, text(flow, "wrote_it_down"))]
        case Neutral():
            return [
                Entry(GO_ON, text(flow, "go_on")),
                Entry(NEW, text(flow, "start_new")),
                Entry(ERASE, text(flow, "erase")),
            ]
        case Sure():
            return [Entry(YES, text(flow, "sure_yes")), Entry(NO, text(flow, "sure_no"))]
        case Held():
            return [Entry(KEEP, text(flow, "held_keep")), Entry(NO, text(flow, "held_drop"))]
        case Language():
            return _languages(flow, session)
    return []


def extras(flow: Flow, session: Session) -> list[Entry]:
    """What is offered on every question besides."""
    step = flow.steps.get(split(session.at)[0])
    if step is None:
        return []
    found = [Entry(BACK, text(flow, "back"))] if session.trail else []
    if not step.required and not isinstance(session.screen, Gathering) and step.kind != "screen":
        found.append(Entry(SKIP, text(flow, "skip")))
    found.append(Entry(HELP, text(flow, "help_word")))
    if not any(o.does == "danger" for o in step.options):
        found.append(Entry(DANGER, text(flow, "danger_word")))
    return found


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
            return [text(flow, "number", number=" ".join(number[i : i + 4] for i in range(0, len(number), 4)))]
        case Held(first=first):
            return [text(flow, "held_first" if first else "held")]
        case Over():
            return []
    return [text(flow, _PLAIN[type(session.screen)])]


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
    parts = flow.parts()
    if chapter and chapter.aside and session.at != chapter.steps[0].id:
        return chapter.title
    screen = session.screen
    asks = isinstance(screen, Asking) and not screen.dates and not screen.countries
    if chapter not in parts or not (asks or (isinstance(screen, Gathering) and screen.anew)):
        return None
    return text(flow, "part", n=parts.index(chapter) + 1, m=len(parts))


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
    )


def toggles(flow: Flow, session: Session, code: str) -> bool:
    """Whether choosing this only ticks it."""
    step = flow.steps.get(split(session.at)[0])
    if step is None or step.kind != "choices" or code.startswith("~"):
        return False
    option = step.option(code)
    return option is not None and option.does != "alone"


def base36(number: int) -> str:
    """A nonce in few characters."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out or "0"
