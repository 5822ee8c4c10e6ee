"""Bech32 without BIP 173's length limit, as age uses it for keys.

Source: BIP 173; C2SP age, "X25519 recipient" and "Hybrid recipient" (keys are longer than 90 characters).
"""

from bot.errors import StonechatError

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class Bech32Error(StonechatError):
    """A key that is cut short, mistyped or of mixed case."""


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _regroup(values: bytes | list[int], from_bits: int, to_bits: int, *, pad: bool) -> list[int]:
    collected, bits, out = 0, 0, []
    for value in values:
        collected = (collected << from_bits) | value
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append(collected >> bits & ((1 << to_bits) - 1))
        collected &= (1 << bits) - 1
    if pad and bits:
        out.append(collected << (to_bits - bits))
    elif not pad and (bits >= from_bits or collected):
        raise Bech32Error("the key has stray bits at its end", mend="copy the whole line again")
    return out


def encode(prefix: str, data: bytes) -> str:
    """Lower-case Bech32 of `data` under the human-readable `prefix`."""
    words = _regroup(data, 8, 5, pad=True)
    checksum = _polymod([*_expand(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [checksum >> 5 * (5 - i) & 31 for i in range(6)]
    return f"{prefix}1{''.join(CHARSET[w] for w in words)}"


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
    return prefix, bytes(_regroup(words[:-6], 5, 8, pad=False))
