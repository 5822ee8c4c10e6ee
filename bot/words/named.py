"""Days and months that are named: `5 March 2026`, `Friday`, `yesterday`, Christmas, `15 Ramadan 1445`; and years."""

from datetime import date, timedelta

from bot.talk.sentences import DateValue
from bot.words import eras, feasts, spans
from bot.words.amounts import Lexemes
from bot.words.bits import Ask, Readings, is_ours, looks_ahead, one, only, without, year_of
from bot.words.lexicon import Lexeme
from bot.words.numeric import full_year, nearest_day, three
from bot.words.stretches import weeks_of


def near_day(lexemes: Lexemes, ask: Ask) -> Readings | None:
    near = one(lexemes, "near")
    if near is None:
        return None
    rest = without(lexemes, near)
    day = DateValue(ask.today + timedelta(days=near.a), "day")
    if len(rest) == 1 and rest[0].kind == "weekday":
        return [day] if day.day.weekday() == rest[0].a or (near.a == 0 and rest[0].way is not None) else []
    return [] if rest else [day]


def in_figures(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """A date in figures, beside its weekday, its week or its calendar."""
    figures = one(lexemes, "dates")
    if figures is None:
        return None
    rest = without(lexemes, figures)
    if any(x.kind not in ("weekday", "era", "unit") for x in rest):
        return []
    days = {x.a for x in rest if x.kind == "weekday"}
    values = [v for v in figures.dates if not days or v.precision != "day" or v.day.weekday() in days] or [
        *figures.dates
    ]
    if any(x.kind == "unit" for x in rest):
        return weeks_of(values) if one(rest, "unit", "weekday") and rest[0].unit == "week" else []
    return values


def other_era(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """Hijri and Persian months by name; years of another calendar, with or without its name."""
    month = one(lexemes, "hijri", "persian")
    era = one(lexemes, "era")
    year, rest = year_of(lexemes, ask.today)
    if month is None and era is None and (year is None or is_ours(year, ask.today)):
        return None
    rest = tuple(x for x in rest if x.kind not in ("hijri", "persian", "era", "weekday"))
    if len(rest) > 1 or any(x.kind not in ("number", "nth") for x in rest):
        return _month_of_era(rest, year, era) if month is None and year is not None else []
    number = rest[0].a if rest else None
    if number is not None and not 1 <= number <= 31:
        return []
    if month is not None and month.kind == "hijri":
        return feasts.moon(month.a, number, month.way, year, ask.today, ask.ahead)
    if month is not None:
        near = eras.nearest_persian(month.a, number, ask.today, looks_ahead(month.way, ask.ahead))
        return only(near if year is None else eras.persian(year, month.a, number))
    if year is None or number is not None:
        return []
    if era is not None:
        return only({"hijri": eras.hijri, "persian": eras.persian, "buddhist": eras.buddhist}[era.unit](year))
    return list(eras.of_another_era(year, None, None, ask.today))


def _month_of_era(rest: Lexemes, year: int, era: Lexeme | None) -> Readings:
    """`5 March 2567`: our months with the Buddhist year."""
    month, number = one(rest, "month"), one(rest, "number", "nth")
    if month is None or len(rest) != 1 + (number is not None) or (era is not None and era.unit != "buddhist"):
        return []
    return only(eras.buddhist(year, month.a, number.a if number else None))


def weekday(number: int, today: date, ahead: bool, way: int | None = None) -> Readings:
    """The last such day, or the next where one asks ahead. On that very weekday its bare name can also be today."""
    behind = (today.weekday() - number - 1) % 7 + 1
    to = 7 - behind or 7
    if way == 0:
        return [DateValue(today + timedelta(days=number - today.weekday()), "day")]
    if way is not None:
        return [DateValue(today + timedelta(days={-2: -behind - 7, -1: -behind, 1: to, 2: to + 7}[way]), "day")]
    near = DateValue(today + timedelta(days=to if ahead else -behind), "day")
    return [DateValue(today, "day"), near] if behind == 7 else [near]


def weekday_alone(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`Friday`, `last Friday`, `Friday the 13th`."""
    named = one(lexemes, "weekday")
    if named is None:
        return None
    rest = without(lexemes, named)
    if not rest:
        return weekday(named.a, ask.today, ask.ahead, named.way)
    if len(rest) == 1 and (rest[0].kind == "nth" or (rest[0].kind == "number" and rest[0].b)) and named.way is None:
        step = 1 if ask.ahead else -1
        days = (ask.today + timedelta(days=step * n) for n in range(500))
        return [DateValue(d, "day") for d in days if d.day == rest[0].a and d.weekday() == named.a][:1]
    return ask.read(rest) if named.way is None and rest[0].kind != "unit" else []


def month(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`March`, `March 2026`, `5 March`, `March 5, 2026`, `3 March 24`, `last March`."""
    named = one(lexemes, "month")
    if named is None:
        return None if not any(x.kind == "month" for x in lexemes) else []
    weekdays = [x for x in lexemes if x.kind == "weekday"]
    if weekdays and (len(weekdays) > 1 or not _dates_it(lexemes, weekdays[0])):
        return _weekday_of_month(lexemes, weekdays[0], ask) if len(weekdays) == 1 else []
    year, rest = year_of(lexemes, ask.today)
    rest = tuple(x for x in rest if x.kind != "weekday")
    numbers = without(rest, named)
    if any(x.kind not in ("number", "nth") for x in numbers) or (year is not None and not is_ours(year, ask.today)):
        return []
    if len(numbers) == 2 and year is None:
        day, short = numbers
        if rest[-1] is named:
            return []
        return only(spans.day(full_year(f"{short.a:02}"), named.a, day.a)) if short.b == 2 else []
    if len(numbers) == 1:
        return _day_or_year(named, numbers[0], year, rest[0] is named, ask)
    if numbers:
        return []
    return only(_near_month(named, ask.today, ask.ahead) if year is None else spans.whole(year, named.a, "month"))


def _day_or_year(named: Lexeme, number: Lexeme, year: int | None, month_first: bool, ask: Ask) -> Readings:
    """`24 March` is a day; "mars 24" is a day, and a year too."""
    if year is not None:
        return only(spans.day(year, named.a, number.a))
    found = only(nearest_day(named.a, number.a, ask.today, looks_ahead(named.way, ask.ahead)))
    short = full_year(f"{number.a:02}")
    if month_first and number.b == 2 and number.kind == "number" and short <= ask.today.year + 1:
        found += only(spans.whole(short, named.a, "month"))
    return found


def _dates_it(lexemes: Lexemes, named: Lexeme) -> bool:
    """`Monday 2 March`, `Monday the first of March`; not `the first Monday of March`, `a Monday in March`."""
    at = lexemes.index(named)
    numbers = [i for i, x in enumerate(lexemes) if x.kind in ("number", "nth") and x.a <= 31 and x.b < 4]
    month = next(i for i, x in enumerate(lexemes) if x.kind == "month")
    return named.way is None and bool(numbers) and not numbers[0] < at < month


def _weekday_of_month(lexemes: Lexemes, named: Lexeme, ask: Ask) -> Readings:
    """`the first Monday of March`, `le dernier vendredi d'octobre`."""
    nth = one(lexemes, "nth")
    rest = without(lexemes, named, nth) if nth else without(lexemes, named)
    if (nth is None) == (named.way is None) or named.way not in (None, -1):
        return []
    found: Readings = []
    for value in ask.read(rest):
        days = [value.day + timedelta(days=n) for n in range((value.last_day() - value.day).days + 1)]
        those = [d for d in days if d.weekday() == named.a]
        if value.precision == "month" and value.until is None and (nth is None or 1 <= nth.a <= len(those)):
            found.append(DateValue(those[nth.a - 1 if nth else -1], "day"))
    return found


def _near_month(named: Lexeme, today: date, ahead: bool) -> DateValue | None:
    coming = looks_ahead(named.way, ahead)
    if named.way in (None, 0) and named.a == today.month:
        return spans.whole(today.year, named.a, "month")
    late = named.a > today.month if coming else named.a < today.month
    return spans.whole(today.year + (0 if late else 1 if coming else -1), named.a, "month")


def whole(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`2024`, `last year`, `this month`, `the 5th of this month`, `5 3 2026`."""
    months = [x for x in lexemes if x.kind == "unit" and x.unit == "month" and (x.way is not None or len(lexemes) > 1)]
    if len(months) == 1:
        rest = without(lexemes, months[0])
        month = spans.shifted(ask.today, "month", months[0].way or 0)
        if months[0].way is None and lexemes[0].kind != "nth":
            return []
        if month and len(rest) == 1 and rest[0].kind in ("number", "nth"):
            return only(spans.day(month.day.year, month.day.month, rest[0].a))
        return [] if rest else only(month)
    if len(lexemes) == 3 and all(x.kind == "number" and not x.unit for x in lexemes):
        a, b, c = (str(x.a).zfill(x.b) for x in lexemes)
        return only(*three(a, b, c, ask.today)) if len(b) < 3 and 4 in (len(a), len(c)) else []
    year, rest = year_of(lexemes, ask.today)
    if year is not None and not rest and is_ours(year, ask.today):
        return only(spans.whole(year, 1, "year"))
    if len(lexemes) == 1 and (lexemes[0].unit, lexemes[0].way) == ("day", 1) and not ask.ahead:
        return []  # "the next day" of a story is not tomorrow
    if len(lexemes) == 1 and lexemes[0].kind == "unit" and lexemes[0].way is not None:
        return only(spans.shifted(ask.today, lexemes[0].unit, lexemes[0].way)) if lexemes[0].unit != "hour" else []
    if len(lexemes) == 1 and lexemes[0].kind == "nth":
        return _day_of_month(lexemes[0].a, ask.today, ask.ahead)
    return None


def _day_of_month(number: int, today: date, ahead: bool) -> Readings:
    """`the 15th`: the last one, or the next where one asks ahead."""
    months = (spans.shifted(today, "month", n if ahead else -n) for n in range(3))
    days = only(*(spans.day(m.day.year, m.day.month, number) for m in months if m))
    return [d for d in days if (d.day >= today if ahead else d.day <= today)][:1]
