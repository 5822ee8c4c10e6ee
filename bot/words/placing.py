"""What the names in one text say together: one place is one country, and what could be two is asked."""

from collections.abc import Iterable, Sequence
from functools import reduce

from msgspec import Struct

from bot.flow.reading import CountryReading
from bot.words.places import NONE, Meaning

MOST = 4  # countries that are offered


class Found(Struct, frozen=True):
    """One stretch of the text: what it was, what it can mean. `inside`: other words stood around the name."""

    text: str
    meaning: Meaning | None = None
    inside: bool = False
    joined: bool = False  # "and" stood before it
    foreign: bool = False  # a name of another language than the reporter's, and not English
    nowhere: bool = False  # "South America", "at home": known, and no country


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return NONE.union(*sets)


def scanned(text: str, meanings: Sequence[Meaning], alone: bool) -> Found:
    """Names that stood inside of other words. Towns of that same country only, and it is as good as exact."""
    named = [m for m in meanings if m.every()]
    towns = [m for m in meanings if not m.every()]
    if not named:
        return Found(text, towns[0] if towns and alone else None)
    joint, note = _joint(named) or NONE, any(m.note for m in named)
    if alone and len(joint) == 1 and all(t.towns & joint for t in towns) and not any(m.people for m in named):
        return Found(text, Meaning(countries=joint, note=note), inside=bool(towns or len(named) > 1))
    countries = union(m.countries | m.parts | m.unclear for m in named)
    return Found(text, Meaning(unclear=countries, people=union(m.people for m in named), note=note), inside=True)


def _joint(meanings: Sequence[Meaning]) -> frozenset[str] | None:
    """Where all names can be of one place, that place: `Georgia` and `USA` are both in the US."""
    sets = [m.every() for m in meanings]
    return reduce(lambda a, b: a & b, sets) if sets else None


def together(parts: Sequence[Found]) -> CountryReading:
    named = [p for p in parts if p.meaning and p.meaning.every()]
    meanings = [p.meaning for p in named if p.meaning]
    note = any(m.note for m in meanings)
    towns = union(p.meaning.towns for p in parts if p.meaning and not p.meaning.every())
    rest = _rest(parts)
    certain = not any(p.foreign or (p.meaning and p.meaning.people) for p in named)
    joint = _joint(meanings) or NONE
    if len(named) == 1:
        one = _single(named[0], parts, towns)
        return CountryReading(one[:MOST], certain and len(one) == 1 and not is_loose(named[0]), rest, note)
    if len(joint) == 1:
        return CountryReading(tuple(joint), certain and not all(is_loose(p) for p in named), rest, note)
    codes = tuple(dict.fromkeys(c for p in named for c in _single(p, (p,), towns)))
    two_meant = len(codes) == 2 == len(named) and any(p.joined for p in named)
    exact = all(not p.inside and p.meaning and len(p.meaning.countries) == 1 for p in named)
    return CountryReading(codes[:MOST], certain and two_meant and exact, rest, note)


def is_loose(found: Found) -> bool:
    """Words stood around the name, and they were not its towns."""
    return found.inside and not (found.meaning and found.meaning.countries)


def _single(found: Found, parts: Sequence[Found], towns: frozenset[str]) -> tuple[str, ...]:
    """What one name means beside what else was said: one country, or those to ask about."""
    meaning = found.meaning or Meaning()
    if meaning.unclear or meaning.people:
        every = meaning.countries | meaning.parts | meaning.unclear
        if not every:  # whose they are is not where they were: "Sahrawi camps, Tindouf"
            return _ordered(meaning.people | towns, towns)
        return _ordered(every, towns) + tuple(sorted(meaning.people - every))
    if not meaning.countries:
        return _ordered(meaning.parts, towns)
    if len(parts) > 1 and meaning.parts - meaning.countries and not towns & meaning.every():
        # "Atlanta, Georgia": a place beside a name that is also a part of another country.
        return _ordered(meaning.countries, NONE) + _ordered(meaning.parts - meaning.countries, NONE)
    if len(parts) > 1 and towns & (meaning.parts - meaning.countries):
        return _ordered(towns & meaning.every(), NONE)
    return _ordered(meaning.countries, towns)


def _ordered(codes: frozenset[str], towns: frozenset[str]) -> tuple[str, ...]:
    """The country of a town that was named comes first."""
    return tuple(sorted(codes, key=lambda c: (c not in towns, c)))


def _rest(parts: Sequence[Found]) -> str:
    """What was said beside the country: towns, parts of a country, and the words around a name."""
    kept = []
    for part in parts:
        meaning = part.meaning
        bare = meaning is not None and meaning.countries and not part.inside
        if not bare:
            kept.append(part.text.strip())
    return ", ".join(kept)
