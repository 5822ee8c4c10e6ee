"""What the bot is to say where a session stands. Follows from the session alone, so a crash can't lose it."""

from msgspec import Struct

from bot.flow.conditions import holds, open_options
from bot.flow.model import PAGE, Flow, Option, Step
from bot.flow.review import change_entries, review_texts, shown_value
from bot.flow.session import CHANGE, HELD, IDLING, LANGUAGE, NUMBER, OVER, REVIEW, SURE, Session, split
from bot.flow.wording import label, text, wording
from bot.talk.sentences import Block, Button, Message, Prompt

MORE, GROUPS, DONE, SKIP, BACK, HELP, DANGER = (
    "~more",
    "~groups",
    "~done",
    "~skip",
    "~back",
    "~help",
    "~danger",
)
KEEP, AGAIN, NOT_SURE, YES, NO = "~keep", "~again", "~not_sure", "~yes", "~no"
GO_ON, NEW, ERASE, SEND, CHANGING = "~go_on", "~new", "~erase", "~send", "~change"


class Entry(Struct, frozen=True):
    """One thing that can be chosen here: a button, a number, or its words."""

    code: str
    label: Message
    chosen: bool = False


def _paged(flow: Flow, session: Session, all_: list[Entry]) -> list[Entry]:
    if len(all_) <= PAGE:
        return all_
    pages = -(-len(all_) // PAGE)
    page = session.page % pages
    shown = all_[page * PAGE : (page + 1) * PAGE]
    return [*shown, Entry(MORE, text(flow, "more"))]


def _option_entries(flow: Flow, session: Session, options: tuple[Option, ...], ticked: tuple[str, ...]) -> list[Entry]:
    return [Entry(o.id, label(flow, session, o), o.id in ticked) for o in options]


def _choices(flow: Flow, session: Session, step: Step, options: tuple[Option, ...]) -> list[Entry]:
    done = [Entry(DONE, text(flow, "done"))] if session.picked else []
    if step.groups and not session.group:
        shown = []
        for name, title in step.groups:
            inside = [o for o in options if o.group == name]
            if len(inside) == 1:  # a group of one is its option
                shown += _option_entries(flow, session, (inside[0],), session.picked)
            elif inside:
                shown.append(Entry(f"~g.{name}", title, any(o.id in session.picked for o in inside)))
        return [*_paged(flow, session, shown), *done]
    if step.groups:
        options = tuple(o for o in options if o.group == session.group)
        back = [Entry(GROUPS, text(flow, "groups"))]
    else:
        back = []
    return [*_paged(flow, session, _option_entries(flow, session, options, session.picked)), *back, *done]


def _step_entries(flow: Flow, session: Session, step: Step) -> list[Entry]:
    if session.doubt:
        return [Entry(KEEP, text(flow, "doubt_keep")), Entry(AGAIN, text(flow, "doubt_again"))]
    if session.dates:
        if len(session.dates) == 1:
            return [Entry(YES, text(flow, "yes")), Entry(NO, text(flow, "no"))]
        read = [Entry(f"~d{i}", text(flow, "as_is", value=d)) for i, d in enumerate(session.dates)]
        return [*read, Entry(NO, text(flow, "neither"))]
    if session.choices:
        return [
            *(Entry(f"~c.{c}", flow.codes["countries"][c]) for c in session.choices),
            Entry(NO, text(flow, "neither")),
        ]
    keep: list[Entry] = []
    answer = session.answers.get(session.at)
    options = open_options(flow, session, step, split(session.at)[1])
    ticked = session.picked
    if answer is not None and answer.state == "answered" and not session.gathering:
        value = shown_value(flow, session, session.at)
        if options and value:
            ticked = ticked or answer.values  # the answer that stands is ticked; choosing it again keeps it
        else:
            keep = [Entry(KEEP, text(flow, "keep_value", value=value) if value else text(flow, "keep"))]
    match step.kind:
        case "choices":
            return [*keep, *_choices(flow, session, step, options)]
        case "choice" | "consent" | "screen":
            if step.is_language:
                return _languages(flow, session)
            return [*keep, *_paged(flow, session, _option_entries(flow, session, options, ticked))]
        case "date":
            return [*keep, Entry(NOT_SURE, text(flow, "not_sure"))]
        case _:
            return [*keep, *([Entry(DONE, text(flow, "done"))] if session.gathering else [])]


def _languages(flow: Flow, session: Session) -> list[Entry]:
    """In their own script, the present one (at first: the platform's) before the others."""
    ordered = sorted(flow.languages, key=lambda named: named[0] != session.language)
    return [Entry(code, Message("", name)) for code, name in ordered]


def entries(flow: Flow, session: Session) -> list[Entry]:
    """What can be chosen here, in the order of its numbers."""
    match session.at:
        case _ if session.at == REVIEW:
            found = [Entry(SEND, text(flow, "send")), Entry(CHANGING, text(flow, "change"))]
            if session.return_to:
                found.append(Entry(GO_ON, text(flow, "add_more")))
            return [*found, Entry(ERASE, text(flow, "erase"))]
        case _ if session.at == CHANGE:
            listed = [Entry(f"~p.{at}", title) for at, title in change_entries(flow, session)]
            return [*_paged(flow, session, listed), Entry(GO_ON, text(flow, "to_review"))]
        case _ if session.at == NUMBER:
            return [Entry(DONE, text(flow, "wrote_it_down"))]
        case _ if session.at == IDLING:
            return [
                Entry(GO_ON, text(flow, "go_on")),
                Entry(NEW, text(flow, "start_new")),
                Entry(ERASE, text(flow, "erase")),
            ]
        case _ if session.at == SURE:
            return [Entry(YES, text(flow, "sure_yes")), Entry(NO, text(flow, "sure_no"))]
        case _ if session.at == HELD:
            return [Entry(KEEP, text(flow, "held_keep")), Entry(NO, text(flow, "held_drop"))]
        case _ if session.at == LANGUAGE:
            return _languages(flow, session)
        case _ if session.at == OVER:
            return []
    return _step_entries(flow, session, flow.steps[split(session.at)[0]])


def extras(flow: Flow, session: Session) -> list[Entry]:
    """What is offered on every question besides."""
    step = flow.steps.get(split(session.at)[0])
    if step is None:
        return []
    found = [Entry(BACK, text(flow, "back"))] if session.trail else []
    if not step.required and not session.gathering and step.kind != "screen":
        found.append(Entry(SKIP, text(flow, "skip")))
    found.append(Entry(HELP, text(flow, "help_word")))
    if not any(o.does == "danger" for o in step.options):
        found.append(Entry(DANGER, text(flow, "danger_word")))
    return found


def _texts(flow: Flow, session: Session) -> list[Block]:
    match session.at:
        case _ if session.at == REVIEW:
            return review_texts(flow, session)
        case _ if session.at == CHANGE:
            return [text(flow, "change_which")]
        case _ if session.at == NUMBER:
            number = " ".join(session.number[i : i + 4] for i in range(0, len(session.number), 4))
            return [text(flow, "number", number=number)]
        case _ if session.at == IDLING:
            return [text(flow, "resume")]
        case _ if session.at == SURE:
            return [text(flow, "sure")]
        case _ if session.at == HELD:
            return [text(flow, "held" if session.agreed and not session.early else "held_first")]
        case _ if session.at == LANGUAGE:
            return [text(flow, "language_which")]
        case _ if session.at == OVER:
            return []
    step_id, round_, item = split(session.at)
    step = flow.steps[step_id]
    if session.doubt:
        return [text(flow, "contact_doubt")]
    if session.dates:
        one = len(session.dates) == 1
        return [text(flow, "date_check", date=session.dates[0]) if one else text(flow, "date_which")]
    if session.choices:
        return [text(flow, "country_which")]
    if session.gathering:
        return [text(flow, "saved")]
    question = wording(flow, session, step, round_)
    if item is not None:
        name = flow.codes["countries"].get(item, Message("", item))
        question = Message(question.context, question.text, {**question.values, "country": name})
    texts: list[Block] = [question]
    intro = flow.chapter_of[step_id].intro
    if intro and not round_ and not session.group and step is _first_step(flow, session, step_id, round_):
        texts.insert(0, intro)
    if step.kind == "choices" and not session.group:
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
    if chapter not in parts or session.gathering or session.doubt or session.dates or session.choices:
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
        quotes=answer.parts[0].message if answer and answer.parts and not session.gathering else None,
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
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out or "0"
