"""Words: dates, countries, options, numbers of any script, catalogues."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.sentences import DateValue, Message
from bot.words.catalogue import ENGLISH, Catalogue, read_catalogue
from bot.words.loading import load_flows, load_words

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
FLOWS, SHELF = load_flows(load_words())
READER = FLOWS["reprisal", 1].reader


def codes(text: str) -> list[str]:
    return [f"{d.code()}" for d in READER.date(text, "en", NOW)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05", ["2026-03-05"]),
        ("٥ March ٢٠٢٦", ["2026-03-05"]),
        ("5 March 2026", ["2026-03-05"]),
        ("March 5, 2026", ["2026-03-05"]),
        ("5th of March 2026", ["2026-03-05"]),
        ("March 2026", ["2026-03"]),
        ("Mar 2026", ["2026-03"]),
        ("3/2026", ["2026-03"]),
        ("2026", ["2026"]),
        ("Q1 2026", ["2026-Q1"]),
        ("2026-W10", ["2026-W10"]),
        ("5/3/2026", ["2026-03-05", "2026-05-03"]),
        ("13/3/2026", ["2026-03-13"]),
        ("3/13/2026", ["2026-03-13"]),
        ("31 February 2026", []),
        ("31/2/2026", []),
        ("yesterday", ["2026-11-23"]),
        ("today", ["2026-11-24"]),
        ("last Tuesday", ["2026-11-17"]),
        ("Monday", ["2026-11-23"]),
        ("last month", ["2026-10"]),
        ("two weeks ago", ["2026-W46"]),
        ("3 days ago", ["2026-11-21"]),
        ("about March", ["2026-03"]),
        ("December", ["2025-12"]),
        ("1 December", ["2025-12-01"]),
        ("May 5 and 6 2026", ["2026-05-05/2026-05-06"]),
        ("soon", []),
        ("", []),
        ("5" * 61, []),
        ("0000-00-00", []),
        ("99999999999 days ago", []),
    ],
)
def test_R09_dates(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@given(st.text(max_size=80))
def test_reading_never_fails(text: str) -> None:
    READER.date(text, "en", NOW)
    READER.country(text, "en")
    READER.numbers(text)
    READER.command(text, "en")
    READER.is_contact(text)
    READER.return_number(text)
    READER.options(text, [("a", Message("", "Yes, go on")), ("b", Message("", "No"))], "en")


@pytest.mark.parametrize(
    ("text", "expected", "sure", "rest"),
    [
        ("Kenya", ("KE",), True, ""),
        ("kenya.", ("KE",), True, ""),
        ("Nairobi, Kenya", ("KE",), True, "Nairobi"),
        ("Kenya and Uganda", ("KE", "UG"), True, ""),
        ("Congo", ("CD", "CG"), False, ""),
        ("Korea", ("KP", "KR"), False, ""),
        ("Georgia", ("GE",), True, ""),
        ("Turkey", ("TR",), True, ""),
        ("Turkiye", ("TR",), True, ""),
        ("Türkiye", ("TR",), True, ""),
        ("UK", ("GB",), True, ""),
        ("Burma", ("MM",), True, ""),
        ("Viet Nam", ("VN",), True, ""),
        ("Cote d'Ivoire", ("CI",), True, ""),
        ("Bosnia and Herzegovina", ("BA",), True, ""),
        ("Kenia", ("KE",), False, ""),
        ("in Kenya since May", ("KE",), False, ""),
        ("Nairobi", (), False, ""),
        ("x", (), False, ""),
    ],
)
def test_R10_countries(text: str, expected: tuple[str, ...], sure: bool, rest: str) -> None:
    read = READER.country(text, "en")
    if sure or not expected:
        assert (read.codes, read.sure, read.rest) == (expected, sure, rest)
    else:
        assert set(expected) <= set(read.codes)
        assert not read.sure


def test_the_country_list_is_whole() -> None:
    countries = SHELF.codes["countries"]
    assert len(countries) == 250
    assert len({m.text for m in countries.values()}) == 250
    assert countries["NO"].text == "Norway"


OPTIONS = [("yes", Message("", "Yes, they agreed")), ("no", Message("", "No")), ("not", Message("", "Not asked yet"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", (("yes",),)),
        ("YES, THEY AGREED!", (("yes",),)),
        ("they agreed", (("yes",),)),
        ("no", (("no",),)),
        ("not", (("not",),)),
        ("yes, no", (("yes",), ("no",))),
        ("perhaps", ()),
        ("", ()),
    ],
)
def test_R01_half_a_label(text: str, expected: tuple[tuple[str, ...], ...]) -> None:
    assert READER.options(text, OPTIONS, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", (2,)),
        ("٢", (2,)),
        ("२", (2,)),
        ("1 4", (1, 4)),
        ("1,4", (1, 4)),
        ("١، ٤", (1, 4)),
        ("2.", (2,)),
        ("a2", ()),
    ],
)
def test_R01_numbers_of_any_script(text: str, expected: tuple[int, ...]) -> None:
    assert READER.numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Ana", False),
        ("+34 600 123 456", True),
        ("call 0034600123456", True),
        ("ana@example.org", True),
        ("1984", False),
    ],
)
def test_R08_a_number_or_address_in_a_name(text: str, contact: bool) -> None:
    assert READER.is_contact(text) is contact


@pytest.mark.case("H05")
def test_H05_values_are_only_text() -> None:
    hostile = "{hours} %(x)s %s {0.__class__} {{x}} <b> `x` $x \\x"
    message = Message("x", "You said {value}.", {"value": hostile})
    assert ENGLISH.put(message) == f"You said {hostile}."
    assert ENGLISH.put(Message("x", "{unknown}", {"value": "1"})) == "{unknown}"


ARABIC = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ar\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

msgctxt "bot.rest"
msgid "You can rest now. We keep this for {hours} hour."
msgid_plural "You can rest now. We keep this for {hours} hours."
msgstr[0] "صفر"
msgstr[1] "ساعة واحدة"
msgstr[2] "ساعتان"
msgstr[3] "{hours} ساعات"
msgstr[4] "{hours} ساعة"
msgstr[5] "{hours} ساعة أخرى"

msgctxt "bot.country_read"
msgid "Noted: {countries}."
msgstr "سجلنا: {countries}."
"""


@pytest.fixture
def arabic(tmp_path: Path) -> Catalogue:
    path = tmp_path / "stonechat.po"
    path.write_text(ARABIC, encoding="utf-8")
    return read_catalogue(path, "ar")


def test_arabic_has_six_plurals_and_isolates(arabic: Catalogue) -> None:
    def rest(hours: int) -> str:
        texts = (
            "You can rest now. We keep this for {hours} hour.",
            "You can rest now. We keep this for {hours} hours.",
        )
        return arabic.put(Message("bot.rest", texts[0], {"hours": hours}, texts[1]))

    assert arabic.direction == "rtl"
    assert [rest(n) for n in (0, 1, 2)] == ["صفر", "ساعة واحدة", "ساعتان"]
    assert rest(3) == "\u20683\u2069 ساعات"
    assert rest(11) == "\u206811\u2069 ساعة"
    assert rest(100) == "\u2068100\u2069 ساعة أخرى"
    noted = Message("bot.country_read", "Noted: {countries}.", {"countries": (Message("codes.KE", "Kenya"),)})
    assert arabic.put(noted) == "سجلنا: \u2068Kenya\u2069."
    month = Message("x", "{d}", {"d": DateValue(date(2026, 3, 1), "month")})
    assert arabic.put(month) == "\u2068مارس 2026\u2069"


def test_english_plurals() -> None:
    both = ("{hours} hour", "{hours} hours")
    assert ENGLISH.put(Message("x", both[0], {"hours": 1}, both[1])) == "1 hour"
    assert ENGLISH.put(Message("x", both[0], {"hours": 2}, both[1])) == "2 hours"


@pytest.mark.parametrize(
    "text", ["1234 5678 9012 3456 7890 1233", "123456789012345678901233", "١٢٣٤ ٥٦٧٨ ٩٠١٢ ٣٤٥٦ ٧٨٩٠ ١٢٣٣"]
)
def test_a_return_number_in_any_script(text: str) -> None:
    assert READER.return_number(text) == "123456789012345678901233"


@pytest.mark.parametrize("text", ["1234", "1234 5678 9012 3456 7", "1234 " * 8, ""])
def test_what_is_no_return_number(text: str) -> None:
    assert READER.return_number(text) is None
