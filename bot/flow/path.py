"""Which question comes next. The order is the file's; an answer that no longer applies is dropped."""

from collections.abc import Iterator

import msgspec

from bot.flow.conditions import holds, items, open_options
from bot.flow.model import Chapter, Flow, Step
from bot.flow.screens import REVIEW
from bot.flow.session import Session, place, split
from bot.flow.values import Answer, PartRef

NOTES = "~notes"  # words that were told and have no question any more: they stay in the report
GONE_WITH_IT = ("identity", "contact")  # a name goes when the consent that asked for it goes


def with_part(answer: Answer | None, part: PartRef, sitting: int) -> Answer:
    """The answer with one part more; parts stand in the platform's own order of messages."""
    parts = (*(answer.parts if answer else ()), part)
    return Answer("answered", parts=tuple(sorted(parts, key=lambda p: p.place)), sitting=sitting)


def _applies(flow: Flow, session: Session, step: Step, round_: int | None) -> bool:
    if step.is_language and len(flow.languages) < 2:
        return False
    return holds(flow, session, step.when, round_, step.id)


def places(flow: Flow, session: Session, first: Chapter | None = None) -> Iterator[str]:
    """Every place that applies now, in order; from the chapter `first` on."""
    for chapter in flow.chapters[flow.chapters.index(first) if first else 0 :]:
        repeated = chapter.repeat > 1
        for round_ in range(session.rounds.get(chapter.id, 1)):
            for step in chapter.steps:
                number = round_ if repeated else None
                if not _applies(flow, session, step, number):
                    continue
                if step.for_each:
                    yield from (place(step.id, item=i) for i in items(flow, session, step.for_each))
                else:
                    yield place(step.id, number)


def fits(flow: Flow, session: Session, at: str, answer: Answer) -> bool:
    """Whether an answer is still one that could be given: its options are open, no cap is below it, and a consent was
    given to the words that stand now."""
    step_id, round_, _ = split(at)
    step = flow.steps[step_id]
    if step.kind == "consent" and max(answer.text, 1) < step.text_version:
        return False
    if not step.options or step.is_language or answer.state != "answered":
        return True
    allowed = {o.id for o in open_options(flow, session, step, round_)}
    return allowed.issuperset(answer.values)


def by_rule(flow: Flow, session: Session, at: str) -> Answer | None:
    """A consent that leaves nothing to choose is answered by the rule that left it so."""
    step_id, round_, _ = split(at)
    step = flow.steps[step_id]
    if step.kind != "consent" or not step.scale:
        return None
    left = open_options(flow, session, step, round_)
    if len(left) != 1 or left[0].does:
        return None
    return Answer("answered", (left[0].id,), sitting=session.sitting, by_rule=True, text=step.text_version)


def settle(flow: Flow, session: Session) -> tuple[Session, tuple[int, ...]]:
    """Drop what no longer applies or fits, answer what rules decide. Returns the parts to destroy as well.

    Runs until nothing changes: an answer that goes can take others with it.
    """
    gone: list[int] = []
    while True:
        live = dict.fromkeys(places(flow, session))
        kept = {a: v for a, v in session.answers.items() if a in live and fits(flow, session, a, v)}
        lost = [v for a, v in session.answers.items() if a not in kept and a != NOTES]
        for part in (p for v in lost for p in v.parts):
            if part.cls in GONE_WITH_IT:
                gone.append(part.number)
            else:
                kept[NOTES] = with_part(kept.get(NOTES) or session.answers.get(NOTES), part, session.sitting)
        if NOTES in session.answers:
            kept.setdefault(NOTES, session.answers[NOTES])
        for at in live:
            if at not in kept and (answer := by_rule(flow, session, at)):
                kept[at] = answer
        if kept == session.answers:
            return session, tuple(gone)
        session = msgspec.structs.replace(session, answers=kept)


def next_place(flow: Flow, session: Session, after: str = "") -> str:
    """The first open place; with `after`, the first one behind it. The review when there is none."""
    found = not after
    for at in places(flow, session, flow.chapter_of[split(after)[0]] if after else None):
        if found and at not in session.answers:
            return at
        found = found or at == after
    return REVIEW if found else next_place(flow, session)


def following(flow: Flow, session: Session, after: str) -> str:
    """The place right behind `after`, answered or not."""
    found = False
    for at in places(flow, session):
        if found:
            return at
        found = at == after
    return REVIEW
