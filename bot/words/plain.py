"""Whether sentences are plain enough: English by reading grade, other languages by the length of their sentences."""

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from bot.words.catalogue import PLACE
from bot.words.pofile import Po
from bot.words.translating import Sentence

GRADE = 7.0  # Flesch-Kincaid, as textstat has it
MEAN, MOST = 15.0, 25  # words of a sentence
FEWEST = 8  # words; the grade of fewer says nothing
END = re.compile(r"[.!?؟…:]+(?=\s|$)|\n+")
NO_SENTENCES = ("typed.", "help.", "codes.countries.")  # lists of words, names and numbers


def sentences_of(text: str) -> list[str]:
    """A text cut into sentences; each line of a list is one."""
    pieces = END.split(PLACE.sub("name", text))
    return [p.strip(" •—«»\"'()") for p in pieces if re.search(r"\w", p)]


def words_of(sentence: str) -> int:
    return len(re.findall(r"\w[\w'’-]*", sentence))


def _read(every: Sequence[Sentence]) -> Iterator[Sentence]:
    yield from (s for s in every if not s.message.context.startswith(NO_SENTENCES))


def can_grade() -> bool:
    return find_spec("textstat") is not None


def check_english(every: Sequence[Sentence]) -> Iterator[str]:
    """file:line, what, and the mend, for every sentence above grade 7. Needs textstat."""
    import textstat

    for sentence in _read(every):
        text = ". ".join(sentences_of(sentence.message.text)) + "."
        if words_of(text) < FEWEST:
            continue
        grade = textstat.flesch_kincaid_grade(text)
        if grade > GRADE:
            what = f"'{sentence.message.context}' reads at grade {grade:.1f}, above {GRADE:.0f}"
            yield f"flows/{sentence.where}: {what}; use shorter sentences and plainer words"


def check_lengths(every: Sequence[Sentence], po: Po, path: Path) -> Iterator[str]:
    """file:line, what, and the mend, for sentences of a translation that are too long."""
    lines = {e.key: e for e in po}
    lengths: list[int] = []
    for sentence in _read(every):
        entry = lines.get((sentence.message.context, sentence.message.text))
        if entry is None or sentence.is_label:
            continue
        for string in entry.strings:
            for each in sentences_of(string):
                lengths.append(words_of(each))
                if lengths[-1] > MOST:
                    what = f"'{sentence.message.context}' has a sentence of {lengths[-1]} words, above {MOST}"
                    yield f"{path}:{entry.lineno}: {what}; make two of it"
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    if mean > MEAN:
        yield f"{path}:1: sentences have {mean:.1f} words on average, above {MEAN:.0f}; make the longest shorter"
