"""flows/promises.yaml, read with file and line in every error."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from bot.flow.flowfile import FlowFile
from bot.flow.model import Promise
from bot.flow.promises import BACKINGS
from bot.flow.source import FlowError, line_of
from bot.talk.sentences import Message

FILE = "promises.yaml"
NONE, NOTHING = "none", "nothing"
KEYS = frozenset(["english", "promise", "instead"])


class Classified(Struct, frozen=True):
    """One entry, as a person wrote it. `english` are hashes of its wordings, `instead` is a message id."""

    english: tuple[str, ...]
    needs: tuple[str, ...] = ()
    instead: str = ""
    line: int = 1


Listed = Mapping[str, Classified]
"""By message id."""


def english(message: Message) -> str:
    """What binds an entry to its words: 12 hex digits of SHA-256. No number, so that YAML reads it as text."""
    return "w" + hashlib.sha256(f"{message.text}\0{message.plural}".encode()).hexdigest()[:12]


def read_list(folder: Path) -> dict[str, Classified]:
    """Every entry; none where there is no list. Raises FlowError."""
    path = folder / FILE
    if not path.exists():
        return {}
    file = FlowFile(path)
    return {str(key): _entry(file, file.root, str(key)) for key in file.root or {}}


def _entry(file: FlowFile, root: Any, key: str) -> Classified:
    what = f"'{key}'"
    node = file.keys(root[key], KEYS, what)
    for needed in ("english", "promise"):
        if needed not in node:
            raise file.fail(root, f"{what} needs '{needed}'", "english: HASH, promise: none or what backs it", key)
    words = file.strings(node, node["english"], f"'english' of {what}")
    needs = file.strings(node, node["promise"], f"'promise' of {what}")
    needs = () if needs == (NONE,) else needs
    for word in needs:
        if word not in BACKINGS:
            raise file.fail(
                root, f"{what} is backed by '{word}', which is nothing", f"known: {', '.join(BACKINGS)}", key
            )
    instead = file.string(node, "instead", what, "")
    if needs and not instead:
        raise file.fail(root, f"{what} may not hold: what is said then?", f"instead: a message id, or {NOTHING}", key)
    if instead and not needs:
        raise file.fail(root, f"{what} promises nothing, and has an 'instead'", "take it out", key)
    return Classified(words, needs, instead, line_of(root, key))


def promises(listed: Listed, every: Iterable[Message], path: Path) -> dict[str, Promise]:
    """Those that promise something. Raises FlowError where what is said instead is not there, or never ends."""
    known = {message.context: message for message in every}
    found = {}
    for name, entry in listed.items():
        if not entry.needs or name not in known:
            continue  # of a flow that is not here: `flow check` says so
        if entry.instead != NOTHING and entry.instead not in known:
            what = f"'{entry.instead}', which is said instead of '{name}', is no message"
            raise FlowError(path, entry.line, what, "name one of messages.yaml")
        if circle(listed, name):
            raise FlowError(path, entry.line, f"what is said instead of '{name}' goes round in a circle", "end it")
        found[name] = Promise(frozenset(entry.needs), known.get(entry.instead))
    return found


def circle(listed: Listed, name: str) -> bool:
    """Whether what is said instead never ends."""
    seen: set[str] = set()
    while name in listed and listed[name].needs:
        if name in seen:
            return True
        seen.add(name)
        name = listed[name].instead
    return False
