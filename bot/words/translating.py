"""What translators need: extract every sentence, check a catalogue, count what is done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import write_po

from bot.flow.check import CONSENT_LABEL, LABEL, graphemes
from bot.flow.every import Sentence, sentences
from bot.words.catalogue import PLACE, read_po_file
from bot.words.glossary import spacing_beside
from bot.words.spacing import NOT_SPACED, Spacing

__all__ = ["NAME", "Sentence", "Stats", "check", "check_po", "extract", "longest", "sentences"]
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAME = "LC_MESSAGES/stonechat.po"


def longest(sentence: Sentence) -> int:
    """Characters of a button."""
    return CONSENT_LABEL if sentence.is_consent else LABEL


def extract(every: list[Sentence], folder: Path, language: str) -> Path:
    """Write a language's catalogue anew: what was translated stays, changed English makes it fuzzy."""
    path = folder / language / NAME
    old = read_po_file(path, language) if path.exists() else Catalog(locale=language)
    by_context: dict[str, Entry] = {e.context or "": e for e in old if e.id}
    fresh = Catalog(locale=language, header_comment="# Stonechat, for translators: docs/translating.md", fuzzy=False)
    if path.exists():  # its own plural forms, whatever this version of Babel thinks of the language
        fresh.mime_headers = [each for each in old.mime_headers if each[0] == "Plural-Forms"]
    for sentence in every:
        message = sentence.message
        key = (message.text, message.plural) if message.plural else message.text
        before = by_context.get(message.context)
        string = before.string if before is not None and before.string else None
        flags = {f for f in before.flags if f == "fuzzy"} if before is not None and string else set()
        if before is not None and string and before.id != key:
            flags.add("fuzzy")
        if string and isinstance(string, str) == bool(message.plural):  # it has become a plural, or is one no more
            string = (string,) * fresh.num_plurals if isinstance(string, str) else string[-1]
        name, _, line = sentence.where.partition(":")
        fresh.add(
            key,
            string,
            locations=[(f"flows/{name}", int(line or 1))],
            flags=flags,
            context=message.context,
            user_comments=[f"button: at most {longest(sentence)} characters"] if sentence.is_label else [],
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False, sort_output=False)
    # No date in the header: the same sentences give the same file.
    text = re.sub(r'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By)[^"]*"\n', "", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class Stats:
    language: str
    total: int = 0
    done: int = 0
    fuzzy: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.errors


def check(every: list[Sentence], folder: Path, language: str) -> Stats:
    """What keeps a language from being offered, each as file:line, what, and the mend."""
    path = folder / language / NAME
    if not path.exists():
        missing = f"{path}:1: there is no catalogue; run 'stonechat words extract {language}'"
        return Stats(language, total=len(every), errors=[missing])
    return check_po(every, read_po_file(path, language), path, spacing_beside(path))


def check_po(every: list[Sentence], po: Catalog, path: Path, spacing: Spacing = NOT_SPACED) -> Stats:
    """The same for a catalogue that was read already. A button is as long as it is with its spaces put in."""
    stats = Stats(str(po.locale), total=len(every))
    entries = {(e.context or "", e.id[0] if isinstance(e.id, tuple | list) else e.id): e for e in po}
    for sentence in every:
        entry = entries.get((sentence.message.context, sentence.message.text))
        if entry is None or not _filled(entry):
            line = entry.lineno if entry is not None and entry.lineno else 1
            what = f"'{sentence.message.context}' is not translated"
            stats.errors.append(f"{path}:{line}: {what}; write its msgstr (run 'words extract' if it is not there)")
            continue
        stats.done += 1
        stats.fuzzy += entry.fuzzy
        stats.errors += [f"{path}:{entry.lineno or 1}: {e}" for e in _entry(sentence, entry, po.num_plurals, spacing)]
    return stats


def _strings(entry: Entry) -> tuple[str, ...]:
    found = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
    return tuple(s or "" for s in found)


def _filled(entry: Entry) -> bool:
    return all(_strings(entry))


def _entry(sentence: Sentence, entry: Entry, forms: int, spacing: Spacing) -> Iterator[str]:
    strings = tuple(map(spacing, _strings(entry)))
    context = sentence.message.context
    wanted = set(PLACE.findall(sentence.message.plural or sentence.message.text))
    for string in strings:
        found = set(PLACE.findall(string))
        if found - wanted or (wanted - found and len(strings) == 1):
            names = ", ".join(f"{{{n}}}" for n in sorted(wanted)) or "none"
            yield f"'{context}' has other placeholders than the English; it needs: {names}"
        if BIDI.search(string):
            yield f"'{context}' holds direction marks; take them out, the bot adds its own"
        if sentence.is_label and len(string) > longest(sentence) and graphemes(string) > longest(sentence):
            yield f"'{context}' is a button and longer than {longest(sentence)} characters; shorten it"
    if sentence.message.plural and len(strings) != forms:
        yield f"'{context}' has {len(strings)} plural forms; this language has {forms}"
    if sentence.is_consent and entry.fuzzy:
        yield f"'{context}' is a consent whose English changed; translate it again and take 'fuzzy' away"
