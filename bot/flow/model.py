"""A flow as it was loaded: chapters, steps, options, caps. Read-only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.flow.reading import Reader
from bot.talk.sentences import DateValue, Message

Kind = Literal["choice", "choices", "text", "date", "country", "files", "consent", "screen"]
PAGE = 7  # options a screen
DATA_LIMIT = 64  # bytes of a button's data, as Telegram has it
CHANNEL, FLAG = "channel", "flag"
DANGER = "DANGER"  # the flag of a person who asked for help now
LISTS_ONLY = "LISTS_ONLY"  # the flag of a person who wants nothing typed to be kept
HUMAN = "HUMAN"  # the flag of a person who asked for a person
DISTRESS = "DISTRESS"  # the flag of a person in despair
THREAT = "THREAT"  # the flag of a person who told of a threat by others
# By the engine itself; every other flag is a flow's own.
RAISED = frozenset({DANGER, LISTS_ONLY, HUMAN, DISTRESS, THREAT})
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
    """Something to choose. `sets` are flags, `says` is said once it was chosen, `does` is what else it causes."""

    id: str
    label: Message
    labels: tuple[tuple[Condition, Message], ...] = ()
    when: Condition = ALWAYS
    sets: tuple[str, ...] = ()
    group: str = ""
    says: Message | None = None
    does: str = ""
    also: Mapping[str, str] = field(default_factory=dict)  # consents that this one holds as well, where unanswered
    plain_yes: bool = False  # what somebody means who types just "yes"; its label says what that allows


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
    known_as: str = ""  # its name in a report where that is not its id, of a consent
    ahead: bool = False  # a date step that asks for a day to come
    free: bool = False  # a country step that takes any words, and notes the country where one is named
    hard: bool = False  # who has answered it is told that they may rest
    title: Message | None = None
    line: int = 0
    setting: tuple[Option, ...] = field(default=(), init=False)  # the options that set a flag

    def __post_init__(self) -> None:
        """Known once: flags are asked for at every step."""
        object.__setattr__(self, "setting", tuple(o for o in self.options if o.sets))

    def option(self, option_id: str) -> Option | None:
        """The option of that id, where this step has it."""
        return next((o for o in self.options if o.id == option_id), None)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a flow. `sendable`: what was told up to its end can be sent; `repeat`: how often it can be told."""

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
class Given:
    """One of some answers to one step."""

    step: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContactRole:
    """How a reporter may be reached. `asked` are the steps that ask it: the newest answer among them counts.

    `here` are the answers that let this chat be written to, `never` those that forbid all; `unanswered` is what is
    handed over where nobody was asked; `when` is the step that asks when it is safe.
    """

    asked: tuple[str, ...]
    here: frozenset[str]
    never: frozenset[str]
    unanswered: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class AnotherRole:
    """Who has sent a report can begin one about somebody else: answers to `keeps` stay, but for those in `but`."""

    keeps: tuple[str, ...]
    but: Mapping[str, frozenset[str]] = field(default_factory=dict)


ROLES = (
    "first_words", "place", "acts", "contact", "share", "held", "read_now", "read_if_silent", "sensitive", "another",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Roles:
    """Which steps of a flow are what the engine has to know. Empty: this flow has none (it says `none`).

    `first_words` takes a story that came before its question; `place` asks for the country whose help lines are shown;
    `acts` asks what was done, for the order of the queue; `share` are the steps that ask who else may see it: the
    newest answer counts. `held` locks the report; `read_now` lets people read it while it is told, `read_if_silent`
    once its reporter falls silent; while `sensitive` holds, every part is to be handled so. `another` is what is not
    asked again of who goes on with a report about somebody else. `lines` are theirs in the file.
    """

    first_words: str = ""
    place: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    contact: ContactRole | None = None
    share: tuple[str, ...] = ()
    held: Given | None = None
    read_now: Given | None = None
    read_if_silent: Given | None = None
    sensitive: Condition | None = None
    another: AnotherRole | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    line: int = 1


@dataclass(frozen=True, slots=True)
class Flow:
    """A questionnaire with all that it says and reads. `steers`: see steering.py; `opens`: chats begin with it."""

    id: str
    version: int
    chapters: tuple[Chapter, ...]
    caps: tuple[Cap, ...]
    lists: Mapping[str, Group]
    texts: Mapping[str, Text]
    codes: Mapping[str, Mapping[str, Message]]
    cards: Mapping[str, "Card"]
    reader: Reader
    regions: tuple[tuple[str, Message], ...] = ()  # of the world, to choose a country from
    region_of: Mapping[str, str] = field(default_factory=dict)  # each country's
    disputed: frozenset[str] = frozenset()  # countries beside whose name stands that it takes no side
    languages: tuple[tuple[str, str], ...] = (("en", "English"),)
    organisation: str = ""
    help_at: str = ""
    first_read: int = 0
    look: int = 0  # hours between two looks at the list
    draft_hours: int = 72
    promises: Mapping[str, "Promise"] = field(default_factory=dict)
    vouched: frozenset[str] = frozenset()  # what backs sentences for as long as this process runs: see promises.py
    roles: Roles = Roles()
    steers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opens: bool = False
    fingerprints: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    chapter_of: dict[str, Chapter] = field(default_factory=dict)
    consents: tuple[Step, ...] = field(default=(), init=False)
    mark: str = field(default="", init=False)  # versions of all consents' words: a session with another asks again

    def __post_init__(self) -> None:
        """Known once: where each step is, and which words its consents have."""
        for chapter in self.chapters:
            for step in chapter.steps:
                self.steps[step.id] = step
                self.chapter_of[step.id] = chapter
        object.__setattr__(self, "consents", tuple(s for s in self.steps.values() if s.kind == "consent"))
        object.__setattr__(self, "mark", ".".join(str(s.text_version) for s in self.consents))

    def counted(self) -> tuple[Chapter, ...]:
        """The chapters that people are counted through: `Part 2 of 5`."""
        return tuple(c for c in self.chapters if c.title is not None and not c.aside)

    @property
    def first_words(self) -> str:
        """The step of a story that came before its question."""
        return self.roles.first_words

    def every_step(self) -> Iterator[Step]:
        """All steps, in their order."""
        for chapter in self.chapters:
            yield from chapter.steps


@dataclass(frozen=True, slots=True)
class Promise:
    """What a sentence needs to be true, all of it; and what is said while it is not (None: nothing is)."""

    needs: frozenset[str]
    instead: Message | None


@dataclass(frozen=True, slots=True)
class Card:
    """Where to turn in one country. `checked` is the day when somebody last tried it, if anybody has."""

    lines: tuple[Message, ...]
    checked: DateValue | None
