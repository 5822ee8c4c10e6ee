"""Sessions as version 0.1.0 wrote them (schema 1), so that a store in the middle of its conversations goes on."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from bot.flow.screens import (
    Asking,
    Change,
    Changing,
    Errand,
    Gathering,
    Held,
    InDoubt,
    Language,
    Neutral,
    Number,
    Over,
    Returning,
    Review,
    Screen,
    Sure,
)
from bot.flow.session import Early, Session
from bot.flow.values import Answer, PartRef, State
from bot.talk.events import MessageRef
from bot.talk.sentences import DateValue

CAPABILITIES = {"edit": "edits", "delete": "deletes", "telegram_ask": "sensitive_ask", "lists_only": "sensitive_refuse"}


class OldPart(Struct, frozen=True, array_like=True):
    """A part, when a message was only its number on the platform."""

    number: int
    order: int
    cls: str


class OldAnswer(Struct, frozen=True, array_like=True):
    """An answer, when only a country knew its message and no consent the version of its words."""

    state: State
    values: tuple[str, ...] = ()
    date: DateValue | None = None
    parts: tuple[OldPart, ...] = ()
    sitting: int = 0
    order: int = 0
    day: str = ""
    language: str = ""
    by_rule: bool = False


class OldSession(Struct, frozen=True):
    """A session, when its screen was a word (`at`) and fourteen fields that held for one screen each."""

    flow: str
    version: int
    nonce: int
    language: str = "en"
    channel: str = "terminal"
    capabilities: tuple[str, ...] = ()
    word: str = ""
    hours: int = 0
    at: str = ""
    answers: dict[str, OldAnswer] = {}
    rounds: dict[str, int] = {}
    trail: tuple[str, ...] = ()
    frontier: str = ""
    return_to: str = ""
    back_to: str = ""
    from_idle: bool = False
    changing: bool = False
    picked: tuple[str, ...] = ()
    page: int = 0
    group: str = ""
    dates: tuple[DateValue, ...] = ()
    choices: tuple[str, ...] = ()
    doubt: tuple[OldPart, ...] = ()
    held: tuple[OldPart, ...] = ()
    next_part: int = 1
    raised: tuple[str, ...] = ()
    agreed: bool = False
    sitting: int = 1
    last: int = 0
    opened: str = ""
    number: str = ""
    report: str = ""
    submitted: str = ""
    gathering: bool = False
    early: tuple[tuple[int, str], ...] = ()


def session_of_schema_1(raw: Mapping[str, Any]) -> Session:
    """The same session today. `raw` is the decoded msgpack map; raises msgspec.ValidationError for what was none."""
    old = msgspec.convert(raw, OldSession)
    session = Session(
        flow=old.flow,
        version=old.version,
        nonce=old.nonce,
        language=old.language,
        channel=old.channel,
        abilities=_abilities(old.capabilities),
        word=old.word,
        hours=old.hours,
        screen=_screen(old),
        answers={at: _answer(answer) for at, answer in old.answers.items()},
        rounds=old.rounds,
        trail=old.trail,
        held=_parts(old.held),
        early=tuple(Early(_message(order), words) for order, words in old.early),
        next_part=old.next_part,
        raised=old.raised,
        agreed=old.agreed,
        sitting=old.sitting,
        last=old.last,
        opened=old.opened,
        report=old.report,
        submitted=old.submitted,
    )
    return msgspec.convert(msgspec.to_builtins(session), Session)  # what no session can be is refused here


def _message(order: int) -> MessageRef:
    """Platforms gave whole numbers, which were their order as well."""
    return MessageRef(str(order), order)


def _parts(parts: tuple[OldPart, ...]) -> tuple[PartRef, ...]:
    return tuple(PartRef(p.number, _message(p.order), p.cls) for p in parts)


def _answer(old: OldAnswer) -> Answer:
    return Answer(
        old.state,
        old.values,
        old.date,
        _parts(old.parts),
        old.sitting,
        _message(old.order) if old.order else None,
        old.day,
        old.language,
        old.by_rule,
    )


def _abilities(old: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(CAPABILITIES.get(word, word) for word in old)
    return found if any(word.startswith("sensitive_") for word in found) else (*found, "sensitive_allow")


def _screen(old: OldSession) -> Screen:
    match old.at:
        case "~idle":
            return Neutral(_below(old))
        case "~sure":
            return Sure(Neutral(_below(old)) if old.from_idle else _below(old))
        case "~language":
            return Language(_below(old))
        case "~held":
            return Held(_below(old), first=bool(old.early))
    return _place(old, old.at)


def _below(old: OldSession) -> Screen:
    """What a menu led back to."""
    return _place(old, old.back_to or (old.trail[-1] if old.trail else "~review"))


def _place(old: OldSession, at: str) -> Screen:
    about: Errand | None = Changing(old.return_to) if old.changing else None
    if about is None and old.frontier:
        about = Returning(old.frontier)
    match at:
        case "~review":
            return Review(old.return_to)
        case "~change":
            return Change(old.return_to, old.page)
        case "~number":
            return Number(old.number)
        case "~over" | "":
            return Over()
    if old.doubt:
        return InDoubt(at, _parts(old.doubt), "contact", about, old.gathering)
    if old.gathering:
        return Gathering(at, about)
    return Asking(at, about, old.picked, old.group, old.page, old.dates, old.choices)
