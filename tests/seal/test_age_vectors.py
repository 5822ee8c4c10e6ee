"""The published age test vectors, each with the exact outcome that its header names."""

import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.seal import age, bech32, hybrid, passphrase, stanza

SHARED = Path(os.environ.get("STONECHAT_SHARED", Path(__file__).parents[3] / "shared"))
VECTORS = SHARED / "data" / "age-vectors"
NAMES = sorted(p.name for p in VECTORS.iterdir()) if VECTORS.is_dir() else []

OUTCOMES = {
    passphrase.ArmorError: "armor failure",
    stanza.HeaderError: "header failure",
    stanza.MacError: "HMAC failure",
    stanza.NoMatchError: "no match",
    stanza.PayloadError: "payload failure",
}


class X25519Identity:
    """age's classic identity. Only the tests know it: 98 vectors need it to reach header, MAC and STREAM."""

    def __init__(self, text: str) -> None:
        self._key = x25519.X25519PrivateKey.from_private_bytes(bech32.decode(text)[1])

    def unwrap(self, stanzas: Sequence[stanza.Stanza]) -> bytes | None:
        for s in stanzas:
            if s.kind != "X25519":
                continue
            if len(s.arguments) != 1:
                raise stanza.HeaderError("arguments")
            share = stanza.unb64(s.arguments[0])
            if len(share) != 32 or len(s.body) != 32:
                raise stanza.HeaderError("length")
            try:
                secret = self._key.exchange(x25519.X25519PublicKey.from_public_bytes(share))
            except ValueError:
                raise stanza.HeaderError("low order") from None
            salt = share + self._key.public_key().public_bytes_raw()
            wrap = HKDF(hashes.SHA256(), 32, salt, b"age-encryption.org/v1/X25519").derive(secret)
            try:
                return ChaCha20Poly1305(wrap).decrypt(bytes(12), s.body, None)
            except InvalidTag:
                continue
        return None


def parse(path: Path) -> tuple[dict[str, list[str]], bytes]:
    head, _, body = path.read_bytes().partition(b"\n\n")
    keys: dict[str, list[str]] = {}
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        keys.setdefault(key, []).append(value)
    return keys, zlib.decompress(body) if "compressed" in keys else body


@pytest.mark.skipif(not NAMES, reason="the age vectors lie in ../shared, which is not here")
@pytest.mark.parametrize("name", NAMES)
def test_vector(name: str) -> None:
    keys, data = parse(VECTORS / name)
    identities: list[age.Identity] = [passphrase.Passphrase(p) for p in keys.get("passphrase", [])]
    for text in keys.get("identity", []):
        is_hybrid = text.startswith("AGE-SECRET-KEY-PQ-")
        identities.append(hybrid.HybridIdentity.parse(text) if is_hybrid else X25519Identity(text))
    opened = bytearray()
    outcome = "success"
    try:
        file = passphrase.dearmor(data) if "armored" in keys else data
        for chunk in age.open_stream(io.BytesIO(file), identities):
            opened += chunk
    except stanza.AgeError as error:
        outcome = OUTCOMES[type(error)]
    assert outcome == keys["expect"][0]
    if "payload" in keys:
        assert hashlib.sha256(opened).hexdigest() == keys["payload"][0]


@pytest.mark.skipif(not NAMES, reason="the age vectors lie in ../shared, which is not here")
def test_all_vectors_are_here() -> None:
    assert len(NAMES) == 143
