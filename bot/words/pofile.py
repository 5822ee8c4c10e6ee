"""A .po file, read as strictly as gettext reads it and kept to the letter: what nobody changed is written as it was.

Babel passes over what it can't read and keeps neither `#|` nor how lines are broken. Whoever builds a file anew from
its entries, as it does, can't give back every byte that Weblate, Poedit or gettext wrote.
"""

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.messages.plurals import get_plural

from bot.words.pogrammar import Entry, LocaleError, read_entries

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?![\n])")
CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii", "charset")  # the last is what a template says
BOMS = b"\xff\xfe", b"\xfe\xff"
NEWLINE = b"\n"
MOST = 16 * 2**20  # bytes; a catalogue has one
COUNTED = 1001  # no sentence counts further


class Po:
    """One language's file. `language` is its code; `lines` that follow the last entry are `tail`."""

    def __init__(self, language: str, path: Path) -> None:
        self.locale, self.path = Locale.parse(language), path
        self.entries: list[Entry] = []
        self.tail: list[str] = []
        self.newline = ""  # "\r" where lines end as on Windows
        self.num_plurals, self.plural_expr = 2, "(n != 1)"
        self.knows_plurals = False  # whether the header says how

    def __iter__(self) -> Iterator[Entry]:
        """All that is used: neither the header nor what is obsolete."""
        return (e for e in self.entries if not e.obsolete and e.key != ("", ""))

    @property
    def header(self) -> Entry | None:
        """The entry without an English."""
        return next((e for e in self.entries if not e.obsolete and e.key == ("", "")), None)

    def text(self) -> str:
        """The file, to the letter."""
        lines = [line for e in self.entries for part in (e.lead, e.body) for line in part]
        return "\n".join([*lines, *self.tail])


def read_po_file(path: Path, language: str, mend: bool = False) -> Po:
    """One .po file as it stands. Raises LocaleError. `mend` takes a byte order mark out, instead of refusing it."""
    try:
        if not path.is_file():
            path.stat()
            raise LocaleError("this is no file", where=str(path), mend="move it away")
        if path.stat().st_size > MOST:
            raise LocaleError(f"this is too large for a catalogue (above {MOST} bytes)", where=str(path))
        data = path.read_bytes()
    except OSError as error:
        what = "there is no catalogue" if isinstance(error, FileNotFoundError) else f"can't be read ({error.strerror})"
        raise LocaleError(what, where=str(path), mend=_way_out(path, language, error)) from None
    return parse_po(data, language, path, mend)


def _way_out(path: Path, language: str, error: OSError) -> str:
    if os.path.islink(path):
        return "it is a link; mend where it leads"
    if isinstance(error, FileNotFoundError):
        return f"run 'stonechat words extract {language}'"
    return "let the bot's user read it (chmod a+r, and a+rx for its folders)"


def parse_po(data: bytes, language: str, path: Path, mend: bool = False) -> Po:
    """The same of bytes."""
    text = _decoded(data, path, mend)
    po = Po(language, path)
    lines = text.split("\n")
    if sum(line.endswith("\r") for line in lines) * 2 > len(lines) - 1 > 0:
        po.newline = "\r"
    po.entries, po.tail = read_entries(text, path)
    _look_for_twins(po)
    _read_header(po)
    return po


def _decoded(data: bytes, path: Path, mend: bool) -> str:
    def wrong(what: str, at: int = 0, way_out: str = "save it as UTF-8") -> LocaleError:
        return LocaleError(what, where=f"{path}:{data.count(NEWLINE, 0, at) + 1}", mend=way_out)

    if data[:2] in BOMS or (data and not data[:1].strip(b"\0")) or data[1:2] == b"\0":
        raise wrong("this is UTF-16, or no text")
    if data.startswith(b"\xef\xbb\xbf"):
        if not mend:
            raise wrong(
                "this begins with a byte order mark", way_out="save it as UTF-8 without one ('words extract' does)"
            )
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise wrong("this line is not UTF-8", error.start) from None
    if found := CONTROL.search(text):
        at = len(text[: found.start()].encode())
        if found.group() == "\r":
            raise wrong(
                "a line ends in the middle (a carriage return alone)", at, "save it with line ends of Unix or Windows"
            )
        raise wrong(f"this line holds a control character (U+{ord(found.group()):04X})", at, "take it out")
    if not text.strip():
        raise wrong("this file is empty", way_out="take it from your last copy, or remove it and run 'words extract'")
    return text


def _look_for_twins(po: Po) -> None:
    seen: dict[tuple[str, str], int] = {}
    for entry in po.entries:
        if entry.obsolete:
            continue
        if entry.key in seen:
            name = f"'{entry.context}'" if entry.context else "this entry" if entry.key[1] else "the header"
            what = f"{name} stands here and in line {seen[entry.key]}"
            raise LocaleError(what, where=f"{po.path}:{entry.lineno}", mend="take one of the two out")
        seen[entry.key] = entry.lineno


def fields_of(entry: Entry) -> dict[str, str]:
    """The header's fields by their names in lower case."""
    lines = entry.strings[0].split("\n")
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _read_header(po: Po) -> None:
    known = usual_plurals(po.locale)
    po.num_plurals, po.plural_expr = plurals_of(known)
    header = po.header
    if header is None:
        return
    named = fields_of(header)

    def wrong(what: str, word: str, mend: str) -> LocaleError:
        beside = (i for i, line in enumerate(header.body) if word in line.lower())
        first = header.fields[0].line
        return LocaleError(what, where=f"{po.path}:{first + next(beside, 0)}", mend=mend)

    if "#-#-#-#-#" in header.strings[0]:
        raise wrong("msgcat joined two headers here", "#-#-#-#-#", "keep the lines of one of them")
    charset = re.search(r"charset=([^\s;]+)", named.get("content-type", ""), re.IGNORECASE)
    if charset and charset.group(1).lower() not in CHARSETS:
        raise wrong(
            f"the header names the charset {charset.group(1)[:20]}",
            "charset",
            "save it as UTF-8, and write charset=UTF-8",
        )
    if plurals := named.get("plural-forms"):
        try:
            po.num_plurals, po.plural_expr = plurals_of(plurals)
        except ValueError as error:
            mend = f"write 'Plural-Forms: {known}'"
            raise wrong(f"Plural-Forms can't be used: {error}", "plural-forms", mend) from None
        po.knows_plurals = True


def plurals_of(text: str) -> tuple[int, str]:
    """`nplurals=2; plural=(n > 1);`. Raises ValueError that says why not."""
    found = re.fullmatch(r"\s*nplurals\s*=\s*(\d{1,2})\s*;\s*plural\s*=\s*([^;]+?)\s*;?\s*", text)
    if found is None:
        raise ValueError("it is not 'nplurals=NUMBER; plural=RULE;'")
    many, rule = int(found.group(1)), found.group(2)
    try:
        choose = c2py(rule)
        used = {choose(n) for n in (*range(COUNTED), 10_000, 1_000_000)}
    except Exception:
        raise ValueError("its rule is none") from None
    if not all(0 <= form < many for form in used):
        raise ValueError(f"its rule names form {max(used)}, and there are {many}")
    if len(used) < many:
        raise ValueError(f"its rule uses {len(used)} of its {many} forms")
    return many, rule


@lru_cache
def usual_plurals(locale: Locale) -> str:
    """Plural-Forms of a language. Unicode's form for millions (French, Spanish …) is left out: editors have none."""
    known = get_plural(locale)
    choose = c2py(known.plural_expr)
    used = [choose(n) for n in range(COUNTED)]
    for rule in ("n != 1", "n > 1"):
        other = c2py(rule)
        if len(set(used)) == 2 < known.num_plurals and all(
            (u == used[1]) is not bool(other(n)) for n, u in enumerate(used)
        ):
            return f"nplurals=2; plural=({rule});"
    return str(known.plural_forms)
