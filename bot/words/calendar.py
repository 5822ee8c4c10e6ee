"""Dates put in words, and read from words.

Read are the calendars that people write in; put in words is the Gregorian one, with the weekday. Languages are data:
Babel's, and the lists of flows/typed.yaml.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from bot.talk.sentences import DateValue
from bot.words.amounts import Lexemes
from bot.words.folding import folded as folded  # others take these two from here
from bot.words.folding import western_digits as western_digits
from bot.words.lexicon import Lexicon
from bot.words.spans import FIRST_YEAR, YEARS_AHEAD
from bot.words.worded import Context, understood

LONGEST = 60  # characters of a date; more is no date
MOST = 4  # readings; more would be a guess
NAMES = frozenset({"month", "weekday", "number"})  # of English, known in every language
SHAPES = {"day": "yMMMMd", "week": "yMMMMd", "month": "yMMMM", "quarter": "yMMMM", "year": "y"}


def in_words(value: DateValue, locale: Locale) -> str:
    """`Thursday 5 March 2026`, `March 2026`, `2–8 March 2026`, `January – March 2026`, `2026`, `June – August 2024`.

    With the weekday, for who knows that it was a Friday.
    """
    locale = Locale("en", "GB") if str(locale) == "en" else locale  # the day before the month
    last = value.last_day()
    single = value.until is None and value.precision in ("day", "month", "year")
    if value.precision == "day" and single:
        words = format_date(value.day, "full", locale=locale)
        words = words.replace(",", "", 1) if locale.language == "en" else words
    elif single or value.day == last:
        words = format_skeleton(SHAPES[value.precision], value.day, locale=locale)
    else:
        words = _from_to(value, locale)
    return " ".join(words.replace("\u2009", " ").split(" "))


def _from_to(value: DateValue, locale: Locale) -> str:
    return str(format_interval(value.day, value.last_day(), SHAPES[value.precision], locale=locale))


@dataclass(frozen=True)
class Language:
    """The words of dates in one language, then in English: people mix them, but not within a date."""

    lexicons: tuple[Lexicon, ...]


def make_language(
    language: str, own: Mapping[str, tuple[str, ...]], english: Mapping[str, tuple[str, ...]] | None = None
) -> Language:
    """`own` and `english` are the words of flows/typed.yaml, by key."""
    first = Lexicon(language, own)
    if english is None or language == "en":
        return Language((first,))
    second = Lexicon("en", english)
    first.lend(second, NAMES)
    return Language((first, second))


def read_date(text: str, language: Language, now: datetime, ahead: bool = False) -> tuple[DateValue, ...]:
    """Every date that the words can mean, best first; none when they are no date, or too many. Never raises.

    `ahead`: the question asks for a day to come, so "10 December" is the next one.
    """
    if not text or len(text) > LONGEST:
        return ()
    texts = (text, text.replace("-", " – ")) if "-" in text else (text,)  # June-July, once it is no word with a hyphen
    for lexicon in language.lexicons:
        for each in texts:
            if found := _readings(each, Context(now, ahead, lexicon)):
                return found if len(found) <= MOST else ()
    for lexicon in language.lexicons:
        # "They took him on 5 March 2026": who writes a sentence is asked too.
        context = Context(now, ahead, lexicon)
        found = _all(lexicon.in_a_sentence(text, context.today, ahead), context)
        if found:
            return found if len(found) <= MOST else ()
    return ()


def _readings(text: str, context: Context) -> tuple[DateValue, ...]:
    return _all(context.lexicon.readings(text, context.today, context.ahead), context)


def _all(readings: Iterable[Lexemes], context: Context) -> tuple[DateValue, ...]:
    found: dict[DateValue, None] = {}
    for lexemes in readings:
        found.update(dict.fromkeys(v for v in _safely(lexemes, context) if _is_near(v, context.now)))
    return tuple(found)


def _safely(lexemes: Lexemes, context: Context) -> list[DateValue]:
    try:
        return understood(lexemes, context)
    except (OverflowError, ValueError):  # the ends of the calendar
        return []


def _is_near(value: DateValue, now: datetime) -> bool:
    return value.day.year >= FIRST_YEAR and value.last_day().year <= now.year + YEARS_AHEAD
