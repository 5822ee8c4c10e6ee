"""What the words of a date say together. Knows no language: what the words mean, and a few of their orders, are data.

A rule gives the readings, or None where it has nothing to say. What no rule reads is not understood.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from bot.talk.sentences import DateValue
from bot.words import absolute, named, ranges, spans
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
    lexemes = _and_this_morning(lexemes)
    timed = without_hours(lexemes)
    if all(x.kind in ("part", "at", "this") for x in timed) and any(x.kind == "part" for x in timed):
        return [DateValue(context.today, "day")]
    for each in (timed,) if any(x.kind not in TIMELESS for x in timed) else (lexemes,):
        bare = tuple(x for x in each if x.kind not in TIMELESS)
        if all(x.kind == "this" for x in bare) and any(x.kind == "part" for x in lexemes):
            return [DateValue(context.today, "day")]
        bare = ranged_numbers(joined_numbers(bare, context.lexicon.units_first))
        if not COUNTING & {x.kind for x in bare}:
            unit = any(x.kind == "unit" for x in bare)
            bare = tuple(x for x in bare if x.kind != "more_than" or unit)  # "over the weekend"
        if bare and (found := read(_unlabelled(bound(bare, context.lexicon.last_stands_before)), context)):
            return found
    return []


def _and_this_morning(lexemes: Lexemes) -> Lexemes:
    """`last night and this morning`: a part of a day that is joined to another day by itself is today's."""
    cuts = [i for i, x in enumerate(lexemes) if x.kind == "and"]
    if len(cuts) != 1 or cuts[0] == 0:
        return lexemes
    right = lexemes[cuts[0] + 1 :]
    alone = any(x.kind == "part" for x in right) and all(x.kind in ("part", "at", "this") for x in right)
    named = any(x.kind in ("near", "weekday", "dates") for x in lexemes[: cuts[0]])
    return (*lexemes[: cuts[0] + 1], Lexeme("near")) if alone and named else lexemes


def _unlabelled(lexemes: Lexemes) -> Lexemes:
    """`يوم 5 أو 6 مارس`: the label of a day says nothing beside more than its number."""
    if not {"or", "to", "and"} & {x.kind for x in lexemes}:
        return lexemes
    pairs = zip(lexemes, (*lexemes[1:], DROP), strict=True)
    label = Lexeme("unit", 1, unit="day")
    return tuple(x for x, after in pairs if x != label or after.kind != "number" or after.a > 31)


def read(lexemes: Lexemes, context: Context) -> Readings:
    """The first rule that has something to say."""
    rules: tuple[Callable[[Lexemes, Context], Readings | None], ...] = (
        _days_of_a_month,
        _recent,
        _up_to_now,
        _counted,
        _beside_a_day,
        _range,
        _either,
        _both,
    )
    for rule in rules:
        found = rule(lexemes, context)
        if found is not None:
            return found
    return absolute.read(lexemes, context.today, context.ahead)


def _days_of_a_month(lexemes: Lexemes, context: Context) -> Readings | None:
    """`the first ten days of March`, `العشر الأواخر من رمضان`, `the last two weeks of October`: no tenth of a month."""
    plain = tuple(x for x in lexemes if x.kind != "since")
    numbers = [x for x in plain if x.kind == "number" and x.b < 3 and 1 < x.a <= 15]
    edges = [x for x in plain if x.kind in ("start", "end", "last") or (x.kind == "nth" and x.a == 1) or _is_last(x)]
    if len(numbers) != 1 or len(edges) != 1:
        return None
    units = [x for x in plain if x.kind == "unit" and x.unit in ("day", "week") and (x.way is None or x in edges)]
    rest = tuple(x for x in plain if x not in (*numbers, *edges, *units))
    is_said = units or (numbers[0].unit == "word" and edges[0].kind in ("start", "end", "nth"))  # العشر are days
    if not is_said or len(units) > 1 or not {"month", "hijri"} & {x.kind for x in rest}:
        return None
    is_weeks = bool(units) and units[0].unit == "week"
    found = []
    for value in read(rest, context):
        whole = (value.last_day() - value.day).days + 1
        unsure = 2 if whole > 31 or value.precision == "day" else 0  # a month of the moon: a day on either side
        days = timedelta(days=numbers[0].a * (7 if is_weeks else 1) + unsure - 1)
        if not 28 <= whole <= 33 or days.days >= whole:
            return []
        at_end = edges[0].kind in ("end", "last") or _is_last(edges[0])
        first, last = (value.last_day() - days, value.last_day()) if at_end else (value.day, value.day + days)
        found += [s] if (s := spans.days(first, last)) else []
    return found


def _is_last(lexeme: Lexeme) -> bool:
    return lexeme.kind == "unit" and lexeme.unit in ("day", "week") and lexeme.way == -1 and lexeme.a > 1


def _recent(lexemes: Lexemes, context: Context) -> Readings | None:
    """`the last two weeks`, `les trois derniers mois`: from then until today."""
    ways = [x for x in lexemes if x.kind in ("last", "next")] + [
        x for x in lexemes if x.kind == "unit" and x.way in (-1, 1)
    ]
    plain = tuple(x for x in lexemes if x.kind not in ("last", "next", "this", "ahead", "since", "more_than"))
    for amount, rest in amounts(plain):
        explicit = any(x.kind in ("number", "some", "amount") for x in plain)
        of_a_month = any(x.unit == "month" and not x.b for x in ways) and any(
            0 < x.b < 3 for x in plain if x.kind == "number"
        )
        if rest or not ways or not explicit or of_a_month:
            return None
        past = any(x.kind == "last" or x.way == -1 for x in ways)
        then = from_now(amount, context.now, -1 if past else 1)
        if then is None:
            return []
        today = context.today
        span = spans.days(then.day, today) if past else spans.days(today, then.last_day())
        return [span] if span else []
    return None


def _up_to_now(lexemes: Lexemes, context: Context) -> Readings | None:
    """`over the last year`, `within the last week`: that one, or as much of it up to now; both are offered."""
    around = [x for x in lexemes if x.kind in ("more_than", "ahead")]
    rest = tuple(x for x in lexemes if x not in around)
    if not around or len(rest) != 1 or rest[0].kind != "unit" or (rest[0].a, rest[0].way) != (1, -1):
        return None
    then = spans.moved(context.today, rest[0].unit, -1)
    span = spans.days(then, context.today) if then else None
    return [*read(rest, context), *([span] if span else [])]


def _counted(lexemes: Lexemes, context: Context) -> Readings | None:
    """`two weeks ago`, `in three days`, `Tuesday two weeks ago`, `a year and two months ago`."""
    kinds = {x.kind for x in lexemes}
    sign = -1 if kinds & {"ago", "since"} else 1 if kinds & {"ahead", "from_now"} else 0
    if not sign or kinds & {"last", "before_last", "next"}:
        return None
    plain = tuple(x for x in lexemes if x.kind not in MARKS)
    if any(a.kind == "number" and b.kind == "since" for a, b in pairwise(lexemes)):
        return _since(lexemes, plain, kinds, context)  # "٥ من هذا الشهر": the fifth of it, not five of them
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
        if rest[at:] != rest[at : at + 1] and rest[at] == Lexeme("unit", 1, unit="day"):
            rest = rest[:at] + rest[at + 1 :]  # "قبل يوم الجمعة": a label, no amount
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
    return ranges.spanned(lexemes, lambda rest: read(rest, context))


def _either(lexemes: Lexemes, context: Context) -> Readings | None:
    return ranges.either(lexemes, lambda rest: read(rest, context))


def _both(lexemes: Lexemes, context: Context) -> Readings | None:
    return ranges.both(lexemes, lambda rest: read(rest, context))
