"""`stonechat flow check` of consents: a thumb that slips, or presses twice, passes nothing on and destroys nothing."""

from collections.abc import Iterator

from bot.flow.model import Flow, Option, Step

Finding = tuple[int, str, str]
CAUSES = frozenset({"start", "submit", "erase", "forget"})


def check_consents(flow: Flow) -> Iterator[Finding]:
    """(line, what, mend) of each finding."""
    for step in flow.consents:
        if step.options and _causes(flow, step, step.options[0]):
            what = f"step '{step.id}' is a consent, and its first answer passes on or destroys"
            yield step.line, what, "put one first that does neither, such as 'ask me first' or 'tell me more'"
        for option in step.options:
            if option.label.text.strip(" .!").casefold() == "yes":
                what = f"step '{step.id}' is a consent, and one of its answers is a bare 'Yes'"
                yield step.line, what, "say in it what it allows"


def _causes(flow: Flow, step: Step, option: Option) -> bool:
    """It lets something leave or go: by what it does, by a role, or as more than the narrowest that is no refusal."""
    roles = (flow.roles.read_now, flow.roles.read_if_silent)
    if option.does in CAUSES or any(r and r.step == step.id and option.id in r.values for r in roles):
        return True
    return option.label.text.casefold().startswith("yes") or step.scale[-1:] == (option.id,)
