"""What the rules of dates share: taking words out, labels that add nothing, the year that the rest stands in."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from bot.talk.sentences import DateValue
from bot.words import spans
from bot.words.amounts import Lexemes
from bot.words.lexicon import Lexeme
from bot.words.numeric import full_year

Readings = list[DateValue]


class Ask(NamedTuple):
    """What a rule needs beside the words. `read` reads what is left, by all rules."""

    today: date
    ahead: bool
    read: Callable[[Lexemes], Readings]


Rule = Callable[[Lexemes, Ask], Readings | None]


def only(*values: DateValue | None) -> Readings:
    return [v for v in values if v is not None]


def without(lexemes: Lexemes, *gone: Lexeme) -> Lexemes:
    left = list(lexemes)
    for lexeme in gone:
        left.remove(lexeme)
    return tuple(left)


def one(lexemes: Lexemes, *kinds: str) -> Lexeme | None:
    found = [x for x in lexemes if x.kind in kinds]
    return found[0] if len(found) == 1 else None


def labelled(lexemes: Lexemes) -> Lexemes:
    """`month of March`, `year 2024`, `day 5`: the label adds nothing; `month 3` is March."""
    made: list[Lexeme] = []
    has_month = any(x.kind in ("month", "hijri", "persian") for x in lexemes)
    pairs = zip(lexemes, (*lexemes[1:], None), strict=False)
    lexemes = tuple(x for x, after in pairs if x.kind != "month" or x != after)  # "January (كانون الثاني)"
    skip = False
    for at, lexeme in enumerate(lexemes):
        number = next((x for x in lexemes[at + 1 : at + 2] if x.kind == "number"), None)
        label = lexeme.unit if lexeme.kind == "unit" and lexeme.way is None and lexeme.a == 1 else ""
        if skip:
            skip = False
        elif label == "month" and number and 1 <= number.a <= 12 and not has_month:
            made.append(Lexeme("month", number.a, way=number.way))
            skip = True
        elif label == "day" and number and len(lexemes) == 2:
            made.append(number._replace(kind="nth"))
            skip = True
        elif (
            lexeme.kind != "this"
            and (lexeme.unit != "article" or _means_one(lexemes[at + 1 : at + 2]))
            and not (label and _adds_nothing(label, lexemes, has_month))
        ):
            made.append(lexeme)
    return tuple(made)


def _means_one(following: Lexemes) -> bool:
    """`a week last Friday`, `a Sunday`: the article is none of "the", and what it stands before is no date."""
    return any(x.kind == "weekday" or (x.kind == "unit" and x.unit == "week") for x in following)


def _adds_nothing(label: str, lexemes: Lexemes, has_month: bool) -> bool:
    if label == "day":
        return len(lexemes) > 1
    if label == "year":
        return any(x.kind == "number" and x.b >= 2 for x in lexemes)
    return label == "month" and has_month


def year_of(lexemes: Lexemes, today: date) -> tuple[int | None, Lexemes]:
    """The one year that is named, and what is left. Two years leave both where they are."""
    found: list[tuple[int, Lexeme]] = []
    for lexeme in lexemes:
        if lexeme.kind == "number" and (lexeme.b == 4 or lexeme.unit == "year"):
            found.append((full_year(str(lexeme.a).zfill(2)), lexeme))
        elif lexeme.kind == "unit" and lexeme.unit == "year" and lexeme.way is not None:
            found.append((today.year + lexeme.way, lexeme))
    if len(found) != 1:
        return None, lexemes
    return found[0][0], without(lexemes, found[0][1])


def is_ours(year: int, today: date) -> bool:
    return spans.FIRST_YEAR <= year <= today.year + spans.YEARS_AHEAD


def looks_ahead(way: int | None, ahead: bool) -> bool:
    return ahead if way in (None, 0) else way == 1
