"""Nodes of a YAML file, read one by one, with file and line in every error."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.flow.model import ALWAYS, Condition, Text, Variant
from bot.flow.source import FlowError, line_of, read_yaml
from bot.talk.sentences import Message

ID = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")


class FlowFile:
    """Reads one file's nodes and says where they are wrong: every method raises FlowError with file and line.

    `what` is what a node is called in an error, like "step X".
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises FlowError."""
        self.path = path
        self.root = read_yaml(path)

    def fail(self, node: Any, what: str, mend: str = "", key: Any = None) -> FlowError:
        """The error, to be raised, at a node or at one of its keys."""
        return FlowError(self.path, line_of(node, key), what, mend)

    def where(self, node: Any, key: Any = None) -> str:
        """`messages.yaml:12`: the file under flows/ and the line."""
        parent = self.path.parent.name
        name = self.path.name if parent == "flows" else f"{parent}/{self.path.name}"
        return f"{name}:{line_of(node, key)}"

    def keys(self, node: Any, allowed: frozenset[str], what: str) -> Mapping[str, Any]:
        """The node, where it is a mapping that has no other keys."""
        if not isinstance(node, Mapping):
            raise self.fail(node, f"{what} must be a mapping")
        for key in node:
            if key not in allowed:
                near = ", ".join(sorted(allowed))
                raise self.fail(node, f"{what} has an unknown key '{key}'", f"it knows {near}", key)
        return node

    def string(self, node: Any, key: str, what: str, default: str | None = None) -> str:
        """The text under a key; without a default there must be one."""
        value = node.get(key, default)
        if not isinstance(value, str):
            raise self.fail(node, f"{what} needs '{key}' as text", "put it in quotes", key)
        return str(value)

    def whole(self, node: Any, key: str, what: str, default: int) -> int:
        """The whole number under a key."""
        value = node.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(node, f"'{key}' of {what} must be a whole number", key=key)
        return int(value)

    def listed(self, node: Any, key: str, what: str) -> Sequence[Any]:
        """The list under a key; none is an empty one."""
        value = node.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.fail(node, f"'{key}' of {what} must be a list", key=key)
        return value

    def mapped(self, node: Any, key: str, what: str) -> Mapping[str, Any]:
        """The mapping under a key; none is an empty one."""
        value = node.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.fail(node, f"'{key}' of {what} must be a mapping", key=key)
        return value

    def sentence(self, node: Any, key: str) -> Text:
        """A text, or `{one: …, other: …}` where a number decides."""
        value = node[key]
        if isinstance(value, Mapping):
            self.keys(value, frozenset({"one", "other"}), f"sentence '{key}'")
            return self.string(value, "one", key), self.string(value, "other", key)
        return self.string(node, key, f"sentence '{key}'")

    def strings(self, node: Any, value: Any, what: str) -> tuple[str, ...]:
        """A text or a list of texts, as a tuple."""
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, Sequence) or not all(isinstance(v, str) for v in found):
            raise self.fail(node, f"{what} must be text or a list of texts", "put numbers in quotes")
        return tuple(str(v) for v in found)

    def identifier(self, node: Any, what: str) -> str:
        """The node's `id`: plain, so that it fits everywhere."""
        value = self.string(node, "id", what)
        if not ID.match(value):
            raise self.fail(node, f"the id '{value}' is not plain", "a-z, 0-9 and _, at most 32, a letter first", "id")
        return value

    def condition(self, node: Any, what: str) -> Condition:
        """A mapping of what must hold; no node is always true."""
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
                any_of += [self.condition(v, what) for v in self.listed(node, key, what)]
            elif key == "all":
                for inner_key, inner_value in self.mapped(node, key, what).items():
                    needs[str(inner_key)] = frozenset(self.strings(value, inner_value, what))
                    every.add(str(inner_key))
            else:
                needs[str(key)] = frozenset(self.strings(node, value, what))
        return Condition(needs, tuple(none_of), tuple(any_of), frozenset(every))

    def wordings(self, node: Any, key: str, context: str, what: str) -> tuple[tuple[Condition, Message], ...]:
        """A text or a list of `{when, text}`; the last has no condition, and the first that holds is used."""
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
        """A word or a list of `{when, is}`: a class, or who gives a consent."""
        value = node.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (Variant(ALWAYS, str(value)),)
        found = []
        for each in self.listed(node, key, what):
            self.keys(each, frozenset({"when", "is"}), f"a variant of {what}")
            found.append(Variant(self.condition(each.get("when"), what), self.string(each, "is", what)))
        return tuple(found)
