"""Near spellings of names of countries: never one alone in an offer, for Birmanie is not Romania."""

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from bot.flow.reading import CountryReading
from bot.words.folding import folded
from bot.words.places import Meaning
from bot.words.placing import MOST, Found, is_loose

NEARLY, NEAR, NEARER = 85, 75, 45  # of 100: beside another name, to be noticed at all, its company in the offer


def unless_one(
    text: str, found: CountryReading, parts: Sequence[Found], names: Mapping[str, Meaning]
) -> CountryReading:
    """ "Equatrial Guinea" holds the name of another country: what the whole looks like is offered first."""
    if all(p.meaning and not is_loose(p) for p in parts):
        return found
    typed = folded(text)
    like = process.extractOne(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
    name = like[0] if like else _shortened(typed.split(), names)
    if not name:
        return found
    meant = names[name]
    codes = dict.fromkeys((*sorted(meant.countries or meant.parts), *found.codes))
    return found if set(codes) == set(found.codes) else CountryReading(tuple(codes)[:MOST], False, text, found.note)


def _shortened(words: Sequence[str], names: Mapping[str, Meaning]) -> str | None:
    """ "Equat. Guinea", "Cent. Afr. Rep.": each word begins one of the name's."""
    if not 1 < len(words) < 7 or min(map(len, words)) < 2:
        return None
    for name in names:
        parts = name.split() if name.startswith(words[0]) else []
        if len(parts) == len(words) and all(p.startswith(w) for w, p in zip(words, parts, strict=True)):
            return name
    return None


def near(text: str, parts: Sequence[Found], names: Mapping[str, Meaning]) -> CountryReading:
    """The countries whose names look most like it."""
    for typed in dict.fromkeys((folded(text), *(folded(p.text) for p in reversed(parts)))):
        if not 3 <= len(typed) <= 60:
            continue
        if not process.extractOne(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=NEAR):
            continue
        found = process.extract(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=NEARER, limit=24)
        codes = dict.fromkeys(c for name, _, _ in found for c in sorted(names[name].countries or names[name].parts))
        if len(codes) > 1:
            return CountryReading(tuple(codes)[:3], False, "" if len(parts) == 1 else text)
    return CountryReading()
