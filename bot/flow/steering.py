"""Which answers of a flow steer which other steps, known once: rules then run only where an answer matters to them."""

from collections.abc import Iterable, Iterator, Mapping

from bot.flow.model import FLAG, Cap, Chapter, Condition, Group, Roles, Step


def steers(
    chapters: tuple[Chapter, ...], caps: tuple[Cap, ...], lists: Mapping[str, Group], roles: Roles
) -> dict[str, frozenset[str]]:
    """A step's id to the ids of those whose being asked, or whose options, its answer may change."""
    steps = [step for chapter in chapters for step in chapter.steps]
    flags = _flag_setters(steps, caps)
    found: dict[str, set[str]] = {}
    for step in steps:
        for key in _read_by(step, caps, lists):
            for source in flags.get(key.removeprefix("flag "), ()) if key.startswith("flag ") else (key,):
                found.setdefault(source, set()).add(step.id)
    if roles.contact:  # what was asked because of one answer goes when the other one is newer
        together = set().union(*(found.get(each, set()) for each in roles.contact.asked))
        found |= {each: set(together) for each in roles.contact.asked}
    return {source: frozenset(ids) for source, ids in found.items()}


def _flag_setters(steps: Iterable[Step], caps: Iterable[Cap]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for step in steps:
        for flag in (f for option in step.options for f in option.sets):
            found.setdefault(flag, set()).add(step.id)
    for cap in caps:
        if cap.sets:
            found.setdefault(cap.sets, set()).update(k for k in _keys(cap.when) if not k.startswith("flag "))
    return found


def _read_by(step: Step, caps: Iterable[Cap], lists: Mapping[str, Group]) -> Iterator[str]:
    yield from _keys(step.when)
    for option in step.options:
        yield from _keys(option.when)
    for cap in caps:
        if cap.step == step.id:
            yield from _keys(cap.when)
    if group := lists.get(step.for_each):
        yield from group.sources
        for excluding, values in group.less.items():
            yield excluding
            yield from (excluded for each in values.values() for excluded in each)


def _keys(condition: Condition) -> Iterator[str]:
    """The steps that a condition reads, and `flag NAME` for a flag."""
    for key, values in condition.needs.items():
        if key == FLAG:
            yield from (f"flag {flag}" for flag in values)
        else:
            yield key
    for inner in (*condition.none_of, *condition.any_of):
        yield from _keys(inner)
