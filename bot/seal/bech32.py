"""Bech32 without BIP 173's length limit, as age uses it for keys.

Source: BIP 173; C2SP age, "X25519 recipient" and "Hybrid recipient" (keys are longer than 90 characters).
"""

import base64
import functools
import itertools
import operator
from collections.abc import Iterable

from bot.errors import StonechatError

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class Bech32Error(StonechatError):
    """A key that is cut short, mistyped or of mixed case."""


# What five bits that fall out at the top do to a checksum. One look-up a character instead of five: a post-quantum
# recipient is 2,000 characters long, and one is written in every report.
_FALLEN = tuple(
    functools.reduce(operator.xor, (g for bit, g in enumerate(GENERATOR) if top >> bit & 1), 0) for top in range(32)
)
_LETTERS = CHARSET.encode().ljust(256, b"?")
_VALUES = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bytes(range(32)))  # RFC 4648's letters to five bits each


def _polymod(values: Iterable[int]) -> int:
    checksum = 1
    for value in values:
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value ^ _FALLEN[checksum >> 25]
    return checksum


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _to_bytes(words: list[int]) -> bytes:
    collected, bits, out = 0, 0, bytearray()
    for word in words:
        collected = (collected << 5) | word
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(collected >> bits)
            collected &= (1 << bits) - 1
    if bits >= 5 or collected:
        raise Bech32Error("the key has stray bits at its end", mend="copy the whole line again")
    return bytes(out)


def encode(prefix: str, data: bytes) -> str:
    """Lower-case Bech32 of `data` under the human-readable `prefix`."""
    words = base64.b32encode(data).rstrip(b"=").translate(_VALUES)
    checksum = _polymod(itertools.chain(_expand(prefix), words, bytes(6))) ^ 1
    words += bytes(checksum >> 5 * (5 - i) & 31 for i in range(6))
    return f"{prefix}1{words.translate(_LETTERS).decode()}"


def decode(text: str) -> tuple[str, bytes]:
    """(prefix in lower case, data). Raises Bech32Error."""
    lower = text.lower()
    if text not in (lower, text.upper()):
        raise Bech32Error("the key mixes upper and lower case", mend="copy the whole line again")
    prefix, found, coded = lower.rpartition("1")
    if not found or not prefix or len(coded) < 6 or any(c not in CHARSET for c in coded):
        raise Bech32Error("this is not a key in Bech32", mend="copy the whole line again")
    words = [CHARSET.index(c) for c in coded]
    if _polymod(_expand(prefix) + words) != 1:
        raise Bech32Error("the key's checksum is wrong", mend="copy the whole line again")
    return prefix, _to_bytes(words[:-6])
