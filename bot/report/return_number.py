"""Return numbers: 24 digits from which everything that proves ownership of a report is derived.

23 digits are random and the last one is a check digit, so that a slip is told as a slip, without work and without a
look-up. One Argon2id run and HKDF with labels give three things: an id to look up, an age identity that can open
answers, and an Ed25519 key that signs erase, withdraw and consent changes.

Why so light a run: a person's own secret is hardened against guesses because people choose badly. These are 76 random
bits. With the verifiers of 1,000 reports and the salt in hand, 1,000 GPUs at 10^6 tries a second each find a first
one in some 3,000 years. A heavier run would buy little and open a door: whoever types numbers makes the bot work.
"""

import secrets
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import Signer

DIGITS = 24
GROUP = 4  # digits that stand together where a number is shown
MEMORY = 2 * 1024  # KiB
PASSES = 1


@dataclass(frozen=True)
class Receipt:
    """What a return number opens. A look-up needs `lookup` alone: the keys are made when they are first asked for."""

    lookup: bytes
    _identity_seed: bytes
    _signer_seed: bytes

    @cached_property
    def identity(self) -> HybridIdentity:
        """Opens what is sealed to this number; `identity.recipient.text` is what the report holds of it."""
        return HybridIdentity(self._identity_seed)

    @cached_property
    def signer(self) -> Signer:
        """Signs as the report's owner."""
        return Signer.from_seed(self._signer_seed)


def check_digit(digits: str) -> str:
    """The digit that follows `digits`.

    Finds every single wrong digit, and every swap of two neighbours but a few of consecutive values (8 and 9, 0 and 1).
    Source: ISO 7064, hybrid system MOD 11,10.
    """
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def new_number() -> str:
    """24 digits that nobody can guess."""
    digits = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}"
    return digits + check_digit(digits)


def is_number(digits: str) -> bool:
    """Whether this can be somebody's number. False for a slip: no work was done and nothing was looked up."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return False
    return check_digit(digits[:-1]) == digits[-1]


def grouped(number: str) -> str:
    """As people read and write it: `1234 5678 …`."""
    return " ".join(number[i : i + GROUP] for i in range(0, len(number), GROUP))


def derive(number: str, salt: bytes) -> Receipt:
    """1 ms and 2 MiB of memory. `salt` is the installation's (at least 8 bytes) and never leaves the bot.

    A seized intake that had the salt could guess over every report that it ever held.
    """
    root = Argon2id(salt=salt, length=32, iterations=PASSES, lanes=1, memory_cost=MEMORY).derive(number.encode())

    def expand(label: str) -> bytes:
        return HKDFExpand(hashes.SHA256(), 32, f"stonechat receipt {label}".encode()).derive(root)

    return Receipt(expand("lookup"), expand("identity"), expand("signer"))
