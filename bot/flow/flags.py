"""Rules that put a report higher in the moderators' queue. Data in flows/flags.yaml; a person decides."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.flow.conditions import holds
from bot.flow.flowfile import FlowFile
from bot.flow.model import ALWAYS, ANY, FLAG, RAISED, Condition, Flow
from bot.flow.session import Session, split
from bot.flow.shelf import Shelf
from bot.flow.source import FlowError, line_of

LEVELS = ("P0", "P1", "P2", "P3")


@dataclass(frozen=True)
class Rule:
    """All of it must hold. `within` and `ahead` are days from today by step."""

    needs: Condition
    severity: frozenset[str]
    within: Mapping[str, int]
    ahead: Mapping[str, int]
    line: int = 0


@dataclass(frozen=True)
class Rules:
    """All rules: `levels` from the most urgent on, `raises` one level up, `severity_of` each act's code."""

    levels: tuple[tuple[str, tuple[Rule, ...]], ...]
    raises: tuple[Rule, ...]
    severity_of: Mapping[str, str]

    def urgency(self, flow: Flow, session: Session, now: datetime) -> str:
        """`P0` (15 minutes) to `P3` (10 days)."""
        level = next(
            (n for n, rules in self.levels if any(self._holds(r, flow, session, now.date()) for r in rules)), "P3"
        )
        raised = any(self._holds(r, flow, session, now.date()) for r in self.raises)
        return LEVELS[max(0, LEVELS.index(level) - raised)]

    def _holds(self, rule: Rule, flow: Flow, session: Session, today: date) -> bool:
        if not holds(flow, session, rule.needs):
            return False
        if rule.severity:
            acts = (v for at, a in session.answers.items() if split(at)[0] in flow.roles.acts for v in a.values)
            if not any(self.severity_of.get(act) in rule.severity for act in acts):
                return False
        behind = all(_touches(session, step, today - timedelta(days=n), today) for step, n in rule.within.items())
        return behind and all(_touches(session, s, today, today + timedelta(days=n)) for s, n in rule.ahead.items())


def _touches(session: Session, step: str, first: date, last: date) -> bool:
    """Whether a date of this step can mean a day between these: "next week" or "December" may be tomorrow."""
    found = (a.date for at, a in session.answers.items() if split(at)[0] == step)
    return any(d.day <= last and d.last_day() >= first for d in found if d is not None)


def rules_amiss(path: Path, flows: Iterable[Flow], shelf: Shelf) -> Iterator[FlowError]:
    """What the rules wait for that no flow has: a rule that never holds leaves somebody last in the queue."""
    rules = load_rules(path, shelf.extra.get("acts", {}))
    known = list(flows)
    for rule in (*(r for _, each in rules.levels for r in each), *rules.raises):
        for key, values in rule.needs.needs.items():
            yield from (FlowError(path, rule.line, what, "mend it") for what in _needs_amiss(key, values, known))
        for step in (*rule.within, *rule.ahead):
            if not any(step in flow.steps and flow.steps[step].kind == "date" for flow in known):
                yield FlowError(
                    path, rule.line, f"a rule counts the days of '{step}', which is no date step", "mend it"
                )
        for step in rule.ahead:
            if not any(step in flow.steps and flow.steps[step].ahead for flow in known):
                what = f"a rule looks ahead at '{step}', whose days are read as past ones"
                yield FlowError(path, rule.line, what, "say 'prefer: future' at that step")


def _needs_amiss(key: str, values: frozenset[str], flows: list[Flow]) -> Iterator[str]:
    if key == FLAG:
        known = RAISED | {f for flow in flows for s in flow.steps.values() for o in s.options for f in o.sets}
        known |= {cap.sets for flow in flows for cap in flow.caps}
        yield from (f"a rule waits for the flag '{flag}', which nothing sets" for flag in sorted(values - known))
        return
    steps = [flow.steps[key] for flow in flows if key in flow.steps]
    if not steps:
        yield f"a rule waits for '{key}', which is no step"
        return
    offered = {option.id for step in steps for option in step.options} | {ANY}
    if any(step.options for step in steps):
        yield from (f"a rule waits for '{key}: {value}', which is no option" for value in sorted(values - offered))


def load_rules(path: Path, acts: Mapping[str, Mapping[str, Any]]) -> Rules:
    """`acts` are the act codes with their severity. Raises FlowError."""
    file = FlowFile(path)

    def rule(node: Any) -> Rule:
        file.keys(node, frozenset({"needs", "severity", "within", "ahead"}), "a rule")
        return Rule(
            file.condition(node["needs"], "'needs' of a rule") if "needs" in node else ALWAYS,
            frozenset(file.strings(node, node.get("severity", []), "'severity'")),
            {str(k): int(v) for k, v in (node.get("within") or {}).items()},
            {str(k): int(v) for k, v in (node.get("ahead") or {}).items()},
            line_of(node),
        )

    levels = tuple((str(name), tuple(rule(r) for r in rules)) for name, rules in file.root["levels"].items())
    return Rules(
        levels,
        tuple(rule(r) for r in file.root.get("raise") or ()),
        {code: str(entry.get("severity", "")) for code, entry in acts.items()},
    )
