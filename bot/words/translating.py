"""What translators need: extract every sentence, check a catalogue, count what is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.flow.every import Sentence, sentences
from bot.words.comparing import compare, twice, typed_commands
from bot.words.extracting import extract, longest
from bot.words.glossary import spacing_beside
from bot.words.languages import NAME, catalogue_of
from bot.words.pofile import Po, plurals_of, read_po_file, usual_plurals
from bot.words.pogrammar import Entry, LocaleError
from bot.words.spacing import NOT_SPACED, Spacing

__all__ = ["NAME", "Sentence", "Stats", "check", "check_po", "extract", "longest", "sentences"]


@dataclass
class Stats:
    """How far a language is, and all that is amiss.

    The last `light` of the `errors` (its glossary, lengths) don't keep it from being offered. Not `readable`: its file
    could not be read at all.
    """

    language: str
    total: int = 0
    done: int = 0
    fuzzy: int = 0
    errors: list[str] = field(default_factory=list)
    light: int = 0
    readable: bool = True

    @property
    def complete(self) -> bool:
        """Whether it is offered."""
        return len(self.errors) == self.light


def check(every: Sequence[Sentence], folder: Path, language: str) -> Stats:
    """What keeps a language from being offered, each as file:line, what, and the mend."""
    try:
        language, path = catalogue_of(folder, language)
        return check_po(every, read_po_file(path, language), path, spacing_beside(path))
    except LocaleError as error:
        return Stats(language, total=len(every), errors=[str(error)], readable=False)


def check_po(every: Sequence[Sentence], po: Po, path: Path, spacing: Spacing = NOT_SPACED) -> Stats:
    """The same for a catalogue that was read already. A button is as long as it is with its spaces put in."""
    stats = Stats(str(po.locale), total=len(every))
    entries = {e.key: e for e in po}
    commands = typed_commands(every, entries)
    found: list[tuple[int, str]] = []
    if not po.knows_plurals:
        found.append((1, f"the header has no Plural-Forms; run 'stonechat words extract {po.locale}'"))
    elif po.num_plurals < plurals_of(usual := usual_plurals(po.locale))[0]:
        found.append((1, f"Plural-Forms has too few forms for this language; write 'Plural-Forms: {usual}'"))
    for sentence in every:
        entry = entries.get((sentence.message.context, sentence.message.text))
        if entry is None or not all(s.strip() for s in entry.strings):
            what = f"'{sentence.message.context}' is not translated"
            way_out = (
                f"run 'stonechat words extract {po.locale}', then write it" if entry is None else "write its msgstr"
            )
            found.append((entry.lineno if entry else 1, f"{what}; {way_out}"))
            continue
        stats.done += 1
        stats.fuzzy += entry.fuzzy
        found += [(entry.lineno, line) for line in dict.fromkeys(_entry(sentence, entry, po, commands, spacing))]
    found += [(entry.lineno, line) for entry, line in twice(every, entries)]
    stats.errors += [f"{path}:{line}: {what}" for line, what in found]
    return stats


def _entry(sentence: Sentence, entry: Entry, po: Po, commands: dict[str, str], spacing: Spacing) -> Iterator[str]:
    yield from compare(sentence, entry, po, commands, spacing)
    if sentence.is_consent and entry.fuzzy:
        yield f"'{entry.context}' is a consent whose English changed; translate it again and take 'fuzzy' away"
