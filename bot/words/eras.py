"""Years of other calendars: Hijri (Umm al-Qura), Persian (Solar Hijri), Buddhist. Each gives Gregorian spans.

A Hijri month begins with the moon that is seen, a day earlier or later from one country to the next: every Hijri date
is a span of a day on either side.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.talk.sentences import DateValue
from bot.words import spans

DAY = timedelta(days=1)
HIJRI_YEARS = range(1343, 1501)  # what the tables of Umm al-Qura hold: 1924 to 2077
PERSIAN_YEARS = range(1279, 1450)  # 1900 to 2070
BUDDHIST_YEARS = range(2443, 2600)
NOWRUZ_1403 = date(2024, 3, 20)


def hijri(year: int, month: int | None = None, number: int | None = None) -> DateValue | None:
    """A year, a month or a day of the Hijri calendar; a month and a day with the moon's uncertainty of a day."""
    if year not in HIJRI_YEARS:
        return None
    from hijridate import Hijri  # 30 ms to import, and most conversations never need it

    try:
        if month is None:
            first = Hijri(year, 1, 1).to_gregorian()
            last = Hijri(year, 12, Hijri(year, 12, 1).month_length()).to_gregorian()
            return _months(date(first.year, first.month, first.day), date(last.year, last.month, last.day))
        start = Hijri(year, month, number or 1)
        end = Hijri(year, month, number or start.month_length())
        g, h = start.to_gregorian(), end.to_gregorian()
    except (ValueError, OverflowError):
        return None
    return spans.days(date(g.year, g.month, g.day) - DAY, date(h.year, h.month, h.day) + DAY)


def hijri_year_of(day: date) -> int:
    """The Hijri year in which a day falls, to within the moon's day."""
    return int((day - date(622, 7, 19)).days / 354.36708) + 1


def nearest_hijri(month: int, number: int | None, today: date, ahead: bool) -> DateValue | None:
    """The last such month or day that has begun, or the next that is not over."""
    this = hijri_year_of(today)
    years = (this - 1, this, this + 1, this + 2) if ahead else (this + 1, this, this - 1, this - 2)
    for year in years:
        found = hijri(year, month, number)
        if found and (found.last_day() >= today if ahead else found.day <= today):
            return found
    return None


def hijri_in_gregorian(month: int, number: int | None, year: int) -> Iterator[DateValue]:
    """`Ramadan 2024`: those that begin in that Gregorian year; in some years there are two."""
    guess = hijri_year_of(date(year, 1, 1))
    for each in (guess - 1, guess, guess + 1, guess + 2):
        found = hijri(each, month, number)
        if found and (found.day + DAY).year == year:
            yield found


def persian(year: int, month: int | None = None, number: int | None = None) -> DateValue | None:
    """A year, a month or a day of the Persian calendar, by its cycle of 33 years (exact from 1799 to 2256)."""
    if year not in PERSIAN_YEARS:
        return None
    step = 1 if year >= 1403 else -1
    leaps = sum(_leap(y) for y in range(min(year, 1403), max(year, 1403)))
    new_year = NOWRUZ_1403 + DAY * (365 * (year - 1403) + step * leaps)
    if month is None:
        return _months(new_year, new_year + DAY * (364 + _leap(year)))
    if not 1 <= month <= 12:
        return None
    length = 31 if month <= 6 else 30 if month < 12 or _leap(year) else 29
    first = new_year + DAY * (31 * min(month - 1, 6) + 30 * max(month - 7, 0))
    if number is None:
        return spans.days(first, first + DAY * (length - 1))
    return DateValue(first + DAY * (number - 1), "day") if 1 <= number <= length else None


def _leap(year: int) -> bool:
    return (25 * year + 11) % 33 < 8


def nearest_persian(month: int, number: int | None, today: date, ahead: bool) -> DateValue | None:
    this = today.year - 621
    years = (this - 1, this, this + 1) if ahead else (this + 1, this, this - 1, this - 2)
    for year in years:
        found = persian(year, month, number)
        if found and (found.last_day() >= today if ahead else found.day <= today):
            return found
    return None


def easter(year: int) -> date:
    """Western Easter Sunday, by the anonymous Gregorian rule (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    week = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + week - 7 * ((a + 11 * h + 22 * week) // 451) + 114, 31)
    return date(year, month, day + 1)


def orthodox_easter(year: int) -> date:
    """Easter Sunday of the Orthodox and Coptic churches, in our calendar (Meeus; 1900 to 2099)."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + DAY * 13


def _months(first: date, last: date) -> DateValue | None:
    """A year of another calendar is only as sharp as its months."""
    return spans.between(spans.whole(first.year, first.month, "month"), spans.whole(last.year, last.month, "month"))


def of_another_era(year: int, month: int | None, number: int | None, today: date) -> Iterator[DateValue]:
    """What a year that is none of ours can be: every calendar in which it lies near the present."""
    latest = today.year + spans.YEARS_AHEAD
    for found in (hijri(year, month, number), persian(year, month, number), buddhist(year, month, number)):
        if found and found.day.year <= latest and (found.day.year >= 1950 or found.precision == "day"):
            yield found


def buddhist(year: int, month: int | None = None, number: int | None = None) -> DateValue | None:
    if year not in BUDDHIST_YEARS:
        return None
    if month is None:
        return spans.whole(year - 543, 1, "year")
    return spans.whole(year - 543, month, "month") if number is None else spans.day(year - 543, month, number)
