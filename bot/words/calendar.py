"""Dates put in words, and read from words. Gregorian; the languages of the world come with their data."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel import Locale
from babel.dates import format_date, get_day_names, get_month_names

from bot.talk.sentences import DateValue, Precision

LONGEST = 60  # characters of a date; more is no date
FIRST_YEAR = 1900


def in_words(value: DateValue, locale: Locale) -> str:
    """`5 March 2026`, `March 2026`, `the week of 2 March 2026`, `Q1 2026`, `2026`."""
    patterns: dict[Precision, str] = {
        "day": "d MMMM y",
        "week": "d MMMM y",
        "month": "LLLL y" if locale.language != "en" else "MMMM y",
        "quarter": "QQQ y",
        "year": "y",
    }
    words = format_date(value.day, patterns[value.precision], locale=locale)
    return f"{words} (+7)" if value.precision == "week" else words


@dataclass(frozen=True)
class Language:
    """The words of dates in one language, folded. `duals` are single words for two of a unit."""

    today: frozenset[str]
    yesterday: frozenset[str]
    tomorrow: frozenset[str]
    last: frozenset[str]
    next: frozenset[str]
    ago: frozenset[str]
    about: frozenset[str]
    units: Mapping[str, str]
    duals: Mapping[str, str]
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]


def make_language(language: str, typed: Mapping[str, tuple[str, ...]]) -> Language:
    """`typed` are the words of flows/typed.yaml in this language and in English; Babel knows the days."""
    locale = Locale.parse(language)
    days: dict[str, int] = {}
    for each in (locale, Locale.parse("en")):
        for width in ("wide", "abbreviated"):
            for number, name in get_day_names(width, "format", each).items():
                days.setdefault(folded(name), number)
    months = {folded(w): n for n in range(1, 13) for w in typed[f"month.{n}"]}
    for context in ("format", "stand-alone"):
        for number, name in get_month_names("wide", context, locale).items():
            months.setdefault(folded(name), number)
    units = ("day", "week", "month", "year")
    numbers = {}
    for words in (typed["date.numbers"][i : i + 13] for i in range(0, len(typed["date.numbers"]), 13)):
        numbers.update({folded(w): n for n, w in enumerate(words)})
    numbers.update({folded(w): 1 for w in typed["date.one"]})

    def words_of(name: str) -> frozenset[str]:
        return frozenset(folded(w) for w in typed[f"date.{name}"])

    return Language(
        today=words_of("today"),
        yesterday=words_of("yesterday"),
        tomorrow=words_of("tomorrow"),
        last=words_of("last"),
        next=words_of("next"),
        ago=words_of("ago"),
        about=words_of("about"),
        units={w: u for u in units for w in words_of(u)},
        duals={w: u for u in units for w in words_of(f"two_{u}s") if " " not in w},
        numbers=numbers,
        months=months,
        days=days,
    )


APART = {n: " " for n in range(128) if not chr(n).isalnum()}
# Letters that people write either way.
ALIKE = str.maketrans({"ة": "ه", "ى": "ي", "ـ": "", "œ": "oe", "æ": "ae", "ß": "ss"})


def folded(text: str) -> str:
    """For comparison only: lower case, no accents, no punctuation, single spaces."""
    if text.isascii():
        return " ".join(text.lower().translate(APART).split())
    decomposed = unicodedata.normalize("NFKD", western_digits(text).casefold().translate(ALIKE))
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())


def western_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def read_date(text: str, language: Language, now: datetime) -> tuple[DateValue, ...]:
    """Every date that the words can mean, none when they are no date. Never raises."""
    if not text or len(text) > LONGEST:
        return ()
    plain = western_digits(text).casefold().strip()
    found = _numeric(plain, now) or _worded(folded(plain), language, now)
    unique = dict.fromkeys(v for v in found if v is not None and v.day.year >= FIRST_YEAR)
    return tuple(unique)


def _day(year: int, month: int, day: int) -> DateValue | None:
    try:
        return DateValue(date(year, month, day), "day")
    except ValueError:
        return None


def _span(year: int, month: int, precision: Precision) -> DateValue | None:
    try:
        return DateValue(date(year, month, 1), precision)
    except ValueError:
        return None


def _year(text: str) -> int:
    year = int(text)
    return year + 2000 if len(text) <= 2 and year < 70 else year + 1900 if len(text) <= 2 else year


def _numeric(text: str, now: datetime) -> list[DateValue | None]:
    if match := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", text):
        return [_day(int(match[1]), int(match[2]), int(match[3]))]
    if match := re.fullmatch(r"(\d{4})[-/. ]?w(\d{1,2})", text):
        try:
            return [DateValue(date.fromisocalendar(int(match[1]), int(match[2]), 1), "week")]
        except ValueError:
            return []
    if match := re.fullmatch(r"(?:(\d{4})[-/. ]?q([1-4])|q([1-4])[-/. ]?(\d{4}))", text):
        year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
        return [_span(year, quarter * 3 - 2, "quarter")]
    if match := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})", text):
        return [_span(int(match[1]), int(match[2]), "month")]
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text):
        return [_span(int(match[2]), int(match[1]), "month")]
    if match := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", text):
        first, second, year = int(match[1]), int(match[2]), _year(match[3])
        # Half the world writes the day first, the other half the month: both are offered.
        return [_day(year, second, first), _day(year, first, second)]
    if re.fullmatch(r"(19|20)\d{2}", text):
        return [_span(int(text), 1, "year")]
    return []


def _worded(text: str, data: Language, now: datetime) -> list[DateValue | None]:
    months, days = data.months, data.days
    # Month names of several words ("kanun al-thani") first, then word by word.
    for name in sorted((m for m in months if " " in m), key=len, reverse=True):
        text = f" {text} ".replace(f" {name} ", f" {name.replace(' ', '_')} ").strip()
    months = {m.replace(" ", "_"): n for m, n in months.items()}
    words = [w for w in re.findall(r"\d+|[^\W\d]+", text) if w not in data.about]
    today = now.date()
    relative = _relative(words, data, today)
    if relative is not None:
        return [relative]
    named = [months[w] for w in words if w in months]
    rest = [w for w in words if w not in months and w not in days and w not in data.units]
    if len(named) != 1 or not all(w.isdecimal() for w in rest):
        return []
    numbers = [int(w) for w in rest]
    years = [n for n in numbers if n > 31]
    small = [n for n in numbers if n <= 31]
    if len(years) > 1 or len(small) > 1:
        return []
    if years and small:
        return [_day(years[0], named[0], small[0])]
    if years:
        return [_span(years[0], named[0], "month")]
    if small:
        # No year: the last such day, which is read back in full anyway.
        this = _day(today.year, named[0], small[0])
        return [this if this and this.day <= today else _day(today.year - 1, named[0], small[0])]
    year = today.year if named[0] <= today.month else today.year - 1
    return [_span(year, named[0], "month")]


def _relative(words: list[str], data: Language, today: date) -> DateValue | None:
    days = data.days
    if len(words) == 1 and (sign := _near(words[0], data)) is not None:
        return DateValue(today + timedelta(days=sign), "day")
    numbers = [data.numbers.get(w, int(w) if w.isdecimal() and len(w) < 4 else None) for w in words]
    units = [data.units[w] for w in words if w in data.units]
    duals = [data.duals[w] for w in words if w in data.duals]
    if len(duals) == 1 and not units and any(w in data.ago for w in words):
        return _back(today, duals[0], 2)
    if len(units) == 1 and any(w in data.ago for w in words):
        named = next((n for n in numbers if n is not None), None)
        if named is None and any(w.isdecimal() for w in words):
            return None  # a number too large to mean anything
        return _back(today, units[0], 1 if named is None else named)
    if len(units) == 1 and len(words) == 2 and any(w in data.last for w in words):
        return _back(today, units[0], 1)
    weekdays = [days[w] for w in words if w in days]
    if len(weekdays) == 1 and all(w in days or w in data.last or w in data.next for w in words):
        behind = (today.weekday() - weekdays[0] - 1) % 7 + 1
        ahead = any(w in data.next for w in words)
        return DateValue(today + timedelta(days=7 - behind if ahead else -behind), "day")
    return None


def _near(word: str, data: Language) -> int | None:
    table: list[tuple[frozenset[str], int]] = [(data.today, 0), (data.yesterday, -1), (data.tomorrow, 1)]
    return next((sign for words, sign in table if word in words), None)


def _back(today: date, unit: str, amount: int) -> DateValue | None:
    steps: dict[str, Callable[[], DateValue | None]] = {
        "day": lambda: DateValue(today - timedelta(days=amount), "day"),
        "week": lambda: DateValue(today - timedelta(days=7 * amount + today.weekday()), "week"),
        "month": lambda: _months_back(today, amount),
        "year": lambda: _span(today.year - amount, 1, "year"),
    }
    try:
        return steps[unit]()
    except OverflowError:
        return None


def _months_back(today: date, amount: int) -> DateValue | None:
    year, month = divmod(today.year * 12 + today.month - 1 - amount, 12)
    return _span(year, month + 1, "month") if year > 0 else None
