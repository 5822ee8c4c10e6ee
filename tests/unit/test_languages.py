"""French and Arabic: dates, countries and options as people type them; catalogues that are wrong are not offered."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.words.loading import check_languages, data_folder, load_flows, load_words, offer_languages, own_name
from bot.words.translating import extract, sentences

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
WORDS = load_words()
FLOWS, SHELF = load_flows(WORDS)
OFFERED, LEFT_OUT = offer_languages(WORDS, FLOWS, SHELF)
READER = FLOWS["reprisal", 1].reader
EVERY = sentences(FLOWS, SHELF)


def test_every_language_that_we_ship_is_offered() -> None:
    assert LEFT_OUT == []
    assert [code for code, _ in OFFERED["reprisal", 1].languages] == ["en", "ar", "fr"]
    assert (own_name("ar"), own_name("fr"), own_name("en")) == ("العربية", "Français", "English")


@pytest.mark.case("R09")
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "5 mars 2026", ["2026-03-05"]),
        ("fr", "mars 2026", ["2026-03"]),
        ("fr", "le 1er août 2025", ["2025-08-01"]),
        ("fr", "août 2025", ["2025-08"]),
        ("fr", "lundi dernier", ["2026-11-23"]),
        ("fr", "mardi dernier", ["2026-11-17"]),
        ("fr", "hier", ["2026-11-23"]),
        ("fr", "le mois dernier", ["2026-10"]),
        ("fr", "il y a trois jours", ["2026-11-21"]),
        ("fr", "il y a deux semaines", ["2026-W46"]),
        ("fr", "il y a un an", ["2025"]),
        ("fr", "5/3/2026", ["2026-03-05", "2026-05-03"]),
        ("fr", "31 février 2026", []),
        ("fr", "March 2026", ["2026-03"]),
        ("ar", "٥ مارس ٢٠٢٦", ["2026-03-05"]),
        ("ar", "آذار 2026", ["2026-03"]),
        ("ar", "حزيران ٢٠٢٥", ["2025-06"]),
        ("ar", "كانون الثاني 2026", ["2026-01"]),
        ("ar", "أوت 2025", ["2025-08"]),
        ("ar", "الثلاثاء الماضي", ["2026-11-17"]),
        ("ar", "أمس", ["2026-11-23"]),
        ("ar", "الشهر الماضي", ["2026-10"]),
        ("ar", "قبل ثلاثة أيام", ["2026-11-21"]),
        ("ar", "قبل أسبوعين", ["2026-W46"]),
        ("ar", "قبل سنة", ["2025"]),
        ("ar", "٥/٣/٢٠٢٦", ["2026-03-05", "2026-05-03"]),
    ],
)
def test_R09_dates_as_people_type_them(language: str, text: str, expected: list[str]) -> None:
    assert [d.code() for d in READER.date(text, language, NOW)] == expected


@pytest.mark.case("R10")
@pytest.mark.parametrize(
    ("language", "text", "codes", "sure"),
    [
        ("fr", "Allemagne", ("DE",), True),
        ("fr", "Nairobi, Kenya", ("KE",), True),
        ("fr", "Kenya et Ouganda", ("KE", "UG"), True),
        ("fr", "Congo", ("CD", "CG"), False),
        ("fr", "egypte", ("EG",), True),
        ("fr", "Turquie", ("TR",), True),
        ("ar", "مصر", ("EG",), True),
        ("ar", "كينيا وأوغندا", ("KE", "UG"), True),
        ("ar", "سوريه", ("SY",), True),
        ("ar", "المملكة العربية السعودية", ("SA",), True),
        ("ar", "Kenya", ("KE",), True),
    ],
)
def test_R10_countries_in_three_languages(language: str, text: str, codes: tuple[str, ...], sure: bool) -> None:
    read = READER.country(text, language)
    assert read.sure is sure
    if sure:
        assert read.codes == codes
    else:
        assert not read.codes or set(codes) & set(read.codes)


@pytest.mark.case("R11")
@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("fr", "aide", "help"),
        ("fr", "Effacer !", "erase"),
        ("fr", "erase", "erase"),
        ("ar", "خطر", "danger"),
        ("ar", "امحُ", "erase"),
        ("ar", "تخط", "skip"),
        ("ar", "help", "help"),
        ("ar", "/danger", "danger"),
        ("en", "aide", None),
    ],
)
def test_R11_commands_in_the_language_and_in_english(language: str, text: str, command: str | None) -> None:
    assert READER.command(text, language) == command


def po_of(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "stonechat.po"


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("locales"), tmp_path / "locales")
    return tmp_path / "locales"


@pytest.mark.case("O05")
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('msgstr "Garder : {value}"', 'msgstr "Garder"', "other placeholders"),
        ('msgstr "Garder : {value}"', 'msgstr "Garder : {valeur}"', "other placeholders"),
        ('msgstr "Retour"', 'msgstr ""', "'bot.back' is not translated"),
        ('msgstr "Mon enfant"', f'msgstr "{"x" * 37}"', "longer than 36 characters"),
        ('msgstr "Mon enfant"', 'msgstr "Mon \u202eenfant"', "direction marks"),
        ('msgstr[1] "Vous', 'msgstr[2] "Vous', "msgstr[2] stands after msgstr[0]"),
        ('msgctxt "reprisal.agree.ask"', '#, fuzzy\nmsgctxt "reprisal.agree.ask"', "a consent whose English changed"),
        ('msgctxt "reprisal.agree.ask"', 'msgctxt "reprisal.agree.asked"', "'reprisal.agree.ask' is not translated"),
    ],
)
def test_O05_a_wrong_catalogue_is_not_offered(locales: Path, old: str, new: str, says: str) -> None:
    path = po_of(locales, "fr")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    (stats,) = check_languages(["fr"], locales)
    assert any(says in e for e in stats.errors), stats.errors
    for error in stats.errors:
        where, _, line = error.partition(": ")[0].rpartition(":")
        assert where == str(path)
        assert int(line) >= 1
    flows, left_out = offer_languages(load_words(), FLOWS, SHELF, folder=locales)
    assert [code for code, _ in flows["reprisal", 1].languages] == ["en", "ar"]
    assert len(left_out) == 1


def test_extracting_is_stable_and_loses_nothing(locales: Path) -> None:
    before = po_of(locales, "ar").read_bytes()
    extract(EVERY, locales, "ar")
    assert po_of(locales, "ar").read_bytes() == before


def test_a_changed_sentence_makes_its_translation_fuzzy_and_keeps_it(locales: Path) -> None:
    from dataclasses import replace

    from bot.talk.sentences import Message

    changed = [
        replace(s, message=Message("bot.back", "Go back")) if s.message.context == "bot.back" else s for s in EVERY
    ]
    text = extract(changed, locales, "fr").read_text("utf-8")
    assert '#, fuzzy\n#| msgid "Back"\nmsgctxt "bot.back"\nmsgid "Go back"\nmsgstr "Retour"' in text


def test_nothing_is_shown_that_was_never_marked() -> None:
    """A pseudo-language: whatever a reporter meets must come out of the catalogue."""
    from dataclasses import replace

    from bot.flow.prompts import prompt
    from bot.flow.session import Session
    from bot.flow.step import start, step
    from bot.talk.events import MessageRef, Said
    from bot.words.catalogue import Catalogue
    from bot.words.loading import load_words as fresh
    from tests.flows.test_walks import WAY

    words = fresh()
    flows, shelf = load_flows(words, organisation="⟦x⟧", help_at="⟦x⟧", first_read=24, fingerprints="⟦x⟧")
    flow = replace(flows["reprisal", 1], languages=(("en", "English"),))
    entries = {
        (s.message.context, s.message.text): (
            f"⟦{s.message.text}⟧" if not s.message.plural else (f"⟦{s.message.text}⟧", f"⟦{s.message.plural}⟧")
        )
        for s in sentences(flows, shelf)
    }
    words.offer(Catalogue("en", entries, lambda n: int(n != 1)))
    session = start(flow, Session("reprisal", 1, 7, word="⟦x⟧", last=int(NOW.timestamp())))
    for order, said in enumerate([*WAY, "help", "status", "danger", "human", "keys", "who are you"], 1):
        turn = step(flow, session, Said(said, MessageRef(str(order), order)), NOW)
        session = turn.session
        out = words.prompt(prompt(flow, session), turn.say, "en")
        for part in [*out.text.split("\n\n"), *(c.label for c in (*out.choices, *out.extras))]:
            assert "⟦" in part or "⟧" in part or _inside(out.text, part), part


def _inside(text: str, part: str) -> bool:
    """A paragraph in the middle of a sentence that has several."""
    before = text.partition(part)[0]
    return before.count("⟦") > before.count("⟧")
