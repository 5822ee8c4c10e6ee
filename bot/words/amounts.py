"""Amounts of time: `three weeks`, `a year and a half`, `a few days`; and the numbers in words that they are made of."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.talk.sentences import DateValue
from bot.words import spans
from bot.words.lexicon import DROP, Lexeme

Lexemes = tuple[Lexeme, ...]
VAGUE = (2, 5)  # "weeks ago": a few; "years ago" says too little
FAR = 400_000  # more of any unit is no date


class Amount(NamedTuple):
    """From `low` to `high` of a unit; `half` is half a unit more."""

    low: int
    high: int
    unit: str
    half: bool = False


def joined_numbers(lexemes: Lexemes, units_first: bool) -> Lexemes:
    """`twenty` `two` is 22, `soixante` `et` `onze` is 71, `خمسة` `و` `عشرون` is 25; `two` `three` stays as it is."""
    marks = [i for i, x in enumerate(lexemes) if x.kind == "nth_mark" and i and lexemes[i - 1].kind == "number"]
    lexemes = tuple(x._replace(kind="nth") if i + 1 in marks else x for i, x in enumerate(lexemes) if i not in marks)
    following = (*lexemes[1:], DROP)
    pairs = zip(lexemes, following, strict=True)
    lexemes = tuple(
        x for x, after in pairs if x.unit != "article" or after.kind not in ("number", "some")
    )  # "a good two"
    made: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        ahead = 2 if at + 2 < len(lexemes) and lexemes[at + 1].kind == "and" else 1
        total = _sum(lexemes[at], lexemes[at + ahead], units_first) if at + ahead < len(lexemes) else None
        made.append(total or lexemes[at])
        at += ahead + 1 if total else 1
    return _with_years(_with_hundreds(tuple(made)))


def _with_hundreds(lexemes: Lexemes) -> Lexemes:
    """`one hundred` `and` `twenty`: 120."""
    made: list[Lexeme] = []
    for lexeme in lexemes:
        before = made[-2:] if made and made[-1].kind == "and" else made[-1:]
        if before and _in_words(before[0]) and before[0].a in (100, 200, 300) and _in_words(lexeme) and lexeme.a < 100:
            del made[-len(before) :]
            lexeme = lexeme._replace(a=before[0].a + lexeme.a, unit="word")
        made.append(lexeme)
    return tuple(made)


def _sum(first: Lexeme, second: Lexeme, units_first: bool) -> Lexeme | None:
    one = units_first and first.unit == "article"  # "الواحد والثلاثون"
    if not ((_in_words(first) or one) and _in_words(second)):
        return None
    tens, unit = (second, first) if units_first else (first, second)
    most = 19 if tens.a in (60, 80) else 9
    if tens.a < 20 or tens.a % 10 or not 1 <= unit.a <= most:
        return None
    return Lexeme("nth" if "nth" in (first.kind, second.kind) else "number", tens.a + unit.a, unit="word")


def _with_years(lexemes: Lexemes) -> Lexemes:
    """`two thousand` `twenty-four`, `twenty` `twenty-four`: a year."""
    made: list[Lexeme] = []
    for lexeme in lexemes:
        before = made[-1] if made else None
        if before and before.kind == "and" and len(made) > 1 and made[-2].a == 2000:
            before = made[-2]
        years = before is not None and _in_words(before) and _in_words(lexeme) and 0 < lexeme.a < 100
        if before and years and (before.a == 2000 or (before.a in (19, 20) and lexeme.a >= 10)):
            century = before.a if before.a == 2000 else before.a * 100
            del made[made.index(before) :]
            made.append(Lexeme("number", century + lexeme.a, 4))
        else:
            made.append(lexeme)
    return tuple(x._replace(b=4, unit="") if x.kind == "number" and x.a == 2000 else x for x in made)


def _in_words(lexeme: Lexeme) -> bool:
    return lexeme.kind == "nth" or (lexeme.kind == "number" and lexeme.unit == "word")


def ranged_numbers(lexemes: Lexemes) -> Lexemes:
    """`2 to 3 weeks`, `2 or 3 weeks`, `two three weeks`: an amount from 2 to 3."""
    made = list(lexemes)
    for at in range(len(made) - 3, 0, -1):  # "a day or two", "يوم أو يومين"
        one, unit, joint, two = made[at - 1 : at + 3]
        if unit.kind == "unit" and joint.kind == "or" and one.kind == two.kind == "number" and one.a < two.a:
            made[at - 1 : at + 3] = [Lexeme("some", one.a, two.a), unit]
    for at in range(len(made) - 2):
        if made[at].kind == "unit" and made[at + 1].kind == "or" and made[at + 2].kind == "amount":
            made[at : at + 3] = [Lexeme("some", 1, 2), made[at]]
            break
        pair, joint, more = made[at : at + 3]
        if made[at + 3 : at + 4] and made[at + 3].kind == "unit":
            continue
        if (pair.kind, joint.kind, more.kind) == ("amount", "or", "number") and more.a == pair.b + 1:
            made[at : at + 3] = [
                Lexeme("some", pair.a, more.a),
                Lexeme("unit", 2, unit=pair.unit),
            ]  # "أسبوعين أو ثلاثة"
            break
    for at in range(len(made) - 1, -1, -1):
        if at >= len(made) or made[at].kind != "unit":
            continue
        between = at >= 4 and (made[at - 4].kind, made[at - 2].kind) == ("between", "and")
        if at >= 3 and (between or made[at - 2].kind in ("to", "or")) and _both(made[at - 3], made[at - 1]):
            made[at - 3 - between : at] = [Lexeme("some", made[at - 3].a, made[at - 1].a)]
        elif at >= 2 and _both(made[at - 2], made[at - 1]) and made[at - 1].a == made[at - 2].a + 1:
            made[at - 2 : at] = [Lexeme("some", made[at - 2].a, made[at - 1].a)]
        elif at >= 2 and made[at - 1].kind == "number" and made[at - 1].a == 3:
            start = at - 2 - (made[at - 2].kind in ("or", "to"))
            if start >= 0 and made[start].kind == "amount" and made[start].unit == made[at].unit:
                made[start:at] = [Lexeme("some", 2, 3)]
    return tuple(made)


def _both(first: Lexeme, second: Lexeme) -> bool:
    return first.kind == second.kind == "number" and first.unit != "article" and first.a < second.a < 100


def amounts(lexemes: Lexemes) -> Iterator[tuple[Amount, Lexemes]]:
    """Each amount that stands in the text, with what is left of it. The longest first."""
    for at in range(len(lexemes)):
        if found := _amount_at(lexemes, at):
            amount, end = found
            yield amount, lexemes[:at] + lexemes[end:]
            return


def _amount_at(lexemes: Lexemes, at: int) -> tuple[Amount, int] | None:
    """The amount that begins here, and where it ends."""
    here: Sequence[Lexeme] = lexemes[at:]
    kinds = [x.kind for x in here]
    low = high = None
    half, end = False, 0
    if kinds[0] in ("number", "some"):
        low, high = here[0].a, here[0].b if kinds[0] == "some" else here[0].a
        end, half = _half(kinds, here, 1)
    elif kinds[0] == "half":
        low, high, half, end = 0, 0, True, 1
    if end >= len(here):
        return None
    if low == 1 and kinds[1:2] == ["half"] and here[0].unit in ("word", "article"):
        low = high = 0  # "a half day": the article is no number
    unit = here[end]
    if unit.kind == "amount" and low in (None, 1) and not half:
        low, high = unit.a, unit.b
    elif unit.kind != "unit":
        return None
    elif low is None or high is None:
        return _then_half(_bare_unit(unit, here[1] if len(here) > 1 else None), kinds, here, at)
    return _then_half((Amount(low, high, unit.unit, half), end + 1), kinds, here, at)


def _then_half(
    found: tuple[Amount, int] | None, kinds: list[str], here: Sequence[Lexeme], at: int
) -> tuple[Amount, int] | None:
    if found is None or found[0].high > FAR:
        return None
    end, more = _half(kinds, here, found[1])
    return found[0]._replace(half=found[0].half or more), at + end


def _bare_unit(unit: Lexeme, after: Lexeme | None) -> tuple[Amount, int] | None:
    """A unit without a number before it: `يوم` is one, `days` a few; the number can stand behind, `الأشهر الثلاثة`."""
    if unit.way is not None:
        return None
    if (
        after
        and (after.kind, after.b) != ("number", 4)
        and ((after.kind in ("number", "some") and unit.a == 2) or (after.kind, after.a) == ("number", 1))
    ):
        return Amount(after.a, after.b if after.kind == "some" else after.a, unit.unit), 2
    if unit.a > 1 and unit.unit in ("year", "decade", "quarter", "semester"):
        return None
    return (Amount(1, 1, unit.unit), 1) if unit.a == 1 else (Amount(*VAGUE, unit.unit), 1)


def _half(kinds: list[str], here: Sequence[Lexeme], end: int) -> tuple[int, bool]:
    """`and a half`, `et demi`, `ونصف`: where it ends, whether it stood there."""
    at = end + (kinds[end : end + 1] == ["and"])
    at += kinds[at : at + 1] == ["number"] and here[at].a == 1
    if kinds[at : at + 1] != ["half"]:
        return end, False
    again = at > end and kinds[at + 1 : at + 2] == ["unit"] and here[at + 1].unit == here[end - 1].unit
    return at + 1 + again, True  # "عام ونصف العام"


def _quarter_of(today: date, months: int) -> DateValue | None:
    """The quarter in which the month lies that is so many months away; None where the calendar ends before."""
    month = spans.shifted(today, "month", months)
    return spans.shifted(month.day, "quarter", 0) if month is not None else None


def from_now(amount: Amount, now: datetime, sign: int) -> DateValue | None:
    """So much before (-1) or after (1) now. A span where the amount is one, or where half a unit is its precision."""
    low, high, unit, half = amount
    if unit in ("minute", "hour"):
        return _clock(now, low, high, unit, sign)
    today = now.date()
    if unit == "semester" and low == high and not half:  # "نصف سنة"
        return _quarter_of(today, sign * 6 * low)
    if half:
        if unit == "year" and low == high:
            return _quarter_of(today, sign * (12 * low + 6))
        high += 1
    return counted(today, low, high, unit, sign)


def loosely(amount: Amount, kinds: set[str]) -> Amount:
    """`more than a year`: from one to two; `less than a week`: from none to one."""
    if "more_than" in kinds:
        return amount._replace(high=amount.high + 1)
    return amount._replace(low=0) if "less_than" in kinds else amount


def counted(day: date, low: int, high: int, unit: str, sign: int) -> DateValue | None:
    near, far = spans.shifted(day, unit, sign * low), spans.shifted(day, unit, sign * high)
    if low == high:
        return near
    return spans.between(far, near) if sign < 0 else spans.between(near, far)


def _clock(now: datetime, low: int, high: int, unit: str, sign: int) -> DateValue | None:
    step = timedelta(hours=1) if unit == "hour" else timedelta(minutes=1)
    try:
        first, last = sorted(((now + sign * low * step).date(), (now + sign * high * step).date()))
    except OverflowError:
        return None
    return spans.days(first, last)
