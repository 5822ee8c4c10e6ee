"""`stonechat flow check`: what loading alone can't see. Every finding is file:line, what, and the mend."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.flow.check_consents import check_consents
from bot.flow.check_promises import promises_amiss
from bot.flow.check_roles import check_roles
from bot.flow.check_ways import Ways
from bot.flow.every import sentences
from bot.flow.flags import rules_amiss
from bot.flow.load import load_flow, opening_flow
from bot.flow.model import ANY, CHANNEL, DATA_LIMIT, FLAG, RAISED, Condition, Flow, Step
from bot.flow.reading import Reader
from bot.flow.shelf import Shelf, load_shelf
from bot.flow.source import FlowError, read_yaml
from bot.flow.wording import PLACEHOLDERS

LABEL = 36  # graphemes that fit on a button of a phone
CONSENT_LABEL = 40  # the same for an answer to a consent, which must say what it causes
NONCE = 10  # characters of a nonce in base 36, at most, and its colon and sign
RELEASED = "released.yaml"


FLAG_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}\Z")


@dataclass
class Found:
    """What a check found, and how much it looked at. Errors keep a flow from being used; warnings do not."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    flows: int = 0
    steps: int = 0


def graphemes(text: str) -> int:
    """What a person counts as characters (marks, joiners and selectors belong to the one before)."""
    joined, count = False, 0
    for character in text:
        mark = unicodedata.category(character) in ("Mn", "Me", "Cf")
        if not mark and not joined:
            count += 1
        joined = character == "\u200d"
    return count


def check_folder(folder: Path, reader: Callable[[Shelf], Reader], *, release: bool = False) -> Found:
    """Check all flows of a folder. `release` records the hashes of versions that have none yet."""
    found = Found()
    try:
        shelf = load_shelf(folder)
    except FlowError as error:
        found.errors.append(str(error))
        return found
    for name, card in shelf.cards.items():
        if card.checked is None:
            where = folder / "help" / f"{name}.yaml"
            found.warnings.append(f"{where}: nobody has called these yet; call them and write the day in 'checked'")
    loaded: dict[tuple[str, int], Flow] = {}
    for path in sorted(folder.glob("*/[0-9]*.yaml")):
        try:
            flow = load_flow(path, shelf, reader(shelf))
        except FlowError as error:
            found.errors.append(str(error))
            continue
        loaded[flow.id, flow.version] = flow
        found.flows += 1
        found.steps += len(flow.steps)
        found.errors += [str(FlowError(path, line, what, mend)) for line, what, mend in _Check(flow).all()]
        found.warnings += [str(FlowError(path, line, what, mend)) for line, what, mend in check_consents(flow)]
    try:
        if loaded:
            opening_flow(loaded)
            found.errors += [str(e) for e in rules_amiss(folder / "flags.yaml", loaded.values(), shelf)]
            found.errors += [str(e) for e in promises_amiss(folder, sentences(loaded, shelf))]
    except FlowError as error:
        found.errors.append(str(error))
    found.errors += _released(folder, release)
    return found


def refuse_if_wrong(flow: Flow, path: Path) -> None:
    """At the start: raises FlowError for the first finding, so that no reporter meets it."""
    for line, what, mend in _Check(flow).all():
        raise FlowError(path, line, what, mend)


def _released(folder: Path, release: bool) -> list[str]:
    """A released version never changes: sessions are under way on it."""
    ledger = folder / RELEASED
    known = dict(read_yaml(ledger) or {}) if ledger.exists() else {}
    errors, fresh = [], {}
    for path in sorted(folder.glob("*/[0-9]*.yaml")):
        name = f"{path.parent.name}/{path.stem}"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if known.get(name, digest) != digest:
            mend = f"put it back, and make the change in {path.parent.name}/{int(path.stem) + 1}.yaml"
            errors.append(str(FlowError(path, 1, "this version is released and was changed", mend)))
        fresh[name] = known.get(name, digest)
    gone = [name for name in known if name not in fresh]
    errors += [str(FlowError(ledger, 1, f"released version {name} is gone", "put it back")) for name in gone]
    if release and not errors:
        lines = ["# SHA-256 of released versions; `stonechat flow check --release` adds new ones."]
        ledger.write_text("\n".join([*lines, *(f"{n}: {d}" for n, d in sorted(fresh.items())), ""]))
    return errors


Finding = tuple[int, str, str]


class _Check:
    def __init__(self, flow: Flow) -> None:
        self.flow, self.ways = flow, Ways(flow)
        self.order = {step.id: n for n, step in enumerate(flow.every_step())}
        self.flags = {f for s in flow.every_step() for o in s.options for f in o.sets}
        self.flags |= {c.sets for c in flow.caps if c.sets} | RAISED

    def all(self) -> Iterator[Finding]:
        for chapter in self.flow.chapters:
            does = {o.does for s in chapter.steps for o in s.options}
            line = chapter.steps[0].line
            if "submit" in does and not chapter.sendable:
                yield line, f"an option of chapter '{chapter.id}' sends, and it is not sendable", "say sendable: true"
            if chapter.sendable and "submit" not in does:
                yield line, f"chapter '{chapter.id}' is sendable but nothing in it sends", "add {does: submit}"
            if (chapter.repeat > 1) != ("next_round" in does):
                yield line, f"chapter '{chapter.id}': repeat and next_round go together", "add or remove the other"
        for step in self.flow.every_step():
            yield from self._step(step)
            yield from self._flags(step)
        yield from self._caps()
        yield from self._lists()
        yield from check_roles(self.flow, lambda condition, what: self._condition(condition, what, None))

    def _flags(self, step: Step) -> Iterator[Finding]:
        """A flag goes into the report, whose format knows only such names: another could be opened by nobody."""
        for flag in (flag for option in step.options for flag in option.sets):
            if not FLAG_NAME.match(flag):
                yield step.line, f"the flag '{flag}' is not plain", "A-Z, 0-9 and _, at most 32, a letter first"

    def _step(self, step: Step) -> Iterator[Finding]:
        what = f"step '{step.id}'"
        conditions = [step.when, *(c for c, _ in step.asks), *(v.when for v in (*step.classes, *step.by))]
        conditions += [c for o in step.options for c in (o.when, *(c for c, _ in o.labels))]
        for condition in conditions:
            yield from ((step.line, w, m) for w, m in self._condition(condition, what, step))
        if not self.ways.exists(step):
            yield step.line, f"{what} can never be asked", "its conditions exclude each other"
        yield from self._options(step)
        yield from self._texts(step)
        if step.kind == "consent" and step.text_version < 1:
            yield step.line, f"{what} has no text_version", "text_version: 1, one more at each change of its words"
        if any(v.text not in ("case", "identity", "contact", "sensitive") for v in step.classes):
            yield step.line, f"{what} has no known class", "case, identity, contact or sensitive"
        if step.for_each and step.for_each not in self.flow.lists:
            yield step.line, f"{what} is for each of '{step.for_each}', which is no list", "add it under 'lists'"

    def _options(self, step: Step) -> Iterator[Finding]:
        what, seen = f"step '{step.id}'", set()
        for option in step.options:
            if option.id in seen:
                yield step.line, f"{what} has option '{option.id}' twice", "rename one"
            seen.add(option.id)
            longest = CONSENT_LABEL if step.kind == "consent" else LABEL
            for label in (option.label, *(m for _, m in option.labels)):
                if graphemes(label.text) > longest:
                    yield step.line, f"the label '{label.text}' is longer than {longest} characters", "shorten it"
            if len(option.id) + NONCE > DATA_LIMIT:
                yield step.line, f"the option id '{option.id}' is too long for a button", "shorten it"
            for other, value in option.also.items():
                if other not in self.flow.steps or self.flow.steps[other].option(value) is None:
                    yield (
                        step.line,
                        f"option '{option.id}' also answers '{other}: {value}', which is not there",
                        "mend it",
                    )
        names = {name for name, _ in step.groups}
        for option in step.options:
            if step.groups and option.group not in names:
                yield step.line, f"option '{option.id}' is in no known group", f"groups: {', '.join(sorted(names))}"
        if step.kind in ("choice", "consent", "screen") and not step.is_language:
            ahead = [o for o in step.options if o.does in ("", "alone", "start", "next_round")]
            if not ahead:
                yield step.line, f"no option of {what} goes on", "add one without 'does'"
        if set(step.scale) - seen:
            yield step.line, f"the scale of {what} names an option that it has not", "use its options' ids"

    def _texts(self, step: Step) -> Iterator[Finding]:
        allowed = {"country", *PLACEHOLDERS} if step.for_each else set(PLACEHOLDERS)
        messages = [m for _, m in step.asks] + [o.says for o in step.options if o.says]
        for message in messages:
            for name in re.findall(r"\{(\w+)\}", message.text):
                if name not in allowed:
                    yield step.line, f"step '{step.id}' has an unknown placeholder {{{name}}}", "take it out"
            if not message.text.strip():
                yield step.line, f"step '{step.id}' has an empty text", "write it"

    def _condition(self, condition: Condition, who: str, at: Step | None) -> Iterator[tuple[str, str]]:
        """`who` waits for it; `at` is the step that all that it reads must come before, where there is one."""
        for key, values in condition.needs.items():
            if key == CHANNEL:
                continue
            if key == FLAG:
                for flag in values - self.flags:
                    yield f"{who} waits for the flag '{flag}', which nothing sets", "set it in an option"
                continue
            step = self.flow.steps.get(key)
            if step is None:
                yield f"{who} waits for '{key}', which is no step", "name an earlier step"
            elif at is not None and self.order[key] >= self.order[at.id]:
                yield f"{who} waits for '{key}', which comes later", f"move '{key}' above it"
            else:
                yield from self._values(step, values, who)
        for inner in (*condition.none_of, *condition.any_of):
            yield from self._condition(inner, who, at)

    def _values(self, step: Step, values: frozenset[str], who: str) -> Iterator[tuple[str, str]]:
        known = {o.id for o in step.options} | {ANY}
        if step.kind == "country":
            known |= set(self.flow.codes["countries"])
        for value in sorted(values - known):
            yield f"{who} waits for '{step.id}: {value}', which is no option", "use one of its options"

    def _caps(self) -> Iterator[Finding]:
        for cap in self.flow.caps:
            step = self.flow.steps.get(cap.step)
            if step is None or cap.most not in step.scale:
                yield (
                    cap.line,
                    f"a cap names '{cap.step}: {cap.most}', which is on no scale",
                    "use an option of its scale",
                )
                continue
            what = f"the cap on '{cap.step}'"
            yield from ((cap.line, w, m) for w, m in self._condition(cap.when, what, step))
            if cap.sets and FLAG in cap.when.needs:
                yield cap.line, "a cap that sets a flag can't wait for a flag", "name the step that sets it"

    def _lists(self) -> Iterator[Finding]:
        for name, group in self.flow.lists.items():
            named = [*group.sources, *group.less, *(g for m in group.less.values() for gs in m.values() for g in gs)]
            for step in named:
                if step not in self.flow.steps:
                    yield 1, f"list '{name}' names '{step}', which is no step", "use a step's id"
