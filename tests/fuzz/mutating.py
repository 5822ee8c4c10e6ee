"""Bytes to choices, and choices to a tree that is nearly right: how a fuzzer gets past the first check."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

ODD = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**400,
    0.5,
    1e308,
    "",
    "0",
    "\ud800",
    "\u202e\u200dabc",
    "no",
    "x" * 5000,
    "😀" * 40,
    "\0",
    "\x1b[31m",
    "{0}%(a)s",
    "/start ../../x",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"id": 1},
)


class Choices:
    """A finite run of choices read from bytes; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def over(self) -> bool:
        return self._at >= len(self._data)

    def number(self, most: int) -> int:
        """0 to `most`, inclusive."""
        size = max(1, (most.bit_length() + 7) // 8)
        taken = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(taken, "big") % (most + 1)

    def one(self, things: Sequence[Any]) -> Any:
        return things[self.number(len(things) - 1)]

    def raw(self, most: int) -> bytes:
        size = self.number(most)
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def text(self, most: int = 60) -> str:
        """Any text, lone surrogates and all."""
        return self.raw(most).decode("utf-8", "surrogateescape").replace("\udcff", "\U0001f600")

    def rest(self) -> bytes:
        taken = self._data[self._at :]
        self._at = len(self._data)
        return taken


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every value inside."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield tree, key
        yield from _places(value)


def mutated(tree: Any, choices: Choices, words: Sequence[str], most: int = 6) -> Any:
    """A copy with a few values replaced, removed, doubled or moved. `words` are keys that mean something there."""
    root = [copy.deepcopy(tree)]
    for _ in range(choices.number(most)):
        if choices.over:
            break
        container, key = choices.one(list(_places(root)))
        match choices.number(7):
            case 0:
                container[key] = copy.deepcopy(choices.one(ODD))
            case 1:
                container[key] = choices.text()
            case 2:
                container[key] = choices.number(2**32)
            case 3 if container is not root:
                del container[key]
            case 4 if isinstance(container[key], dict):
                container[key][choices.one(words)] = copy.deepcopy(choices.one(ODD))
            case 5 if isinstance(container[key], list):
                container[key].append(copy.deepcopy(choices.one(container[key] or ODD)))
            case 6:
                container[key] = choices.one(words)
            case 7:
                other, from_ = choices.one(list(_places(root)))
                container[key] = copy.deepcopy(other[from_])
    return root[0]
