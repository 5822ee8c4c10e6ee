"""Where one conversation stands: the only mutable state of a flow, kept as a frozen value. Its screens: screens.py."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from bot.flow import screens
from bot.flow.screens import Number, Over, Screen
from bot.flow.values import Answer, PartRef
from bot.talk.events import MessageRef

IDLE = 30 * 60  # seconds; after them only a neutral screen is shown
BEGINS = 4  # digits of a return number by which its owner tells it from others
MOST_ROUNDS = 20  # of a chapter that repeats


class Early(Struct, frozen=True, array_like=True):
    """Words from before the consent: in memory only, for a session that holds such is never written."""

    message: MessageRef
    text: str
    forwarded: bool = False


class Session(Struct, frozen=True, omit_defaults=True):
    """One conversation.

    `nonce` is raised with every new question, so that no older button counts. `abilities` are what the channel can do,
    `word` is the check word, `hours` is how long a draft lives on this channel (0: the flow's own). `rounds` counts the
    opened rounds of a chapter that repeats; `trail` are the places that `back` leads through. `held` are sealed words
    that are offered again, `apart` those that whoever held the phone typed on the neutral screen of an open report,
    `early` those from before the consent. `raised` are flags that no answer sets. A `sitting` ends with 30 idle
    minutes: values of an older one are not shown. `last` is when its person was last seen to be here (seconds since
    1970), `missed` up to when they were told that messages may be lost, `burst` what was refused last; `looked_up`:
    they came back with the number of a report that was sent before. `opened` and
    `submitted` are days (ISO), `report` is the id under which it is handed over, once it is, `number`
    its return number once that was shown, `mark` the versions of the consents' words that it was asked.
    """

    flow: str
    version: int
    nonce: int
    language: str = "en"
    channel: str = "terminal"
    abilities: tuple[str, ...] = ()
    word: str = ""
    hours: int = 0
    screen: Screen = Over()
    answers: dict[str, Answer] = {}
    rounds: dict[str, Annotated[int, Meta(le=MOST_ROUNDS)]] = {}
    trail: tuple[str, ...] = ()
    held: tuple[PartRef, ...] = ()
    apart: tuple[PartRef, ...] = ()
    early: tuple[Early, ...] = ()
    next_part: int = 1
    raised: tuple[str, ...] = ()
    agreed: bool = False
    sitting: int = 1
    last: int = 0
    missed: int = 0
    burst: str = ""
    looked_up: bool = False
    opened: str = ""
    report: str = ""
    submitted: str = ""
    number: str = ""
    mark: str = ""

    @property
    def at(self) -> str:
        """Where it stands, in a word: see `here`."""
        return screens.name(self.screen)


def change(session: Session, **fields: Any) -> Session:
    """The session with some fields replaced."""
    return msgspec.structs.replace(session, **fields)


def show(session: Session, screen: Screen) -> Session:
    """Another screen; buttons of the one before count no more."""
    return msgspec.structs.replace(session, screen=screen, nonce=session.nonce + 1)


def here(session: Session) -> str:
    """The place where it stands: a step id, `step/round`, `step@item`, or a word for a screen that is no question."""
    return session.at


def is_idle(session: Session, now: datetime) -> bool:
    """Its person was away so long that it may be somebody else."""
    return session.agreed and int(now.timestamp()) - session.last > IDLE


def is_over(session: Session) -> bool:
    """Nothing is asked any more: the next word begins a new conversation."""
    return isinstance(session.screen, Over)


def is_open(session: Session) -> bool:
    """People may read this report while it is still being told."""
    return bool(session.report) and not session.submitted


def opened(session: Session, report: str) -> Session:
    """People may read it from now on, while it is still being told: `report` is its id."""
    return change(session, report=report)


def submitted(session: Session, *, number: str, report: str, day: str) -> Session:
    """Once it is handed over: its return number stands there.

    What was told stays under this conversation's key until the number was written down: whoever calls for help
    meanwhile goes on in the same report, and the people who read it see the whole.
    """
    sent = change(session, agreed=True, report=report, submitted=day, number=number, trail=(), early=())
    return show(sent, Number(number))


def begins(number: str) -> str:
    """What a return number begins with: who has ten calls each by that."""
    return number[:BEGINS]


def reopened(session: Session) -> Session:
    """A report that was sent is told on: somebody called for help, and wants it to be read now."""
    return change(session, submitted="")


def place(step: str, round_: int | None = None, item: str | None = None) -> str:
    """The place of a step, of its round in a repeat, or of its item in a for_each."""
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
