"""Dates in figures: 2026-03-05, 5/3/2026, 3/2026, 5/3, 2026-W10, Q1 2026, 2026年3月5日."""

import re
from datetime import date

from bot.talk.sentences import DateValue
from bot.words import spans
from bot.words.eras import of_another_era

Readings = tuple[DateValue | None, ...]

FIGURES = re.compile(
    r"""
      (?P<y1>\d{4})\s?[年년]\s?(?P<m1>\d{1,2})\s?[月월](?:\s?(?P<d1>\d{1,2})\s?[日号일])?
    | (?P<y2>\d{4})\s?[-/. ]?\s?w(?P<week>\d{1,2})(?!\d)
    | (?P<y3>\d{4})\s?[-/. ]?\s?[qt](?P<q3>[1-4])(?![\w]) | (?<!\w)[qt](?P<q4>[1-4])\s?[-/. ]?\s?(?P<y4>\d{4})(?!\d)
    | (?<!\d)(?P<a>\d{1,4})\s?(?P<cut>[-/.])\s?(?P<b>\d{1,2})\s?[-/.]\s?(?P<c>\d{4}|\d{1,2})(?!\d)
      (?:[t ]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?z?)?
    | (?<!\d)(?P<y5>\d{4})\s?[-/.]\s?(?P<m5>\d{1,2})(?!\d)
    | (?<!\d)(?P<m6>\d{1,2})\s?[-/.]\s?(?P<y6>\d{4})(?!\d)
    | (?<!\d)(?P<d7>\d{1,2})[/.](?P<m7>\d{1,2})(?!\d)
    | (?<!\d)(?P<whole>\d{8})(?!\d)
    """,
    re.VERBOSE,
)


def full_year(text: str) -> int:
    """Two digits: 24 is 2024, 85 is 1985."""
    year = int(text)
    return year if len(text) > 2 else year + 2000 if year < 70 else year + 1900


def in_figures(found: re.Match[str], today: date, ahead: bool) -> Readings:
    """Everything that these figures can mean; half the world writes the day first, the other half the month."""
    group = found.groupdict()
    if group["y1"]:
        year, month = int(group["y1"]), int(group["m1"])
        return (spans.day(year, month, int(group["d1"])) if group["d1"] else spans.whole(year, month, "month"),)
    if group["y2"]:
        return (spans.week(int(group["y2"]), int(group["week"])),)
    if group["q3"] or group["q4"]:
        return (spans.whole(int(group["y3"] or group["y4"]), int(group["q3"] or group["q4"]) * 3 - 2, "quarter"),)
    if group["a"]:
        return three(group["a"], group["b"], group["c"], today, dashed=group["cut"] == "-")
    if group["y5"]:
        return _year_month(int(group["y5"]), int(group["m5"]), today)
    if group["y6"]:
        return _year_month(int(group["y6"]), int(group["m6"]), today)
    if group["d7"]:
        return two(group["d7"], group["m7"], today, ahead)
    text = group["whole"]
    return three(text[:4], text[4:6], text[6:], today) + three(text[:2], text[2:4], text[4:], today)


def _year_month(year: int, month: int, today: date) -> Readings:
    if spans.FIRST_YEAR <= year <= today.year + spans.YEARS_AHEAD:
        return (spans.whole(year, month, "month"),)
    return tuple(of_another_era(year, month, None, today))


def three(a: str, b: str, c: str, today: date, dashed: bool = False) -> Readings:
    """Day, month and year in any order; a year of another calendar is told by its size."""
    first, second, third = int(a), int(b), int(c)
    if len(a) < 3 and len(c) < 2:
        return ()
    if len(a) > 2:
        return _of_year(first, [(second, third), (third, second)][: 1 if second <= 12 else 2], today)
    year = full_year(c)
    # Both a day and a month: both readings are offered. The same number twice is one.
    found = _of_year(year, [(second, first), (first, second)], today)
    if dashed and len(a) == len(c) == 2:  # 24-03-05 is how computers write it
        found += _of_year(full_year(a), [(second, third)], today)
    return found


def _of_year(year: int, pairs: list[tuple[int, int]], today: date) -> Readings:
    if spans.FIRST_YEAR <= year <= today.year + spans.YEARS_AHEAD:
        return tuple(spans.day(year, month, number) for month, number in pairs)
    return tuple(v for month, number in pairs for v in of_another_era(year, month, number, today))


def two(a: str, b: str, today: date, ahead: bool) -> Readings:
    """5/3: a day and a month of the nearest year, either way round; 3/24 also a month and a year."""
    first, second = int(a), int(b)
    found = [nearest_day(second, first, today, ahead), nearest_day(first, second, today, ahead)]
    if not ahead and second > 12 and 2000 + second <= today.year + 1:
        found.append(spans.whole(2000 + second, first, "month"))
    return tuple(found)


def nearest_day(month: int, number: int, today: date, ahead: bool) -> DateValue | None:
    """The last such day up to today, or the next one from today on. 29 February looks for its leap year."""
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    for year in years:
        found = spans.day(year, month, number)
        if found and (found.day >= today if ahead else found.day <= today):
            return found
        if found is None and (month, number) != (2, 29):
            return None
    return None
