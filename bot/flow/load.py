"""A document to a Flow, with file and line in every error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.flow.model import Flow
from bot.flow.questions import Questions
from bot.flow.reading import Reader
from bot.flow.rolefile import read_roles
from bot.flow.shelf import Shelf
from bot.flow.source import FlowError
from bot.flow.steering import steers

FLOW_KEYS = frozenset(["flow", "version", "opens", "roles", "chapters", "caps", "lists"])


def load_flow(path: Path, shelf: Shelf, reader: Reader, **settings: Any) -> Flow:
    """One flow file. Raises FlowError with file:line. `settings` are Flow's organisation, languages and the like."""
    file = Questions(path, shelf)
    root = file.keys(file.root, FLOW_KEYS, "a flow")
    name = file.string(root, "flow", "a flow")
    version = root.get("version")
    if not isinstance(version, int):
        raise file.fail(root, "a flow needs 'version' as a whole number", key="version")
    if path.parent.name != name or path.stem != str(version):
        raise file.fail(root, f"this is {name} {version}", "file and folder must say the same", "flow")
    chapters = root.get("chapters")
    if not isinstance(chapters, list):
        raise file.fail(root, "a flow needs 'chapters'", "a list")
    seen: dict[str, int] = {}
    loaded = tuple(file.chapter(c, name) for c in chapters)
    for step in (s for c in loaded for s in c.steps):
        if step.id in seen:
            raise FlowError(path, step.line, f"step '{step.id}' stands twice", f"the first is on line {seen[step.id]}")
        seen[step.id] = step.line
    caps = tuple(file.cap(c) for c in file.listed(root, "caps", "a flow"))
    lists = {str(k): file.group(v, str(k)) for k, v in file.mapped(root, "lists", "a flow").items()}
    roles = read_roles(file)
    return Flow(
        id=name,
        version=version,
        chapters=loaded,
        caps=caps,
        lists=lists,
        roles=roles,
        steers=steers(loaded, caps, lists, roles),
        opens=root.get("opens") is True,
        texts=shelf.texts,
        codes=shelf.codes,
        cards=shelf.cards,
        reader=reader,
        regions=shelf.groups.get("countries", ()),
        region_of=shelf.group_of.get("countries", {}),
        disputed=frozenset(c for c, entry in shelf.extra.get("countries", {}).items() if entry.get("note") is True),
        **settings,
    )


def opening_flow(flows: Mapping[tuple[str, int], Flow]) -> str:
    """The id of the flow that conversations begin with: the only one, or the one whose newest version `opens`.

    Raises FlowError. The newest version is asked, so that an older one, which never changes, can't speak against it.
    """
    newest = dict(sorted(flows))  # of each the last, its highest version
    if len(newest) == 1:
        return next(iter(newest))
    opens = [name for name, version in newest.items() if flows[name, version].opens]
    if len(opens) == 1:
        return opens[0]
    what = (
        f"two flows open: {' and '.join(opens[:2])}"
        if opens
        else "none of several flows opens"
        if newest
        else "no flow"
    )
    raise FlowError("flows", 1, what, "say 'opens: true' in the newest version of one")
