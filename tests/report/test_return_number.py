"""Return numbers: a slip is told as a slip, and the same number gives the same keys for its salt alone."""

import itertools

import pytest

from bot.report import return_number
from bot.report.return_number import check_digit, derive, grouped, is_number, new_number

SALT = b"s" * 16
NUMBER = "123456789012345678901233"


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("0794", "5"),  # ISO 7064 itself
        ("79462", "3"),
        ("00200667308", "5"),
        ("3657426180", "9"),  # a German tax number, as its office publishes it
        ("3339200596", "1"),  # a Croatian OIB, likewise
    ],
)
def test_published_examples_of_mod_11_10(digits: str, check: str) -> None:
    assert check_digit(digits) == check


def numbers() -> list[str]:
    return [NUMBER, *(new_number() for _ in range(20))]


def test_every_single_wrong_digit_is_found() -> None:
    for number in numbers():
        assert is_number(number)
        for at, digit in itertools.product(range(24), "0123456789"):
            wrong = number[:at] + digit + number[at + 1 :]
            assert is_number(wrong) == (wrong == number)


def test_every_swap_of_neighbours_is_found_but_few_of_consecutive_digits() -> None:
    """What the hybrid system promises: all or nearly all. Each pair that it misses, it misses at one state in ten."""
    tried = missed = 0
    for number in (new_number() for _ in range(2_000)):
        for at in range(23):
            one, other = number[at], number[at + 1]
            swapped = number[:at] + other + one + number[at + 2 :]
            if one == other:
                continue
            tried += 1
            if is_number(swapped):
                missed += 1
                assert abs(int(one) - int(other)) in (1, 9)
    assert 0.01 < missed / tried < 0.035  # 20 of 900


@pytest.mark.parametrize(
    "text",
    [
        "",
        NUMBER[:-1],
        NUMBER + "0",
        NUMBER[:20],
        grouped(NUMBER),
        NUMBER[:-1] + "٣",
        NUMBER[:-1] + "³",
        "x" * 24,
        "-" + NUMBER,
    ],
)
def test_what_can_be_nobodys_number(text: str) -> None:
    assert not is_number(text)


def test_numbers_are_random_and_of_24_digits() -> None:
    made = {new_number() for _ in range(500)}
    assert len(made) == 500
    assert all(is_number(n) for n in made)
    for at in range(24):  # 500 digits at each place: each of the ten comes up, but in one run of 10^21
        assert {n[at] for n in made} == set("0123456789")


def test_a_number_is_drawn_from_all_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def below(most: int) -> int:
        asked.append(most)
        return 7

    monkeypatch.setattr(return_number.secrets, "randbelow", below)
    assert new_number() == "00000000000000000000007" + check_digit("00000000000000000000007")
    assert asked == [10**23]


def test_it_is_shown_in_six_groups_of_four() -> None:
    assert grouped(NUMBER) == "1234 5678 9012 3456 7890 1233"


def test_a_receipt_is_the_same_for_its_number_and_salt_alone() -> None:
    one, again = derive(NUMBER, SALT), derive(NUMBER, SALT)
    assert (again.lookup, again.identity.seed) == (one.lookup, one.identity.seed)
    assert again.signer.public.public_bytes_raw() == one.signer.public.public_bytes_raw()
    for other in (derive(NUMBER, b"t" * 16), derive("1" * 23 + "4", SALT)):
        assert other.lookup != one.lookup
        assert other.identity.seed != one.identity.seed
        assert other.signer.key.private_bytes_raw() != one.signer.key.private_bytes_raw()
    assert len({one.lookup, one.identity.seed, one.signer.key.private_bytes_raw()}) == 3


def test_it_is_hardened_as_the_design_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Light on purpose; lighter would be a fast hash."""
    asked: list[dict[str, object]] = []
    real = return_number.Argon2id

    def noted(**how: object) -> object:
        asked.append(how)
        return real(**how)  # type: ignore[arg-type]

    monkeypatch.setattr(return_number, "Argon2id", noted)
    derive(NUMBER, SALT)
    assert asked == [{"salt": SALT, "length": 32, "iterations": 1, "lanes": 1, "memory_cost": 2048}]


def test_a_look_up_makes_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*what: object) -> None:
        raise AssertionError("a key was made")

    monkeypatch.setattr(return_number, "HybridIdentity", never)
    monkeypatch.setattr(return_number, "Signer", never)
    assert len(derive(NUMBER, SALT).lookup) == 32
