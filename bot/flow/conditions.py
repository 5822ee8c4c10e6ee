"""Whether a condition holds for a session; the flags, classes and caps that follow from the answers."""

from collections.abc import Iterable

from bot.flow.model import ALWAYS, ANY, CHANNEL, FLAG, LISTS_ONLY, Condition, Flow, Option, Step, Variant
from bot.flow.session import Session, split
from bot.flow.values import Answer


def _rounds_of(flow: Flow, session: Session, key: str, round_: int | None) -> list[tuple[str, ...]]:
    """The values of `key`: of the own round inside its repeat, else of each round or item."""
    chapter = flow.chapter_of.get(key)
    if is_replaced(flow, session, key):
        return []
    if chapter is not None and chapter.repeat > 1:
        numbers: Iterable[int] = range(session.rounds.get(chapter.id, 1)) if round_ is None else (round_,)
        found = [session.answers.get(f"{key}/{n}") for n in numbers]
    elif chapter is not None and flow.steps[key].for_each:
        found = [a for at, a in session.answers.items() if at.startswith(f"{key}@")]
    else:
        found = [session.answers.get(key)]
    return [a.values for a in found if a is not None]


def _same_chapter(flow: Flow, key: str, here: str | None) -> bool:
    return here is not None and flow.chapter_of.get(key) is flow.chapter_of.get(here)


def holds(
    flow: Flow, session: Session, condition: Condition, round_: int | None = None, here: str | None = None
) -> bool:
    """`here` is the step that asks: a key of its own repeated chapter is read in its own round."""
    if condition is ALWAYS:
        return True
    for key, accepted in condition.needs.items():
        if key == CHANNEL:
            if session.channel not in accepted and not accepted.intersection(session.abilities):
                return False
            continue
        if key == FLAG:
            if not accepted.intersection(flags(flow, session)):
                return False
            continue
        rounds = _rounds_of(flow, session, key, round_ if _same_chapter(flow, key, here) else None)
        hits = [bool(values) if ANY in accepted else not accepted.isdisjoint(values) for values in rounds]
        if not hits or not (all(hits) if key in condition.every else any(hits)):
            return False
    if condition.none_of and any(holds(flow, session, c, round_, here) for c in condition.none_of):
        return False
    return not condition.any_of or any(holds(flow, session, c, round_, here) for c in condition.any_of)


_flags: tuple[Flow, dict[str, Answer], tuple[str, ...], frozenset[str]] | None = None


def flags(flow: Flow, session: Session) -> frozenset[str]:
    """What the chosen options set, and what was raised on the way.

    One step asks many times for the same session: the last result is kept, for just these (immutable) answers.
    """
    global _flags
    if _flags and _flags[0] is flow and _flags[1] is session.answers and _flags[2] is session.raised:
        return _flags[3]
    found = _found_flags(flow, session)
    _flags = (flow, session.answers, session.raised, found)
    return found


def _found_flags(flow: Flow, session: Session) -> frozenset[str]:
    found = set(session.raised)
    for at, answer in session.answers.items():
        step = flow.steps.get(split(at)[0])
        if step is None or not answer.values:
            continue
        for option in step.setting:
            if option.id in answer.values:
                found.update(option.sets)
    found.update(cap.sets for cap in flow.caps if cap.sets and holds_plain(flow, session, cap.when))
    return frozenset(found)


def lists_only(flow: Flow, session: Session) -> bool:
    """Whether this person chose to pick from lists, so that nothing typed is kept."""
    return LISTS_ONLY in flags(flow, session)


def holds_plain(flow: Flow, session: Session, condition: Condition) -> bool:
    """For conditions that `flags` itself needs: `flow check` refuses a flag inside those."""
    return FLAG not in condition.needs and holds(flow, session, condition)


def widest(flow: Flow, session: Session, step: Step) -> int:
    """How far on its scale this consent may go now; the scale's end when nothing caps it."""
    limits = [len(step.scale) - 1]
    for cap in flow.caps:
        if cap.step == step.id and holds(flow, session, cap.when):
            limits.append(step.scale.index(cap.most))
    return min(limits)


def open_options(flow: Flow, session: Session, step: Step, round_: int | None = None) -> tuple[Option, ...]:
    """The options that this session may choose now: shown by condition, not above a cap."""
    options = tuple(o for o in step.options if holds(flow, session, o.when, round_, step.id))
    if not step.scale:
        return options
    limit = widest(flow, session, step)
    return tuple(o for o in options if o.id not in step.scale or step.scale.index(o.id) <= limit)


def is_replaced(flow: Flow, session: Session, key: str) -> bool:
    """This step asked how to reach somebody, and another one that asks the same was answered since.

    What was asked because of the older answer goes with it: who says "do not write to me" leaves no helper's number.
    """
    role = flow.roles.contact
    if role is None or key not in role.asked or sum(step in session.answers for step in role.asked) < 2:
        return False
    found = newest(session, *role.asked)
    return found is not None and found[0] != key


def newest(session: Session, *steps: str) -> tuple[str, Answer] | None:
    """(step, answer) of what was answered last among steps that ask the same; skipped ones say nothing."""
    found = None
    for at, answer in session.answers.items():
        if split(at)[0] in steps and answer.values:
            found = split(at)[0], answer
    return found


def variant(flow: Flow, session: Session, variants: tuple[Variant, ...], here: str, default: str) -> str:
    round_ = split(session.at)[1]
    for each in variants:
        if holds(flow, session, each.when, round_, here):
            return each.text
    return default


def part_class(flow: Flow, session: Session, step: Step) -> str:
    """The class of what is said at this step now. Fixed when it is sealed."""
    return variant(flow, session, step.classes, step.id, "case")


def items(flow: Flow, session: Session, name: str) -> tuple[str, ...]:
    """The items of a for_each list, in the order in which they were named."""
    group = flow.lists[name]
    found: list[str] = []
    for source in group.sources:
        for values in _rounds_of(flow, session, source, None):
            found.extend(v for v in values if v not in found)
    for source, mapping in group.less.items():
        for values in _rounds_of(flow, session, source, None):
            for value in values:
                for excluded in mapping.get(value, ()):
                    gone = {v for vs in _rounds_of(flow, session, excluded, None) for v in vs}
                    found = [v for v in found if v not in gone]
    return tuple(found)
