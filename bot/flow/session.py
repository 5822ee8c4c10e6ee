"""Where one conversation stands: the only mutable state of a flow, kept as a frozen value."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from bot.flow.values import Answer, PartRef
from bot.talk.events import MessageRef
from bot.talk.sentences import DateValue

IDLE = 30 * 60  # seconds; after them only a neutral screen is shown
MOST_ROUNDS = 20  # of a chapter that repeats

# Places that are no question of the flow.
REVIEW, CHANGE, NUMBER, IDLING = "~review", "~change", "~number", "~idle"
SURE, HELD, OVER, LANGUAGE = "~sure", "~held", "~over", "~language"


class Session(Struct, frozen=True, omit_defaults=True):
    """`at` is a place: a step id, `step/round` inside a repeat, `step@item` in a for_each, or one of the above."""

    flow: str
    version: int
    nonce: int
    language: str = "en"
    channel: str = "terminal"
    abilities: tuple[str, ...] = ()
    word: str = ""
    hours: int = 0  # that a draft lives on this channel
    at: str = ""
    answers: dict[str, Answer] = {}
    rounds: dict[str, Annotated[int, Meta(le=MOST_ROUNDS)]] = {}
    trail: tuple[str, ...] = ()
    frontier: str = ""
    return_to: str = ""  # where the review was opened from
    back_to: str = ""  # where a menu (idle, sure, language, held) leads back to
    from_idle: bool = False  # "are you sure" was asked on the neutral screen, and "no" leads back there
    changing: bool = False
    picked: tuple[str, ...] = ()
    page: int = 0
    group: str = ""
    dates: tuple[DateValue, ...] = ()
    choices: tuple[str, ...] = ()
    doubt: tuple[PartRef, ...] = ()
    held: tuple[PartRef, ...] = ()
    next_part: int = 1
    raised: tuple[str, ...] = ()
    agreed: bool = False
    sitting: int = 1
    last: int = 0
    opened: str = ""
    number: str = ""
    report: str = ""  # the id under which it is handed over, once it is
    submitted: str = ""
    gathering: bool = False
    missed: int = 0  # up to when its person was told that messages may be missing
    early: tuple[tuple[MessageRef, str], ...] = ()  # words from before the consent; such a session is never written


def here(session: Session) -> str:
    """The place where it stands: a step id, `step/round`, `step@item`, or a word for a screen that is no question."""
    return session.at


def is_over(session: Session) -> bool:
    """Nothing is asked any more: the next word begins a new conversation."""
    return session.at == OVER


def is_open(session: Session) -> bool:
    """People may read this report while it is still being told."""
    return bool(session.report) and not session.submitted


def place(step: str, round_: int | None = None, item: str | None = None) -> str:
    if item is not None:
        return f"{step}@{item}"
    return step if round_ is None else f"{step}/{round_}"


def split(at: str) -> tuple[str, int | None, str | None]:
    """(step id, round, item) of a place."""
    if "@" in at:
        step, item = at.split("@", 1)
        return step, None, item
    if "/" in at:
        step, number = at.split("/", 1)
        return step, int(number), None
    return at, None, None


def submitted(session: Session, *, number: str, report: str, day: str) -> Session:
    """Once it is handed over: nothing of it is left but its return number and what this chat is."""
    return Session(
        flow=session.flow,
        version=session.version,
        nonce=session.nonce + 1,
        language=session.language,
        channel=session.channel,
        abilities=session.abilities,
        word=session.word,
        at=NUMBER,
        agreed=True,
        last=session.last,
        number=number,
        report=report,
        submitted=day,
    )


def opened(session: Session, report: str) -> Session:
    """People may read it from now on, while it is still being told: `report` is its id."""
    return msgspec.structs.replace(session, report=report)
