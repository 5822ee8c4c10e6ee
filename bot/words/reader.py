"""Typed words read: options, numbers of any script, commands, countries, dates. Implements flow's Reader."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.flow.reading import CountryReading, Distress
from bot.talk.sentences import DateValue, Message
from bot.words import digits
from bot.words.calendar import Language, folded, make_language, read_date, western_digits
from bot.words.counting import counted, words_of_numbers
from bot.words.countries import CountryReader
from bot.words.feelings import Feelings
from bot.words.lexicon import Lexicon
from bot.words.places import Places
from bot.words.pleasant import Pleasantries

LONGEST = 200  # characters; more is a story, not a choice
APART = re.compile(r"[,;\n/،؛、；&]")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"(?:\+|00)?\d(?:[ ().-]{0,2}\d){6,}")


class WordsReader:
    """`put` puts a message in words; `countries` are code to name, `places` what people call them.

    `typed` are the words of flows/typed.yaml.
    """

    def __init__(
        self,
        put: Callable[[Message, str], str],
        countries: Mapping[str, Message],
        places: Places,
        typed: Mapping[str, Message],
    ) -> None:
        self._put, self._countries, self._typed = put, countries, typed
        self._commands: dict[str, dict[str, str]] = {}
        self._distress: dict[tuple[str, ...], Feelings] = {}
        self._pleasant: dict[tuple[str, ...], Pleasantries] = {}
        self._known: dict[tuple[str, str, str], set[str]] = {}
        self._dates: dict[str, Language] = {}
        self._numbers: dict[str, tuple[list[Lexicon], frozenset[str]]] = {}
        self._places = CountryReader(places, self._labels, lambda language: self._words("between", language))

    def options(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[tuple[str, ...], ...]:
        if len(text) > LONGEST or not (whole := folded(text)):
            return ()
        labels = [(code, self._label(m, language)) for code, m in options]
        if found := _option(whole, labels):
            return (found,)
        pieces = [p for piece in self._apart(text, language) if (p := folded(piece))]
        if len(pieces) < 2:
            return ()
        read = [_option(p, labels) for p in pieces]
        return tuple(read) if all(read) else ()

    def exact(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[str, ...]:
        if len(text) > LONGEST or not (whole := folded(text)):
            return ()
        return tuple(code for code, message in options if whole in self._label(message, language))

    def beginning(self, text: str, options: Sequence[tuple[str, Message]], language: str) -> tuple[str, ...]:
        if len(text) > LONGEST or not (start := folded(text)):
            return ()
        labels = ((code, self._label(message, language)) for code, message in options)
        return tuple(code for code, words in labels if any(f"{w} ".startswith(f"{start} ") for w in words))

    def _label(self, message: Message, language: str) -> set[str]:
        """A label as it is compared, in its language and in English. One with a value is somebody's, and not kept."""
        key = language, message.context, message.text
        if message.values or key not in self._known:
            found = {folded(self._put(message, language)), folded(message.text)}
            if message.values:
                return found
            self._known[key] = found
        return self._known[key]

    def _apart(self, text: str, language: str) -> list[str]:
        """Cut at commas and at the language's own "and"."""
        pieces = APART.split(text)
        for word in self._words("between", language):
            # Arabic writes its "and" onto the next word.
            joined = r"\s?" if len(word) == 1 and not word.isascii() else r"\s"
            cut = re.compile(rf"\s{re.escape(word)}{joined}", re.IGNORECASE)
            pieces = [p for piece in pieces for p in cut.split(piece)]
        return pieces

    def numbers(self, text: str, language: str = "en") -> tuple[int, ...]:
        return digits.read_numbers(text, self._words("between", language))

    def counted(self, text: str, language: str) -> tuple[int, ...]:
        if language not in self._numbers:
            both = dict.fromkeys((language, "en"))
            lexicons = [words_of_numbers(each, {k: self._listed(k, each) for k in self._typed}) for each in both]
            self._numbers[language] = lexicons, frozenset(folded(w) for w in self._words("counting", language))
        try:
            return counted(text, *self._numbers[language])
        except Exception:  # whatever a reporter types, a conversation goes on; the tests read without this net
            return ()

    def date(self, text: str, language: str, now: datetime, ahead: bool = False) -> tuple[DateValue, ...]:
        try:
            return read_date(text, self._language(language), now, ahead)
        except Exception:  # as above
            return ()

    def _language(self, language: str) -> Language:
        if language not in self._dates:
            own, english = ({k: self._listed(k, each) for k in self._typed} for each in (language, "en"))
            self._dates[language] = make_language(language, own, english)
        return self._dates[language]

    def _listed(self, key: str, language: str) -> tuple[str, ...]:
        """What people type for one thing, in one language; `-` stands for nothing."""
        words = self._put(self._typed[key], language).replace("،", ",").split(",")
        return tuple(w for word in words if (w := word.strip()) and w != "-")

    def _words(self, key: str, language: str) -> tuple[str, ...]:
        """What people type for one thing: in their language, then in English."""
        message = self._typed[key]
        both = (self._put(message, language), message.text)
        return tuple(w.strip() for text in both for w in text.replace("،", ",").split(",") if w.strip())

    def command(self, text: str, language: str) -> str | None:
        if len(text) > 40:
            return None
        if language not in self._commands:
            keys = [k for k in self._typed if k.startswith("command.")]
            self._commands[language] = {
                folded(w) or w: k.removeprefix("command.") for k in reversed(keys) for w in self._words(k, language)
            }
        word = text.strip().removeprefix("/")
        return self._commands[language].get(folded(word) or word)

    def is_contact(self, text: str) -> bool:
        short = western_digits(text[:2_000])
        return bool(EMAIL.search(short) or PHONE.search(short))

    def distress(self, text: str, languages: Sequence[str]) -> frozenset[Distress]:
        key = tuple(languages)
        if key not in self._distress:
            self._distress[key] = Feelings([partial(self._words, language=language) for language in languages])
        return self._distress[key].read(text)

    def pleasantry(self, text: str, languages: Sequence[str]) -> str | None:
        key = tuple(languages)
        if key not in self._pleasant:
            self._pleasant[key] = Pleasantries([partial(self._words, language=language) for language in languages])
        return self._pleasant[key].read(text)

    def return_number(self, text: str) -> str | None:
        return digits.return_number(text)

    def country(self, text: str, language: str) -> CountryReading:
        """`Kenya`, `Nairobi, Kenya`, `Kenya and Uganda`: names and what else was typed."""
        try:
            return self._places.read(text, language)
        except Exception:  # as above
            return CountryReading()

    def prepare(self, languages: Sequence[str]) -> None:
        """Make the words of these languages ready at start, so that no reporter waits for it. Optional."""
        self._places.prepare(languages)
        for language in languages:
            self.date("x", language, datetime(2026, 1, 1, tzinfo=UTC))
            self.counted("x", language)

    def _labels(self, language: str) -> dict[str, str]:
        return {code: self._put(message, language) for code, message in self._countries.items()}


def _option(typed: str, labels: Sequence[tuple[str, set[str]]]) -> tuple[str, ...]:
    """Exact labels first, then beginnings at a word's end, then beginnings; all that fit at the first that does."""
    tests: tuple[Callable[[set[str]], bool], ...] = (
        lambda words: typed in words,
        lambda words: any(w.startswith(f"{typed} ") for w in words),
        lambda words: len(typed) > 2 and any(w.startswith(typed) for w in words),
        lambda words: len(typed) > 2 and any(f" {typed} " in f" {w} " for w in words),
    )
    for fits in tests:
        if found := tuple(code for code, words in labels if fits(words)):
            return found
    return ()
