"""Two dates in one answer: `from 3 to 5 March`, `5 and 6 March`, `March or April 2024`."""

from collections.abc import Callable
from datetime import timedelta

from bot.talk.sentences import DateValue
from bot.words import spans
from bot.words.amounts import Lexemes
from bot.words.lexicon import DROP, Lexeme

Readings = list[DateValue]
Read = Callable[[Lexemes], Readings]


def spanned(lexemes: Lexemes, read: Read) -> Readings | None:
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
        return _winter(left, right, read)
    lasts = read(right)
    if not lasts and len(right) == 1 and right[0].kind == "number" and right[0].b == 2 and left[-1].a > 1900:
        lasts = read((right[0]._replace(a=left[-1].a // 100 * 100 + right[0].a, b=4),))
    found = []
    if len(left) == len(right) == 1 and left[0].kind == right[0].kind == "dates" and len(left[0].dates) == len(lasts):
        return [
            s for pair in zip(left[0].dates, lasts, strict=True) if (s := spans.between(*pair))
        ]  # one order in both
    for last in lasts[:2]:
        for first in _first_of(left, right, last, read):
            span = spans.between(first, last)
            found += [span] if span else []
    return found


def _winter(left: Lexemes, right: Lexemes, read: Read) -> Readings:
    """`winter 2022-2023`: the one that begins in the first year; seasons make no other spans."""
    if len(left) != 2 or len(right) != 1 or not _is_year(left[-1]):
        return []
    after = left[-1].a + 1
    if right[0].a not in (after, after % 100):
        return []
    found = read((left[0], left[-1]._replace(a=after)))
    return [v for v in found if v.day.year == after - 1 and v.last_day().year == after]


def _first_of(left: Lexemes, right: Lexemes, last: DateValue, read: Read) -> Readings:
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
    found = read(left + lent)
    if any(v.day > last.day for v in found) and not has_year:
        before = Lexeme("number", last.day.year - 1, 4)
        found = read((*left, *(x for x in lent if not _is_year(x)), before))
    elif not has_year and not lent:
        year = Lexeme("number", last.day.year, 4)
        same = read((*left, year))
        found = [v for v in same if v.day <= last.day] or found
    return found[:2]


def _is_year(lexeme: Lexeme) -> bool:
    return lexeme.kind == "number" and lexeme.b == 4


def either(lexemes: Lexemes, read: Read) -> Readings | None:
    """`March or April 2024`: both are offered."""
    cuts = [i for i, x in enumerate(lexemes) if x.kind == "or"]
    if len(cuts) != 1 or cuts[0] in (0, len(lexemes) - 1):
        return [] if cuts else None
    left, right = lexemes[: cuts[0]], lexemes[cuts[0] + 1 :]
    seconds = read(right)
    if not seconds:
        return []
    firsts = _first_of(left, right, seconds[0], read)
    return [*firsts, *seconds] if firsts else []


def both(lexemes: Lexemes, read: Read) -> Readings | None:
    """`5 and 6 March`, `hier et avant-hier`: a span where they touch; else each is offered, and none is left out."""
    cuts = [i for i, x in enumerate(lexemes) if x.kind == "and"]
    if len(cuts) != 1 or cuts[0] in (0, len(lexemes) - 1):
        return None
    left, right = lexemes[: cuts[0]], lexemes[cuts[0] + 1 :]
    if any(_is_part_of_an_amount(x) for x in (left[-1], right[0])):
        return None
    seconds = read(right)
    if not seconds or _is_bare_day(right):
        seconds = read(tuple(x for x in left if x.kind in ("month", "hijri") or _is_year(x)) + right)  # "March 5 and 6"
    if not seconds:
        return None
    days = [x.a for x in left if _is_bare_day((x,))]
    if len(days) == len(left) > 1:  # "5, 6 and 7 March"
        left = left[:1] if days == list(range(days[0], days[0] + len(days))) else ()
    if [x.kind for x in (*left, *right)] == ["weekday", "weekday"]:  # "lundi et mardi derniers": the Monday beside it
        firsts = [DateValue(v.day - timedelta(days=(right[0].a - left[0].a) % 7 or 7), "day") for v in seconds[:2]]
        return _touching(firsts, seconds) or [*firsts, *seconds]
    firsts = [v for second in seconds[:2] for v in _first_of(left, right, second, read)] if left else []
    if not firsts:
        return None
    if len(days) > 1:
        pairs = [(a, b) for a in firsts for b in seconds if (b.day - a.day).days == len(days)]
        return [s for a, b in pairs if (s := spans.between(a, b))]
    return _touching(firsts, seconds) or list(dict.fromkeys([*firsts, *seconds]))


def _touching(firsts: Readings, seconds: Readings) -> Readings:
    """Spans of those of which one begins on the day after the other ends."""
    pairs = [sorted((a, b), key=lambda v: v.day) for a in firsts for b in seconds]
    return [s for a, b in pairs if (b.day - a.last_day()).days == 1 and (s := spans.between(a, b))]


def _is_part_of_an_amount(lexeme: Lexeme) -> bool:
    """`a year and a half`, `vingt et un`: an "and" inside one number or amount."""
    in_words = lexeme.kind == "number" and not lexeme.b
    return in_words or lexeme.kind == "half" or (lexeme.kind == "unit" and lexeme.way is None)


def _is_bare_day(lexemes: Lexemes) -> bool:
    return len(lexemes) == 1 and lexemes[0].kind in ("number", "nth") and lexemes[0].b != 4 and 0 < lexemes[0].a <= 31
