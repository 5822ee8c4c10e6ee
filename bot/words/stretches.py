"""Stretches of time: the end of last month, the first week of March, half of 2024, a weekend, a season, a decade."""

from datetime import timedelta

from bot.talk.sentences import DateValue
from bot.words import spans
from bot.words.amounts import VAGUE, Lexemes, counted
from bot.words.bits import Ask, Readings, looks_ahead, one, only, without, year_of
from bot.words.lexicon import Lexeme

PARTS = ("start", "middle", "end")
HALVES = ("half", "half_month")


def of_days(lexemes: Lexemes) -> Lexemes:
    """`les derniers jours d'avril`: its end."""
    last = Lexeme("unit", 2, unit="day", way=-1)
    return tuple(Lexeme("end") if x._replace(b=0) == last else x for x in lexemes) if len(lexemes) > 1 else lexemes


def these_last(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`these last weeks`: a few of them, up to now. Where one word is both ("mois"), "last" stands before the many."""
    unit = lexemes[0]
    if len(lexemes) != 1 or unit.kind != "unit" or unit.way != -1 or not (unit.a == 2 or (unit.a > 2 and unit.b)):
        return None
    few = counted(ask.today, *VAGUE, unit.unit, -1) if unit.unit in ("day", "week", "month") else None
    return only(spans.days(few.day, ask.today)) if few else []


def part_of_a_stretch(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """The beginning, middle or end of a week, month, year."""
    part = one(lexemes, *PARTS, "last_day")
    if part is None:
        return None
    rest = without(lexemes, part)
    if len(rest) == 1 and rest[0].kind == "unit" and rest[0].way is None:
        this, last = (spans.shifted(ask.today, rest[0].unit, n) for n in (0, -1))
        if this is None or last is None:
            return []
        own = _part_of(this, part.kind)
        # "The end of the month" that is not here yet, where one asks back, may be the last one's.
        return own + (_part_of(last, part.kind) if not ask.ahead and own and own[0].day > ask.today else [])
    return [p for value in ask.read(rest) for p in _part_of(value, part.kind)]


def _part_of(value: DateValue, part: str) -> Readings:
    if part == "last_day":
        return _last_day_of(value)
    which, start = PARTS.index(part), value.day
    if value.precision == "year" and value.until is None:
        if part == "middle":
            return only(spans.between(spans.whole(start.year, 5, "month"), spans.whole(start.year, 8, "month")))
        return only(spans.whole(start.year, 1 if part == "start" else 10, "quarter"))
    if value.precision == "month" and value.until is None:
        first, last = ((1, 10), (11, 20), (21, 31))[which]
        return only(spans.month_days(start.year, start.month, first, last))
    if value.precision == "year" and value.until and value.until.year - start.year == 9:
        first, last = ((0, 3), (3, 6), (6, 9))[which]
        years = (spans.whole(start.year + n, 1, "year") for n in (first, last))
        return only(spans.between(*years))
    length = (value.last_day() - start).days + 1
    if length < 5:
        return [value]
    if length == 7:
        first, last = ((0, 2), (2, 4), (4, 6))[which]
    else:
        first, last = length * which // 3, length * (which + 1) // 3 - 1
    return only(spans.days(start + timedelta(days=first), start + timedelta(days=last)))


def _last_day_of(value: DateValue) -> Readings:
    """One day; of a month of the moon, with its uncertainty."""
    last = value.last_day()
    if value.precision == "day":
        length = (last - value.day).days
        return only(spans.days(last - timedelta(days=2), last)) if 29 <= length <= 33 else []
    return [DateValue(last, "day")]


def week(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`last week`, `Friday last week`, `the first week of March`, `the week of 2 March`, `week 12 2024`."""
    label = next((x for x in lexemes if x.kind == "unit" and x.unit == "week"), None)
    if label is None:
        return None
    rest = without(lexemes, label)
    if any(x.unit == "article" for x in rest):
        return []  # "a week last Friday" is not the week of last Friday
    nth = rest[0] if rest and rest[0].kind in ("nth", "number") else None
    of_month = [x for x in rest if x.kind == "month" or (x.kind == "unit" and x.unit == "month")]
    if of_month and (label.way == -1 or (nth and (nth.kind == "nth" or _follows(lexemes, label, nth)))):
        inner = without(rest, nth) if nth and label.way is None else rest
        weeks = [w for m in ask.read(inner) for w in _nth_week(m, nth.a if nth and label.way is None else -1)]
        # "Week 2 of March" and "the week of 2 March" have the same words.
        return weeks if nth is None or nth.kind == "nth" else [*weeks_of(ask.read(rest)), *weeks]
    if label.way is not None:
        this = spans.shifted(ask.today, "week", label.way)
        if this and len(rest) == 1 and rest[0].kind == "weekday":
            return [DateValue(this.day + timedelta(days=rest[0].a), "day")]
        return [] if rest else only(this)
    year, numbers = year_of(rest, ask.today)
    if len(numbers) == 1 and numbers[0].kind in ("number", "nth") and (year or _follows(lexemes, label, numbers[0])):
        return only(spans.week(year or ask.today.year, numbers[0].a))
    return weeks_of(ask.read(rest)) if rest else []


def _follows(lexemes: Lexemes, label: Lexeme, number: Lexeme) -> bool:
    return lexemes.index(number) == lexemes.index(label) + 1


def weeks_of(values: Readings) -> Readings:
    return [v for x in values if x.precision == "day" for v in only(spans.shifted(x.day, "week", 0))]


def _nth_week(month: DateValue, nth: int) -> Readings:
    if month.precision != "month" or month.until or not (nth == -1 or 1 <= nth <= 5):
        return []
    start = month.last_day().day - 6 if nth == -1 else 7 * nth - 6
    if start > month.last_day().day:
        return []
    return only(spans.month_days(month.day.year, month.day.month, start, start + 6))


def weekend(lexemes: Lexemes, ask: Ask) -> Readings | None:
    weekend = one(lexemes, "weekend")
    if weekend is None:
        return None
    if len(lexemes) > 1:
        return []
    saturday = ask.today + timedelta(days=5 - ask.today.weekday())
    # This week's lies ask.ahead; the question mostly asks back.
    weeks = weekend.way if weekend.way is not None else 0 if ask.ahead or ask.today >= saturday else -1
    if weekend.way == -1 and ask.today.weekday() == 6:
        weeks = -1
    start = saturday + timedelta(days=7 * weeks)
    return only(spans.days(start, start + timedelta(days=1)))


def nth_part(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`first half of 2024`, `second quarter of last year`, `deuxième semestre 2024`."""
    label = next(
        (x for x in lexemes if x.kind in HALVES or (x.kind == "unit" and x.unit in ("quarter", "semester"))), None
    )
    if label is None:
        return None
    rest = without(lexemes, label)
    if label.way is not None and not rest:
        return only(spans.shifted(ask.today, label.unit, label.way)) if label.kind == "unit" else []
    nth = next((x for x in rest if x.kind == "nth" or (x.kind == "number" and x.a <= 4)), None)
    if nth is None and label.way == -1:
        nth, rest = (
            Lexeme("nth", 4 if label.unit == "quarter" else 2),
            (*rest, Lexeme("nth", 4 if label.unit == "quarter" else 2)),
        )
    if nth is None:
        return []
    return [p for v in ask.read(without(rest, nth)) for p in _nth_of(v, label, nth.a)]


def _nth_of(value: DateValue, label: Lexeme, nth: int) -> Readings:
    year, month = value.day.year, value.day.month
    if value.precision == "year" and value.until is None and label.kind != "half_month":
        if label.unit == "quarter":
            return only(spans.whole(year, 3 * nth - 2, "quarter")) if 1 <= nth <= 4 else []
        if nth in (1, 2):
            first = spans.whole(year, 6 * nth - 5, "quarter")
            return only(spans.between(first, spans.whole(year, 6 * nth - 2, "quarter")))
    if value.precision == "month" and value.until is None and label.kind in HALVES and nth in (1, 2):
        return only(spans.month_days(year, month, 1 if nth == 1 else 16, 15 if nth == 1 else 31))
    return []


def decade(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """`the 1990s`, `les années 90`."""
    if len(lexemes) == 1 and lexemes[0].kind == "tens":
        lexemes = (Lexeme("decade_of"), Lexeme("number", lexemes[0].a, 2))  # "the nineties"
    if one(lexemes, "decade_of") is None:
        return None
    number = one(lexemes, "number")
    if number is None or len(lexemes) != 2 or number.a % 10 or not (number.b in (2, 4) or number.unit == "word"):
        return []
    year = number.a if number.b == 4 else (1900 if number.a > ask.today.year % 100 else 2000) + number.a
    return only(spans.between(spans.whole(year, 1, "year"), spans.whole(year + 9, 1, "year")))


def season(number: int, year: int, north: bool) -> DateValue | None:
    """Three months; the winter of the north and the summer of the south begin in December of the year before."""
    month = 3 * (number if north else (number + 2) % 4) + 3
    if month < 12:
        return spans.between(spans.whole(year, month, "month"), spans.whole(year, month + 2, "month"))
    return spans.between(spans.whole(year - 1, 12, "month"), spans.whole(year, 2, "month"))


def season_of_a_year(lexemes: Lexemes, ask: Ask) -> Readings | None:
    """Both halves of the Earth are offered, and both winters that a year can mean."""
    named = one(lexemes, "season")
    if named is None:
        return None
    year, rest = year_of(lexemes, ask.today)
    if len(rest) != 1:
        return []
    found: Readings = []
    for north in (half == "north" for half in named.unit.split()):
        if year is not None:
            values = only(season(named.a, year, north))
            values += only(season(named.a, year + 1, north)) if values and values[0].day.year < year else []
        else:
            every = only(*(season(named.a, ask.today.year + n, north) for n in (-1, 0, 1, 2)))
            if looks_ahead(named.way, ask.ahead):
                values = [v for v in every if v.last_day() >= ask.today][:1]
            else:
                # "Last summer" is one that is over; a season that has just begun may be meant by its bare name.
                values = [v for v in every if (v.last_day() if named.way == -1 else v.day) <= ask.today][-1:]
        found += values
    return found
