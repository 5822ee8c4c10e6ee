"""Chapters, steps, options and limits of a flow file, with file and line in every error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from bot.flow.flowfile import FlowFile
from bot.flow.model import ALWAYS, Cap, Chapter, Condition, Group, Kind, Option, Step
from bot.flow.session import MOST_ROUNDS
from bot.flow.shelf import Shelf
from bot.flow.source import line_of
from bot.talk.sentences import Message

STEP_KEYS = frozenset(
    "id kind class ask title options groups when required max many for_each text_version by scale no_contact".split(" ")
) | {"free", "as", "prefer", "hard"}
OPTION_KEYS = frozenset(["id", "label", "labels", "when", "set", "group", "says", "does", "also", "plain_yes"])
CHAPTER_KEYS = frozenset(["id", "title", "sendable", "repeat", "intro", "aside", "steps"])
DOES = frozenset(
    ["alone", "say", "forget", "erase", "danger", "pause", "review", "submit", "start", "next_round", "just_help"]
)


class Questions(FlowFile):
    """Reads what a flow asks."""

    def __init__(self, path: Path, shelf: Shelf) -> None:
        """Read the file; `shelf` has the code lists that its steps may offer. Raises FlowError."""
        super().__init__(path)
        self.shelf = shelf

    def option(self, node: Any, context: str, group: str = "") -> Option:
        """One thing to choose. `context` is its question's in the catalogues."""
        self.keys(node, OPTION_KEYS, "an option")
        name = self.identifier(node, "an option")
        labels: tuple[tuple[Condition, Message], ...] = ()
        if "labels" in node:
            labels = self.wordings(node, "labels", f"{context}.{name}", f"option '{name}'")
            label = labels[-1][1]
        else:
            label = Message(f"{context}.{name}", self.string(node, "label", f"option '{name}'"))
        says = Message(f"{context}.{name}.says", self.string(node, "says", name)) if "says" in node else None
        does = self.string(node, "does", name, "")
        if does and does not in DOES:
            raise self.fail(node, f"an option can't do '{does}'", f"it can: {', '.join(sorted(DOES))}", "does")
        sets = self.strings(node, node.get("set", []), f"'set' of option '{name}'")
        when = self.condition(node.get("when"), f"'when' of option '{name}'")
        others = self.mapped(node, "also", f"option '{name}'")
        also = {str(k): self.string(others, k, "'also'") for k in others}
        plain_yes = node.get("plain_yes") is True
        return Option(
            name, label, labels, when, sets, self.string(node, "group", name, group), says, does, also, plain_yes
        )

    def from_codes(self, node: Any, name: str) -> tuple[tuple[Option, ...], tuple[tuple[str, Message], ...]]:
        """(options, groups) of a code list: what several flows offer alike."""
        if name not in self.shelf.codes:
            raise self.fail(node, f"there is no code list '{name}'", f"lists: {', '.join(sorted(self.shelf.codes))}")
        options = []
        for code, label in self.shelf.codes[name].items():
            extra = self.shelf.extra[name].get(code, {})
            says = Message(f"codes.{name}.{code}.says", str(extra["says"])) if "says" in extra else None
            sets = self.strings(node, extra.get("set", []), code)
            group = self.shelf.group_of[name].get(code, "")
            does = str(extra.get("does", ""))
            options.append(Option(code, label, (), ALWAYS, sets, group, says, does))
        return tuple(options), self.shelf.groups.get(name, ())

    def _offered(
        self, node: Any, what: str, context: str
    ) -> tuple[tuple[Option, ...], tuple[tuple[str, Message], ...]]:
        given = node.get("options")
        if isinstance(given, Mapping):
            return self.from_codes(given, self.string(given, "codes", what))
        if isinstance(given, list):
            return tuple(self.option(o, context) for o in given), ()
        if given is not None and given != "languages":
            raise self.fail(node, f"{what} has options of no known form", "a list, or {codes: LIST}", "options")
        return (), ()

    def step(self, node: Any, chapter: str, flow: str) -> Step:
        """One question."""
        self.keys(node, STEP_KEYS, "a step")
        name = self.identifier(node, "a step")
        what, context = f"step '{name}'", f"{flow}.{name}"
        kind = self.string(node, "kind", what)
        if kind not in get_args(Kind):
            raise self.fail(node, f"{what} has no known kind", f"kinds: {', '.join(get_args(Kind))}", "kind")
        is_language = node.get("options") == "languages"
        options, groups = self._offered(node, what, context)
        if kind in ("choice", "choices", "consent", "screen") and not options and not is_language:
            raise self.fail(node, f"{what} has no options", "list them", "kind")
        most = self.whole(node, "max", what, 0)
        prefer = self.string(node, "prefer", what, "")
        if prefer and (kind != "date" or prefer != "future"):
            raise self.fail(node, f"{what} can't prefer '{prefer}'", "a date step may have 'prefer: future'", "prefer")
        hard = node.get("hard") is True
        if hard and kind in ("consent", "screen"):
            raise self.fail(node, f"{what} can't be hard", "take 'hard' out", "hard")
        return Step(
            id=name,
            kind=cast(Kind, kind),
            chapter=chapter,
            asks=self.wordings(node, "ask", f"{context}.ask", what),
            classes=self.variants(node, "class", what),
            options=options,
            groups=groups,
            when=self.condition(node.get("when"), f"'when' of {what}"),
            required=node.get("required") is True,
            most=most or (4000 if kind == "text" else 0),
            many=node.get("many") is True,
            for_each=self.string(node, "for_each", what, ""),
            text_version=self.whole(node, "text_version", what, 0),
            by=self.variants(node, "by", what),
            scale=self.strings(node, node.get("scale", []), what),
            is_language=is_language,
            known_as=self.string(node, "as", what, name),
            no_contact=node.get("no_contact") is True,
            ahead=prefer == "future",
            free=node.get("free") is True,
            hard=hard,
            title=Message(f"{context}.title", self.string(node, "title", what)) if "title" in node else None,
            line=line_of(node),
        )

    def chapter(self, node: Any, flow: str) -> Chapter:
        """A stretch of the flow, with its steps in their order."""
        self.keys(node, CHAPTER_KEYS, "a chapter")
        name = self.identifier(node, "a chapter")
        steps = node.get("steps")
        if not isinstance(steps, list) or not steps:
            raise self.fail(node, f"chapter '{name}' has no steps", "list them")
        repeat = node.get("repeat", 1)
        if not isinstance(repeat, int) or not 1 <= repeat <= MOST_ROUNDS:
            raise self.fail(node, f"'repeat' of chapter '{name}' must be 1 to {MOST_ROUNDS}", key="repeat")

        def message(key: str) -> Message | None:
            return Message(f"{flow}.{name}.{key}", self.string(node, key, name)) if key in node else None

        return Chapter(
            id=name,
            steps=tuple(self.step(s, name, flow) for s in steps),
            title=message("title"),
            sendable=node.get("sendable") is True,
            repeat=repeat,
            aside=node.get("aside") is True,
            intro=message("intro"),
        )

    def cap(self, node: Any) -> Cap:
        """A limit to a consent, under a condition."""
        self.keys(node, frozenset({"when", "step", "most", "set"}), "a cap")
        return Cap(
            self.condition(node.get("when"), "'when' of a cap"),
            self.string(node, "step", "a cap"),
            self.string(node, "most", "a cap"),
            self.string(node, "set", "a cap", ""),
            line_of(node),
        )

    def group(self, node: Any, name: str) -> Group:
        """A list of items to ask for each of."""
        self.keys(node, frozenset({"from", "except"}), f"list '{name}'")
        excluding = self.mapped(node, "except", f"list '{name}'")
        less = {}
        for step in excluding:
            given = self.mapped(excluding, step, f"list '{name}'")
            less[str(step)] = {str(value): self.strings(given, gone, name) for value, gone in given.items()}
        return Group(self.strings(node, node.get("from", []), name), less)
