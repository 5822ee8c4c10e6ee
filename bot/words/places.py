"""What names of places mean, in every language: from flows/places/, where all of it is data.

A name may be a country, a part of one, what several go by, a people, or a town that tells namesakes apart.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from ruamel.yaml import YAML

from bot.flow.source import FlowError, line_of, read_yaml
from bot.words.folding import folded

NONE: frozenset[str] = frozenset()
LISTS = frozenset({"names", "parts", "disputed", "unclear", "unclear_disputed", "towns", "people"})
AROUND = frozenset({"before", "after", "attached", "article", "nowhere", "forms", "links", "plural", "small"})


class Meaning(Struct, frozen=True):
    """The codes that a name can mean, by how it means them. `note`: say that it takes no side."""

    countries: frozenset[str] = NONE
    parts: frozenset[str] = NONE
    unclear: frozenset[str] = NONE
    people: frozenset[str] = NONE
    towns: frozenset[str] = NONE
    note: bool = False

    def every(self) -> frozenset[str]:
        """Countries that the name can stand for; a town alone stands for none."""
        return self.countries | self.parts | self.unclear | self.people

    def more(self, field: str, codes: Iterable[str], note: bool = False) -> "Meaning":
        """The same name with more that it can mean."""
        return replace(self, **{field: getattr(self, field).union(codes), "note": self.note or note})


class Tongue:
    """The names of one language, folded. What stands around a name and says nothing is `before` and `after`.

    `forms` are words of official names (`Gabonese Republic`), `links` what stands between them; `plural` are endings
    of peoples; `small` are names that are another word in small letters (`us`, `car`).
    """

    def __init__(self) -> None:
        self.names: dict[str, Meaning] = {}
        self.before: frozenset[tuple[str, ...]] = frozenset()
        self.after: frozenset[tuple[str, ...]] = frozenset()
        self.attached: tuple[tuple[str, str], ...] = ()  # what is taken off, what is put in its place
        self.article: tuple[str, ...] = ()
        self.nowhere: frozenset[str] = NONE
        self.forms: frozenset[str] = NONE
        self.links: frozenset[str] = NONE
        self.plural: tuple[str, ...] = ()
        self.small: frozenset[str] = NONE
        self.longest = 1  # words of a name

    def add(self, name: str, field: str, codes: Iterable[str], note: bool = False) -> None:
        if key := folded(name):
            self.names[key] = self.names.get(key, Meaning()).more(field, codes, note)
            self.longest = max(self.longest, key.count(" ") + 1)


def pieces(text: str) -> list[str]:
    """A list as it is written: commas of any script, `-` for none."""
    return [w for word in re.split("[,،]", text) if (w := word.strip()) and w != "-"]


class Places:
    """All languages of flows/places/. `labels` gives a country's own name in a language: code to name.

    A language is made ready when it is first asked for: 5 ms of CPU.
    """

    def __init__(
        self,
        written: Mapping[str, Mapping[str, Any]],
        listed: Mapping[str, Mapping[str, Any]],
        alpha3: Mapping[str, str],
    ) -> None:
        self._written, self._listed, self.alpha3 = written, listed, alpha3
        self._tongues: dict[str, Tongue] = {}
        self._everywhere: dict[str, set[str]] = {}

    def elsewhere(self, name: str) -> Meaning | None:
        """What a folded name means in any language at all; towns are no country."""
        if not self._everywhere:
            for code, names in ((c, n) for each in self._listed.values() for c, n in each.get("names", {}).items()):
                for each in names:
                    self._everywhere.setdefault(folded(each), set()).add(code)
            for section, entries in ((s, e) for each in self._written.values() for s, e in each.items()):
                for codes, names in entries.items() if section in LISTS and section != "towns" else ():
                    for each in pieces(names):
                        self._everywhere.setdefault(folded(each), set()).update(codes.split())
        codes = self._everywhere.get(name)
        return Meaning(unclear=frozenset(codes)) if codes else None

    def languages(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._written, *self._listed))

    def tongue(self, language: str) -> Tongue:
        if language not in self._tongues:
            self._tongues[language] = self._make(language)
        return self._tongues[language]

    def _make(self, language: str) -> Tongue:
        tongue = Tongue()
        listed = self._listed.get(language, {})
        for code, names in listed.get("names", {}).items():
            for name in names:
                tongue.add(name, "countries", (code,))
        for name, code in listed.get("towns", {}).items():
            tongue.add(name, "towns", (code,))
        for name, codes in listed.get("people", {}).items():
            tongue.add(name, "people", codes)
        written = self._written.get(language, {})
        fields = {"names": "countries", "disputed": "parts", "unclear_disputed": "unclear"}
        for section in LISTS & written.keys():
            for codes, names in written[section].items():
                for name in pieces(names):
                    tongue.add(name, fields.get(section, section), codes.split(), note="disputed" in section)
        for name, meaning in tongue.names.items():
            if meaning.people <= meaning.countries:  # "Vatican" is what they are called, too
                tongue.names[name] = replace(meaning, people=NONE)
        tongue.before, tongue.after = (
            frozenset(tuple(folded(w).split()) for w in pieces(written.get(key, ""))) for key in ("before", "after")
        )
        tongue.nowhere = frozenset(folded(w) for w in pieces(written.get("nowhere", "")))
        attached = (folded(part) for w in pieces(written.get("attached", "")) for part in w.partition("=")[::2])
        tongue.attached = tuple(sorted(zip(*[attached] * 2, strict=True), key=lambda pair: -len(pair[0])))
        tongue.article, tongue.plural = (
            tuple(folded(w) for w in pieces(written.get(key, ""))) for key in ("article", "plural")
        )
        tongue.forms = frozenset(w for form in pieces(written.get("forms", "")) for w in folded(form).split())
        tongue.links = frozenset(folded(w) for w in pieces(written.get("links", "")))
        tongue.small = frozenset(folded(w) for w in pieces(written.get("small", "")))
        tongue.longest = max(tongue.longest, *(w.count(" ") + 1 for w in tongue.nowhere), 1)
        return tongue


def load_places(folder: Path, codes: Iterable[str]) -> Places:
    """Read flows/places/. Raises FlowError with file and line for a list of no known name, or an unknown country."""
    known = frozenset(codes)
    written = {path.stem: _written(path, known) for path in sorted(folder.glob("*.yaml"))}
    listed: dict[str, dict[str, Any]] = {}
    for path in sorted(p for source in ("cldr", "world") for p in (folder / source).glob("*.json")):
        if path.stem != "codes":
            for title, entries in json.loads(path.read_text("utf-8")).items():
                _merge(listed.setdefault(path.stem, {}).setdefault(title, {}), entries)
    facts = folder / "cldr" / "codes.json"
    alpha3 = json.loads(facts.read_text("utf-8"))["alpha3"] if facts.exists() else {}
    return Places(written, listed, alpha3)


def _merge(known: dict[str, Any], entries: Mapping[str, Any]) -> None:
    """What one source says beside another: more names of one country, more peoples."""
    for key, value in entries.items():
        known[key] = [*known.get(key, ()), *value] if isinstance(value, list) else value


def _written(path: Path, known: frozenset[str]) -> Mapping[str, Any]:
    """The quick reader first: the one that knows lines takes ten times as long, and only says what is wrong."""
    try:
        found = YAML(typ="safe").load(path.read_text("utf-8"))
        if not list(_wrong(found, known)):
            return dict(found)
    except Exception:  # whatever it is, the careful reader says it with its line
        found = None
    careful = read_yaml(path)
    for node, key, what, mend in _wrong(careful, known):
        raise FlowError(path, line_of(node, key), what, mend)
    raise FlowError(path, 1, "this can't be read as lists of names", "see flows/places/en.yaml")


def _wrong(root: Any, known: frozenset[str]) -> Iterator[tuple[Any, Any, str, str]]:
    if not isinstance(root, Mapping):
        yield root, None, "a file of places is a mapping", "see flows/places/en.yaml"
        return
    for section, entries in root.items():
        if section in AROUND and isinstance(entries, str):
            continue
        if section not in LISTS or not isinstance(entries, Mapping):
            names = ", ".join(sorted(LISTS | AROUND))
            yield root, section, f"there is no list of places '{section}'", f"lists: {names}; code: names"
            continue
        for codes, names in entries.items():
            if not isinstance(codes, str) or not isinstance(names, str):
                yield entries, codes, "an entry is codes and names, both text", 'put them in quotes: "NO": Norway'
            elif unknown := [c for c in codes.split() if c not in known]:
                yield entries, codes, f"there is no country '{unknown[0]}'", "codes stand in flows/codes/countries.yaml"
