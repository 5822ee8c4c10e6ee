"""No id of a flow, chapter, step, option or flag is in code: renamed, our flow says and hands over the same."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.flow import roles
from bot.flow.check import check_folder
from bot.flow.document import SealedPart, content, part_refs
from bot.flow.flags import Rules, load_rules
from bot.flow.model import RAISED, ROLES, Flow
from bot.flow.rolefile import CONTACT_KEYS
from bot.flow.session import Session
from bot.words.catalogue import Words
from bot.words.loading import data_folder, load_flows, load_words, make_reader, newest_flow
from tests.flows.pure import KEYS, TELEGRAM, TERMINAL, Talk, world
from tests.flows.renaming import NAME, Names, renamed
from tests.flows.test_golden_walks import FILES, header

ENGLISH = [p for p in FILES if header(p.read_text(encoding="utf-8"), "languages", "en") == "en"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Names]:
    return renamed(tmp_path_factory.mktemp("renamed"))


@cache
def load(folder: Path) -> tuple[Flow, Words, Rules]:
    words = load_words()
    settings = {
        "organisation": "Example Organisation",
        "help_at": "help@example.org",
        "first_read": 24,
        "vouched": frozenset({"first_read"}),
    }
    flows, shelf = load_flows(words, folder, fingerprints=KEYS, **settings)
    return newest_flow(flows), words, load_rules(folder / "flags.yaml", shelf.extra["acts"])


def back(value: Any, names: Names) -> Any:
    """A report's content with the old names."""
    old = {
        new: was
        for each in (names.steps, names.options, names.flags, names.chapters, names.consents)
        for was, new in each.items()
    }
    old |= {f"{new}_words": f"{was}_words" for was, new in names.steps.items()}
    if isinstance(value, dict):
        return {old.get(k, k): back(v, names) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [back(v, names) for v in value]
    return old.get(value, value) if isinstance(value, str) else value


def handed_over(flow: Flow, session: Session) -> dict[str, Any]:
    sealed = {p.number: SealedPart(f"{p.number:04}.age", "0" * 64, 1) for p in part_refs(session)}
    found = content(flow, session, sealed)
    reply = roles.reply(flow, session)
    return {
        "answers": found.answers,
        "fields": found.fields,
        "consent": found.consent,
        "flags": sorted(found.flags),
        "how": reply.how,
        "when": reply.when,
        "roles": [
            reply.here,
            reply.never,
            roles.is_held(flow, session),
            roles.reads_now(flow, session),
            roles.reads_if_silent(flow, session),
            roles.in_danger(flow, session),
        ],
    }


def test_the_renamed_flow_passes_the_check(elsewhere: tuple[Path, Names]) -> None:
    folder, names = elsewhere
    found = check_folder(folder, lambda shelf: make_reader(load_words(), shelf))
    assert found.errors == []
    assert newest_flow(load_flows(load_words(), folder)[0]).id == NAME
    assert len(names.steps) > 50
    assert not set(names.flags) & RAISED


@pytest.mark.parametrize("path", ENGLISH, ids=lambda p: p.stem)
def test_the_renamed_flow_goes_the_same_way_to_the_same_report(path: Path, elsewhere: tuple[Path, Names]) -> None:
    folder, names = elsewhere
    text = path.read_text(encoding="utf-8")
    channel = header(text, "channel", "terminal")
    abilities = TELEGRAM if channel == "telegram" else TERMINAL
    flow, words, rules = load(folder)
    our_rules = load(data_folder("flows"))[2]
    ours, theirs = Talk(*world(), abilities, channel), Talk(flow, words, abilities, channel)
    for line in [line for line in text.splitlines() if line.startswith(("> ", "~ "))]:
        ours.do(line)
        theirs.do(line)
        was, now = handed_over(ours.flow, ours.session), back(handed_over(flow, theirs.session), names)
        assert now == {**was, "flags": now["flags"]}
        assert set(now["flags"]) == set(was["flags"])
        assert rules.urgency(flow, theirs.session, theirs.now) == our_rules.urgency(ours.flow, ours.session, ours.now)
    assert theirs.lines == ours.lines


def test_no_id_of_our_flow_is_a_word_of_the_engine() -> None:
    """Short words (yes, no, other) are common to all; everything longer would be an id that crept in."""
    flow, _ = world()
    ids = {flow.id, *flow.steps, *(c.id for c in flow.chapters), *flow.lists}
    ids |= {o.id for s in flow.steps.values() for o in s.options}
    ids |= {f for s in flow.steps.values() for o in s.options for f in o.sets} | {c.sets for c in flow.caps}
    engine = (
        "danger language pause erase review yes no none more done back skip send help human status never other people"
    )
    engine += " not_sure self"  # states of a field, and who gives a consent: the report format's own words
    ids -= {*engine.split(), *RAISED, *flow.texts, *ROLES, *CONTACT_KEYS, "", "choices"}
    room = Path(roles.__file__).parent
    for path in sorted(room.rglob("*.py")):
        quoted = set(re.findall(r"[\"'](\w+)[\"']", path.read_text(encoding="utf-8")))
        assert not quoted & ids, f"{path.name}: {sorted(quoted & ids)}"
