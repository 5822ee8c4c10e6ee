"""Countries read from words: `Kenya`, `in the UK`, `Atlanta, Georgia, USA`, `🇰🇪`, `Congo`.

Sure only where one place was named exactly; what could be two is asked; a near spelling is never offered alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.flow.reading import CountryReading
from bot.words import slips
from bot.words.folding import folded
from bot.words.places import Meaning, Places, Tongue
from bot.words.placing import Found, scanned, together, union

LONGEST = 200  # characters; more is a story
MOST_WORDS = 40
COMMAS = re.compile(r"[,;\n/|،؛、；()]|\s[-–—]\s")
FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
OF_BRITAIN = re.compile("\U0001f3f4(?:[\U000e0060-\U000e007f]+)")  # England, Scotland, Wales
CODE = re.compile(r"[A-Z]{2,3}\Z")
WORDS_AS_CODES = frozenset(
    "AM AN AND ANY ARE AS AT BE BY CAN DE DO EN ES ET FOR GO HE IF IN IS IT LA MA ME MAR MY NE NO NON OK ON OR OUI PER "
    "SA SE SI SO TO UN US WE YES".split(" ")
)


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
        self._spelled: dict[str, dict[str, Meaning]] = {}
        self._silent: dict[str, frozenset[str]] = {}
        self._known = frozenset(labels("en"))

    def read(self, text: str, language: str) -> CountryReading:
        """Every country that the words can mean. Never raises; empty where none is understood."""
        if len(text) > LONGEST or not text.strip():
            return CountryReading()
        text = self._without_flags(text, language)
        found = self._whole(text.strip(), language, alone=True)
        parts = [found] if found else list(self._pieces(text, language))
        if any(p.meaning and p.meaning.every() for p in parts):
            return slips.unless_one(text, together(parts), parts, self._names(language))
        return self._near(text, parts, language)

    def prepare(self, languages: Sequence[str]) -> None:
        """Make the names of these languages ready: else its first reporter waits (5 ms of CPU)."""
        for language in languages:
            self._tongues(language)
        self._places.elsewhere("x")

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
            joined = any(cut.match(f" {piece}") for cut in self._cuts_of(language))  # "Kenya, and Uganda"
            for number, each in enumerate(self._split(piece, language)):
                one = self._whole(each, language) or self._scan(each, language)
                yield Found(one.text, one.meaning, one.inside, joined or number > 0, one.foreign)

    def _turned(self, first: str, last: str, language: str) -> Found | None:
        """`Korea, South`. A town is no half of a name: `Kinshasa, Congo` is asked about."""
        town = self._meaning(folded(last), language)
        found = self._whole(f"{first} {last}", language)
        is_country = found is not None and found.meaning is not None and bool(found.meaning.countries)
        return found if is_country and not (town and town.towns) else None

    def _split(self, text: str, language: str) -> list[str]:
        """Cut at the language's own "and"."""
        pieces = [text]
        for cut in self._cuts_of(language):
            pieces = [p for piece in pieces for p in cut.split(piece)]
        # An "and" inside of a name ("وادي") cuts nothing: both sides must say something.
        kept = [p for p in pieces if p.strip()]
        return kept if all(self._whole(p, language) or self._scan(p, language).meaning for p in kept) else [text]

    def _cuts_of(self, language: str) -> tuple[re.Pattern[str], ...]:
        if language not in self._cuts:
            cuts = []
            for word in (*self._between(language), "&", "+"):
                # Arabic writes its "and" onto the next word.
                onto = len(word) == 1 and word.isalpha() and not word.isascii()
                cut = rf"\s{re.escape(word)}\s?" if onto else rf"(?:^|\s){re.escape(word)}\s"
                cuts.append(re.compile(cut, re.IGNORECASE))
            self._cuts[language] = tuple(cuts)
        return self._cuts[language]

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

    def _meaning(self, key: str, language: str) -> Meaning | None:
        for tongue in self._tongues(language):
            attached = (
                put + key[len(a) :] for a, put in tongue.attached if key.startswith(a) and len(key) > len(a) + 2
            )
            for name in (key, *(a + key for a in tongue.article), *attached):
                if meaning := tongue.names.get(name):
                    return meaning
            for ending in tongue.plural:
                meaning = tongue.names.get(key.removesuffix(ending))
                if meaning and meaning.people and key.endswith(ending) and len(key) > len(ending) + 3:
                    return meaning
        return None

    def _whole(self, text: str, language: str, alone: bool = False) -> Found | None:
        """The text is one name, with nothing but prepositions around it. `alone`: nothing else was said."""
        bare = text.strip(" .!?\"'«»“”:؟")
        if (code := self._code(bare)) and (alone or bare not in WORDS_AS_CODES):
            return Found(text, Meaning(countries=frozenset({code})), foreign=bare in WORDS_AS_CODES)
        words = folded(bare).split()
        if not words or len(words) > 14:
            return None
        tongues = self._tongues(language)
        for stripped in _stripped(words, tongues):
            if " ".join(stripped) in self._nowhere(language):
                return Found(text, nowhere=True)
            if (meaning := self._meaning(" ".join(stripped), language)) and meaning.every():
                slight = len(stripped) == len(words) and self._is_small(bare, language)
                return Found(text, meaning, foreign=slight)
        if meaning := self._official(words, language):
            return Found(text, meaning)
        # A name in another language than the reporter's is read too, and asked about.
        elsewhere = self._places.elsewhere(" ".join(words))
        return Found(text, elsewhere, foreign=True) if elsewhere else None

    def _is_small(self, text: str, language: str) -> bool:
        """`us`, `car`: in small letters another word than the name."""
        return text.islower() and any(folded(text) in t.small for t in self._tongues(language))

    def _official(self, words: Sequence[str], language: str) -> Meaning | None:
        """`Gabonese Republic`, `République togolaise`: a people or a name, with words of official names."""
        tongues = self._tongues(language)
        left = [w for w in words if not any(w in t.forms for t in tongues)]
        bare = [w for w in left if not any(w in t.links for t in tongues)]  # "of", "the"
        if not bare or len(left) == len(words):
            return None
        meaning = self._meaning(" ".join(bare), language)
        if meaning and meaning.countries and not meaning.parts | meaning.unclear:
            return meaning
        if meaning and meaning.people and not meaning.unclear:
            field = "countries" if len(meaning.people) == 1 else "unclear"
            return Meaning(**{field: meaning.people}, note=meaning.note)
        return None

    def _code(self, text: str) -> str | None:
        """ISO 3166-1 in capitals: KE, KEN."""
        plain = text.replace(".", "")
        if not CODE.match(plain) or folded(plain) in self._tongues("en")[0].names:
            return None
        return plain if plain in self._known else self._places.alpha3.get(plain)

    def _scan(self, text: str, language: str) -> Found:
        """Names inside of other words, the longest first."""
        # "They arrested us", "a car": these names only in capitals, or behind an article.
        slight = {w for w in map(folded, re.findall(r"\b[^\W\d_]+\b", text)) if self._is_small(w, language)}
        slight -= {folded(w) for w in re.findall(r"\b[A-Z]{2,}\b", text)}
        words = folded(text).split()[:MOST_WORDS]
        nowhere = self._nowhere(language)
        meanings: list[Meaning] = []
        other: list[str] = []
        longest = max(t.longest for t in self._tongues(language))
        at = 0
        while at < len(words):
            for length in range(min(longest, len(words) - at), 0, -1):
                name = " ".join(words[at : at + length])
                if name in nowhere and length > 1:
                    other.append(name)
                    at += length
                    break
                if name not in slight and (meaning := self._meaning(name, language)):
                    meanings.append(meaning)
                    at += length
                    break
            else:
                other.append(words[at])
                at += 1
        silent = self._around(language)
        return scanned(text, meanings, all(w in silent for w in other))

    def _around(self, language: str) -> frozenset[str]:
        if language not in self._silent:
            around = (t.before | t.after for t in self._tongues(language))
            self._silent[language] = frozenset(w for each in around for words in each for w in words)
        return self._silent[language]

    def _nowhere(self, language: str) -> frozenset[str]:
        return union(t.nowhere for t in self._tongues(language))

    def _names(self, language: str) -> dict[str, Meaning]:
        """All names that a slip can be one of."""
        if language not in self._spelled:
            tongues = reversed(self._tongues(language))
            self._spelled[language] = {n: m for t in tongues for n, m in t.names.items() if m.countries or m.parts}
        return self._spelled[language]

    def _near(self, text: str, parts: Sequence[Found], language: str) -> CountryReading:
        """What it may be a slip of; nothing where it is known to be no country, or a town alone."""
        typed_names = {folded(text), *(folded(p.text) for p in parts)}
        known = any(p.nowhere for p in parts) or typed_names & self._nowhere(language)
        if known or any(p.meaning and p.meaning.towns for p in parts):
            return CountryReading()
        return slips.near(text, parts, self._names(language))


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
