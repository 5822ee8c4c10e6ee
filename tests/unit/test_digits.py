"""I07, I08: numbers as people type them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.words.counting import counted
from bot.words.digits import read_numbers, return_number
from bot.words.loading import load_flows, load_words, offer_languages

WORDS = load_words()
FLOWS, SHELF = load_flows(WORDS)
offer_languages(WORDS, FLOWS, SHELF)
READER = FLOWS["reprisal", 1].reader
LINES = (Path(__file__).parent / "corpus" / "numbers.txt").read_text("utf-8").splitlines()
CORPUS = [tuple(line.split(" | ")) for line in LINES if line and not line.startswith("#")]

ANDS = {"en": ("and",), "fr": ("et", "and"), "ar": ("و", "and")}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1 and 3", "en", (1, 3)),
        ("1and3", "en", (1, 3)),
        ("1 AND 3", "en", (1, 3)),
        ("1, 2 and 4.", "en", (1, 2, 4)),
        ("1-3", "en", (1, 2, 3)),
        ("1 - 3, 5", "en", (1, 2, 3, 5)),
        ("1️⃣ 3️⃣", "en", (1, 3)),
        ("1️⃣", "en", (1,)),
        ("1 et 3", "fr", (1, 3)),
        ("1 and 3", "fr", (1, 3)),
        ("١ و ٣", "ar", (1, 3)),
        ("١ و٣", "ar", (1, 3)),
        ("١و٣", "ar", (1, 3)),
        ("١-٣", "ar", (1, 2, 3)),
        ("1)", "en", (1,)),
        ("1 1", "en", (1,)),
        ("3-1", "en", ()),
        ("1-900", "en", ()),
        ("1 and", "en", ()),
        ("and", "en", ()),
        ("1 or 3", "en", ()),
        ("sand 3", "en", ()),
        ("", "en", ()),
    ],
)
def test_i08_numbers(text: str, language: str, expected: tuple[int, ...]) -> None:
    assert read_numbers(text, ANDS[language]) == expected


def test_i08_the_corpus_of_numbers_is_understood_and_none_is_wrong() -> None:
    missed, wrong = [], []
    for language, text, means in CORPUS:
        found = READER.numbers(text, language) or READER.counted(text, language)
        if found != (() if means == "-" else tuple(map(int, means.split()))):
            (wrong if found else missed).append((language, text, found, means))
    assert len(CORPUS) >= 100
    assert wrong == []
    assert len(missed) <= 0.05 * len(CORPUS), missed


NAMED = {
    language: [
        (int(key.removeprefix(f"{kind}.")), word.strip())
        for key, message in SHELF.typed.items()
        for kind in ("number", "nth")
        if key.startswith(f"{kind}.") and key.removeprefix(f"{kind}.").isdigit()
        for word in WORDS.of(language).put(message).replace("،", ",").split(",")
        if key != "number.2000" and word.strip() != "-"
    ]
    for language in ("en", "fr", "ar")
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["en", "fr", "ar"]), st.data())
def test_i08_any_two_numbers_in_words_go_round(language: str, data: st.DataObject) -> None:
    """`three, ninth` is 3 and 9, whatever stands there; `three and ninth` is those two, or one number, or nothing."""
    (first, a), (second, b) = (data.draw(st.sampled_from(NAMED[language])) for _ in range(2))
    assert READER.counted(f"{a}, {b}", language) in ((first, second), (first,), ())
    both = READER.counted(f"{a} {('and' if language == 'en' else 'et' if language == 'fr' else 'و')} {b}", language)
    assert both in ((first, second), (first,), (first + second,), ())


@given(st.text(max_size=80), st.sampled_from(["en", "fr", "ar"]))
def test_i08_any_text_is_read_without_a_net(text: str, language: str) -> None:
    READER.prepare([language])  # type: ignore[attr-defined]
    found = counted(text, *READER._numbers[language])  # type: ignore[attr-defined]
    assert found == tuple(dict.fromkeys(found))


@pytest.mark.parametrize("count", range(15, 34))
@pytest.mark.parametrize("shape", ["{}", "my number: {}!", "{} thanks", "(رقم) {}"])
def test_i07_18_to_30_digits_are_an_attempt(count: int, shape: str) -> None:
    digits = ("8319620475" * 4)[:count]
    spaced = " ".join(digits[i : i + 4] for i in range(0, count, 4))
    expected = digits if 18 <= count <= 30 else None
    for written in (digits, spaced, spaced.replace(" ", "-"), spaced.replace(" ", " "), spaced.replace(" ", "\n")):
        assert return_number(shape.format(written)) == expected


def test_i07_digits_of_several_scripts() -> None:
    digits = "831962047583196204758319"
    for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xFF10):
        assert return_number("".join(chr(zero + int(d)) for d in digits)) == digits


@pytest.mark.parametrize(
    "text",
    [
        "1. 3. 2024, 2. 4. 2024 and 3. 5. 2024, 4. 6. 2024",
        "12-03-2024 14-05-2024 15-06-2024",
        "+254 712 345 678",
        "",
        "1" * 40,
    ],
)
def test_i07_what_is_none(text: str) -> None:
    assert return_number(text) is None
