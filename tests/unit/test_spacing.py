"""Spaces that break no line: put in when a catalogue is loaded, by what its language says, whatever the file has."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.sentences import Message
from bot.words.catalogue import read_catalogue
from bot.words.glossary import read_glossary
from bot.words.loading import check_languages, data_folder
from bot.words.spacing import NOT_SPACED, Spacing
from bot.words.translating import NAME

FRENCH = read_glossary(data_folder("locales") / "fr").spacing


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Quoi ?", "Quoi\u202f?"),
        ("Quoi?", "Quoi\u202f?"),
        ("Quoi\u00a0?", "Quoi\u202f?"),
        ("Quoi\u202f?", "Quoi\u202f?"),
        ("Quoi ?!", "Quoi\u202f?!"),
        ("Non ; si", "Non\u202f; si"),
        ("Au secours !\nVite !", "Au secours\u202f!\nVite\u202f!"),
        ("{title} : {value}", "{title}\u00a0: {value}"),
        ("{title}: {value}", "{title}\u00a0: {value}"),
        ("Écrivez « fini ».", "Écrivez «\u00a0fini\u00a0»."),
        ("Écrivez «fini».", "Écrivez «\u00a0fini\u00a0»."),
        ("Écrivez «\u202ffini\u202f».", "Écrivez «\u00a0fini\u00a0»."),
        ("Dit-il « oui ? »", "Dit-il «\u00a0oui\u202f?\u00a0»"),
        ("à 12:30, https://x.org/?a=1;b", "à 12:30, https://x.org/?a=1;b"),
        ("? ! : ;", "?\u202f!\u00a0:\u202f;"),
        ("", ""),
    ],
)
def test_french_spaces_however_they_were_written(written: str, shown: str) -> None:
    assert FRENCH(written) == shown
    assert FRENCH(shown) == shown


@given(st.text(alphabet="aé ?!;:»«\u00a0\u202f\n{}-[]^\\/.", max_size=40))
def test_putting_spaces_in_twice_changes_nothing_and_loses_no_letter(text: str) -> None:
    once = FRENCH(text)
    assert FRENCH(once) == once
    assert [c for c in once if not c.isspace()] == [c for c in text if not c.isspace()]
    assert NOT_SPACED(text) == text


def test_signs_that_a_pattern_would_read_otherwise_are_signs() -> None:
    assert Spacing({"]": "\u202f", "^": "\u00a0", "-": "\u00a0"}, {"[": "\u00a0"})("a ] b ^ c - d [e") == (
        "a\u202f] b\u00a0^ c\u00a0- d [\u00a0e"
    )


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("locales"), tmp_path / "locales")
    return tmp_path / "locales"


def test_the_catalogue_puts_them_in_and_people_type_as_they_do(locales: Path) -> None:
    path = locales / "fr" / NAME
    french = read_catalogue(path, "fr")
    assert french.put(Message("bot.keep_value", "Keep: {value}", {"value": "a : b ?"})) == "Garder\u00a0: a : b ?"
    typed = [s for (context, _), s in french._entries.items() if context.startswith("typed.")]
    assert typed
    assert not any("\u00a0" in s or "\u202f" in s for s in typed)
    every = [s for s in french._entries.values() if isinstance(s, str)]
    assert not any(f" {sign}" in s for s in every if s not in typed for sign in "?!:;»")
    assert all("\u202f" not in s for s in path.read_text("utf-8").splitlines()), "by the catalogue, not by hand"


def test_another_language_says_so_in_its_own_file(locales: Path) -> None:
    (locales / "ar" / "glossary.yaml").write_text('spaces: {narrow_before: "؟"}', "utf-8")
    arabic = read_catalogue(locales / "ar" / NAME, "ar")
    assert arabic.put(Message("reprisal.age_band.ask", "How old are you?")) == "كم عمرك\u202f؟"
    (locales / "ar" / "glossary.yaml").unlink()
    assert read_catalogue(locales / "ar" / NAME, "ar").put(Message("reprisal.age_band.ask", "How old are you?")) == (
        "كم عمرك؟"
    )


@pytest.mark.parametrize(("letters", "fits"), [(32, True), (33, False)])
def test_a_button_is_counted_with_its_spaces(locales: Path, letters: int, fits: bool) -> None:
    """«x»: two signs, and two spaces that the catalogue puts in."""
    path = locales / "fr" / NAME
    path.write_text(path.read_text("utf-8").replace('msgstr "Mon enfant"', f'msgstr "«{"x" * letters}»"'), "utf-8")
    (stats,) = check_languages(["fr"], locales)
    assert any("longer than 36" in e for e in stats.errors) is not fits


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", ""])
def test_words_check_takes_either_form(locales: Path, space: str) -> None:
    path = locales / "fr" / NAME
    text = path.read_text("utf-8")
    head, _, body = text.partition("\n\n")
    for sign in "?!:;»":
        lines = [
            x.replace(f" {sign}", f"{space}{sign}") if x.startswith(('msgstr "', '"')) else x for x in body.split("\n")
        ]
        body = "\n".join(lines)
    path.write_text(f"{head}\n\n{body}", "utf-8")
    (stats,) = check_languages(["fr"], locales)
    assert stats.errors == []
    again = read_catalogue(path, "fr")._entries
    before = read_catalogue(data_folder("locales") / "fr" / NAME, "fr")._entries
    assert {k: v for k, v in again.items() if not k[0].startswith("typed.")} == {
        k: v for k, v in before.items() if not k[0].startswith("typed.")
    }
