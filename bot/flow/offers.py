"""What can be chosen where a session stands: the buttons, in the order of their numbers."""

from msgspec import Struct

from bot.flow.codes import (
    AGAIN,
    ANOTHER,
    BACK,
    BOTH,
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
from bot.flow.conditions import open_options
from bot.flow.model import DANGER as DANGER_NOW
from bot.flow.model import PAGE, Flow, Option, Step
from bot.flow.review import change_entries, shown_value
from bot.flow.screens import (
    Asking,
    Change,
    Gathering,
    Held,
    InDoubt,
    Language,
    Neutral,
    Number,
    Review,
    Sure,
)
from bot.flow.session import Session, split
from bot.flow.wording import label, text
from bot.talk.sentences import Message


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
    both = [Entry(BOTH, text(flow, "country_both"))] if asking.both else []
    return [*dates, *countries, *both, Entry(NO, text(flow, "neither"))]


def _regions(flow: Flow, session: Session, asking: Asking) -> list[Entry]:
    """A country that nobody could read, from a list: its region, then itself. Or the words stay as they are."""
    if asking.group:
        inside = [c for c, region in flow.region_of.items() if region == asking.group]
        named = [Entry(f"~c.{c}", flow.codes["countries"][c]) for c in inside]
        return [*_paged(flow, asking.page, named), Entry(GROUPS, text(flow, "country_regions"))]
    regions = [Entry(f"~g.{name}", title) for name, title in flow.regions]
    answer = session.answers.get(asking.at)
    kept = answer is not None and answer.state == "not_sure" and bool(answer.parts)
    way_out = Entry(KEEP, text(flow, "keep_words")) if kept else Entry(NOT_SURE, text(flow, "not_sure"))
    return [*_paged(flow, asking.page, regions), way_out]


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
        case "country" if asking.listed:
            return [*keep, *_regions(flow, session, asking)]
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
            done = [Entry(DONE, text(flow, "wrote_it_down"))]
            if flow.roles.another is None or DANGER_NOW in session.raised:  # one thing at a time
                return done
            return [*done, Entry(ANOTHER, text(flow, "another"))]
        case Neutral():
            return [
                Entry(GO_ON, text(flow, "go_on")),
                Entry(NEW, text(flow, "start_new")),
                Entry(ERASE, text(flow, "erase")),
            ]
        case Sure():
            return [Entry(NO, text(flow, "sure_no")), Entry(YES, text(flow, "sure_yes"))]
        case Held():
            return [Entry(KEEP, text(flow, "held_keep")), Entry(NO, text(flow, "held_drop"))]
        case Language():
            return _languages(flow, session)
    return []


def extras(flow: Flow, session: Session) -> list[Entry]:
    """What is offered on every question besides."""
    step = flow.steps.get(split(session.at)[0])
    if step is None:
        calls = isinstance(session.screen, Number)
        return [Entry(DANGER, text(flow, "danger_word"))] if calls else []
    found = [Entry(BACK, text(flow, "back"))] if session.trail else []
    if not step.required and not isinstance(session.screen, Gathering) and step.kind != "screen":
        found.append(Entry(SKIP, text(flow, "skip")))
    found.append(Entry(HELP, text(flow, "help_word")))
    if not any(o.does == "danger" for o in step.options):
        found.append(Entry(DANGER, text(flow, "danger_word")))
    return found


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
