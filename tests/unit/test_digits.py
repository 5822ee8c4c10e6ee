"""I07, I08: numbers as people type them."""

import pytest

from bot.words.digits import read_numbers, return_number

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
