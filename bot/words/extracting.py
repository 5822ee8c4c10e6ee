"""Every sentence into a language's .po file: what nobody changed stays to the letter, what is gone becomes obsolete."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from babel import Locale

from bot.flow.check import CONSENT_LABEL, LABEL
from bot.flow.every import Sentence
from bot.talk.sentences import Message
from bot.words.languages import catalogue_of
from bot.words.pofile import Po, fields_of, parse_po, read_po_file, usual_plurals
from bot.words.pogrammar import FUZZY, Entry, LocaleError

HEADER = """\
# Stonechat, for translators: docs/translating.md
msgid ""
msgstr ""
"Project-Id-Version: stonechat\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
COLUMNS = 79  # gettext's, and that of most editors
ENOUGH = 20  # broken lines that tell of their width
PLACE = re.compile(r"\{\w+\}")
SIZE = re.compile(r"#\.? button: at most \d+ characters")
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def longest(sentence: Sentence) -> int:
    """Characters of a button."""
    return CONSENT_LABEL if sentence.is_consent else LABEL


def extract(every: Sequence[Sentence], folder: Path, language: str) -> Path:
    """Bring a language's catalogue up to date, or begin one. Raises LocaleError; the file then stays as it was.

    A changed English sentence makes its translation fuzzy; a sentence that is gone stays as obsolete, and comes back
    as it was. Order, comments, headers and broken lines are the file's own.
    """
    language, path = catalogue_of(folder, language)
    if language == "en":
        raise LocaleError("English is the message id, and has no catalogue", mend="change it in flows/")
    is_new = not os.path.lexists(path)
    if is_new:
        plurals = usual_plurals(Locale.parse(language))
        po = parse_po(HEADER.format(language=language, plurals=plurals).encode(), language, path)
    else:
        po = read_po_file(path, language, mend=True)
        _complete_header(po)
    _Update(po, every).run()
    data = po.text().encode()
    try:
        if is_new:
            path.parent.mkdir(parents=True, exist_ok=True)
        if is_new or path.read_bytes() != data:
            _write(path.resolve(), data)
    except OSError as error:
        raise LocaleError(f"can't be written ({error.strerror})", where=str(path)) from None
    return path


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a full disk leaves the old catalogue."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            if path.exists():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _complete_header(po: Po) -> None:
    """A header, and plural forms in it, where the file has none: editors need them."""
    plurals = usual_plurals(po.locale)
    made = parse_po(HEADER.format(language=po.locale, plurals=plurals).encode(), str(po.locale), po.path).entries[0]
    header = po.header
    if header is None:
        first = po.entries[0] if po.entries else None
        _give(made, po.newline)
        po.entries.insert(0, made)
        if first is not None and (not first.lead or first.lead[0].strip()):
            first.lead.insert(0, po.newline)
    elif "plural-forms" not in fields_of(header):
        header.body.append(f'"Plural-Forms: {plurals}\\n"{po.newline}')


def _give(entry: Entry, newline: str) -> None:
    entry.lead = [line + newline for line in entry.lead]
    entry.body = [line + newline for line in entry.body]


class _Update:
    def __init__(self, po: Po, every: Sequence[Sentence]) -> None:
        self.po, self.every = po, every
        self.width = _width(po)
        self.wanted = {(s.message.context, s.message.text) for s in every}
        used = [e for e in po if e.context]
        self.exact = {e.key: e for e in used}
        # An entry whose English is gone from its place is what a changed sentence was before.
        self.left = {e.context: e for e in used if e.key not in self.wanted}
        self.past = {e.key: e for e in po.entries if e.obsolete and any(e.strings)}
        self.gone: list[Entry] = []

    def run(self) -> None:
        kept: dict[int, Entry] = {}
        after: dict[int, list[Entry]] = {}
        revived: set[int] = set()
        last = self.po.header
        for sentence in self.every:
            message = sentence.message
            key = message.context, message.text
            before = self.exact.get(key) or self.past.pop(key, None) or self.left.pop(message.context, None)
            entry = self._entry(sentence, before)
            if before is not None and not before.obsolete:
                kept[id(before)] = entry
                last = before
            else:
                after.setdefault(id(last), []).append(entry)
                revived.add(id(before))
        entries: list[Entry] = []
        for entry in self.po.entries:
            if entry.obsolete:
                self.gone += [] if id(entry) in revived else [entry]
            elif id(entry) in kept:
                entries.append(kept[id(entry)])
            elif entry is self.po.header:
                entries.append(entry)
            else:
                self._bury(entry)
            entries += after.get(id(entry), [])
        self.po.entries = [*entries, *self.gone]
        self._space()

    def _space(self) -> None:
        """A blank line between entries that were not beside each other, none too many at the end."""
        for before, entry in pairwise(self.po.entries):
            ends = before.body[-1:]
            if ends and self.po.newline and not ends[0].endswith("\r"):
                before.body[-1] += self.po.newline
            if not entry.lead or entry.lead[0].strip():
                entry.lead.insert(0, self.po.newline)
        if not any(line.strip() for line in self.po.tail):
            self.po.tail = [""]

    # --- one entry ---

    def _entry(self, sentence: Sentence, before: Entry | None) -> Entry:
        message = sentence.message
        if before is None:
            flags = ["python-brace-format"] if PLACE.search(message.text + message.plural) else []
            return self._made(sentence, self._shaped(message, ()), flags, [])
        lead, body = before.lead, before.body
        if before.obsolete:
            lead, body = [_bare(line) for line in lead], [_bare(line) for line in body]
        if before.id == _id(message):
            lack = range(len(before.strings), self.po.num_plurals if message.plural else 0)
            body = [*body, *(f'msgstr[{i}] ""{self.po.newline}' for i in lack)]
            return replace(before, lead=self._with(lead, _notes(sentence)), body=body, obsolete=False)
        strings = before.strings
        if isinstance(before.id, tuple) and not message.plural:
            self._bury(before)  # one form is taken over, and none lost
        flags = [f for f in before.flags if f != FUZZY]
        was = _previous(before) if before.fuzzy else None
        previous: list[str] = []
        if any(strings) and was != _id(message):
            flags.insert(0, FUZZY)
            previous = [f"#| {line}" for line in self._fields(_ids(was or before.id), len("#| "))]
        comments = [line.rstrip("\r") for line in lead if _is_comment(line)]
        return self._made(sentence, self._shaped(message, strings), flags, previous, comments)

    def _shaped(self, message: Message, strings: tuple[str, ...]) -> list[tuple[str, str]]:
        """msgctxt, msgid and the forms that this sentence needs, with what there was in them."""
        found = [("msgctxt", message.context), ("msgid", message.text)]
        if not message.plural:
            return [*found, ("msgstr", strings[-1] if strings else "")]
        # What was one sentence stands in each form: fuzzy, but nothing that is shown meanwhile is lost.
        more = strings[0] if len(strings) == 1 else ""
        forms = [*strings, *[more] * (self.po.num_plurals - len(strings))]
        return [*found, ("msgid_plural", message.plural), *((f"msgstr[{i}]", form) for i, form in enumerate(forms))]

    def _made(
        self,
        sentence: Sentence,
        fields: Iterable[tuple[str, str]],
        flags: list[str],
        previous: list[str],
        comments: Iterable[str] = (),
    ) -> Entry:
        noted = [line for line in _notes(sentence) if line]
        flagged = [f"#, {', '.join(dict.fromkeys(flags))}"] if flags else []
        lines = ["", *comments, *noted, *flagged, *previous, *self._fields(fields)]
        made = parse_po("\n".join(lines).encode(), str(self.po.locale), self.po.path).entries[0]
        _give(made, self.po.newline)
        return made

    def _fields(self, fields: Iterable[tuple[str, str]], indent: int = 0) -> list[str]:
        return [
            line
            for keyword, text in fields
            for line in rendered(keyword, text, self.width - indent if self.width else 0)
        ]

    def _with(self, lead: list[str], notes: list[str]) -> list[str]:
        """An entry's comments, with today's place and size; to the letter, where they are today's already."""
        size, place = notes
        if [line.strip() for line in lead if line.startswith("#:")] != [place]:
            others = [line for line in lead if not line.startswith("#:")]
            at = next((i for i, line in enumerate(others) if line.startswith(("#,", "#|", "#="))), len(others))
            lead = [*others[:at], place + self.po.newline, *others[at:]]
        if [line.strip() for line in lead if SIZE.fullmatch(line.strip())] != ([size] if size else []):
            lead = [line for line in lead if not SIZE.fullmatch(line.strip())]
            if size:
                lead.insert(next(i for i, line in enumerate(lead) if line.startswith("#:")), size + self.po.newline)
        return lead

    def _bury(self, entry: Entry) -> None:
        """What is gone from the flows stays as obsolete, unless nobody had translated or noted anything."""
        comments = [line for line in entry.lead if _is_comment(line) and not SIZE.fullmatch(line.strip())]
        if not any(entry.strings) and not comments:
            return
        lead = comments + [line for line in entry.lead if line.startswith("#,")]
        previous = [f"#~{line[1:]}" for line in entry.lead if line.startswith("#|")]
        body = [f"#~ {line.lstrip()}" for line in entry.body if line.strip()]
        self.gone.append(replace(entry, lead=[self.po.newline, *lead, *previous], body=body, obsolete=True))


def _previous(entry: Entry) -> str | tuple[str, str] | None:
    """The English that a fuzzy translation was made of, where the file says so."""
    lines = [line[2:].strip() for line in entry.lead if line.startswith("#|")]
    form = "msgstr[0]" if any(line.startswith("msgid_plural") for line in lines) else "msgstr"
    try:
        return parse_po("\n".join([*lines, f'{form} ""']).encode(), "en", Path()).entries[0].id if lines else None
    except LocaleError:
        return None


def _is_comment(line: str) -> bool:
    """One that a translator wrote."""
    return line.startswith("#") and not line.startswith(("#.", "#:", "#,", "#|", "#~", "#="))


def _bare(line: str) -> str:
    """A line of an obsolete entry as it was."""
    if line.startswith("#~|"):
        return f"#{line[2:]}"
    return line[2:].removeprefix(" ") if line.startswith("#~") else line


def _notes(sentence: Sentence) -> list[str]:
    """The size of a button, or nothing; where the sentence stands."""
    name, _, line = sentence.where.partition(":")
    size = f"#. button: at most {longest(sentence)} characters" if sentence.is_label else ""
    return [size, f"#: flows/{name}:{int(line or 1)}"]


def _id(message: Message) -> str | tuple[str, str]:
    return (message.text, message.plural) if message.plural else message.text


def _ids(found: str | tuple[str, str]) -> list[tuple[str, str]]:
    return [("msgid", found)] if isinstance(found, str) else [("msgid", found[0]), ("msgid_plural", found[1])]


# --- lines ---


def _width(po: Po) -> int:
    """Columns at which this file breaks its lines; 0 where it breaks them at line ends only, as ours do."""
    most = many = 0
    for entry in po.entries:
        for each in entry.fields:
            lines = [line.strip() for line in entry.body[each.start : each.end]]
            for line, following in pairwise(lines):
                if (
                    line.endswith(' "')
                    and not line.endswith('\\n"')
                    and following.startswith('"')
                    and " " in line[1:-2]
                ):
                    most, many = max(most, _columns(line)), many + 1
    return most if many >= ENOUGH or most > COLUMNS else COLUMNS if many else 0


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def rendered(keyword: str, text: str, width: int = 0) -> list[str]:
    """`msgid "…"` as gettext writes it: broken after each line end, and where `width` is given, between words."""
    pieces = [part.translate(ESCAPES) for part in re.findall(r"[^\n]*\n|[^\n]+", text)]
    whole = "".join(pieces)
    if len(pieces) <= 1 and (not width or _columns(f'{keyword} "{whole}"') <= width):
        return [f'{keyword} "{whole}"']
    return [f'{keyword} ""', *(f'"{line}"' for piece in pieces for line in _broken(piece, width - 2 if width else 0))]


def _broken(piece: str, width: int) -> list[str]:
    lines = [""]
    for word in re.findall(r"[^ ]* *", piece) if width else [piece]:
        if lines[-1] and width and _columns(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line for line in lines if line]
