"""O04: what `flow check` refuses, with file:line and the mend."""

import re
import shutil
from pathlib import Path

import pytest

from bot.flow.check import Found, check_folder, graphemes
from bot.words.loading import data_folder, load_flows, load_words, make_reader, newest_flow


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
    ("set: NOT_YET", "set: not-yet", "the flag 'not-yet' is not plain"),
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
    ("id: agree\n", "id: agree\n        hard: true\n", "step 'agree' can't be hard"),
    ("repeat: 5", "repeat: 50", "must be 1 to 20"),
    ("repeat: 5", "repeat: 1", "repeat and next_round go together"),
    ("for_each: governments", "for_each: nations", "'nations', which is no list"),
    ("most: count_only", "most: everything", "which is on no scale"),
    ("ask: When did it start?", "ask: When did {it} start?", "unknown placeholder {it}"),
    ("first_words: act_story", "first_words: act_where", "role 'first_words' names 'act_where', which is no text step"),
    ("  first_words: act_story\n", "", "role 'first_words' is missing"),
    ("  place: act_where\n", "", "role 'place' is missing"),
    ("  sensitive: {flag: [MINOR, SGBV]}\n", "", "role 'sensitive' is missing"),
    ("place: act_where", "place: act_wher", "role 'place' names 'act_wher', which is no step"),
    ("place: act_where", "plaice: act_where", "'roles' has an unknown key 'plaice'"),
    ("acts: act_types", "acts: act_story", "role 'acts' names 'act_story', which is no choices step"),
    (
        "asked: [contact_back, d_contact]",
        "asked: [contact_back, act_still]",
        "'act_still', which is asked more than once",
    ),
    ("asked: [contact_back, d_contact], ", "", "role 'contact' needs 'asked'"),
    ("never: never,", "never: nevr,", "role 'contact' names 'nevr', which none of its steps offers"),
    ("unanswered: i_will_return, ", "", "role 'contact' needs 'unanswered' as text"),
    ("when: safe_when}", "when: safe}", "role 'contact' names 'safe', which is no step"),
    (
        "share: [consent_share, d_share]",
        "share: [consent_share, d_what]",
        "role 'share' names 'd_what', which is no consent",
    ),
    (
        "held: {consent_share: [not_yet]}",
        "held: {consent_share: [nt_yet]}",
        "names 'consent_share: nt_yet', which is no option",
    ),
    ("held: {consent_share: [not_yet]}", "held: consent_share", "role 'held' must be one step with its answers"),
    ("read_now: {d_consent", "read_now: {d_cnsent", "role 'read_now' names 'd_cnsent', which is no step"),
    ("sensitive: {flag: [MINOR,", "sensitive: {flag: [MINR,", "role 'sensitive' waits for the flag 'MINR'"),
    (
        "keeps: [language, safe_here,",
        "keeps: [language, safe_her,",
        "role 'another' names 'safe_her', which is no step",
    ),
    (
        "if_silent, reporter_role, rep",
        "if_silent, act_story, reporter_role, rep",
        "names 'act_story', which is no choice",
    ),
    ("but: {reporter_role: [self", "but: {reporter_role: [slf", "names 'reporter_role: slf', which is no option"),
    ("but: {reporter_role:", "but: {relation:", "'but' of role 'another' has an unknown key 'relation'"),
    ("    keeps: [language", "    keps: [language", "role 'another' has an unknown key 'keps'"),
    ("    sendable: true\n    title: The short way", "    title: The short way", "sends, and it is not sendable"),
    ("class: identity\n        when:\n", "class: secret\n        when:\n", "has no known class"),
    ("{codes: acts}", "{codes: deeds}", "there is no code list 'deeds'"),
    ("version: 1\nroles", "version: one\nroles", "needs 'version' as a whole number"),
    ("version: 1\nroles", "version: 1\nversion: 1\nroles", "duplicate key"),
    ("version: 1\nroles", "version: 2026-13-41\nroles", "this is no timestamp"),
    ("version: 1\nroles", "version: !!int one\nroles", "this is no int"),
    ("version: 1\nroles", "{version}: 1\nroles", "a key must be text"),
    ("version: 1\nroles", "version: " + "[" * 700 + "\nroles", "nested too deeply"),
    ("chapters:\n", "chapters: [\n", "1.yaml"),
    ("scale: [not_yet, only_you", "scale: [never, only_you", "names an option that it has not"),
    ("text_version: 1\n", "text_version: [1]\n", "'text_version' of step 'agree' must be a whole number"),
    ("max: 80\n", "max: many\n", "'max' of step 'd_contact_how' must be a whole number"),
    (
        "when: {any: [{flag: [MINOR]}, {d_who: [me]}]}",
        "when: {any: {flag: [MINOR]}}",
        "'any' of step 'd_name_since' must be",
    ),
    ('also: {agree: "yes", if_silent: "yes"}', "also: agree", "'also' of option 'yes' must be a mapping"),
    (
        "    except:\n      keep_from:",
        "    except:\n      keep_from: none\n      wish:",
        "'keep_from' of list 'governments' must be",
    ),
    ("text_version: 1\n        title: If the UN may see it", "title: If the UN may see it", "has no text_version"),
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


RULES = [
    ("{d_consent: [", "{d_cnsent: [", "a rule waits for 'd_cnsent', which is no step"),
    ("[missing, return_risk", "[mising, return_risk", "'status_now: mising', which is no option"),
    ("{act_when: 30}", "{act_wen: 30}", "a rule counts the days of 'act_wen', which is no date step"),
]


@pytest.mark.parametrize(("old", "new", "says"), RULES, ids=[r[2][:40] for r in RULES])
def test_a_rule_of_urgency_that_points_to_nothing(flows: Path, old: str, new: str, says: str) -> None:
    path = flows / "flags.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    (error,) = check(flows).errors
    assert says in error
    assert re.match(r".*flags\.yaml:\d+: ", error)


def two_flows(flows: Path, opens: str) -> None:
    (flows / "other").mkdir()
    text = (flows / "reprisal" / "1.yaml").read_text().replace("flow: reprisal\n", f"flow: other\n{opens}", 1)
    (flows / "other" / "1.yaml").write_text(text)


def test_which_of_several_flows_opens_is_said_by_one_of_them(flows: Path) -> None:
    two_flows(flows, "")
    assert any("none of several flows opens" in e for e in check(flows).errors)
    shutil.rmtree(flows / "other")
    two_flows(flows, "opens: true\n")
    classified = (line for line in (flows / "promises.yaml").read_text().splitlines() if line.startswith("reprisal."))
    with (flows / "promises.yaml").open("a") as listed:
        listed.writelines(line.replace("reprisal.", "other.", 1) + "\n" for line in classified)
    assert check(flows).errors == []
    assert newest_flow(load_flows(load_words(), flows)[0]).id == "other"
    path = flows / "reprisal" / "1.yaml"
    path.write_text(path.read_text().replace("version: 1\n", "version: 1\nopens: true\n", 1))
    assert any("two flows open" in e for e in check(flows).errors)


def test_the_only_flow_opens_in_its_newest_version(flows: Path) -> None:
    text = (flows / "reprisal" / "1.yaml").read_text()
    (flows / "reprisal" / "10.yaml").write_text(text.replace("version: 1\n", "version: 10\n", 1))
    (flows / "reprisal" / "2.yaml").write_text(text.replace("version: 1\n", "version: 2\n", 1))
    assert newest_flow(load_flows(load_words(), flows)[0]).version == 10
