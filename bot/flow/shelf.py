"""What all flows share: the bot's sentences, code lists, help cards, check words, what people type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.flow.flowfile import FlowFile
from bot.flow.model import Card, Text
from bot.talk.sentences import DateValue, Message

CODE = re.compile(r"[A-Za-z0-9_]{1,32}\Z")


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


@dataclass
class _Codes:
    """Code lists as they are read, one file a list."""

    codes: dict[str, dict[str, Message]] = field(default_factory=dict)
    groups: dict[str, tuple[tuple[str, Message], ...]] = field(default_factory=dict)
    group_of: dict[str, dict[str, str]] = field(default_factory=dict)
    extra: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """One more list."""
        file, name = FlowFile(path), path.stem
        self.codes[name], self.group_of[name], self.extra[name] = {}, {}, {}
        listed = file.root.get("groups") or {}
        self.groups[name] = tuple((str(g), Message(f"codes.{name}.group.{g}", str(t))) for g, t in listed.items())
        for code, entry in (file.root.get("codes") or {}).items():
            if not isinstance(code, str) or not CODE.match(code):
                raise file.fail(file.root["codes"], f"the code '{code}' is not plain text", "put it in quotes", code)
            text = entry if isinstance(entry, str) else file.string(entry, "label", f"code '{code}'")
            self.places[f"codes.{name}.{code}"] = file.where(file.root["codes"], code)
            self.codes[name][str(code)] = Message(f"codes.{name}.{code}", str(text))
            if not isinstance(entry, str):
                self.extra[name][str(code)] = entry
                self.group_of[name][str(code)] = str(entry.get("group", ""))


def _card(path: Path) -> Card:
    file = FlowFile(path)
    lines = file.strings(file.root, file.root.get("lines"), "'lines' of a help card")
    messages = tuple(Message(f"help.{path.stem}.{i}", line) for i, line in enumerate(lines, 1))
    return Card(messages, _day(file))


def _day(file: FlowFile) -> DateValue | None:
    """When somebody last called: `never`, or a day like 2026-11-28."""
    given = file.string(file.root, "checked", "a help card")
    if given == "never":
        return None
    try:
        return DateValue(date.fromisoformat(given), "day")
    except ValueError:
        raise file.fail(file.root, f"'{given}' is no day", "write a day like 2026-11-28, or never", "checked") from None


def load_shelf(folder: Path) -> Shelf:
    """Sentences, code lists, cards and check words from `flows/`. Raises FlowError."""
    lists = _Codes()
    for path in sorted((folder / "codes").glob("*.yaml")):
        lists.read(path)
    messages, words = FlowFile(folder / "messages.yaml"), FlowFile(folder / "check_words.yaml")
    typed = FlowFile(folder / "typed.yaml")
    where = {f"bot.{k}": messages.where(messages.root, k) for k in messages.root}
    where |= {f"typed.{k}": typed.where(typed.root, k) for k in typed.root}
    return Shelf(
        texts={str(k): messages.sentence(messages.root, k) for k in messages.root},
        codes=lists.codes,
        groups=lists.groups,
        group_of=lists.group_of,
        extra=lists.extra,
        cards={path.stem: _card(path) for path in sorted((folder / "help").glob("*.yaml"))},
        check_words=words.strings(words.root, words.root["words"], "words"),
        typed={str(k): Message(f"typed.{k}", typed.string(typed.root, k, f"typed word '{k}'")) for k in typed.root},
        where=where | lists.places,
    )
