"""Where a conversation can stand: one struct a screen, each with just what holds there and nowhere else.

| screen | what stands there | who leaves it, and to where |
| --- | --- | --- |
| Asking | a question of the flow | an answer, `skip`: the next, Review after the last; `back`: the one before |
| Gathering | a text that may go on | `done`: as an answer; more words: itself |
| InDoubt | "is that meant?" about words just sealed | yes: as an answer; no, `back`: Asking, and the words go |
| Review | all answers, by chapter | send: Number; change: Change; go on: Asking where it was opened |
| Change | which answer to change | one of them: Asking, with the errand Changing; `back`: Review |
| Neutral | nothing but "start, or go on?" | go on: what is behind (Held first if words wait); start new: Sure |
| Sure | "are you sure?" before erasing | yes: the end; no, `back`: exactly what is behind |
| Language | which language | one of them, `back`: exactly what is behind |
| Held | "keep what you wrote?" | yes or no: what is behind |
| Number | the return number | done: Over |
| Over | nothing: it was said goodbye | nobody |

From everywhere: 30 idle minutes and /start lead to Neutral (menus close first), `danger` to the questions of danger,
`erase` to the end. A question that stops applying, because an earlier answer changed, makes room for the next open one.
Neutral shows nothing of what is behind it; who goes on sees the present question only, and nothing ticked or read back.
"""

from typing import Literal

from msgspec import Struct

from bot.flow.values import PartRef
from bot.talk.events import MessageRef
from bot.talk.sentences import DateValue

# What `here` says of a screen that is no question.
REVIEW, CHANGE, NEUTRAL, SURE = "~review", "~change", "~idle", "~sure"
LANGUAGE, HELD, NUMBER, OVER = "~language", "~held", "~number", "~over"


class Changing(Struct, frozen=True, array_like=True, tag="c"):
    """An answer is being changed from the review, which was opened at `opened_from` (empty: at the end)."""

    opened_from: str = ""


class Returning(Struct, frozen=True, array_like=True, tag="r"):
    """Somebody went back, and goes on from there up to `until`, the place where they had been."""

    until: str


Errand = Changing | Returning


class Asking(Struct, frozen=True, array_like=True, tag="ask"):
    """A question at a place: a step id, `step/round` inside a repeat, `step@item` in a for_each.

    `picked` are ticked options, `group` and `page` which of them are shown. `dates` and `countries` are what typed
    words may mean, to be chosen from (`both`: or all of them); `message` is the one that they were typed in, also where
    nothing was understood. `tries` counts what was not: after two a country is chosen from a list.
    """

    at: str
    errand: Errand | None = None
    picked: tuple[str, ...] = ()
    group: str = ""
    page: int = 0
    dates: tuple[DateValue, ...] = ()
    countries: tuple[str, ...] = ()
    message: MessageRef | None = None
    both: bool = False
    tries: int = 0

    @property
    def listed(self) -> bool:
        """Words were not understood often enough: the list of regions stands there."""
        return self.tries > 1


class Gathering(Struct, frozen=True, array_like=True, tag="gather"):
    """A text whose first words are kept, and that may go on. `anew`: its question is shown again, as after a menu."""

    at: str
    errand: Errand | None = None
    anew: bool = False


class InDoubt(Struct, frozen=True, array_like=True, tag="doubt"):
    """Words were sealed and are asked about before they are an answer.

    They look like a phone number or an address where none is wanted, or they are somebody else's, passed on.
    `gathering`: they came as more of a text.
    """

    at: str
    parts: tuple[PartRef, ...]
    why: Literal["contact", "forwarded"] = "contact"
    errand: Errand | None = None
    gathering: bool = False


class Review(Struct, frozen=True, array_like=True, tag="review"):
    """`opened_from` is the place to go on from; empty at the end of the flow."""

    opened_from: str = ""


class Change(Struct, frozen=True, array_like=True, tag="change"):
    """Which answer is to be changed: a page of them."""

    opened_from: str = ""
    page: int = 0


class Neutral(Struct, frozen=True, array_like=True, tag="idle"):
    """Shown to whoever comes back, who may be somebody else."""

    behind: "Screen"


class Sure(Struct, frozen=True, array_like=True, tag="sure"):
    """Erasing by a button is asked about once, for a thumb slips. `stopping`: it is offered to somebody who stops."""

    behind: "Screen"
    stopping: bool = False


class Language(Struct, frozen=True, array_like=True, tag="language"):
    """The languages to choose from."""

    behind: "Screen"


class Held(Struct, frozen=True, array_like=True, tag="held"):
    """Words wait to be kept or dropped; `first`: they came before the consent."""

    behind: "Screen"
    first: bool = False


class Number(Struct, frozen=True, array_like=True, tag="number"):
    """The return number, until it was written down."""

    number: str


class Over(Struct, frozen=True, array_like=True, tag="over"):
    """The end, and where a session stands before its start."""


Question = Asking | Gathering | InDoubt
Screen = Asking | Gathering | InDoubt | Review | Change | Neutral | Sure | Language | Held | Number | Over


def name(screen: Screen) -> str:
    """The place of a question, or the word of another screen."""
    match screen:
        case Asking() | Gathering() | InDoubt():
            return screen.at
        case Review():
            return REVIEW
        case Change():
            return CHANGE
        case Neutral():
            return NEUTRAL
        case Sure():
            return SURE
        case Language():
            return LANGUAGE
        case Held():
            return HELD
        case Number():
            return NUMBER
        case Over():
            return OVER


def under(screen: Screen) -> Screen:
    """What stands below all menus and the neutral screen."""
    while isinstance(screen, Neutral | Sure | Language | Held):
        screen = screen.behind
    return screen


def in_doubt(screen: Screen) -> tuple[PartRef, ...]:
    """The parts that are asked about, also below a menu."""
    bottom = under(screen)
    return bottom.parts if isinstance(bottom, InDoubt) else ()


def with_under(screen: Screen, bottom: Screen) -> Screen:
    """The same menus above another screen."""
    match screen:
        case Neutral():
            return Neutral(with_under(screen.behind, bottom))
        case Sure():
            return Sure(with_under(screen.behind, bottom), screen.stopping)
        case Language():
            return Language(with_under(screen.behind, bottom))
        case Held():
            return Held(with_under(screen.behind, bottom), screen.first)
        case _:
            return bottom


def without_menus(screen: Screen) -> Screen:
    """What stands behind menus that are open; the neutral screen is none."""
    while isinstance(screen, Sure | Language | Held):
        screen = screen.behind
    return screen


def for_anybody(screen: Screen) -> Screen:
    """What of a screen may be shown to whoever came back: the question, nothing that was ticked or read there."""
    return Asking(screen.at, screen.errand) if isinstance(screen, Asking) else screen


def shown_anew(screen: Screen) -> Screen:
    """A text that goes on, with its question above it: it was long ago, or in another language."""
    return Gathering(screen.at, screen.errand, True) if isinstance(screen, Gathering) else screen


def errand(screen: Screen) -> Errand | None:
    """What somebody is about at a question: changing an answer, or coming back to where they were."""
    return screen.errand if isinstance(screen, Asking | Gathering | InDoubt) else None
