"""`stonechat flow check` of the roles: each is named or said to be `none`, and points to what is there."""

from collections.abc import Callable, Iterable, Iterator

from bot.flow.model import ROLES, Condition, Flow, Given

Finding = tuple[int, str, str]


def check_roles(flow: Flow, condition: Callable[[Condition, str], Iterable[tuple[str, str]]]) -> Iterator[Finding]:
    """(line, what, mend) of each finding. `condition` checks one, for whoever is named."""
    roles = flow.roles
    for name in ROLES:
        if name not in roles.lines:
            yield roles.line, f"role '{name}' is missing", f"name it under 'roles', or say '{name}: none'"
    for name, steps, kinds in (
        ("first_words", (roles.first_words,) if roles.first_words else (), ("text",)),
        ("place", roles.place, ("country",)),
        ("acts", roles.acts, ("choices",)),
        ("share", roles.share, ("consent",)),
        ("contact", roles.contact.asked if roles.contact else (), ("choice",)),
    ):
        for step in steps:
            yield from _step(flow, name, step, kinds)
    if roles.contact:
        if roles.contact.when:
            yield from _step(flow, "contact", roles.contact.when, ("choice",))
        yield from _contact_answers(flow)
    for name, given in (("held", roles.held), ("read_now", roles.read_now), ("read_if_silent", roles.read_if_silent)):
        if given:
            yield from _given(flow, name, given)
    if roles.another:
        yield from _another(flow)
    if roles.sensitive:
        line = roles.lines["sensitive"]
        yield from ((line, what, mend) for what, mend in condition(roles.sensitive, "role 'sensitive'"))


def _another(flow: Flow) -> Iterator[Finding]:
    """Only what was chosen can stay: words are sealed to the report that they were told in."""
    role = flow.roles.another
    assert role is not None
    for step in role.keeps:
        yield from _step(flow, "another", step, ("choice", "consent"))
    line = flow.roles.lines["another"]
    for step in role.but:
        if step in flow.steps:
            for value in sorted(v for v in role.but[step] if flow.steps[step].option(v) is None):
                yield line, f"role 'another' names '{step}: {value}', which is no option", "use one of its options"


def _step(flow: Flow, name: str, step_id: str, kinds: tuple[str, ...]) -> Iterator[Finding]:
    line, step = flow.roles.lines[name], flow.steps.get(step_id)
    if step is None:
        yield line, f"role '{name}' names '{step_id}', which is no step", "use a step's id"
    elif step.kind not in kinds:
        yield line, f"role '{name}' names '{step_id}', which is no {kinds[0]} step", f"its kind must be {kinds[0]}"
    elif name not in ("acts", "place") and (flow.chapter_of[step_id].repeat > 1 or step.for_each):
        yield line, f"role '{name}' names '{step_id}', which is asked more than once", "name a step that is asked once"


def _given(flow: Flow, name: str, given: Given) -> Iterator[Finding]:
    found = list(_step(flow, name, given.step, ("consent",)))
    yield from found
    for value in sorted(given.values) if not found else ():
        if flow.steps[given.step].option(value) is None:
            what = f"role '{name}' names '{given.step}: {value}', which is no option"
            yield flow.roles.lines[name], what, "use one of its options"


def _contact_answers(flow: Flow) -> Iterator[Finding]:
    role = flow.roles.contact
    assert role is not None
    known = {o.id for step in role.asked if step in flow.steps for o in flow.steps[step].options}
    for value in sorted((role.here | role.never | {role.unanswered}) - known):
        yield flow.roles.lines["contact"], f"role 'contact' names '{value}', which none of its steps offers", "mend it"
