"""The roles of a flow file: which of its steps are what the engine has to know, so that no id stands in code."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.flow.flowfile import FlowFile
from bot.flow.model import ROLES, AnotherRole, ContactRole, Given, Roles
from bot.flow.source import line_of

NONE = "none"  # said of a role that a flow has no step for: forgetting one is never silent
ANOTHER_KEYS = frozenset(["keeps", "but"])
CONTACT_KEYS = frozenset(["asked", "here", "never", "unanswered", "when"])


def read_roles(file: FlowFile) -> Roles:
    """What stands under `roles`. Raises FlowError for what has no known form; `flow check` tells what is missing."""
    node = file.root.get("roles")
    node = file.keys({} if node is None else node, frozenset(ROLES), "'roles'")
    readers: Mapping[str, Callable[[FlowFile, Any, str], Any]] = {
        "first_words": _step,
        "place": _steps,
        "acts": _steps,
        "contact": _contact,
        "share": _steps,
        "held": _given,
        "read_now": _given,
        "read_if_silent": _given,
        "another": _another,
        "sensitive": lambda file, node, name: file.condition(node[name], f"role '{name}'"),
    }
    found = {name: readers[name](file, node, name) for name in node if node[name] != NONE}
    lines = {name: line_of(node, name) for name in node}
    return Roles(**found, lines=lines, line=line_of(file.root, "roles") if lines else 1)


def _step(file: FlowFile, node: Any, name: str) -> str:
    return file.string(node, name, "'roles'")


def _steps(file: FlowFile, node: Any, name: str) -> tuple[str, ...]:
    return file.strings(node, node[name], f"role '{name}'")


def _given(file: FlowFile, node: Any, name: str) -> Given:
    value = node[name]
    if not isinstance(value, Mapping) or len(value) != 1:
        raise file.fail(node, f"role '{name}' must be one step with its answers", "{step: [option]}", name)
    ((step, values),) = value.items()
    return Given(str(step), frozenset(file.strings(value, values, f"role '{name}'")))


def _another(file: FlowFile, node: Any, name: str) -> AnotherRole:
    value = file.keys(node[name], ANOTHER_KEYS, "role 'another'")
    if "keeps" not in value:
        raise file.fail(value, "role 'another' needs 'keeps'", "the steps that are not asked again")
    keeps = file.strings(value, value["keeps"], "'keeps' of role 'another'")
    but = file.keys(value.get("but", {}), frozenset(keeps), "'but' of role 'another'")
    return AnotherRole(
        keeps=keeps,
        but={str(step): frozenset(file.strings(but, but[step], "'but' of role 'another'")) for step in but},
    )


def _contact(file: FlowFile, node: Any, name: str) -> ContactRole:
    value = file.keys(node[name], CONTACT_KEYS, "role 'contact'")
    if "asked" not in value:
        raise file.fail(value, "role 'contact' needs 'asked'", "the steps that ask how somebody may be reached")
    return ContactRole(
        asked=file.strings(value, value["asked"], "'asked' of role 'contact'"),
        here=frozenset(file.strings(value, value.get("here", []), "'here' of role 'contact'")),
        never=frozenset(file.strings(value, value.get("never", []), "'never' of role 'contact'")),
        unanswered=file.string(value, "unanswered", "role 'contact'"),
        when=file.string(value, "when", "role 'contact'", ""),
    )
