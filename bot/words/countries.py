"""Countries read from words: `Kenya`, `in the UK`, `Atlanta, Georgia, USA`, `🇰🇪`, `Congo`.

Sure only where one place was named exactly; what could be two is asked; a near spelling is never offered alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from msgspec import Struct
from rapidfuzz import fuzz, process

from bot.flow.reading import CountryReading
from bot.words.folding import folded
from bot.words.places import NONE, Meaning, Places, Tongue

LONGEST = 200  # characters; more is a story
MOST = 4  # countries that are offered
NEAR, NEARER = 75, 45  # how alike a spelling is to be noticed, and its company in the offer (of 100)
COMMAS = re.compile(r"[,;\n/|،؛、；()]|\s[-–—]\s")
FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
OF_BRITAIN = re.compile("\U0001f3f4(?:[\U000e0060-\U000e007f]+)")  # England, Scotland, Wales
CODE = re.compile(r"[A-Z]{2,3}\Z")
WORDS_AS_CODES = frozenset(
    "AM AN AND ANY ARE AS AT BE BY CAN DE DO EN ES ET FOR GO HE IF IN IS IT LA MA ME MAR MY NE NO NON OK ON OR OUI PER SA SE SI "
    "SO TO UN US WE YES".split(" ")
)


class Found(Struct, frozen=True):
    """One stretch of the text: what it was, what it can mean. `inside`: other words stood around the name."""

    text: str
    meaning: Meaning | None = None
    inside: bool = False
    joined: bool = False  # "and" stood before it
    foreign: bool = False  # a name of another language than the reporter's, and not English


class CountryReader:
    """`labels` gives the shown names, code to name in a language; `words_between` are a language's words for "and"."""

    def __init__(
        self,
        places: Places,
        labels: Callable[[str], Mapping[str, str]],
        words_between: Callable[[str], Sequence[str]],
    ) -> None:
        self._places, self._labels, self._between = places, labels, words_between
        self._own: dict[str, tuple[Tongue, ...]] = {}
        self._cuts: dict[str, tuple[re.Pattern[str], ...]] = {}
        self._others: dict[str, dict[str, Meaning]] = {}
        self._known = frozenset(labels("en"))

    def read(self, text: str, language: str) -> CountryReading:
        """Every country that the words can mean. Never raises; empty where none is understood."""
        if len(text) > LONGEST or not text.strip():
            return CountryReading()
        text = self._without_flags(text, language)
        found = self._whole(text.strip(), language)
        parts = [found] if found else list(self._pieces(text, language))
        if any(p.meaning and p.meaning.every() for p in parts):
            return _together(parts)
        return self._near(text, parts, language)

    # --- taking apart ---

    def _without_flags(self, text: str, language: str) -> str:
        """Flags as names, set apart by commas."""
        if text.isascii():
            return text
        labels = self._labels(language)

        def name(match: re.Match[str]) -> str:
            code = "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in match.group(0))
            return f", {labels[code]}, " if code in labels else " "

        return OF_BRITAIN.sub(f", {labels['GB']}, ", FLAG.sub(name, text)).strip(" ,")

    def _pieces(self, text: str, language: str) -> Iterator[Found]:
        rest = [p for piece in COMMAS.split(text) if (p := piece.strip())]
        if len(rest) == 2 and (turned := self._turned(rest[1], rest[0], language)):
            yield turned
            return
        for piece in rest:
            if whole := self._whole(piece, language):
                yield whole
                continue
            for number, each in enumerate(self._split(piece, language)):
                one = self._whole(each, language) or self._scan(each, language)
                yield Found(one.text, one.meaning, one.inside, number > 0, one.foreign)

    def _turned(self, first: str, last: str, language: str) -> Found | None:
        """`Korea, South`, `Congo, Democratic Republic of the`; a town is no half of a name: `Kinshasa, Congo` is asked about."""
        town = self._meaning(folded(last), language)
        found = self._whole(f"{first} {last}", language)
        is_country = found is not None and found.meaning is not None and bool(found.meaning.countries)
        return found if is_country and not (town and town.towns) else None

    def _split(self, text: str, language: str) -> list[str]:
        """Cut at the language's own "and"."""
        if language not in self._cuts:
            cuts = []
            for word in (*self._between(language), "&", "+"):
                # Arabic writes its "and" onto the next word.
                joined = r"\s?" if len(word) == 1 and word.isalpha() and not word.isascii() else r"\s"
                cuts.append(re.compile(rf"(?:^|\s){re.escape(word)}{joined}", re.IGNORECASE))
            self._cuts[language] = tuple(cuts)
        pieces = [text]
        for cut in self._cuts[language]:
            pieces = [p for piece in pieces for p in cut.split(piece)]
        # An "and" inside of a name ("وادي") cuts nothing: both sides must say something.
        kept = [p for p in pieces if p.strip()]
        return kept if all(self._whole(p, language) or self._scan(p, language).meaning for p in kept) else [text]

    # --- names ---

    def _tongues(self, language: str) -> tuple[Tongue, ...]:
        if language not in self._own:
            made = []
            for each in dict.fromkeys((language, "en")):
                tongue = self._places.tongue(each)
                for code, label in self._labels(each).items():
                    tongue.add(label, "countries", (code,))
                made.append(tongue)
            self._own[language] = tuple(made)
        return self._own[language]

    def _foreign(self, language: str) -> dict[str, Meaning]:
        """Names of all other languages; read too, and asked about."""
        if language not in self._others:
            found: dict[str, Meaning] = {}
            for each in self._places.languages():
                if each not in (language, "en"):
                    for name, meaning in self._places.tongue(each).names.items():
                        found[name] = found.get(name, Meaning()).more("unclear", meaning.every(), meaning.note)
            self._others[language] = found
        return self._others[language]

    def _meaning(self, key: str, language: str) -> Meaning | None:
        for tongue in self._tongues(language):
            for name in (key, *(key[len(a) :] for a in tongue.attached if key.startswith(a) and len(key) > len(a) + 2)):
                if meaning := tongue.names.get(name):
                    return meaning
            if tongue.attached and (meaning := tongue.names.get(tongue.attached[-1] and f"ال{key}")):
                return meaning
        return None

    def _whole(self, text: str, language: str) -> Found | None:
        """The text is one name, with nothing but prepositions around it."""
        bare = text.strip(" .!?\"'«»“”:؟")
        if code := self._code(bare):
            return Found(text, Meaning(countries=frozenset({code})), foreign=bare in WORDS_AS_CODES)
        words = folded(bare).split()
        if not words or len(words) > 14:
            return None
        for stripped in _stripped(words, self._tongues(language)):
            if (meaning := self._meaning(" ".join(stripped), language)) and meaning.every():
                return Found(text, meaning)
        if meaning := self._foreign(language).get(" ".join(words)):
            return Found(text, meaning, foreign=True) if meaning.every() else None
        return None

    def _code(self, text: str) -> str | None:
        """ISO 3166-1 in capitals: KE, KEN."""
        plain = text.replace(".", "")
        if not CODE.match(plain) or folded(plain) in self._tongues("en")[0].names:
            return None
        return plain if plain in self._known else self._places.alpha3.get(plain)

    def _scan(self, text: str, language: str) -> Found:
        """Names inside of other words, the longest first; where they are towns of the same country only, it is as good as exact."""
        words = folded(text).split()[:40]
        meanings, other, at = [], [], 0
        longest = max(t.longest() for t in self._tongues(language))
        while at < len(words):
            for length in range(min(longest, len(words) - at), 0, -1):
                if meaning := self._meaning(" ".join(words[at : at + length]), language):
                    meanings.append(meaning)
                    at += length
                    break
            else:
                other.append(words[at])
                at += 1
        named = [m for m in meanings if m.every()]
        if not named:
            towns = [m for m in meanings if m.towns]
            return Found(text, towns[0] if towns and not other else None)
        joint = _joint(named)
        towns = [m.towns for m in meanings if not m.every()]
        fits = joint is not None and len(joint) == 1 and all(t & joint for t in towns) and not any(m.people for m in named)
        if fits and joint and not [w for w in other if (w,) not in self._around(language)]:
            return Found(text, Meaning(countries=joint, note=any(m.note for m in named)), inside=bool(towns or len(named) > 1))
        everything = reduce(lambda a, b: a | b, (m.countries | m.parts | m.unclear for m in named), NONE)
        people = reduce(lambda a, b: a | b, (m.people for m in named), NONE)
        return Found(text, Meaning(unclear=everything, people=people, note=any(m.note for m in named)), inside=True)

    def _around(self, language: str) -> frozenset[tuple[str, ...]]:
        return reduce(lambda a, b: a | b, (t.before | t.after for t in self._tongues(language)))

    # --- near spellings ---

    def _near(self, text: str, parts: Sequence[Found], language: str) -> CountryReading:
        """The countries whose names look most like it, never one alone: Birmanie is not Romania."""
        if any(p.meaning and p.meaning.towns for p in parts):
            return CountryReading()
        names = {n: m for t in self._tongues(language) for n, m in t.names.items() if m.countries or m.parts}
        for typed in dict.fromkeys((folded(text), *(folded(p.text) for p in reversed(parts)))):
            if not 3 <= len(typed) <= 60:
                continue
            if not process.extractOne(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=NEAR):
                continue
            near = process.extract(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=NEARER, limit=24)
            codes = dict.fromkeys(c for name, _, _ in near for c in sorted(names[name].countries or names[name].parts))
            if len(codes) > 1:
                rest = "" if len(parts) == 1 else text
                return CountryReading(tuple(codes)[:3], False, rest)
        return CountryReading()


def _stripped(words: Sequence[str], tongues: Sequence[Tongue]) -> Iterator[Sequence[str]]:
    """The words, and then without what stands before and after a name, as often as something does."""
    yield words
    for tongue in tongues:
        left, changed = list(words), True
        while changed and left:
            changed = False
            for length in range(min(6, len(left) - 1), 0, -1):
                if tuple(left[:length]) in tongue.before:
                    left, changed = left[length:], True
                elif tuple(left[-length:]) in tongue.after:
                    left, changed = left[:-length], True
                else:
                    continue
                yield left
                break


# --- putting together ---


def _joint(meanings: Sequence[Meaning]) -> frozenset[str] | None:
    """Where all names can be of one place, that place: `Georgia` and `USA` are both in the US."""
    sets = [m.every() for m in meanings]
    return reduce(lambda a, b: a & b, sets) if sets else None


def _together(parts: Sequence[Found]) -> CountryReading:
    named = [p for p in parts if p.meaning and p.meaning.every()]
    meanings = [p.meaning for p in named if p.meaning]
    note = any(m.note for m in meanings)
    towns = reduce(lambda a, b: a | b, (p.meaning.towns for p in parts if p.meaning and not p.meaning.every()), NONE)
    rest = _rest(parts)
    certain = not any(p.foreign or (p.meaning and p.meaning.people) for p in named)
    joint = _joint(meanings) or NONE
    if len(named) == 1:
        one = _single(named[0], parts, towns)
        return CountryReading(one, certain and len(one) == 1 and not _is_loose(named[0]), rest, note)
    if len(joint) == 1 and not any(m.unclear and not m.countries | m.parts for m in meanings[-1:]):
        return CountryReading(tuple(joint), certain and not any(p.inside and _is_loose(p) for p in named), rest, note)
    codes = tuple(dict.fromkeys(c for p in named for c in _single(p, (p,), towns)))
    two_meant = len(codes) == 2 == len(named) and any(p.joined for p in named)
    exact = all(not p.inside and p.meaning and len(p.meaning.countries) == 1 for p in named)
    return CountryReading(codes[:MOST], certain and two_meant and exact, rest, note)


def _is_loose(found: Found) -> bool:
    """Words stood around the name, and they were not its towns."""
    return found.inside and not (found.meaning and found.meaning.countries)


def _single(found: Found, parts: Sequence[Found], towns: frozenset[str]) -> tuple[str, ...]:
    """What one name means beside what else was said: one country, or those to ask about."""
    meaning = found.meaning or Meaning()
    if meaning.unclear or meaning.people:
        every = meaning.countries | meaning.parts | meaning.unclear
        return _ordered(every or meaning.people, towns) + tuple(sorted(meaning.people - every) if every else ())
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
