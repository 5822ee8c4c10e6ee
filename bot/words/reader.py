"""Typed words read: options, numbers of any script, commands, countries, dates. Implements flow's Reader."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from rapidfuzz import fuzz, process

from bot.flow.reading import CountryReading
from bot.flow.values import DateValue, Message
from bot.words.calendar import read_date, western_digits

LONGEST = 200  # characters; more is a story, not a choice
APART = re.compile(r"[,;\n/،؛、；]|\band\b|\bund\b|\bet\b|\by\b|&")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"(?:\+|00)?\d(?:[ ().-]{0,2}\d){6,}")
RETURN_DIGITS = 20
COMMANDS: dict[str, dict[str, str]] = {
    "en": {
        "help": "help",
        "?": "help",
        "back": "back",
        "go back": "back",
        "skip": "skip",
        "pause": "pause",
        "rest": "pause",
        "erase": "erase",
        "delete": "erase",
        "human": "human",
        "person": "human",
        "language": "language",
        "status": "status",
        "danger": "danger",
        "sos": "danger",
        "done": "done",
        "yes": "yes",
        "y": "yes",
        "no": "no",
        "n": "no",
        "who are you": "who",
        "who is this": "who",
        "is this safe": "is_it_safe",
        "is it safe": "is_it_safe",
        "what happens now": "what_now",
        "what happens next": "what_now",
        "keys": "keys",
    }
}


def folded(text: str) -> str:
    """For comparison only: lower case, no accents, no punctuation, single spaces."""
    decomposed = unicodedata.normalize("NFKD", western_digits(text).casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())


class WordsReader:
    """`label` puts an option's message in words; `countries` are code to name, `also` other names to codes."""

    def __init__(
        self,
        put: Callable[[Message, str], str],
        countries: Mapping[str, Message],
        also: Mapping[str, Sequence[str]],
    ) -> None:
        self._put, self._countries = put, countries
        self._also = {folded(name): frozenset(codes) for name, codes in also.items()}
        self._names: dict[str, dict[str, frozenset[str]]] = {}

    def options(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[tuple[str, ...], ...]:
        if len(text) > LONGEST or not (whole := folded(text)):
            return ()
        labels = [(code, {folded(self._put(m, language)), folded(m.text)}) for code, m in options]
        if found := _option(whole, labels):
            return (found,)
        pieces = [p for piece in APART.split(text) if (p := folded(piece))]
        if len(pieces) < 2:
            return ()
        read = [_option(p, labels) for p in pieces]
        return tuple(read) if all(read) else ()

    def numbers(self, text: str) -> tuple[int, ...]:
        if len(text) > LONGEST:
            return ()
        plain = western_digits(text).strip()
        if not re.fullmatch(r"\d{1,3}(?:[\s,.;)،、]+\d{1,3})*[.)]?", plain):
            return ()
        return tuple(int(n) for n in re.findall(r"\d+", plain))

    def date(self, text: str, language: str, now: datetime) -> tuple[DateValue, ...]:
        return read_date(text, language, now)

    def command(self, text: str, language: str) -> str | None:
        if len(text) > 40:
            return None
        word = text.strip().lstrip("/").casefold().strip(" .!?¿¡،؟") or text.strip()
        for each in (language, "en"):
            if found := COMMANDS.get(each, {}).get(word):
                return found
        return None

    def is_contact(self, text: str) -> bool:
        short = western_digits(text[:2_000])
        return bool(EMAIL.search(short) or PHONE.search(short))

    def return_number(self, text: str) -> str | None:
        if len(text) > 80 or any(c.isalpha() for c in text):
            return None
        digits = "".join(c for c in western_digits(text) if c.isdecimal())
        return digits if len(digits) == RETURN_DIGITS else None

    def country(self, text: str, language: str) -> CountryReading:
        """`Kenya`, `Nairobi, Kenya`, `Kenya and Uganda`: names and what else was typed."""
        if len(text) > 1_000:
            return CountryReading()
        names = self._country_names(language)
        if found := names.get(folded(text)):
            return CountryReading(tuple(sorted(found)), len(found) == 1)
        codes: list[str] = []
        rest: list[str] = []
        doubtful: frozenset[str] = frozenset()
        for piece in APART.split(text):
            known = names.get(folded(piece), frozenset())
            if len(known) == 1:
                codes += [c for c in known if c not in codes]
            elif known:
                doubtful = doubtful or known
            elif piece.strip():
                rest.append(piece.strip())
        if codes:
            return CountryReading(tuple(codes[:2]), True, ", ".join(rest))
        if doubtful:
            return CountryReading(tuple(sorted(doubtful)), False, ", ".join(rest))
        return self._slip(text, names)

    def _slip(self, text: str, names: Mapping[str, frozenset[str]]) -> CountryReading:
        typed = folded(text)
        if len(typed) < 3 or len(typed) > 60:
            return CountryReading()
        inside = {c for name, found in names.items() if len(name) > 3 and f" {name} " in f" {typed} " for c in found}
        if inside:
            return CountryReading(tuple(sorted(inside))[:4], False)
        near = process.extract(typed, names.keys(), scorer=fuzz.ratio, score_cutoff=75, limit=6)
        codes = dict.fromkeys(c for name, _, _ in near for c in sorted(names[name]))
        return CountryReading(tuple(codes)[:4], False)

    def _country_names(self, language: str) -> dict[str, frozenset[str]]:
        if language not in self._names:
            names: dict[str, frozenset[str]] = dict(self._also)
            for code, message in self._countries.items():
                for each in (self._put(message, language), message.text):
                    key = folded(each)
                    names[key] = names.get(key, frozenset()) | {code}
            self._names[language] = names
        return self._names[language]


def _option(typed: str, labels: Sequence[tuple[str, set[str]]]) -> tuple[str, ...]:
    """Exact labels first, then beginnings at a word's end, then beginnings; all that fit at the first that does."""
    tests: tuple[Callable[[set[str]], bool], ...] = (
        lambda words: typed in words,
        lambda words: any(w.startswith(f"{typed} ") for w in words),
        lambda words: len(typed) > 2 and any(w.startswith(typed) for w in words),
        lambda words: len(typed) > 3 and any(f" {typed} " in f" {w} " for w in words),
    )
    for fits in tests:
        if found := tuple(code for code, words in labels if fits(words)):
            return found
    return ()
