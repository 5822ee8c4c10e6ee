"""Days, weeks, months, seasons and years that are named: `5 March 2026`, `Friday`, `the end of last month`, `Ramadan 1445`.

Each rule looks for its own kind of word, takes it out, and reads the rest as the year, month or week that it stands in.
"""

from collections.abc import Callable
from datetime import date, timedelta

from bot.talk.sentences import DateValue
from bot.words import eras, spans
from bot.words.amounts import Lexemes
from bot.words.lexicon import Lexeme
from bot.words.numeric import full_year, nearest_day, three

Readings = list[DateValue]
Rule = Callable[[Lexemes, date, bool], Readings | None]
PARTS = ("start", "middle", "end")


def read(lexemes: Lexemes, today: date, ahead: bool) -> Readings:
    lexemes = _labelled(lexemes)
    if not lexemes or any(x.way == -2 and x.kind not in ("unit", "weekday") for x in lexemes):
        return []
    for rule in RULES:
        found = rule(lexemes, today, ahead)
        if found is not None:
            return found
    return []


def _only(*values: DateValue | None) -> Readings:
    return [v for v in values if v is not None]


def _without(lexemes: Lexemes, *gone: Lexeme) -> Lexemes:
    left = list(lexemes)
    for lexeme in gone:
        left.remove(lexeme)
    return tuple(left)


def _one(lexemes: Lexemes, *kinds: str) -> Lexeme | None:
    found = [x for x in lexemes if x.kind in kinds]
    return found[0] if len(found) == 1 else None


def _labelled(lexemes: Lexemes) -> Lexemes:
    """`month of March`, `year 2024`, `day 5`: the label adds nothing; `month 3` is March."""
    made: list[Lexeme] = []
    has_month = any(x.kind in ("month", "hijri", "persian") for x in lexemes)
    skip = False
    for at, lexeme in enumerate(lexemes):
        if skip:
            skip = False
            continue
        following = lexemes[at + 1] if at + 1 < len(lexemes) else None
        label = lexeme.kind == "unit" and lexeme.way is None and lexeme.a == 1
        if label and lexeme.unit == "month" and following and following.kind == "number" and not has_month:
            if 1 <= following.a <= 12:
                made.append(Lexeme("month", following.a, way=following.way))
                skip = True
                continue
        if label and lexeme.unit == "day" and following and following.kind == "number" and len(lexemes) == 2:
            made.append(following._replace(kind="nth"))
            skip = True
        elif lexeme.kind == "this" or (label and _adds_nothing(lexeme, lexemes, has_month)):
            continue
        else:
            made.append(lexeme)
    return tuple(made)


def _adds_nothing(label: Lexeme, lexemes: Lexemes, has_month: bool) -> bool:
    if label.unit == "day":
        return len(lexemes) > 1
    if label.unit == "year":
        return any(x.kind == "number" and x.b >= 2 for x in lexemes)
    return label.unit == "month" and has_month


# --- the year that the rest stands in ---


def _year(lexemes: Lexemes, today: date) -> tuple[int | None, Lexemes]:
    """The one year that is named, and what is left. Two years leave both where they are."""
    found: list[tuple[int, Lexeme]] = []
    for lexeme in lexemes:
        if lexeme.kind == "number" and (lexeme.b == 4 or lexeme.unit == "year"):
            found.append((full_year(str(lexeme.a).zfill(2)), lexeme))
        elif lexeme.kind == "unit" and lexeme.unit == "year" and lexeme.way is not None:
            found.append((today.year + lexeme.way, lexeme))
    if len(found) != 1:
        return None, lexemes
    return found[0][0], _without(lexemes, found[0][1])


def _is_ours(year: int, today: date) -> bool:
    return spans.FIRST_YEAR <= year <= today.year + spans.YEARS_AHEAD


# --- rules ---


def _part(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """The beginning, middle or end of a week, month, year."""
    part = _one(lexemes, *PARTS)
    if part is None:
        return None
    rest = _without(lexemes, part)
    if len(rest) == 1 and rest[0].kind == "unit" and rest[0].way is None:
        this, last = (spans.shifted(today, rest[0].unit, n) for n in (0, -1))
        if this is None or last is None:
            return []
        own = _part_of(this, part.kind)
        # "The end of the month" that is not here yet, where one asks back, may be the last one's.
        return own + (_part_of(last, part.kind) if not ahead and own and own[0].day > today else [])
    return [p for value in read(rest, today, ahead) for p in _part_of(value, part.kind)]


def _part_of(value: DateValue, part: str) -> Readings:
    which, start = PARTS.index(part), value.day
    if value.precision == "year" and value.until is None:
        if part == "middle":
            return _only(spans.between(spans.whole(start.year, 5, "month"), spans.whole(start.year, 8, "month")))
        return _only(spans.whole(start.year, 1 if part == "start" else 10, "quarter"))
    if value.precision == "month" and value.until is None:
        first, last = ((1, 10), (11, 20), (21, 31))[which]
        return _only(spans.month_days(start.year, start.month, first, last))
    length = (value.last_day() - start).days + 1
    if length < 5:
        return [value]
    if length == 7:
        first, last = ((0, 2), (2, 4), (4, 6))[which]
    else:
        first, last = length * which // 3, length * (which + 1) // 3 - 1
    return _only(spans.days(start + timedelta(days=first), start + timedelta(days=last)))


def _near(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    near = _one(lexemes, "near")
    if near is None:
        return None
    rest = _without(lexemes, near)
    day = DateValue(today + timedelta(days=near.a), "day")
    if len(rest) == 1 and rest[0].kind == "weekday":
        return [day] if day.day.weekday() == rest[0].a or near.a == 0 and rest[0].way is not None else []
    return [] if rest else [day]


def _figures(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """A date in figures, beside its weekday, its week or its calendar."""
    figures = _one(lexemes, "dates")
    if figures is None:
        return None
    rest = _without(lexemes, figures)
    if any(x.kind not in ("weekday", "era", "unit") for x in rest):
        return []
    days = {x.a for x in rest if x.kind == "weekday"}
    values = [v for v in figures.dates if not days or v.precision != "day" or v.day.weekday() in days] or [*figures.dates]
    if any(x.kind == "unit" for x in rest):
        return _weeks_of(values) if _one(rest, "unit", "weekday") and rest[0].unit == "week" else []
    return values


def _weeks_of(values: Readings) -> Readings:
    return [v for x in values if x.precision == "day" for v in _only(spans.shifted(x.day, "week", 0))]


def _week(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`last week`, `Friday last week`, `the first week of March`, `the week of 2 March`, `week 12 2024`."""
    label = next((x for x in lexemes if x.kind == "unit" and x.unit == "week"), None)
    if label is None:
        return None
    rest = _without(lexemes, label)
    nth = rest[0] if rest and rest[0].kind in ("nth", "number") else None
    of_month = [x for x in rest if x.kind == "month" or (x.kind == "unit" and x.unit == "month")]
    if of_month and (label.way == -1 or (nth and (nth.kind == "nth" or _follows(lexemes, label, nth)))):
        inner = _without(rest, nth) if nth and label.way is None else rest
        weeks = [w for m in read(inner, today, ahead) for w in _nth_week(m, nth.a if nth and label.way is None else -1)]
        # "Week 2 of March" and "the week of 2 March" have the same words.
        return weeks if nth is None or nth.kind == "nth" else [*_weeks_of(read(rest, today, ahead)), *weeks]
    if label.way is not None:
        this = spans.shifted(today, "week", label.way)
        if this and len(rest) == 1 and rest[0].kind == "weekday":
            return [DateValue(this.day + timedelta(days=rest[0].a), "day")]
        return [] if rest else _only(this)
    year, numbers = _year(rest, today)
    if len(numbers) == 1 and numbers[0].kind in ("number", "nth") and (year or _follows(lexemes, label, numbers[0])):
        return _only(spans.week(year or today.year, numbers[0].a))
    return _weeks_of(read(rest, today, ahead)) if rest else []


def _follows(lexemes: Lexemes, label: Lexeme, number: Lexeme) -> bool:
    return lexemes.index(number) == lexemes.index(label) + 1


def _nth_week(month: DateValue, nth: int) -> Readings:
    if month.precision != "month" or month.until or not (nth == -1 or 1 <= nth <= 5):
        return []
    start = month.last_day().day - 6 if nth == -1 else 7 * nth - 6
    if start > month.last_day().day:
        return []
    return _only(spans.month_days(month.day.year, month.day.month, start, start + 6))


def _weekend(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    weekend = _one(lexemes, "weekend")
    if weekend is None:
        return None
    if len(lexemes) > 1:
        return []
    saturday = today + timedelta(days=5 - today.weekday())
    # This week's lies ahead; the question mostly asks back.
    weeks = weekend.way if weekend.way is not None else 0 if ahead or today >= saturday else -1
    if weekend.way == -1 and today.weekday() == 6:
        weeks = -1
    start = saturday + timedelta(days=7 * weeks)
    return _only(spans.days(start, start + timedelta(days=1)))


def _nth_part(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`first half of 2024`, `second quarter of last year`, `deuxième semestre 2024`."""
    label = next((x for x in lexemes if x.kind == "half" or (x.kind == "unit" and x.unit in ("quarter", "semester"))), None)
    if label is None:
        return None
    rest = _without(lexemes, label)
    if label.way is not None and not rest:
        return _only(spans.shifted(today, label.unit, label.way)) if label.kind == "unit" else []
    nth = next((x for x in rest if x.kind == "nth" or (x.kind == "number" and x.a <= 4)), None)
    if nth is None and label.way == -1:
        nth, rest = Lexeme("nth", 4 if label.unit == "quarter" else 2), (*rest, Lexeme("nth", 4 if label.unit == "quarter" else 2))
    if nth is None:
        return []
    return [p for v in read(_without(rest, nth), today, ahead) for p in _nth_of(v, label, nth.a)]


def _nth_of(value: DateValue, label: Lexeme, nth: int) -> Readings:
    year, month = value.day.year, value.day.month
    if value.precision == "year" and value.until is None:
        if label.unit == "quarter":
            return _only(spans.whole(year, 3 * nth - 2, "quarter")) if 1 <= nth <= 4 else []
        if nth in (1, 2):
            first = spans.whole(year, 6 * nth - 5, "quarter")
            return _only(spans.between(first, spans.whole(year, 6 * nth - 2, "quarter")))
    if value.precision == "month" and value.until is None and label.kind == "half" and nth in (1, 2):
        return _only(spans.month_days(year, month, 1 if nth == 1 else 16, 15 if nth == 1 else 31))
    return []


def _feast(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """Days that have names; some move with the moon, some names stand for two."""
    feast = _one(lexemes, "feast", "hijri_feast")
    if feast is None:
        return None
    year, rest = _year(lexemes, today)
    if len(rest) != 1:
        return []
    if feast.kind == "hijri_feast":
        return _moon(feast.a, feast.b, feast.way, year, today, ahead)
    if year is not None:
        return _only(spans.day(year, feast.a, feast.b))
    return _only(nearest_day(feast.a, feast.b, today, _looks_ahead(feast.way, ahead)))


def _looks_ahead(way: int | None, ahead: bool) -> bool:
    return ahead if way in (None, 0) else way == 1


def _moon(month: int, number: int | None, way: int | None, year: int | None, today: date, ahead: bool) -> Readings:
    if year is None:
        return _only(eras.nearest_hijri(month, number, today, _looks_ahead(way, ahead)))
    if _is_ours(year, today):
        return list(eras.hijri_in_gregorian(month, number, year))
    return _only(eras.hijri(year, month, number))


def _other_era(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """Hijri and Persian months by name; years of another calendar, with or without its name."""
    month = _one(lexemes, "hijri", "persian")
    era = _one(lexemes, "era")
    year, rest = _year(lexemes, today)
    if month is None and era is None and (year is None or _is_ours(year, today)):
        return None
    rest = tuple(x for x in rest if x.kind not in ("hijri", "persian", "era", "weekday"))
    if len(rest) > 1 or any(x.kind not in ("number", "nth") for x in rest):
        return _month_of_era(rest, year, era) if month is None and year is not None else []
    number = rest[0].a if rest else None
    if number is not None and not 1 <= number <= 31:
        return []
    if month is not None and month.kind == "hijri":
        return _moon(month.a, number, month.way, year, today, ahead)
    if month is not None:
        near = eras.nearest_persian(month.a, number, today, _looks_ahead(month.way, ahead))
        return _only(near if year is None else eras.persian(year, month.a, number))
    if year is None or number is not None:
        return []
    if era is not None:
        return _only({"hijri": eras.hijri, "persian": eras.persian, "buddhist": eras.buddhist}[era.unit](year))
    return list(eras.of_another_era(year, None, None, today))


def _month_of_era(rest: Lexemes, year: int, era: Lexeme | None) -> Readings:
    """`5 March 2567`: our months with the Buddhist year."""
    month, number = _one(rest, "month"), _one(rest, "number", "nth")
    if month is None or len(rest) != 1 + (number is not None) or (era is not None and era.unit != "buddhist"):
        return []
    return _only(eras.buddhist(year, month.a, number.a if number else None))


def _decade(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`the 1990s`, `les années 90`."""
    if _one(lexemes, "decade_of") is None:
        return None
    number = _one(lexemes, "number")
    if number is None or len(lexemes) != 2 or number.b not in (2, 4) or number.a % 10:
        return []
    year = number.a if number.b == 4 else (1900 if number.a > today.year % 100 else 2000) + number.a
    return _only(spans.between(spans.whole(year, 1, "year"), spans.whole(year + 9, 1, "year")))


def season(number: int, year: int, north: bool) -> DateValue | None:
    """Three months; the winter of the north and the summer of the south begin in December of the year before."""
    month = 3 * (number if north else (number + 2) % 4) + 3
    if month < 12:
        return spans.between(spans.whole(year, month, "month"), spans.whole(year, month + 2, "month"))
    return spans.between(spans.whole(year - 1, 12, "month"), spans.whole(year, 2, "month"))


def _season(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """Both halves of the Earth are offered, and both winters that a year can mean."""
    named = _one(lexemes, "season")
    if named is None:
        return None
    year, rest = _year(lexemes, today)
    if len(rest) != 1:
        return []
    found: Readings = []
    for north in (half == "north" for half in named.unit.split()):
        if year is not None:
            values = _only(season(named.a, year, north))
            values += _only(season(named.a, year + 1, north)) if values and values[0].day.year < year else []
        else:
            every = _only(*(season(named.a, today.year + n, north) for n in (-1, 0, 1, 2)))
            if _looks_ahead(named.way, ahead):
                values = [v for v in every if v.last_day() >= today][:1]
            else:
                # "Last summer" is one that is over; a season that has just begun may be meant by its bare name.
                values = [v for v in every if (v.last_day() if named.way == -1 else v.day) <= today][-1:]
        found += values
    return found


def weekday(number: int, today: date, ahead: bool, way: int | None = None) -> Readings:
    """The last such day, or the next where one asks ahead. On that very weekday its bare name can also be today."""
    behind = (today.weekday() - number - 1) % 7 + 1
    if way == 0:
        return [DateValue(today + timedelta(days=number - today.weekday()), "day")]
    if way is not None:
        return [DateValue(today + timedelta(days={-2: -behind - 7, -1: -behind, 1: 7 - behind or 7}[way]), "day")]
    near = DateValue(today + timedelta(days=(7 - behind or 7) if ahead else -behind), "day")
    return [DateValue(today, "day"), near] if behind == 7 else [near]


def _weekday(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`Friday`, `last Friday`, `Friday the 13th`."""
    named = _one(lexemes, "weekday")
    if named is None:
        return None
    rest = _without(lexemes, named)
    if not rest:
        return weekday(named.a, today, ahead, named.way)
    if len(rest) == 1 and (rest[0].kind == "nth" or (rest[0].kind == "number" and rest[0].b)) and named.way is None:
        step = 1 if ahead else -1
        days = (today + timedelta(days=step * n) for n in range(500))
        return [DateValue(d, "day") for d in days if d.day == rest[0].a and d.weekday() == named.a][:1]
    return read(rest, today, ahead) if named.way is None and rest[0].kind != "unit" else []


def _month(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`March`, `March 2026`, `5 March`, `March 5, 2026`, `3 March 24`, `last March`."""
    named = _one(lexemes, "month")
    if named is None:
        return None if not any(x.kind == "month" for x in lexemes) else []
    year, rest = _year(lexemes, today)
    rest = tuple(x for x in rest if x.kind != "weekday")
    at = rest.index(named)
    numbers = _without(rest, named)
    if any(x.kind not in ("number", "nth") for x in numbers) or len(numbers) > 2 - (year is not None):
        return []
    if year is not None and not _is_ours(year, today):
        return []
    if len(numbers) == 2:
        day, short = numbers
        return _only(spans.day(full_year(f"{short.a:02}"), named.a, day.a)) if short.b == 2 else []
    if not numbers:
        return _only(spans.whole(year, named.a, "month") if year is not None else _near_month(named, today, ahead))
    number = numbers[0]
    if year is not None:
        return _only(spans.day(year, named.a, number.a))
    found = _only(nearest_day(named.a, number.a, today, _looks_ahead(named.way, ahead)))
    if at == 0 and number.b == 2 and number.kind == "number":
        short = full_year(f"{number.a:02}")
        # Words that end in two digits: "mars 24" is a day, and a year too.
        if short <= today.year + 1 and (number.a > 9 or number.b == 2):
            found += _only(spans.whole(short, named.a, "month"))
    return found


def _near_month(named: Lexeme, today: date, ahead: bool) -> DateValue | None:
    looks_ahead = _looks_ahead(named.way, ahead)
    if named.way in (None, 0) and named.a == today.month:
        return spans.whole(today.year, named.a, "month")
    late = named.a > today.month if looks_ahead else named.a < today.month
    return spans.whole(today.year + (0 if late else 1 if looks_ahead else -1), named.a, "month")


def _whole(lexemes: Lexemes, today: date, ahead: bool) -> Readings | None:
    """`2024`, `last year`, `this month`, `the 5th of this month`, `5 3 2026`."""
    months = [x for x in lexemes if x.kind == "unit" and x.unit == "month" and (x.way is not None or len(lexemes) > 1)]
    if len(months) == 1:
        rest = _without(lexemes, months[0])
        month = spans.shifted(today, "month", months[0].way or 0)
        if months[0].way is None and lexemes[0].kind != "nth":
            return []
        if month and len(rest) == 1 and rest[0].kind in ("number", "nth"):
            return _only(spans.day(month.day.year, month.day.month, rest[0].a))
        return [] if rest else _only(month)
    if len(lexemes) == 3 and all(x.kind == "number" and not x.unit for x in lexemes):
        a, b, c = (str(x.a).zfill(x.b) for x in lexemes)
        return _only(*three(a, b, c, today)) if len(b) < 3 and 4 in (len(a), len(c)) else []
    year, rest = _year(lexemes, today)
    if year is not None and not rest and _is_ours(year, today):
        return _only(spans.whole(year, 1, "year"))
    if len(lexemes) == 1 and lexemes[0].kind == "unit" and lexemes[0].way is not None:
        return _only(spans.shifted(today, lexemes[0].unit, lexemes[0].way)) if lexemes[0].unit != "hour" else []
    if len(lexemes) == 1 and lexemes[0].kind == "nth":
        return _day_of_month(lexemes[0].a, today, ahead)
    return None


def _day_of_month(number: int, today: date, ahead: bool) -> Readings:
    """`the 15th`: the last one, or the next where one asks ahead."""
    months = (spans.shifted(today, "month", n if ahead else -n) for n in range(3))
    days = _only(*(spans.day(m.day.year, m.day.month, number) for m in months if m))
    return [d for d in days if (d.day >= today if ahead else d.day <= today)][:1]


RULES: tuple[Rule, ...] = (
    _part,
    _near,
    _figures,
    _week,
    _weekend,
    _nth_part,
    _feast,
    _other_era,
    _decade,
    _season,
    _month,
    _weekday,
    _whole,
)
