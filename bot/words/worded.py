"""What the words of a date say together. Knows no language: what the words mean, and a few of their orders, are data.

A rule gives the readings, or None where it has nothing to say. What no rule reads is not understood.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.talk.sentences import DateValue
from bot.words import absolute, named, spans
from bot.words.amounts import Amount, Lexemes, amounts, from_now, joined_numbers, loosely, ranged_numbers
from bot.words.binding import bound, without_hours
from bot.words.lexicon import DROP, Lexeme, Lexicon

Readings = list[DateValue]
MARKS = frozenset({"ago", "since", "ahead", "from_now", "this", "more_than", "less_than"})
TIMELESS = frozenset({"part", "at", "clock"})
COUNTING = frozenset({"ago", "since", "ahead", "from_now"})
BESIDE = {"day_before": -1, "day_after": 1, "second_day_before": -2, "second_day_after": 2}


class Context(NamedTuple):
    """When it was said, and whether the question asks ahead."""

    now: datetime
    ahead: bool
    lexicon: Lexicon

    @property
    def today(self) -> date:
        return self.now.date()


def understood(lexemes: Lexemes, context: Context) -> Readings:
    """Every date that these words can mean, best first; empty where they are none."""
    timed = without_hours(lexemes)
    for each in (timed,) if any(x.kind not in TIMELESS for x in timed) else (lexemes,):
        bare = tuple(x for x in each if x.kind not in TIMELESS)
        if all(x.kind == "this" for x in bare) and any(x.kind == "part" for x in lexemes):
            return [DateValue(context.today, "day")]
        bare = ranged_numbers(joined_numbers(bare, context.lexicon.units_first))
        if not COUNTING & {x.kind for x in bare}:
            bare = tuple(x for x in bare if x.kind != "more_than")  # "over the weekend"
        if bare and (found := read(_unlabelled(bound(bare, context.lexicon.last_stands_before)), context)):
            return found
    return []


def _unlabelled(lexemes: Lexemes) -> Lexemes:
    """`يوم 5 أو 6 مارس`: the label of a day says nothing beside more than its number."""
    if not {"or", "to"} & {x.kind for x in lexemes}:
        return lexemes
    pairs = zip(lexemes, (*lexemes[1:], DROP), strict=True)
    label = Lexeme("unit", 1, unit="day")
    return tuple(x for x, after in pairs if x != label or after.kind != "number" or after.a > 31)


def read(lexemes: Lexemes, context: Context) -> Readings:
    """The first rule that has something to say."""
    rules: tuple[Callable[[Lexemes, Context], Readings | None], ...] = (
        _recent,
        _counted,
        _beside_a_day,
        _range,
        _either,
    )
    for rule in rules:
        found = rule(lexemes, context)
        if found is not None:
            return found
    return absolute.read(lexemes, context.today, context.ahead)


def _recent(lexemes: Lexemes, context: Context) -> Readings | None:
    """`the last two weeks`, `les trois derniers mois`: from then until today."""
    ways = [x for x in lexemes if x.kind in ("last", "next")] + [
        x for x in lexemes if x.kind == "unit" and x.way in (-1, 1)
    ]
    plain = tuple(x for x in lexemes if x.kind not in ("last", "next", "this", "ahead", "since"))
    for amount, rest in amounts(plain):
        explicit = any(x.kind in ("number", "some", "amount") for x in plain)
        of_a_month = any(x.unit == "month" and not x.b for x in ways) and any(
            0 < x.b < 3 for x in plain if x.kind == "number"
        )
        if rest or not ways or not explicit or amount.unit in ("minute", "hour") or of_a_month:
            return None
        past = any(x.kind == "last" or x.way == -1 for x in ways)
        then = from_now(amount, context.now, -1 if past else 1)
        if then is None:
            return []
        today = context.today
        span = spans.days(then.day, today) if past else spans.days(today, then.last_day())
        return [span] if span else []
    return None


def _counted(lexemes: Lexemes, context: Context) -> Readings | None:
    """`two weeks ago`, `in three days`, `Tuesday two weeks ago`, `a year and two months ago`."""
    kinds = {x.kind for x in lexemes}
    sign = -1 if kinds & {"ago", "since"} else 1 if kinds & {"ahead", "from_now"} else 0
    if not sign or kinds & {"last", "before_last", "next"}:
        return None
    plain = tuple(x for x in lexemes if x.kind not in MARKS)
    for amount, rest in amounts(plain):
        value = from_now(loosely(amount, kinds), context.now, sign)
        if value is None:
            return []
        if not rest:
            return [value]
        if found := _and_more(value, amount, rest, context, sign):
            return found
    if kinds & {"number", "some", "amount"} and kinds & {"weekday"} and "ago" in kinds:
        return _weekdays_ago(plain, context)
    return _since(lexemes, plain, kinds, context)


def _since(lexemes: Lexemes, plain: Lexemes, kinds: set[str], context: Context) -> Readings | None:
    """`since March`, `منذ يناير`: the day itself."""
    if "since" in kinds and "ago" not in kinds and plain and len(plain) < len(lexemes):
        return read(plain, context)
    return None


def _and_more(value: DateValue, amount: Amount, rest: Lexemes, context: Context, sign: int) -> Readings:
    """`a year and two months`, `two months and three days`; `Tuesday two weeks ago`."""
    if len(rest) == 1 and rest[0].kind == "near" and amount.low == amount.high and not amount.half:
        then = spans.moved(context.today + timedelta(days=rest[0].a), amount.unit, sign * amount.low)
        return [DateValue(then, "day")] if then else []  # "a week ago today"
    if len(rest) == 1 and rest[0].kind == "weekday" and amount.unit == "week" and value.until is None:
        return [DateValue(value.day + timedelta(days=rest[0].a), "day")]
    if rest[0].kind != "and" or value.until or amount.half:
        return []
    for more, left in amounts(rest[1:]):
        if left or more.low != more.high or more.half or more.unit not in ("month", "week", "day"):
            return []
        then = spans.moved(context.today, amount.unit, sign * amount.low)
        found = spans.shifted(then, more.unit, sign * more.low) if then else None
        return [found] if found else []
    return []


def _weekdays_ago(plain: Lexemes, context: Context) -> Readings | None:
    """`two Tuesdays ago`."""
    if len(plain) == 2 and plain[0].kind == "number" and plain[1].kind == "weekday" and 0 < plain[0].a < 60:
        last = named.weekday(plain[1].a, context.today, ahead=False)[-1]
        return [DateValue(last.day - timedelta(days=7 * (plain[0].a - 1)), "day")]
    return None


def _beside_a_day(lexemes: Lexemes, context: Context) -> Readings | None:
    """`the day before Christmas`, `two days after 5 March`, `قبل العيد بيومين`; ahead also `by 10 December`."""
    for kind, sign in (*BESIDE.items(), ("eve", 0), ("before", -1), ("after", 1)):
        at = next((i for i, x in enumerate(lexemes) if x.kind == kind), None)
        if at is None:
            continue
        rest = lexemes[:at] + lexemes[at + 1 :]
        if kind in BESIDE:
            return _moved(read(rest, context), 1, 1, "day", sign)
        if kind == "eve":  # "the night of Friday": the one before it, or its own
            own = read(rest, context)
            return [*_moved(own, 1, 1, "day", -1), *(v for v in own if v.precision == "day")]
        for amount, other in amounts(rest):
            if other and not amount.half and amount.unit not in ("minute", "hour"):
                there = _moved(read(other, context), amount.low, amount.high, amount.unit, sign)
                numbered = any(x.kind in ("number", "some", "amount") for x in rest if x not in other)
                # "The week after Christmas" is all of it; where no article tells, both are offered.
                if not numbered and amount.unit == "week":
                    there += _week_beside(read(other, context), sign)
                if there or numbered:
                    return there
            break
        return read(rest, context) if kind == "before" and context.ahead and at == 0 else []
    return None


def _week_beside(values: Readings, sign: int) -> Readings:
    """The seven days before or after a day."""
    near, far = timedelta(days=sign), timedelta(days=7 * sign)
    ends = (sorted((v.day + near, v.day + far)) for v in values if v.precision == "day" and v.until is None)
    return [s for first, last in ends if (s := spans.days(first, last))]


def _moved(values: Readings, low: int, high: int, unit: str, sign: int) -> Readings:
    """A day is moved by a number of days or weeks; a feast that may be a day off stays so."""
    found = []
    for value in values:
        length = (value.last_day() - value.day).days
        if value.precision != "day" or unit not in ("day", "week") or length > 3:
            return []
        step = 7 if unit == "week" else 1
        start, end = sorted((sign * low * step, sign * high * step))
        there = spans.days(value.day + timedelta(days=start), value.last_day() + timedelta(days=end))
        found += [there] if there else []
    return found


def _range(lexemes: Lexemes, context: Context) -> Readings | None:
    """`from 3 to 5 March`, `between March and May 2024`, `2019 – 2021`, `since March until now`."""
    opened = any(x.kind == "between" for x in lexemes)
    plain = tuple(x for x in lexemes if x.kind not in ("between", "since"))
    plain = tuple(
        x for x, after in zip(plain, (*plain[1:], DROP), strict=False) if (x.kind, after.kind) != ("and", "to")
    )
    cuts = [i for i, x in enumerate(plain) if x.kind == "to"]
    cuts = cuts or [i for i, x in enumerate(plain) if x.kind == "and" and opened]
    if not cuts:
        return [] if opened else None
    cut = plain[cuts[0]]
    if len(cuts) > 1 or cuts[0] in (0, len(plain) - 1):
        return []
    plain = tuple(
        x for x in plain if (x.kind, x.unit, x.way) != ("unit", "week", None)
    )  # "the week of 12 to 18 October"
    cuts = [i for i, x in enumerate(plain) if x is cut]
    left, right = plain[: cuts[0]], plain[cuts[0] + 1 :]
    if any(x.kind == "season" for x in plain):
        return _winter(left, right, context)
    lasts = read(right, context)
    if not lasts and len(right) == 1 and right[0].kind == "number" and right[0].b == 2 and left[-1].a > 1900:
        lasts = read((right[0]._replace(a=left[-1].a // 100 * 100 + right[0].a, b=4),), context)
    found = []
    for last in lasts[:2]:
        for first in _first_of(left, right, last, context):
            span = spans.between(first, last)
            found += [span] if span else []
    return found


def _winter(left: Lexemes, right: Lexemes, context: Context) -> Readings:
    """`winter 2022-2023`: the one that begins in the first year; seasons make no other spans."""
    if len(left) != 2 or len(right) != 1 or not _is_year(left[-1]):
        return []
    after = left[-1].a + 1
    if right[0].a not in (after, after % 100):
        return []
    found = read((left[0], left[-1]._replace(a=after)), context)
    return [v for v in found if v.day.year == after - 1 and v.last_day().year == after]


def _first_of(left: Lexemes, right: Lexemes, last: DateValue, context: Context) -> Readings:
    """The beginning of a span, with the month and the year of its end where it has none of its own."""
    own = {x.kind for x in left}
    if own & {"number", "nth"}:
        own.discard("weekday")  # "lundi 2": its month is that of the end
    lent: Lexemes = ()
    if not own & {"month", "dates", "near", "hijri", "unit", "weekday", "season", "feast"} and left[-1].b != 4:
        lent += tuple(x for x in right if x.kind in ("month", "hijri") or (x.unit == "month" and x.way is not None))
    has_year = any(_is_year(x) for x in left) or own & {"near", "dates", "weekday"}
    if not has_year and any(_is_year(x) for x in right):
        lent += tuple(x for x in right if _is_year(x))
    found = read(left + lent, context)
    if any(v.day > last.day for v in found) and not has_year:
        before = Lexeme("number", last.day.year - 1, 4)
        found = read((*left, *(x for x in lent if not _is_year(x)), before), context)
    elif not has_year and not lent:
        year = Lexeme("number", last.day.year, 4)
        same = read((*left, year), context)
        found = [v for v in same if v.day <= last.day] or found
    return found[:2]


def _is_year(lexeme: Lexeme) -> bool:
    return lexeme.kind == "number" and lexeme.b == 4


def _either(lexemes: Lexemes, context: Context) -> Readings | None:
    """`March or April 2024`: both are offered."""
    cuts = [i for i, x in enumerate(lexemes) if x.kind == "or"]
    if len(cuts) != 1 or cuts[0] in (0, len(lexemes) - 1):
        return [] if cuts else None
    left, right = lexemes[: cuts[0]], lexemes[cuts[0] + 1 :]
    seconds = read(right, context)
    if not seconds:
        return []
    firsts = _first_of(left, right, seconds[0], context)
    return [*firsts, *seconds] if firsts else []
