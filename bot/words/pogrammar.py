"""The grammar of gettext, line by line, with every line kept: entries, or what is wrong and where."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bot.errors import StonechatError

TOKEN = re.compile(
    r'\s*(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\s*\[\s*(\d{1,3})\s*\])?(?=["\s])|"((?:[^"\\]|\\.)*)")'
)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7}|={7})(?:\s|$)")
ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9a-fA-F]{1,8}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", '"': '"', "\\": "\\"}
FUZZY = "fuzzy"


class LocaleError(StonechatError):
    """A catalogue that can't be read. It costs its own language, and no other."""


@dataclass
class Field:
    """`msgid "…"`: what it is, its text, and where it stands in its entry's lines."""

    keyword: str
    index: int | None
    line: int
    start: int
    end: int = 0
    text: str | None = None


@dataclass
class Entry:
    """One message as it lies in a file: comments and blank lines (`lead`), then its fields (`body`)."""

    lead: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    obsolete: bool = False

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {f.keyword: f.text or "" for f in self.fields if f.index is None}

    @property
    def context(self) -> str:
        """Empty where there is none."""
        return self._texts.get("msgctxt", "")

    @property
    def id(self) -> str | tuple[str, str]:
        """The English; with its plural, where it has one."""
        singular, plural = self._texts.get("msgid", ""), self._texts.get("msgid_plural")
        return singular if plural is None else (singular, plural)

    @property
    def string(self) -> str | tuple[str, ...]:
        """The translation; every form of it, where there are several."""
        return self.strings if "msgid_plural" in self._texts else self.strings[0]

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """Every form."""
        return tuple(f.text or "" for f in self.fields if f.keyword == "msgstr")

    @cached_property
    def key(self) -> tuple[str, str]:
        """What tells it from all others: context and English."""
        return self.context, self._texts.get("msgid", "")

    @property
    def lineno(self) -> int:
        """The line of its English."""
        return next((f.line for f in self.fields if f.keyword == "msgid"), 1)

    @property
    def flags(self) -> list[str]:
        """`fuzzy`, `python-brace-format` …, in the file's order."""
        found = (part.strip() for line in self.lead if line.startswith("#,") for part in line[2:].split(","))
        return [flag for flag in found if flag]

    @property
    def fuzzy(self) -> bool:
        """Whether a person has to look at it again."""
        return FUZZY in self.flags


def read_entries(text: str, path: Path) -> tuple[list[Entry], list[str]]:
    """Every entry of a file, and the lines after the last. Raises LocaleError with its line."""
    reading = _Reading(path)
    reading.read(text.split("\n"))
    return reading.entries, reading.pending


class _Reading:
    """Goes down a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.entry, self.line = path, Entry(), 0
        self.entries: list[Entry] = []
        self.pending: list[str] = []

    def wrong(self, what: str, mend: str = "", line: int = 0) -> LocaleError:
        return LocaleError(what, where=f"{self.path}:{line or self.line}", mend=mend)

    def read(self, lines: list[str]) -> None:
        for self.line, raw in enumerate(lines, 1):
            bare = raw.strip()
            obsolete = bare.startswith("#~") and not bare.startswith("#~|")
            rest = bare[2:].lstrip() if obsolete else bare
            if not rest or rest.startswith("#"):
                self._between(raw, blank=not bare)
            elif CONFLICT.match(raw):
                raise self.wrong("a merge left its mark here", "choose one of its two sides, and take the marks out")
            else:
                self._tokens(raw, rest, obsolete)
        self._finish()

    def _between(self, raw: str, blank: bool) -> None:
        """A comment or a blank line: it ends an entry, and belongs to the next."""
        if self.entry.fields and not self._is_whole():
            if not blank:
                raise self.wrong(
                    "a comment stands inside an entry", "an entry is msgctxt, msgid, msgstr, in this order"
                )
            self.entry.body.append(raw)
            return
        self._finish()
        self.pending.append(raw)

    def _tokens(self, raw: str, rest: str, obsolete: bool) -> None:
        if rest[0] == '"' and self.entry.fields and (whole := QUOTED.fullmatch(rest)):  # most lines, quickly
            self.entry.body.append(raw)
            self._string(whole.group(1), obsolete)
            self.entry.fields[-1].end = len(self.entry.body)
            return
        at, first = 0, True
        while at < len(rest):
            found = TOKEN.match(rest, at)
            if found is None:
                raise self._unread(rest[at:].lstrip())
            if found.group(1):
                self._keyword(found.group(1), found.group(2), obsolete, first)
            if first:
                if not self.entry.fields:
                    raise self.wrong(
                        "words in quotes stand before any msgid", "take the line out, or give it its msgid"
                    )
                self.entry.body.append(raw)
            if not found.group(1):
                self._string(found.group(3), obsolete)
            at, first = found.end(), False
            self.entry.fields[-1].end = len(self.entry.body)
            if not rest[at:].strip():
                break

    def _unread(self, rest: str) -> LocaleError:
        if rest.startswith('"'):
            return self.wrong("the quotes are not closed", 'end the line with a "')
        if re.match(r"msg\w*", rest):
            return self.wrong(
                f"'{rest[:20]}' is no line of a catalogue", "write msgctxt, msgid, msgid_plural, msgstr or msgstr[N]"
            )
        return self.wrong(f"'{rest[:20]}' stands outside of quotes", 'quotation marks within words are written \\"')

    def _keyword(self, keyword: str, number: str | None, obsolete: bool, first: bool) -> None:
        index = None if number is None else int(number)
        if index is not None and keyword != "msgstr":
            raise self.wrong(f"{keyword} takes no number")
        if self._is_whole() and keyword in ("msgctxt", "msgid"):
            if not first:
                raise self.wrong("two entries stand in one line", "begin a new line")
            self._finish()
        entry = self.entry
        if not entry.fields:
            entry.obsolete, entry.lead, self.pending = obsolete, self.pending, []
        elif entry.obsolete != obsolete:
            raise self.wrong("an entry is obsolete in part", "put '#~ ' before all of its lines, or before none")
        last = entry.fields[-1] if entry.fields else None
        if last is not None and last.text is None:
            raise self.wrong(f"{last.keyword} has no words", 'write at least ""', last.line)
        if not _follows(last, keyword, index, entry):
            raise self._out_of_place(last, keyword, index)
        entry.fields.append(Field(keyword, index, self.line, len(entry.body) if first else len(entry.body) - 1))

    def _out_of_place(self, last: Field | None, keyword: str, index: int | None) -> LocaleError:
        name = keyword if index is None else f"{keyword}[{index}]"
        if last is not None and keyword in ("msgctxt", "msgid") and last.keyword != "msgctxt":
            return self.wrong(
                f"the entry of line {self.entry.fields[0].line} has no msgstr", "write its msgstr, or take it out"
            )
        after = (
            "the beginning" if last is None else f"{last.keyword}" + ("" if last.index is None else f"[{last.index}]")
        )
        return self.wrong(
            f"{name} stands after {after}", "an entry is msgctxt, msgid, msgstr; or msgid, msgid_plural, msgstr[0] …"
        )

    def _string(self, quoted: str, obsolete: bool) -> None:
        if self.entry.obsolete != obsolete:
            raise self.wrong("an entry is obsolete in part", "put '#~ ' before all of its lines, or before none")
        this = self.entry.fields[-1]
        this.text = (this.text or "") + (ESCAPE.sub(self._escaped, quoted) if "\\" in quoted else quoted)

    def _escaped(self, found: re.Match[str]) -> str:
        said = found.group(1)
        if said in ESCAPES:
            return ESCAPES[said]
        code = int(said, 8) if said[0] in "01234567" else int(said[1:], 16) if said[0] == "x" and len(said) > 1 else -1
        if not 0 < code < 128:
            raise self.wrong(f"'\\{said}' means nothing", "write \\\\ for a backslash")
        return chr(code)

    def _is_whole(self) -> bool:
        fields = self.entry.fields
        return bool(fields) and fields[-1].keyword == "msgstr" and fields[-1].text is not None

    def _finish(self) -> None:
        if not self.entry.fields:
            return
        if not self._is_whole():
            last = self.entry.fields[-1]
            what = f"{last.keyword} has no words" if last.text is None else "an entry has no msgstr"
            raise self.wrong(what, "the file may have been cut off: take it from your last copy", last.line)
        self.entries.append(self.entry)
        self.entry = Entry()


def _follows(last: Field | None, keyword: str, index: int | None, entry: Entry) -> bool:
    """Whether gettext lets `keyword` stand after `last`."""
    before = last.keyword if last else None
    match keyword:
        case "msgctxt":
            return before is None
        case "msgid":
            return before in (None, "msgctxt")
        case "msgid_plural":
            return before == "msgid"
    if index is None:
        return before == "msgid"
    if before == "msgid_plural":
        return index == 0
    return last is not None and before == "msgstr" and last.index is not None and index == last.index + 1
