"""Dates that are named outright, whatever they are: each rule looks for its own kind of word and reads the rest.

The first rule that finds its kind decides; what no rule reads is not understood.
"""

from datetime import date

from bot.words import feasts, named, stretches
from bot.words.amounts import Lexemes
from bot.words.bits import Ask, Readings, Rule, labelled

RULES: tuple[Rule, ...] = (
    stretches.these_last,
    stretches.part_of_a_stretch,
    named.near_day,
    named.in_figures,
    stretches.week,
    stretches.weekend,
    stretches.nth_part,
    feasts.feast,
    feasts.easter,
    named.other_era,
    stretches.decade,
    stretches.season_of_a_year,
    named.month,
    named.weekday_alone,
    named.whole,
)


def read(lexemes: Lexemes, today: date, ahead: bool) -> Readings:
    """Every date that these words can mean; empty where they are none."""
    lexemes = stretches.of_days(labelled(lexemes))
    if not lexemes or any(x.way in (-2, 2) and x.kind not in ("unit", "weekday", "weekend") for x in lexemes):
        return []
    ask = Ask(today, ahead, lambda rest: read(rest, today, ahead))
    for rule in RULES:
        found = rule(lexemes, ask)
        if found is not None:
            return found
    return []
