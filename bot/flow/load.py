"""A document to a Flow, with file and line in every error."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from bot.flow.model import ALWAYS, Cap, Card, Chapter, Condition, Flow, Group, Kind, Option, Step, Text, Variant
from bot.flow.reading import Reader
from bot.flow.session import MOST_ROUNDS
from bot.flow.source import FlowError, line_of, read_yaml
from bot.talk.sentences import Message

ID = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
CODE = re.compile(r"[A-Za-z0-9_]{1,32}\Z")
STEP_KEYS = frozenset(
    "id kind class ask title options groups when required max many for_each text_version by scale no_contact".split(" ")
) | {"free"}
OPTION_KEYS = frozenset(["id", "label", "labels", "when", "set", "group", "says", "does", "also"])
CHAPTER_KEYS = frozenset(["id", "title", "sendable", "repeat", "intro", "aside", "steps"])
FLOW_KEYS = frozenset(["flow", "version", "first_words", "chapters", "caps", "lists"])
DOES = frozenset(
    ["alone", "say", "forget", "erase", "danger", "pause", "review", "submit", "start", "next_round", "just_help"]
)


@dataclass(frozen=True)
class Shelf:
    """What all flows share: the bot's sentences, code lists, help cards, what people type.

    `where` is file:line by context, for translators.
    """

    texts: Mapping[str, Text]
    codes: Mapping[str, Mapping[str, Message]]
    groups: Mapping[str, tuple[tuple[str, Message], ...]]
    group_of: Mapping[str, Mapping[str, str]]
    extra: Mapping[str, Mapping[str, Mapping[str, Any]]]
    cards: Mapping[str, Card]
    check_words: tuple[str, ...]
    typed: Mapping[str, Message]
    where: Mapping[str, str]


class FlowFile:
    """Reads one file's nodes and says where they are wrong."""

    def __init__(self, path: Path, shelf: Shelf | None = None) -> None:
        self.path, self.shelf = path, shelf
        self.name = path.parent.name
        self.root = read_yaml(path)

    def fail(self, node: Any, what: str, mend: str = "", key: Any = None) -> FlowError:
        return FlowError(self.path, line_of(node, key), what, mend)

    def where(self, node: Any, key: Any = None) -> str:
        """`messages.yaml:12`: the file under flows/ and the line."""
        parent = self.path.parent.name
        name = self.path.name if parent == "flows" else f"{parent}/{self.path.name}"
        return f"{name}:{line_of(node, key)}"

    def keys(self, node: Any, allowed: frozenset[str], what: str) -> Mapping[str, Any]:
        if not isinstance(node, Mapping):
            raise self.fail(node, f"{what} must be a mapping")
        for key in node:
            if key not in allowed:
                near = ", ".join(sorted(allowed))
                raise self.fail(node, f"{what} has an unknown key '{key}'", f"it knows {near}", key)
        return node

    def string(self, node: Any, key: str, what: str, default: str | None = None) -> str:
        value = node.get(key, default)
        if not isinstance(value, str):
            raise self.fail(node, f"{what} needs '{key}' as text", "put it in quotes", key)
        return str(value)

    def sentence(self, node: Any, key: str) -> Text:
        """A text, or `{one: …, other: …}` where a number decides."""
        value = node[key]
        if isinstance(value, Mapping):
            self.keys(value, frozenset({"one", "other"}), f"sentence '{key}'")
            return self.string(value, "one", key), self.string(value, "other", key)
        return self.string(node, key, f"sentence '{key}'")

    def strings(self, node: Any, value: Any, what: str) -> tuple[str, ...]:
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, Sequence) or not all(isinstance(v, str) for v in found):
            raise self.fail(node, f"{what} must be text or a list of texts", "put numbers in quotes")
        return tuple(str(v) for v in found)

    def identifier(self, node: Any, what: str) -> str:
        value = self.string(node, "id", what)
        if not ID.match(value):
            raise self.fail(node, f"the id '{value}' is not plain", "a-z, 0-9 and _, at most 32, a letter first", "id")
        return value

    def condition(self, node: Any, what: str) -> Condition:
        if node is None:
            return ALWAYS
        if not isinstance(node, Mapping):
            raise self.fail(node, f"{what} must be a mapping of step to values", "when: {step: [value]}")
        needs: dict[str, frozenset[str]] = {}
        every: set[str] = set()
        none_of: list[Condition] = []
        any_of: list[Condition] = []
        for key, value in node.items():
            if key == "not":
                inner = value if isinstance(value, list) else [value]
                none_of += [self.condition(v, what) for v in inner]
            elif key == "any":
                any_of += [self.condition(v, what) for v in value]
            elif key == "all":
                for inner_key, inner_value in value.items():
                    needs[str(inner_key)] = frozenset(self.strings(value, inner_value, what))
                    every.add(str(inner_key))
            else:
                needs[str(key)] = frozenset(self.strings(node, value, what))
        return Condition(needs, tuple(none_of), tuple(any_of), frozenset(every))

    def wordings(self, node: Any, key: str, context: str, what: str) -> tuple[tuple[Condition, Message], ...]:
        value = node.get(key)
        if isinstance(value, str):
            return ((ALWAYS, Message(context, str(value))),)
        if not isinstance(value, list) or not value:
            raise self.fail(node, f"{what} needs '{key}'", "a text, or a list of {when, text}", key)
        found = []
        for number, each in enumerate(value):
            self.keys(each, frozenset({"when", "text"}), f"a variant of {what}")
            text = self.string(each, "text", f"a variant of {what}")
            name = context if number == len(value) - 1 else f"{context}.{number + 1}"
            found.append((self.condition(each.get("when"), what), Message(name, text)))
        if found[-1][0] != ALWAYS:
            raise self.fail(node, f"the last variant of {what} has a condition", "leave its 'when' out", key)
        return tuple(found)

    def variants(self, node: Any, key: str, what: str) -> tuple[Variant, ...]:
        value = node.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (Variant(ALWAYS, str(value)),)
        return tuple(Variant(self.condition(v.get("when"), what), self.string(v, "is", what)) for v in value)

    def option(self, node: Any, context: str, group: str = "") -> Option:
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
        also = {str(k): self.string(node["also"], k, "'also'") for k in node.get("also") or ()}
        return Option(name, label, labels, when, sets, self.string(node, "group", name, group), says, does, also)

    def from_codes(self, node: Any, name: str) -> tuple[tuple[Option, ...], tuple[tuple[str, Message], ...]]:
        assert self.shelf is not None
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

    def step(self, node: Any, chapter: str, flow: str) -> Step:
        self.keys(node, STEP_KEYS, "a step")
        name = self.identifier(node, "a step")
        what, context = f"step '{name}'", f"{flow}.{name}"
        kind = self.string(node, "kind", what)
        if kind not in get_args(Kind):
            raise self.fail(node, f"{what} has no known kind", f"kinds: {', '.join(get_args(Kind))}", "kind")
        options: tuple[Option, ...] = ()
        groups: tuple[tuple[str, Message], ...] = ()
        given = node.get("options")
        is_language = given == "languages"
        if isinstance(given, Mapping):
            options, groups = self.from_codes(given, self.string(given, "codes", what))
        elif isinstance(given, list):
            options = tuple(self.option(o, context) for o in given)
        elif given is not None and not is_language:
            raise self.fail(node, f"{what} has options of no known form", "a list, or {codes: LIST}", "options")
        if kind in ("choice", "choices", "consent", "screen") and not options and not is_language:
            raise self.fail(node, f"{what} has no options", "list them", "kind")
        most = node.get("max", 0)
        if not isinstance(most, int):
            raise self.fail(node, f"'max' of {what} must be a whole number", key="max")
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
            text_version=int(node.get("text_version", 0)),
            by=self.variants(node, "by", what),
            scale=self.strings(node, node.get("scale", []), what),
            is_language=is_language,
            no_contact=node.get("no_contact") is True,
            free=node.get("free") is True,
            title=Message(f"{context}.title", self.string(node, "title", what)) if "title" in node else None,
            line=line_of(node),
        )

    def chapter(self, node: Any, flow: str) -> Chapter:
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
        self.keys(node, frozenset({"when", "step", "most", "set"}), "a cap")
        return Cap(
            self.condition(node.get("when"), "'when' of a cap"),
            self.string(node, "step", "a cap"),
            self.string(node, "most", "a cap"),
            self.string(node, "set", "a cap", ""),
            line_of(node),
        )

    def group(self, node: Any, name: str) -> Group:
        self.keys(node, frozenset({"from", "except"}), f"list '{name}'")
        less = {
            str(step): {str(v): self.strings(given, g, name) for v, g in given.items()}
            for step, given in (node.get("except") or {}).items()
        }
        return Group(self.strings(node, node.get("from", []), name), less)


def load_flow(path: Path, shelf: Shelf, reader: Reader, **settings: Any) -> Flow:
    """One flow file. Raises FlowError with file:line. `settings` are Flow's organisation, languages and the like."""
    file = FlowFile(path, shelf)
    root = file.keys(file.root, FLOW_KEYS, "a flow")
    name = file.string(root, "flow", "a flow")
    version = root.get("version")
    if not isinstance(version, int):
        raise file.fail(root, "a flow needs 'version' as a whole number", key="version")
    if path.parent.name != name or path.stem != str(version):
        raise file.fail(root, f"this is {name} {version}", "file and folder must say the same", "flow")
    chapters = root.get("chapters")
    if not isinstance(chapters, list):
        raise file.fail(root, "a flow needs 'chapters'", "a list")
    seen: dict[str, int] = {}
    loaded = tuple(file.chapter(c, name) for c in chapters)
    for step in (s for c in loaded for s in c.steps):
        if step.id in seen:
            raise FlowError(path, step.line, f"step '{step.id}' stands twice", f"the first is on line {seen[step.id]}")
        seen[step.id] = step.line
    return Flow(
        id=name,
        version=version,
        chapters=loaded,
        caps=tuple(file.cap(c) for c in root.get("caps") or ()),
        lists={str(k): file.group(v, str(k)) for k, v in (root.get("lists") or {}).items()},
        texts=shelf.texts,
        codes=shelf.codes,
        cards=shelf.cards,
        reader=reader,
        disputed=frozenset(c for c, entry in shelf.extra.get("countries", {}).items() if entry.get("note") is True),
        first_words=file.string(root, "first_words", "a flow", ""),
        **settings,
    )


def load_shelf(folder: Path) -> Shelf:
    """Sentences, code lists, cards and check words from `flows/`."""
    messages = FlowFile(folder / "messages.yaml")
    texts = {str(k): messages.sentence(messages.root, k) for k in messages.root}
    codes: dict[str, dict[str, Message]] = {}
    groups: dict[str, tuple[tuple[str, Message], ...]] = {}
    group_of: dict[str, dict[str, str]] = {}
    extra: dict[str, dict[str, Mapping[str, Any]]] = {}
    places: dict[str, str] = {}
    for path in sorted((folder / "codes").glob("*.yaml")):
        file, name = FlowFile(path), path.stem
        codes[name], group_of[name], extra[name] = {}, {}, {}
        listed = file.root.get("groups") or {}
        groups[name] = tuple((str(g), Message(f"codes.{name}.group.{g}", str(t))) for g, t in listed.items())
        for code, entry in (file.root.get("codes") or {}).items():
            if not isinstance(code, str) or not CODE.match(code):
                raise file.fail(file.root["codes"], f"the code '{code}' is not plain text", "put it in quotes", code)
            text = entry if isinstance(entry, str) else file.string(entry, "label", f"code '{code}'")
            places[f"codes.{name}.{code}"] = file.where(file.root["codes"], code)
            codes[name][str(code)] = Message(f"codes.{name}.{code}", str(text))
            if not isinstance(entry, str):
                extra[name][str(code)] = entry
                group_of[name][str(code)] = str(entry.get("group", ""))
    cards = {}
    for path in sorted((folder / "help").glob("*.yaml")):
        file = FlowFile(path)
        lines = file.strings(file.root, file.root.get("lines"), "'lines' of a help card")
        messages_ = tuple(Message(f"help.{path.stem}.{i}", line) for i, line in enumerate(lines, 1))
        cards[path.stem] = Card(messages_, file.string(file.root, "checked", "a help card"))
    words = FlowFile(folder / "check_words.yaml")
    typed = FlowFile(folder / "typed.yaml")
    return Shelf(
        texts,
        codes,
        groups,
        group_of,
        extra,
        cards,
        words.strings(words.root, words.root["words"], "words"),
        {str(k): Message(f"typed.{k}", typed.string(typed.root, k, f"typed word '{k}'")) for k in typed.root},
        {f"bot.{k}": messages.where(messages.root, k) for k in messages.root}
        | {f"typed.{k}": typed.where(typed.root, k) for k in typed.root}
        | places,
    )
