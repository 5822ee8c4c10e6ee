"""What all flows share: the bot's sentences, code lists, help cards, check words, what people type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.flow.flowfile import FlowFile
from bot.flow.model import Card, Text
from bot.talk.sentences import Message

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
