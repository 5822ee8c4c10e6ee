"""Days that have names: Christmas, both Eids, Nowruz, and Easter with the days that are counted from it."""

from datetime import date, timedelta

from bot.talk.sentences import DateValue
from bot.words import eras, spans
from bot.words.amounts import Lexemes
from bot.words.bits import Ask, Readings, is_ours, looks_ahead, one, only, year_of
from bot.words.lexicon import Lexeme
from bot.words.numeric import nearest_day


def feast(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """Days that have names; some move with the moon, some names stand for two."""
    feast = one(lexemes, "feast", "hijri_feast", "persian_feast")
    if feast is None:
        return None
    year, rest = year_of(lexemes, ask.today)
    nth = one(rest, "nth")
    if nth and len(rest) == 3 and nth.a < 8 and any(x.unit == "day" and x.a == 2 for x in rest):
        return _later(_of(feast, year, ask), nth.a - 1)  # "ثالث أيام العيد"
    return _of(feast, year, ask) if len(rest) == 1 else []


def _later(values: Readings, days: int) -> Readings:
    step = timedelta(days=days)
    return only(*(spans.days(v.day + step, v.last_day() + step) for v in values))


def _of(feast: Lexeme, year: int | None, ask: Ask) -> Readings:
    """The day of a feast in a year, or the nearest one."""
    if feast.kind == "hijri_feast":
        return moon(feast.a, feast.b, feast.way, year, ask.today, ask.ahead)
    if feast.kind == "persian_feast":
        near = eras.nearest_persian(feast.a, feast.b, ask.today, looks_ahead(feast.way, ask.ahead))
        return only(
            near if year is None else eras.persian(year - 621 if is_ours(year, ask.today) else year, feast.a, feast.b)
        )
    if year is not None:
        return only(spans.day(year, feast.a, feast.b))
    return only(nearest_day(feast.a, feast.b, ask.today, looks_ahead(feast.way, ask.ahead)))


def easter(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """Easter and the days counted from it; both Easters where they differ, but for who says which."""
    feast = one(lexemes, "easter")
    if feast is None:
        return None
    year, rest = year_of(lexemes, ask.today)
    if len(rest) != 1:
        return []
    found: Readings = []
    for of in (eras.orthodox_easter,) if feast.unit == "orthodox_easter" else (eras.easter, eras.orthodox_easter):
        years = range(ask.today.year - 2, ask.today.year + 3) if year is None else (year,)
        days = [of(y) + timedelta(days=feast.a) for y in years if y >= spans.FIRST_YEAR]
        if year is None:
            ahead = looks_ahead(feast.way, ask.ahead)
            days = [d for d in days if d >= ask.today][:1] if ahead else [d for d in days if d <= ask.today][-1:]
        found += [DateValue(d, "day") for d in days]
    return list(dict.fromkeys(found))


def moon(month: int, number: int | None, way: int | None, year: int | None, today: date, ahead: bool) -> Readings:
    """A month or day of the Hijri calendar, in a year of either calendar, or the nearest."""
    if year is None:
        return only(eras.nearest_hijri(month, number, today, looks_ahead(way, ahead)))
    if is_ours(year, today):
        return list(eras.hijri_in_gregorian(month, number, year))
    return only(eras.hijri(year, month, number))
