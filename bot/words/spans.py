"""Days, weeks, months, quarters and years counted from a day: pure, and nothing outside the calendar."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from bot.talk.sentences import DateValue, Precision

FIRST_YEAR, YEARS_AHEAD = 1900, 20
Unit = str  # hour, day, week, month, quarter, semester, year, decade


def day(year: int, month: int, number: int) -> DateValue | None:
    try:
        return DateValue(date(year, month, number), "day")
    except (ValueError, OverflowError):
        return None


def whole(year: int, month: int, precision: Precision) -> DateValue | None:
    """A month, quarter or year by its first month."""
    try:
        return DateValue(date(year, month, 1), precision)
    except (ValueError, OverflowError):
        return None


def week(year: int, number: int) -> DateValue | None:
    try:
        return DateValue(date.fromisocalendar(year, number, 1), "week")
    except ValueError:
        return None


def between(first: DateValue | None, last: DateValue | None) -> DateValue | None:
    """From the first to the last: of the same precision, or in days. None where they stand the wrong way round."""
    if first is None or last is None:
        return None
    if first.precision != last.precision or first.until or last.until:
        first, last = DateValue(first.day, "day"), DateValue(last.last_day(), "day")
    if first.day > last.day:
        return None
    return first if first.day == last.day else DateValue(first.day, first.precision, last.day)


def days(first: date, last: date) -> DateValue | None:
    return between(DateValue(first, "day"), DateValue(last, "day"))


def month_days(year: int, month: int, first: int, last: int) -> DateValue | None:
    """Days of a month; past its end is its end."""
    end = monthrange(year, month)[1]
    return days(date(year, month, first), date(year, month, min(last, end)))


def shifted(today: date, unit: Unit, amount: int) -> DateValue | None:
    """The unit that lies `amount` units from that of today; negative is the past."""
    month = today.year * 12 + today.month - 1
    steps: dict[Unit, Callable[[], DateValue | None]] = {
        "day": lambda: DateValue(today + timedelta(days=amount), "day"),
        "week": lambda: DateValue(today + timedelta(days=7 * amount - today.weekday()), "week"),
        "month": lambda: _of_month(month + amount, "month"),
        "quarter": lambda: _of_month(month - month % 3 + 3 * amount, "quarter"),
        "semester": lambda: _half_year(month - month % 6 + 6 * amount),
        "year": lambda: whole(today.year + amount, 1, "year"),
        "decade": lambda: whole(today.year + 10 * amount, 1, "year"),
    }
    try:
        return steps[unit]() if unit in steps else None
    except (OverflowError, ValueError):
        return None


def moved(today: date, unit: Unit, amount: int) -> date | None:
    """The same day of another month or year, or its last; days and weeks exactly."""
    if unit in ("day", "week"):
        return today + timedelta(days=amount * (7 if unit == "week" else 1))
    months = {"month": 1, "quarter": 3, "semester": 6, "year": 12, "decade": 120}.get(unit)
    if months is None:
        return None
    year, month = divmod(today.year * 12 + today.month - 1 + amount * months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) if 0 < year < 9999 else None


def _of_month(months: int, precision: Precision) -> DateValue | None:
    year, month = divmod(months, 12)
    return whole(year, month + 1, precision) if year > 0 else None


def _half_year(months: int) -> DateValue | None:
    return between(_of_month(months, "quarter"), _of_month(months + 3, "quarter"))
