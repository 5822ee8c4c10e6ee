"""Words that belong to others: `last` to its month, a clock's `at` to its number."""

from bot.words.amounts import Lexemes
from bot.words.lexicon import DROP, Lexeme

WAYS = {"last": -1, "before_last": -2, "this": 0, "next": 1, "after_next": 2}
WITH_WAY = frozenset(
    {"unit", "weekday", "month", "season", "feast", "hijri", "persian", "hijri_feast", "persian_feast", "easter"}
    | {"weekend", "nth", "half_month"}
)


def without_hours(lexemes: Lexemes) -> Lexemes:
    """`at 3`, `à 15 heures`, `الساعة التاسعة`: the number of a clock is left out; not that of `around 5 March`."""
    kept: list[Lexeme] = []
    skip = 0
    for at, lexeme in enumerate(lexemes):
        number, after = (lexemes[at + n] if at + n < len(lexemes) else DROP for n in (1, 2))
        ends = after is DROP or after.kind == "part" or after.unit == "hour"
        kinds = {"clock": ("number", "nth"), "at": ("number",)}.get(lexeme.kind, ())
        if skip:
            skip -= 1
        elif number.kind in kinds and number.a <= 24 and ends:
            skip = 1 + (after.unit == "hour")
        else:
            kept.append(lexeme)
    return tuple(kept)


def bound(lexemes: Lexemes, last_stands_before: bool) -> Lexemes:
    """`last`, `this`, `next` go to the word that they belong to; languages differ on which side it stands."""
    made = list(lexemes)
    sides = (1, -1) if last_stands_before else (-1, 1)
    for word in sorted(range(len(made)), reverse=not last_stands_before):
        lexeme = made[word]
        if lexeme.kind not in WAYS:
            continue
        for side in (1, -1) if lexeme.kind == "this" else sides:
            other = word + side
            if 0 <= other < len(made) and _takes_it(made, other) and made[other].way is None:
                made[other] = made[other]._replace(way=WAYS[lexeme.kind], b=_stood_before(made[other], word, other))
                made[word] = lexeme._replace(kind="bound")
                break
    return tuple(x for x in made if x.kind != "bound")


def _takes_it(lexemes: list[Lexeme], at: int) -> bool:
    """Words that can be the last or the next; also the number of a month, `شهر عشرة الماضي`."""
    numbered = at > 0 and lexemes[at].kind == "number" and lexemes[at - 1] == Lexeme("unit", 1, unit="month")
    return lexemes[at].kind in WITH_WAY or (numbered and lexemes[at].a <= 12)


def _stood_before(lexeme: Lexeme, word: int, other: int) -> int:
    """For a unit: whether "last" stood before it, as in `les 15 derniers mois`, not `le 15 du mois dernier`."""
    return int(word < other) if lexeme.kind == "unit" else lexeme.b
