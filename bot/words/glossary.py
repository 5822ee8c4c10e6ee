"""locales/LANGUAGE/glossary.yaml: the terms of a language, what it never says, its spaces. Knows no language.

A translator edits it; `stonechat words check` holds it (usage.py). See docs/translating.md.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from bot.errors import StonechatError
from bot.flow.source import FlowError, line_of, read_yaml
from bot.words.spacing import NARROW, NOT_SPACED, WIDE, Spacing

FILE = "glossary.yaml"
LARGEST = 1_000_000  # bytes; more is no list that people edit
APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`\u02b9\uff07"
KINDS = {"narrow": NARROW, "wide": WIDE}
SPACES = tuple(f"{kind}_{side}" for kind in KINDS for side in ("before", "after"))
KEYS = ("spaces", "apostrophe", "joined", "terms", "never")
OF_A_TERM, OF_A_FORM = ("say", "not_in"), ("forms", "instead", "but", "in", "not_in")
HOLE = "\ufffc"  # stands where something was taken out: no letter, no space
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"  # written on a letter, not beside it
LETTER = rf"[\w{MARKS}]"
WORD = re.compile(rf"{LETTER}|\*")
PIECES = re.compile(rf"[^{MARKS}][{MARKS}]*")


class GlossaryError(StonechatError):
    """A glossary that can't be used: file and line, what, the mend."""


@lru_cache(4096)  # each sentence meets every rule
def compared(text: str, marks: bool = False) -> str:
    """Small letters, one kind of apostrophe and of space, no vowel marks (unless asked for); accents stay."""
    text = unicodedata.normalize("NFC", text.casefold())
    text = "".join(c for c in text if c != "\u0640" and unicodedata.category(c) != "Cf")
    text = " ".join(re.sub(f"[{APOSTROPHES}]", "'", text).split())
    return text if marks else "".join(c for c in text if not unicodedata.combining(c))


@dataclass(frozen=True)
class Joined:
    """Letters that this language writes onto a word: `before` and `after` it."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


NOTHING_JOINED = Joined()


def pattern(form: str, joined: Joined = NOTHING_JOINED) -> re.Pattern[str]:
    """Finds a form as whole words in what was `compared` with its marks; those of the form must be there, more may be.

    `*` stands for any letters, `^` for the beginning of the sentence.
    """
    form = compared(form, marks=True)
    begins, form = form.startswith("^"), form.removeprefix("^").strip()
    body = "".join(map(_piece, PIECES.findall(form)))
    if not begins and WORD.match(form[0]):
        body = rf"(?<!{LETTER}){_any_of(joined.before)}{body}"
    if WORD.match(form[-1]):
        body = rf"{body}{_any_of(() if form[-1] == '*' else joined.after)}(?!{LETTER})"
    return re.compile(rf"^[^\w{MARKS}]*{body}" if begins else body)


def _piece(piece: str) -> str:
    if piece == "*":
        return f"{LETTER}*"
    if piece == " ":
        return " "
    needed = "".join(f"(?=[{MARKS}]*{mark})" for mark in piece[1:])
    return f"{re.escape(piece[0])}{needed}[{MARKS}]*"


def _any_of(letters: Sequence[str]) -> str:
    """One of these, or none."""
    if not letters:
        return ""
    longest_first = sorted(letters, key=len, reverse=True)
    return f"(?:{'|'.join(''.join(map(_piece, PIECES.findall(each))) for each in longest_first)})?"


@dataclass(frozen=True)
class Where:
    """Which sentences a rule holds for: buttons only, or all but some message ids (`*` at the end for many)."""

    labels: bool = False
    not_in: tuple[str, ...] = ()

    def holds(self, context: str, is_label: bool) -> bool:
        left_out = any(context.startswith(i[:-1]) if i.endswith("*") else context == i for i in self.not_in)
        return not left_out and (is_label or not self.labels)


@dataclass(frozen=True)
class Term:
    """An English term, and what the language says for it: any of these, inside a word too."""

    english: str
    say: tuple[str, ...]
    where: Where
    line: int

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){re.escape(compared(self.english))}(?:s|es)?(?!\w)")

    def named_in(self, english: str) -> bool:
        return bool(self._named.search(compared(english)))

    def kept_in(self, text: str) -> bool:
        words = compared(text)
        return any(compared(form) in words for form in self.say)


@dataclass(frozen=True)
class Never:
    """Forms that are not used, and what to write instead. `but` look like one and are fine."""

    forms: tuple[str, ...]
    instead: str
    but: tuple[str, ...]
    where: Where
    joined: Joined
    line: int

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
        forms = tuple(pattern(form, self.joined) for form in self.forms)
        return tuple(pattern(each, self.joined) for each in self.but), forms

    def found_in(self, text: str) -> str | None:
        """The first of the forms that stands there, as it stands there."""
        fine, forms = self._patterns
        words = compared(text, marks=True)
        for each in fine:
            words = each.sub(HOLE, words)
        found = [match for each in forms if (match := each.search(words))]
        return min(found, key=lambda match: match.start()).group(0).strip() if found else None


@dataclass(frozen=True)
class Glossary:
    """One language's. An empty one asks for nothing."""

    path: Path | None = None
    terms: tuple[Term, ...] = ()
    never: tuple[Never, ...] = ()
    apostrophe: str = ""
    spacing: Spacing = NOT_SPACED


NONE = Glossary()


def read_glossary(folder: Path) -> Glossary:
    """The one in a language's folder, or an empty one where there is none. Raises GlossaryError, one line."""
    path = folder / FILE
    try:
        if not os.path.lexists(path):
            return NONE
        if not path.is_file():
            raise _wrong(path, 1, "this is no file", "make it a text file, or take it away")
        if path.stat().st_size > LARGEST:
            raise _wrong(path, 1, f"this is larger than {LARGEST:,} bytes", "make it shorter")
        return _Reading(path).glossary(read_yaml(path))
    except FlowError as error:
        raise GlossaryError(error.what, where=error.where, mend="see docs/translating.md") from None
    except GlossaryError:
        raise
    except Exception as error:  # a list of words stops no bot
        raise _wrong(path, 1, f"this can't be read ({type(error).__name__})", "see docs/translating.md") from None


def spacing_beside(po: Path) -> Spacing:
    """The spaces of the glossary that belongs to a .po file; none where it can't be read (`words check` says why)."""
    try:
        return read_glossary(po.parent.parent).spacing
    except GlossaryError:
        return NOT_SPACED


def _wrong(path: Path, line: int, what: str, mend: str) -> GlossaryError:
    return GlossaryError(what, where=f"{path}:{line}", mend=mend)


class _Reading:
    """What was written, made into rules; whatever it can't be is told with its line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def glossary(self, written: Any) -> Glossary:
        if written is None:
            return NONE
        entries = self._mapping(written, KEYS, 1)
        line = line_of(written, "joined")
        joined = self._mapping(entries.get("joined") or {}, ("before", "after"), line)
        letters = Joined(*(tuple(map(compared, self._list(joined, key, line))) for key in ("before", "after")))
        return Glossary(
            self.path,
            tuple(self._terms(entries.get("terms") or {}, line_of(written, "terms"))),
            tuple(self._never(entries.get("never") or [], letters, line_of(written, "never"))),
            self._apostrophe(entries, line_of(written, "apostrophe")),
            self._spaces(entries.get("spaces") or {}, line_of(written, "spaces")),
        )

    def _terms(self, written: Any, line: int) -> Iterator[Term]:
        for english, said in self._mapping(written, None, line).items():
            at = line_of(written, english)
            if not english.strip():
                raise _wrong(self.path, at, "a term has no English", "write the English term before the colon")
            rule = self._mapping(said, OF_A_TERM, at) if isinstance(said, Mapping) else {"say": said}
            yield Term(english, self._list(rule, "say", at, needed=True), self._where(rule, at), at)

    def _never(self, written: Any, joined: Joined, line: int) -> Iterator[Never]:
        if not isinstance(written, list):
            raise _wrong(self.path, line, "'never' is no list", "begin each rule with '- forms:'")
        for i, each in enumerate(written):
            at = line_of(written, i)
            rule = self._mapping(each, OF_A_FORM, at)
            instead = rule.get("instead")
            if not isinstance(instead, str) or not instead.strip():
                raise _wrong(self.path, at, "a rule does not say what to write instead", "give it 'instead:'")
            forms, but = self._list(rule, "forms", at, needed=True), self._list(rule, "but", at)
            for form in (*forms, *but):
                if not compared(form).strip("^* "):
                    raise _wrong(self.path, at, f"'{form}' would be every word", "write more of it")
            yield Never(forms, instead.strip(), but, self._where(rule, at), joined, at)

    def _where(self, rule: Mapping[str, Any], line: int) -> Where:
        if (only := rule.get("in")) not in (None, "labels"):
            raise _wrong(self.path, line, f"'in: {only}' is not known", "it can be 'labels', or be left out")
        return Where(only == "labels", self._list(rule, "not_in", line))

    def _apostrophe(self, entries: Mapping[str, Any], line: int) -> str:
        found = entries.get("apostrophe") or ""
        if found and (not isinstance(found, str) or len(found) != 1 or found not in APOSTROPHES):
            raise _wrong(self.path, line, "'apostrophe' is not one apostrophe", 'write "\'" or "’"')
        return str(found)

    def _spaces(self, written: Any, line: int) -> Spacing:
        rules = self._mapping(written, SPACES, line)
        sides: dict[str, dict[str, str]] = {"before": {}, "after": {}}
        for key, signs in rules.items():
            kind, side = key.split("_")
            if not isinstance(signs, str) or any(c.isalnum() or c in "{}" for c in signs):
                raise _wrong(self.path, line_of(written, key), f"'{key}' are no signs", 'write them like "? ! ;"')
            for sign in signs.replace(" ", ""):
                if sign in sides[side]:
                    raise _wrong(self.path, line_of(written, key), f"{sign} stands twice", "take one away")
                sides[side][sign] = KINDS[kind]
        return Spacing(**sides)

    def _mapping(self, written: Any, known: Sequence[str] | None, line: int) -> Mapping[str, Any]:
        if not isinstance(written, Mapping):
            raise _wrong(self.path, line, "here must stand names with values", "see docs/translating.md")
        for key in written:
            if not isinstance(key, str) or (known and key not in known):
                mend = f"known are {', '.join(known)}" if known else "put it in quotes"
                raise _wrong(self.path, line_of(written, key), f"'{key}' is not known here", mend)
        return written

    def _list(self, rule: Mapping[str, Any], key: str, line: int, needed: bool = False) -> tuple[str, ...]:
        """Words with commas between them, of any script, or a list."""
        written = rule.get(key)
        pieces = re.split("[,،]", written) if isinstance(written, str) else () if written is None else written
        if not isinstance(pieces, list | tuple) or not all(isinstance(p, str) for p in pieces):
            raise _wrong(self.path, line, f"'{key}' is no list of words", "put commas between them, and quotes around")
        found = tuple(word for piece in pieces if (word := piece.strip()))
        if needed and not found:
            raise _wrong(self.path, line, f"'{key}' holds no word", "write one, or take the rule away")
        return found
