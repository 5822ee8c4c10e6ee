"""What a flow knows of its report: answers, the state of each field, consents, flags. It becomes whole elsewhere."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from bot.flow.conditions import flags, newest, part_class, variant
from bot.flow.model import Flow, Step
from bot.flow.path import NOTES
from bot.flow.session import Session, place, split
from bot.flow.turn import change
from bot.flow.values import Answer, PartRef

ASKED_TWICE = (("contact_back", "d_contact"), ("consent_share", "d_share"))


class SealedPart(Struct, frozen=True):
    """A part as it leaves: its name, the SHA-256 of the age file, the true size of what is in it."""

    name: str
    sha256: str
    size: int


class Content(Struct, frozen=True):
    """Plain builtins, ready for JSON. `fields` tells why a question has no answer; names stand only where picked."""

    answers: dict[str, Any]
    fields: dict[str, Any]
    consent: dict[str, Any]
    flags: tuple[str, ...]


def part_refs(session: Session) -> tuple[PartRef, ...]:
    """Every part of the report, in the order in which it was given."""
    refs = [p for a in session.answers.values() for p in a.parts] + list(session.held)
    return tuple(sorted(refs, key=lambda p: p.place))


def _parts(flow: Flow, session: Session, at: str, parts: tuple[PartRef, ...], sealed: Mapping[int, SealedPart]) -> Any:
    step = flow.steps.get(split(at)[0])
    now = part_class(flow, change(session, at=at), step) if step else ""
    out = []
    for part in parts:
        known = sealed[part.number]
        entry: dict[str, Any] = {
            "part": known.name,
            "class": part.cls,
            "sha256": known.sha256,
            "size": known.size,
            "media_type": "text/plain; charset=utf-8",
        }
        if now == "sensitive" and part.cls == "case":
            entry["handle_as"] = "sensitive"
        out.append(entry)
    return {"parts": out}


def _replaced(session: Session) -> set[str]:
    """Steps whose fact was answered anew at another one since: what they held counts no more."""
    gone: set[str] = set()
    for steps in ASKED_TWICE:
        if found := newest(session, *steps):
            gone |= {step for step in steps if step != found[0] and step in session.answers}
    return gone


def _value(flow: Flow, session: Session, at: str, step: Step, answer: Answer, sealed: Mapping[int, SealedPart]) -> Any:
    if answer.date is not None:
        return {"value": answer.date.code(), "precision": answer.date.precision}
    if step.kind in ("text", "files"):
        return _parts(flow, session, at, answer.parts, sealed)
    if step.kind in ("choices", "country"):
        return list(answer.values)
    return answer.values[0]


def _consent(flow: Flow, session: Session, at: str, step: Step, answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.values[0],
        "text": step.text_version,
        "language": answer.language or session.language,
        "day": answer.day or session.opened,
        "by": "rule" if answer.by_rule else variant(flow, change(session, at=at), step.by, step.id, "self"),
    }


def content(flow: Flow, session: Session, sealed: Mapping[int, SealedPart]) -> Content:
    """What stands in the report. `sealed` names every part of `part_refs` by its number; a name of a person is in it
    only where somebody picked it from a list, and lists hold none."""
    answers: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    consent: dict[str, Any] = {}
    replaced = _replaced(session)
    for chapter in flow.chapters:
        rounds = session.rounds.get(chapter.id, 1)
        for round_ in range(rounds):
            target, states = answers, fields
            if chapter.repeat > 1:
                target, states = {}, {}
            for step in chapter.steps:
                if step.kind == "screen" or step.is_language:
                    continue
                at = place(step.id, round_ if chapter.repeat > 1 else None)
                if step.id in replaced:
                    states[step.id] = "replaced"
                    continue
                if step.kind == "consent":
                    _add_consent(flow, session, at, step, consent)
                    continue
                answer = session.answers.get(at)
                if answer is None:
                    states[step.id] = "not_shown"
                elif answer.state != "answered":
                    states[step.id] = answer.state
                else:
                    target[step.id] = _value(flow, session, at, step, answer, sealed)
                    if step.kind == "country" and answer.parts:
                        target[f"{step.id}_words"] = _parts(flow, session, at, answer.parts, sealed)
            if chapter.repeat > 1 and target:
                answers.setdefault(chapter.id, []).append(target)
                fields.setdefault(chapter.id, []).append(states)
    notes = session.answers.get(NOTES)
    loose = (*(notes.parts if notes else ()), *session.held)
    if loose:
        answers["notes"] = _parts(flow, session, NOTES, loose, sealed)
    return Content(answers, fields, consent, tuple(sorted(flags(flow, session))))


def _add_consent(flow: Flow, session: Session, at: str, step: Step, consent: dict[str, Any]) -> None:
    name = step.id.removeprefix("consent_")
    if not step.for_each:
        answer = session.answers.get(at)
        if answer is not None and answer.values:
            consent[name] = _consent(flow, session, at, step, answer)
        return
    for key, answer in session.answers.items():
        if key.startswith(f"{step.id}@") and answer.values:
            consent.setdefault(name, {})[split(key)[2]] = _consent(flow, session, key, step, answer)
