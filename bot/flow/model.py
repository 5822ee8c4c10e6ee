"""A flow as it was loaded: chapters, steps, options, caps. Read-only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.flow.reading import Reader
from bot.talk.sentences import Message

Kind = Literal["choice", "choices", "text", "date", "country", "files", "consent", "screen"]
PAGE = 7  # options a screen
DATA_LIMIT = 64  # bytes of a button's data, as Telegram has it
CHANNEL, FLAG = "channel", "flag"
DANGER = "DANGER"  # the flag of a person who asked for help now
LISTS_ONLY = "LISTS_ONLY"  # the flag of a person who wants nothing typed to be kept
ANY = "*"  # in a condition: any value at all


@dataclass(frozen=True, slots=True)
class Condition:
    """`needs`: step (or `channel`, `flag`) to accepted values; every one must hold, each by any of its values.

    `every` lists the keys that must hold in all rounds of a repeat when asked from outside.
    """

    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    none_of: tuple["Condition", ...] = ()
    any_of: tuple["Condition", ...] = ()
    every: frozenset[str] = frozenset()


ALWAYS = Condition()
Text = str | tuple[str, str]  # a sentence, or its singular and plural


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording (or a class, or who gives a consent) under a condition."""

    when: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    label: Message
    labels: tuple[tuple[Condition, Message], ...] = ()
    when: Condition = ALWAYS
    sets: tuple[str, ...] = ()
    group: str = ""
    says: Message | None = None
    does: str = ""
    also: Mapping[str, str] = field(default_factory=dict)  # consents that this one holds as well, where unanswered


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `asks` are its wordings, the first whose condition holds is used."""

    id: str
    kind: Kind
    chapter: str
    asks: tuple[tuple[Condition, Message], ...]
    classes: tuple[Variant, ...]
    options: tuple[Option, ...] = ()
    groups: tuple[tuple[str, Message], ...] = ()
    when: Condition = ALWAYS
    required: bool = False
    most: int = 0
    many: bool = False
    for_each: str = ""
    text_version: int = 0
    by: tuple[Variant, ...] = ()
    scale: tuple[str, ...] = ()
    is_language: bool = False
    no_contact: bool = False
    free: bool = False  # a country step that takes any words, and notes the country where one is named
    title: Message | None = None
    line: int = 0
    setting: tuple[Option, ...] = field(default=(), init=False)  # the options that set a flag

    def __post_init__(self) -> None:
        object.__setattr__(self, "setting", tuple(o for o in self.options if o.sets))

    def option(self, option_id: str) -> Option | None:
        return next((o for o in self.options if o.id == option_id), None)


@dataclass(frozen=True, slots=True)
class Chapter:
    id: str
    steps: tuple[Step, ...]
    title: Message | None = None
    sendable: bool = False
    repeat: int = 1
    aside: bool = False  # no part of the way; the word `danger` leads there
    intro: Message | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """No wider answer than `most` on `step`'s scale while `when` holds; `sets` is raised then."""

    when: Condition
    step: str
    most: str
    sets: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A list of items for `for_each`: values of some steps, less what others exclude."""

    sources: tuple[str, ...]
    less: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    version: int
    chapters: tuple[Chapter, ...]
    caps: tuple[Cap, ...]
    lists: Mapping[str, Group]
    texts: Mapping[str, Text]
    codes: Mapping[str, Mapping[str, Message]]
    cards: Mapping[str, "Card"]
    reader: Reader
    disputed: frozenset[str] = frozenset()  # countries beside whose name stands that it takes no side
    languages: tuple[tuple[str, str], ...] = (("en", "English"),)
    organisation: str = ""
    help_at: str = ""
    first_read: int = 0
    danger_read: int = 60
    draft_hours: int = 72
    first_words: str = ""
    fingerprints: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    chapter_of: dict[str, Chapter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for chapter in self.chapters:
            for step in chapter.steps:
                self.steps[step.id] = step
                self.chapter_of[step.id] = chapter

    def parts(self) -> tuple[Chapter, ...]:
        """The chapters that people are counted through: `Part 2 of 5`."""
        return tuple(c for c in self.chapters if c.title is not None and not c.aside)

    def every_step(self) -> Iterator[Step]:
        for chapter in self.chapters:
            yield from chapter.steps


@dataclass(frozen=True, slots=True)
class Card:
    """Where to turn in one country. `checked` is the day when somebody last tried it."""

    lines: tuple[Message, ...]
    checked: str
