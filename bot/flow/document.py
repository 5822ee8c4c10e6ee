"""What a flow knows of its report: answers, the state of each field, consents, flags. It becomes whole elsewhere."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from bot.flow.conditions import flags, holds, newest, variant
from bot.flow.model import Chapter, Flow, Step
from bot.flow.path import NOTES
from bot.flow.session import Session, change, place, split
from bot.flow.values import Answer, PartRef
from bot.talk.tongues import tag


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
    refs = [p for a in session.answers.values() for p in a.parts] + [*session.held, *session.apart]
    return tuple(sorted(refs, key=lambda p: p.place))


def substance(session: Session) -> tuple[object, ...]:
    """All that a version of the report would hold; another value of it is another version."""
    return session.answers, session.held, session.apart, session.rounds, session.raised, session.language


def _parts(flow: Flow, session: Session, parts: tuple[PartRef, ...], sealed: Mapping[int, SealedPart]) -> Any:
    """A part's class was fixed when it was sealed: what a later answer made sensitive says so here, whatever it is."""
    sensitive = flow.roles.sensitive is not None and holds(flow, session, flow.roles.sensitive)
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
        if sensitive and part.cls != "sensitive":
            entry["handle_as"] = "sensitive"
        if part.after_silence:
            entry["after_silence"] = True
        if part.forwarded:
            entry["forwarded"] = True
        out.append(entry)
    return {"parts": out}


def _replaced(flow: Flow, session: Session) -> set[str]:
    """Steps whose fact was answered anew at another one since, and consents that were asked because of them."""
    contact = flow.roles.contact
    gone: set[str] = set()
    for steps in (contact.asked if contact else (), flow.roles.share):
        if found := newest(session, *steps):
            gone |= {step for step in steps if step != found[0] and step in session.answers}
    return gone | _asked_because(flow, session, gone) if gone else gone


def _asked_because(flow: Flow, session: Session, gone: set[str]) -> set[str]:
    """Consents that were asked because of these answers: no letter leaves on the strength of a word taken back."""
    found: set[str] = set()
    while True:
        kept = {at: a for at, a in session.answers.items() if split(at)[0] not in gone | found}
        without = change(session, answers=kept)
        more = {s.id for s in flow.consents if holds(flow, session, s.when) and not holds(flow, without, s.when)}
        if more <= found:
            return found
        found |= more


def _value(flow: Flow, session: Session, at: str, step: Step, answer: Answer, sealed: Mapping[int, SealedPart]) -> Any:
    if answer.date is not None:
        return {"value": answer.date.code(), "precision": answer.date.precision}
    if step.kind in ("text", "files"):
        return _parts(flow, session, answer.parts, sealed)
    if step.kind in ("choices", "country"):
        return list(answer.values)
    return answer.values[0]


def _consent(flow: Flow, session: Session, at: str, step: Step, answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.values[0],
        "text": answer.text or step.text_version,
        "language": tag(answer.language or session.language),
        "day": answer.day or session.opened,
        "by": "rule" if answer.by_rule else variant(flow, session, step.by, at, "self"),
    }


def content(flow: Flow, session: Session, sealed: Mapping[int, SealedPart]) -> Content:
    """What stands in the report. `sealed` names every part of `part_refs` by its number; a name of a person is in it
    only where somebody picked it from a list, and lists hold none."""
    answers: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    consent: dict[str, Any] = {}
    replaced = _replaced(flow, session)
    for chapter in flow.chapters:
        if chapter.repeat == 1:
            _chapter(flow, session, chapter, None, replaced, sealed, Content(answers, fields, consent, ()))
            continue
        for round_ in range(session.rounds.get(chapter.id, 1)):
            told = Content({}, {}, consent, ())
            _chapter(flow, session, chapter, round_, replaced, sealed, told)
            if told.answers:
                answers.setdefault(chapter.id, []).append(told.answers)
                fields.setdefault(chapter.id, []).append(told.fields)
    notes = session.answers.get(NOTES)
    loose = (*(notes.parts if notes else ()), *session.held)
    if loose:
        answers["notes"] = _parts(flow, session, loose, sealed)
    if session.apart:  # whoever held the phone: it stands apart from what its reporter told
        answers["after_silence"] = _parts(flow, session, session.apart, sealed)
    return Content(answers, fields, consent, tuple(sorted(flags(flow, session))))


def _chapter(
    flow: Flow,
    session: Session,
    chapter: Chapter,
    round_: int | None,
    replaced: set[str],
    sealed: Mapping[int, SealedPart],
    into: Content,
) -> None:
    """One chapter, or one round of it, written `into` a report."""
    for step in chapter.steps:
        at = place(step.id, round_)
        answer = session.answers.get(at)
        if step.kind == "screen" or step.is_language:
            continue
        if step.id in replaced:
            into.fields[step.id] = "replaced"
        elif step.kind == "consent":
            _add_consent(flow, session, at, step, into.consent)
        elif answer is None:
            into.fields[step.id] = "not_shown"
        elif answer.state != "answered":
            into.fields[step.id] = answer.state
        else:
            into.answers[step.id] = _value(flow, session, at, step, answer, sealed)
        if step.kind == "country" and answer is not None and answer.parts:
            into.answers[f"{step.id}_words"] = _parts(flow, session, answer.parts, sealed)


def _add_consent(flow: Flow, session: Session, at: str, step: Step, consent: dict[str, Any]) -> None:
    name = step.known_as
    if not step.for_each:
        answer = session.answers.get(at)
        if answer is not None and answer.values:
            consent[name] = _consent(flow, session, at, step, answer)
        return
    for key, answer in session.answers.items():
        if key.startswith(f"{step.id}@") and answer.values:
            consent.setdefault(name, {})[split(key)[2]] = _consent(flow, session, key, step, answer)
