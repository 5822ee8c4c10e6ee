"""O04: what `flow check` refuses, with file:line and the mend."""

import shutil
from pathlib import Path

import pytest

from bot.flow.check import Found, check_folder, graphemes
from bot.words.loading import data_folder, load_words, make_reader


def check(folder: Path, release: bool = False) -> Found:
    return check_folder(folder, lambda shelf: make_reader(load_words(), shelf), release=release)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("flows"), tmp_path / "flows")
    (tmp_path / "flows" / "released.yaml").unlink(missing_ok=True)
    return tmp_path / "flows"


def test_our_flows_are_good(flows: Path) -> None:
    found = check(flows)
    assert found.errors == []
    assert found.steps > 40


BREAK = [
    ("id: relation\n", "id: safe_here\n", "step 'safe_here' stands twice"),
    ("when: {reporter_role: [relative]}", "when: {nobody: [relative]}", "waits for 'nobody', which is no step"),
    ("when: {reporter_role: [relative]}", "when: {act_story: [relative]}", "waits for 'act_story', which comes later"),
    ("when: {reporter_role: [relative]}", "when: {reporter_role: [aunt]}", "'reporter_role: aunt', which is no option"),
    ("when: {reporter_role: [relative]}", "when: {flag: [NONE]}", "the flag 'NONE', which nothing sets"),
    (
        'when: {reporter_minor: ["yes"]}\n        ask: |-',
        "when: {relation: [parent], reporter_role: [self]}\n        ask: |-",
        "can never be asked",
    ),
    ("kind: country\n        required: true", "kind: place\n        required: true", "has no known kind"),
    ("{id: parent, label: Parent}", "{id: parent, label: " + "P" * 37 + "}", "longer than 36 characters"),
    ("{id: parent, label: Parent}", "{id: child, label: Parent}", "has option 'child' twice"),
    ("{id: parent, label: Parent}", "{id: Parent!, label: Parent}", "is not plain"),
    ("{id: parent, label: Parent}", "{id: parent, label: no, wha: x}", "unknown key 'wha'"),
    ("{id: parent, label: Parent}", "{id: parent}", "needs 'label' as text"),
    ("{id: parent, label: Parent}", "{id: parent, label: Parent, does: fly}", "can't do 'fly'"),
    ("repeat: 5", "repeat: 50", "must be 1 to 20"),
    ("repeat: 5", "repeat: 1", "repeat and next_round go together"),
    ("for_each: governments", "for_each: nations", "'nations', which is no list"),
    ("most: count_only", "most: everything", "which is on no scale"),
    ("ask: When did it start?", "ask: When did {it} start?", "unknown placeholder {it}"),
    ("first_words: act_story", "first_words: act_where", "is no text step"),
    ("class: identity\n        when:\n", "class: secret\n        when:\n", "has no known class"),
    ("{codes: acts}", "{codes: deeds}", "there is no code list 'deeds'"),
    ("version: 1\nfirst", "version: one\nfirst", "needs 'version' as a whole number"),
    ("version: 1\nfirst", "version: 1\nversion: 1\nfirst", "duplicate key"),
    ("version: 1\nfirst", "version: 2026-13-41\nfirst", "this is no timestamp"),
    ("version: 1\nfirst", "version: !!int one\nfirst", "this is no int"),
    ("version: 1\nfirst", "{version}: 1\nfirst", "a key must be text"),
    ("version: 1\nfirst", "version: " + "[" * 700 + "\nfirst", "nested too deeply"),
    ("chapters:\n", "chapters: [\n", "1.yaml"),
    ("scale: [not_yet, only_you", "scale: [never, only_you", "names an option that it has not"),
    ("text_version: 1\n        title: Who may see it", "title: Who may see it", "has no text_version"),
]


@pytest.mark.case("O04")
@pytest.mark.parametrize(("old", "new", "says"), BREAK, ids=[b[2][:40] for b in BREAK])
def test_O04_a_broken_flow(flows: Path, old: str, new: str, says: str) -> None:
    path = flows / "reprisal" / "1.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = check(flows)
    assert any(says in e for e in found.errors), found.errors
    for error in found.errors:
        where, _, _ = error.partition(": ")
        name, _, line = where.rpartition(":")
        assert name.endswith(".yaml")
        assert line.isdigit()


def test_ids_that_yaml_1_1_would_misread_are_strings(flows: Path) -> None:
    path = flows / "codes" / "countries.yaml"
    path.write_text(path.read_text().replace('"NO": "Norway"', "NO: Norway"))
    assert check(flows).errors == []
    path.write_text(path.read_text().replace('"US":', "1:"))
    assert any("is not plain text" in e for e in check(flows).errors)


def test_a_released_version_does_not_change(flows: Path) -> None:
    assert check(flows, release=True).errors == []
    assert check(flows).errors == []
    path = flows / "reprisal" / "1.yaml"
    path.write_text(path.read_text() + "# a word more\n")
    (error,) = check(flows).errors
    assert "released and was changed" in error
    assert "reprisal/2.yaml" in error
    path.unlink()
    assert any("is gone" in e for e in check(flows).errors)


def test_graphemes_are_what_people_count() -> None:
    assert graphemes("e\u0301") == 1
    assert graphemes("👩‍👩‍👧‍👦") == 1
    assert graphemes("Türkiye") == 7
    assert graphemes("مرحبا") == 5
