"""The words of dates in one language, and a text cut into what its words can mean.

All words are data: `date.*`, `number.*`, `nth.*`, `month.*` and the like of flows/typed.yaml and its translations. What
is here knows no language; it only knows that some write a word onto the next one (`prefixes`).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby, islice, product
from typing import NamedTuple

from babel import Locale
from babel.dates import get_day_names, get_month_names

from bot.talk.sentences import DateValue
from bot.words.folding import folded, plain_letters
from bot.words.numeric import FIGURES, in_figures

Typed = Mapping[str, tuple[str, ...]]


class Lexeme(NamedTuple):
    """One meaning of one word. `a` and `b` are its numbers: a value, or from and to.

    Of a unit `a` is 1 for one, 2 for many, 3 for many in a word that is one, too.
    """

    kind: str
    a: int = 0
    b: int = 0
    unit: str = ""
    dates: tuple[DateValue, ...] = ()
    way: int | None = None  # -1 the last, 0 this, 1 the next


DROP, UNKNOWN = Lexeme("drop"), Lexeme("unknown")
QUIET = frozenset(
    {"drop", "part", "and", "this", "at", "clock", "since", "between"}
)  # these change no date beside them
MOST_MEANINGS = 32  # combinations of what the words of one text can mean; more are not tried
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "semester", "year", "decade")
PLAIN = frozenset(
    "not more_than less_than nth_mark part eve day_before day_after last before_last this next ago since ahead before "
    "after from_now half weekend start middle end and or to between at clock decade_of last_day second_day_after "
    "second_day_before half_month after_next".split(" ")
)
TODAY = {"before_yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "after_tomorrow": 2}
SEASONS = ("spring", "summer", "autumn", "winter")
DECIMAL = re.compile(r"(?<![\d.,/-])(\d{1,2})[.,]5(?=\s?[^\W\d])")  # 1.5 years
TOKEN = re.compile(
    r"(?P<clock>(?<!\d)\d{1,2}\s?[:h]\s?\d{2}(?!\d)(?:\s?(?:am|pm))?|(?<!\d)\d{1,2}\s?(?:am|pm)(?!\w))|"
    r"(?P<half>½)|(?<!\w)[qt](?P<quarter>[1-4])(?!\w)|(?P<slash>(?<=[^\W\d])\s*/\s*(?=[^\W\d]))|(?P<years>(?<=\d{4})\s?/\s?(?=\d{4}))|['’](?P<short>\d\d)(?!\d)|(?P<number>\d+)|(?P<dash>\s*[-–—]\s*)|(?P<ampersand>[&+])|(?P<word>[^\W\d_]+)"
)


class Lexicon:
    """`typed` are the words of flows/typed.yaml in this language; Babel knows the days and the months."""

    def __init__(self, language: str, typed: Typed) -> None:
        self._meanings: dict[str, list[Lexeme]] = {}
        self._longest = 1
        for key, words in typed.items():
            for lexeme in _lexemes(key):
                if lexeme.kind == "season":
                    lexeme = lexeme._replace(unit=" ".join(typed.get("date.seasons_in", ("north", "south"))))
                for word in words:
                    self._put(word, lexeme)
        locale = Locale.parse(language)
        for number, name in get_day_names("wide", "format", locale).items():
            self._put(name, Lexeme("weekday", number))
        for context in ("format", "stand-alone"):
            for number, name in get_month_names("wide", context, locale).items():
                self._put(name, Lexeme("month", number))
        self.prefixes = tuple(sorted({folded(p) for p in typed.get("prefixes", ())}, key=len))
        self.joined = frozenset(w for w, meant in self._meanings.items() if any(m.kind == "and" for m in meant))
        self.last_stands_before = "before" in typed.get("date.last_stands", ("before",))
        self.units_first = "units" in typed.get("number.first_stands", ())
        self._day_marks = frozenset(folded(w) for w in typed.get("date.day_mark", ()))

    def _put(self, word: str, lexeme: Lexeme) -> None:
        tokens = _words(plain_letters(word))
        if not tokens:
            return
        self._longest = max(self._longest, len(tokens))
        meant = self._meanings.setdefault(" ".join(tokens), [])
        if (lexeme.kind, lexeme.a) == ("unit", 2) and lexeme._replace(a=1) in meant:
            lexeme = lexeme._replace(a=3)  # one word for one and for many: "mois"
        if lexeme not in meant:
            meant.append(lexeme)

    def lend(self, other: "Lexicon", kinds: frozenset[str]) -> None:
        """Names of another language where this one has no such word."""
        for word, meant in other._meanings.items():
            if word not in self._meanings and all(m.kind in kinds and m.unit != "article" for m in meant):
                self._meanings[word] = meant

    def readings(self, text: str, today: date, ahead: bool) -> Iterator[tuple[Lexeme, ...]]:
        """Every way to understand all words of the text; nothing where one word is not known."""
        slots = self._slots(plain_letters(text).strip(), today, ahead)
        if slots is None:
            return
        seen = set()
        for choice in islice(product(*slots), MOST_MEANINGS):
            read = tuple(x for x in choice if x is not DROP)
            if read not in seen:
                seen.add(read)
                yield read

    def in_a_sentence(self, text: str, today: date, ahead: bool) -> Iterator[tuple[Lexeme, ...]]:
        """The one stretch of a sentence that names a day or a month outright; nothing where other words touch time."""
        slots = self._slots(plain_letters(text).strip(), today, ahead, lenient=True) or []
        for choice in islice(product(*slots), MOST_MEANINGS):
            stretches = [list(g) for known, g in groupby(choice, lambda x: x.kind != "unknown") if known]
            full = [s for x in stretches if (s := _said(x))]
            if len(full) == 1 and len(stretches) < len(choice) and _is_outright(full[0]):
                yield full[0]

    def _slots(self, text: str, today: date, ahead: bool, lenient: bool = False) -> list[tuple[Lexeme, ...]] | None:
        slots: list[tuple[Lexeme, ...]] = []
        text = DECIMAL.sub(r"\1 ½ ", text)
        at = 0
        for found in FIGURES.finditer(text):
            dates = tuple(d for d in in_figures(found, today, ahead) if d)
            if not dates:
                return None if found["cut"] or found["m1"] else self._words_of(text, lenient)
            before = self._words_of(text[at : found.start()], lenient)
            if before is None:
                return None
            slots += [*before, (Lexeme("dates", dates=dates),)]
            at = found.end()
        after = self._words_of(text[at:], lenient)
        return None if after is None else slots + after

    def _words_of(self, text: str, lenient: bool) -> list[tuple[Lexeme, ...]] | None:
        tokens = _tokens(text)
        slots: list[tuple[Lexeme, ...]] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            length, meant = self._longest_at(tokens, at)
            if isinstance(token, Lexeme) and length < 2:
                meant = [self._number(token, tokens[at - 1] if at else None)]
            if not meant and not lenient:
                return None
            meant = meant or [(UNKNOWN,)]
            slots += meant
            at += length
        return slots

    def _number(self, figures: Lexeme, before: str | Lexeme | None) -> tuple[Lexeme, ...]:
        """Figures; behind a word that says so ("le 5") also a day of the month."""
        is_day = before in self._day_marks and figures.kind == "number" and not figures.unit and 0 < figures.a <= 31
        return (figures, figures._replace(kind="nth")) if is_day and figures.b < 3 else (figures,)

    def _longest_at(self, tokens: list[str | Lexeme], at: int) -> tuple[int, list[tuple[Lexeme, ...]]]:
        """The longest run of words that means something, and each of its meanings."""
        run: list[str] = []
        for token in tokens[at : at + self._longest]:
            if isinstance(token, Lexeme):
                if token.kind != "number" or token.unit:
                    break
                token = str(token.a)
            run.append(token)
        if not run:
            return 1, []
        for prefix in ("", *self.prefixes):
            if not run[0].startswith(prefix) or (prefix and len(run[0]) <= len(prefix) + 1):
                continue
            bare = [run[0][len(prefix) :], *run[1:]]
            for length in range(len(bare), 0, -1):
                if meant := self._meanings.get(" ".join(bare[:length])):
                    return length, [*self._joint(prefix), tuple(meant)]
        return 1, []

    def _joint(self, prefix: str) -> list[tuple[Lexeme, ...]]:
        """What a prefix says by itself: an "and", a "this"."""
        if prefix and prefix[0] in self.joined:
            return [(Lexeme("and"),)]
        return [(Lexeme("this"),)] if any(m.kind == "this" for m in self._meanings.get(prefix, ())) else []


def _said(stretch: list[Lexeme]) -> tuple[Lexeme, ...]:
    """What a stretch of a sentence says; "has been" by itself is nothing, and a last "to" belongs to what follows."""
    said = tuple(y for y in stretch if y.kind not in QUIET)
    if len(said) > 1 and said[-1].kind in ("to", "or"):
        said = said[:-1]
    return said if any(y.kind != "ago" for y in said) else ()


def _is_outright(lexemes: tuple[Lexeme, ...]) -> bool:
    kinds = {x.kind for x in lexemes}
    year = any(x.kind == "number" and x.b == 4 for x in lexemes)
    return bool(kinds & {"near", "dates"}) or ("month" in kinds and (year or bool(kinds & {"number", "nth"})))


def _words(plain: str) -> list[str]:
    return re.findall(r"\d+|[^\W\d_]+", plain)


def _tokens(text: str) -> list[str | Lexeme]:
    """Words, and figures as lexemes. A dash counts between figures, or between spaces; clock times are left out."""
    tokens: list[str | Lexeme] = []
    for found in TOKEN.finditer(text):
        if word := found["word"]:
            tokens.append(word)
        elif found["quarter"]:
            tokens += [Lexeme("nth", int(found["quarter"])), Lexeme("unit", 1, unit="quarter")]
        elif found["half"]:
            tokens.append(Lexeme("half"))
        elif found["ampersand"]:
            tokens.append(Lexeme("and"))
        elif found["slash"]:
            tokens.append(Lexeme("or"))
        elif found["years"]:
            tokens.append(Lexeme("to"))
        elif found["short"]:
            tokens.append(Lexeme("number", int(found["short"]), unit="year"))
        elif number := found["number"]:
            tokens.append(Lexeme("number", int(number[:9]), len(number)))
        elif dash := found["dash"]:
            figures = text[: found.start()][-1:].isdigit() and text[found.end() :][:1].isdigit()
            if figures or len(dash) > 2 or (len(dash) > 1 and dash.strip() != "-"):
                tokens.append(Lexeme("to"))
    return tokens


def _lexemes(key: str) -> Iterator[Lexeme]:
    """What the words of one key mean."""
    group, _, name = key.partition(".")
    if group in ("number", "nth", "month", "hijri", "persian") and name.isdigit():
        yield Lexeme(group, int(name), unit="word" if group == "number" else "")
    elif group in ("feast", "hijri_feast", "persian_feast"):
        month, number = name.split("_")
        yield Lexeme(group, int(month), int(number))
    elif group in ("easter", "orthodox_easter"):
        yield Lexeme("easter", int(name), unit=group)
    elif group == "decade":
        yield Lexeme("tens", int(name))
    elif key in ("hijri_era", "persian_era", "buddhist_era"):
        yield Lexeme("era", unit=key.removesuffix("_era"))
    elif key == "gregorian_era":
        yield DROP
    elif group == "date":
        yield from _of_dates(name)


def _of_dates(name: str) -> Iterator[Lexeme]:
    group, _, rest = name.partition(".")
    if name in TODAY:
        yield Lexeme("near", TODAY[name])
    elif name == "about":
        yield DROP
    elif name == "one":
        yield Lexeme("number", 1, unit="article")
    elif group == "some":
        low, high = rest.split("_")
        yield Lexeme("some", int(low), int(high))
    elif group == "weekday":
        yield Lexeme("weekday", int(rest))
    elif name in SEASONS:
        yield Lexeme("season", SEASONS.index(name))
    elif name in UNITS:
        yield Lexeme("unit", 1, unit=name)
    elif name.removesuffix("s") in UNITS:
        yield Lexeme("unit", 2, unit=name.removesuffix("s"))
    elif name.startswith("two_"):
        yield Lexeme("amount", 2, 2, unit=name.removeprefix("two_").removesuffix("s"))
    elif name in PLAIN:
        yield Lexeme(name)
