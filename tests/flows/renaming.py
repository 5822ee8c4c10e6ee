"""Our flow under another name, with every id of a chapter, step, option, list and flag renamed: code knows none.

What the engine itself raises (bot/flow/model.py: RAISED), what options do, and country codes keep their names.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.flow.every import sentences
from bot.flow.model import RAISED
from bot.words.loading import data_folder, load_flows, load_words

NAME = "elsewhere"
yaml = YAML()
yaml.width = 10_000


@dataclass
class Names:
    """Old names to new ones, each made when it is first asked for."""

    steps: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    chapters: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    consents: dict[str, str] = field(default_factory=dict)

    def step(self, name: str) -> str:
        return self.steps.setdefault(name, f"st{len(self.steps)}q")

    def option(self, name: str) -> str:
        return name if name == "*" else self.options.setdefault(name, f"op{len(self.options)}q")

    def flag(self, name: str) -> str:
        return name if name in RAISED else self.flags.setdefault(name, f"F{len(self.flags)}Q")

    def chapter(self, name: str) -> str:
        return self.chapters.setdefault(name, f"ch{len(self.chapters)}q")

    def list(self, name: str) -> str:
        return self.lists.setdefault(name, f"li{len(self.lists)}q")

    def consent(self, name: str) -> str:
        return self.consents.setdefault(name, f"co{len(self.consents)}q")


def renamed(folder: Path) -> tuple[Path, Names]:
    """A copy of flows/ in `folder`, renamed, and what everything is called there."""
    to = folder / "flows"
    shutil.copytree(data_folder("flows"), to, ignore=shutil.ignore_patterns("released*"))
    (source,) = [p for p in to.iterdir() if (p / "1.yaml").exists()]
    source.rename(to / NAME)
    names = Names()
    flow = yaml.load((to / NAME / "1.yaml").read_text(encoding="utf-8"))
    lists = {s["options"]["codes"] for c in flow["chapters"] for s in c["steps"] if "codes" in (s.get("options") or {})}
    for name in sorted(lists):
        _codes(to / "codes" / f"{name}.yaml", names)
    _flow(flow, names)
    yaml.dump(flow, to / NAME / "1.yaml")
    rules = yaml.load((to / "flags.yaml").read_text(encoding="utf-8"))
    for rule in [*(r for level in rules["levels"].values() for r in level), *rules["raise"]]:
        if "needs" in rule:
            rule["needs"] = _condition(rule["needs"], names)
        for key in {"within", "ahead"} & set(rule):
            rule[key] = {names.step(step): days for step, days in rule[key].items()}
    yaml.dump(rules, to / "flags.yaml")
    _promises(to)
    return to, names


def _promises(to: Path) -> None:
    """The same sentences stand in the same order, under other message ids."""
    every = [[s.message.context for s in sentences(*load_flows(load_words(), folder))] for folder in (None, to)]
    new = dict(zip(*every, strict=True))
    listed = yaml.load((to / "promises.yaml").read_text(encoding="utf-8"))
    for entry in listed.values():
        if "instead" in entry:
            entry["instead"] = new.get(entry["instead"], entry["instead"])
    yaml.dump({new.get(name, name): entry for name, entry in listed.items()}, to / "promises.yaml")


def _codes(path: Path, names: Names) -> None:
    file = yaml.load(path.read_text(encoding="utf-8"))
    for entry in file["codes"].values():
        if not isinstance(entry, str) and "set" in entry:
            entry["set"] = _each(entry["set"], names.flag)
    file["codes"] = {names.option(code): entry for code, entry in file["codes"].items()}
    yaml.dump(file, path)


def _each(value: Any, rename: Callable[[str], str]) -> Any:
    return rename(value) if isinstance(value, str) else [rename(each) for each in value]


def _condition(node: Any, names: Names) -> Any:
    if isinstance(node, list):
        return [_condition(each, names) for each in node]
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("not", "any", "all"):
            found[key] = _condition(value, names)
        elif key == "channel":
            found[key] = value
        elif key == "flag":
            found[key] = _each(value, names.flag)
        else:
            found[names.step(key)] = _each(value, names.option)
    return found


def _flow(flow: Any, names: Names) -> None:
    flow["flow"] = NAME
    for chapter in flow["chapters"]:
        chapter["id"] = names.chapter(chapter["id"])
        for step in chapter["steps"]:
            _step(step, names)
    for cap in flow["caps"]:
        cap["when"], cap["step"] = _condition(cap["when"], names), names.step(cap["step"])
        cap["most"] = names.option(cap["most"])
        if "set" in cap:
            cap["set"] = names.flag(cap["set"])
    flow["lists"] = {names.list(name): _list(each, names) for name, each in flow["lists"].items()}
    _roles(flow["roles"], names)


def _list(node: Any, names: Names) -> Any:
    node["from"] = _each(node["from"], names.step)
    node["except"] = {
        names.step(step): {names.option(value): _each(gone, names.step) for value, gone in each.items()}
        for step, each in node["except"].items()
    }
    return node


def _step(step: Any, names: Names) -> None:
    step["id"] = names.step(step["id"])
    for key in ("ask", "class", "by"):
        for variant in step[key] if isinstance(step.get(key), list) else ():
            if "when" in variant:
                variant["when"] = _condition(variant["when"], names)
    if "when" in step:
        step["when"] = _condition(step["when"], names)
    for key, rename in (("scale", names.option), ("for_each", names.list), ("as", names.consent)):
        if key in step:
            step[key] = _each(step[key], rename)
    for option in step["options"] if isinstance(step.get("options"), list) else ():
        option["id"] = names.option(option["id"])
        if "when" in option:
            option["when"] = _condition(option["when"], names)
        if "set" in option:
            option["set"] = _each(option["set"], names.flag)
        if "also" in option:
            option["also"] = {names.step(k): names.option(v) for k, v in option["also"].items()}


def _roles(roles: Any, names: Names) -> None:
    for key, value in roles.items():
        if key == "contact":
            value["asked"], value["when"] = _each(value["asked"], names.step), names.step(value["when"])
            for answers in ("here", "never", "unanswered"):
                value[answers] = _each(value[answers], names.option)
        elif key == "another":
            value["keeps"], value["but"] = _each(value["keeps"], names.step), _condition(value["but"], names)
        elif key in ("held", "read_now", "read_if_silent", "sensitive"):
            roles[key] = _condition(value, names)
        else:
            roles[key] = _each(value, names.step)
