"""The review: by chapter, values of this sitting, check marks for what is sealed or older."""

from bot.flow.model import Flow
from bot.flow.path import places
from bot.flow.session import Session, split
from bot.flow.values import Answer
from bot.flow.wording import label, text, wording
from bot.talk.sentences import Block, Message, Value


def title(flow: Flow, session: Session, at: str) -> Message:
    """The short name of a question; its whole wording where it has none."""
    step_id, round_, item = split(at)
    step = flow.steps[step_id]
    name = step.title or wording(flow, session, step, round_)
    if item is not None:
        country = flow.codes["countries"].get(item, Message("", item))
        return text(flow, "title_of", title=name, of=country)
    if round_:
        return text(flow, "title_of", title=name, of=str(round_ + 1))
    return name


def _values(flow: Flow, session: Session, at: str, answer: Answer) -> Value | None:
    step = flow.steps[split(at)[0]]
    if answer.date is not None:
        return answer.date
    if step.kind == "country":
        return tuple(flow.codes["countries"][v] for v in answer.values if v in flow.codes["countries"]) or None
    found = tuple(label(flow, session, o) for v in answer.values if (o := step.option(v)))
    return found or None


def shown_value(flow: Flow, session: Session, at: str) -> Value | None:
    """What may be shown of an answer: nothing that is sealed, nothing from an earlier sitting."""
    answer = session.answers.get(at)
    if answer is None or answer.sitting != session.sitting or answer.state != "answered":
        return None
    return _values(flow, session, at, answer)


def _line(flow: Flow, session: Session, at: str) -> Message:
    answer = session.answers[at]
    name = title(flow, session, at)
    if answer.state == "skipped":
        return text(flow, "review_skipped", title=name)
    if answer.state == "not_sure":
        return text(flow, "review_not_sure", title=name)
    value = shown_value(flow, session, at)
    if value is None:
        return text(flow, "review_kept", title=name)
    return text(flow, "review_line", title=name, value=value)


def _reviewable(flow: Flow, session: Session, chapter: str) -> list[str]:
    return [
        at
        for at in places(flow, session)
        if at in session.answers
        and flow.chapter_of[split(at)[0]].id == chapter
        and flow.steps[split(at)[0]].kind != "screen"
        and not flow.steps[split(at)[0]].is_language
    ]


def review_texts(flow: Flow, session: Session) -> list[Block]:
    """The report as it stands, chapter by chapter."""
    found: list[Block] = [text(flow, "review")]
    for chapter in flow.chapters:
        if chapter.title is None:
            continue
        listed = _reviewable(flow, session, chapter.id)
        if listed:
            head = text(flow, "review_part", title=chapter.title)
            found.append((head, *(_line(flow, session, at) for at in listed)))
    return found


def change_entries(flow: Flow, session: Session) -> list[tuple[str, Message]]:
    """Every answer that can be changed: its place and its short name."""
    return [
        (at, title(flow, session, at))
        for chapter in flow.chapters
        if chapter.title is not None
        for at in _reviewable(flow, session, chapter.id)
        if not session.answers[at].by_rule and not any(o.does == "start" for o in flow.steps[split(at)[0]].options)
    ]
