"""Hybrid post-quantum keys: recipients `age1pq1…` and identities `AGE-SECRET-KEY-PQ-1…`.

Source: C2SP age, "The mlkem768x25519 recipient": HPKE with MLKEM768-X25519 (X-Wing), HKDF-SHA256 and
ChaCha20-Poly1305. All primitives come from pyca/cryptography.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from bot.errors import StonechatError
from bot.seal import bech32
from bot.seal.stanza import HeaderError, Stanza, b64, unb64

KIND = "mlkem768x25519"
INFO = b"age-encryption.org/mlkem768x25519"
ENC = 1120  # bytes: ML-KEM-768 ciphertext (1,088) ‖ X25519 share (32)
MLKEM_PUBLIC = 1184
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class KeyFormatError(StonechatError):
    """A line that is not the kind of key that belongs here."""


class HybridRecipient:
    """A public key. `text` is its one spelling, lower case."""

    def __init__(self, raw: bytes) -> None:
        """`raw` is ML-KEM-768 public (1,184 bytes) and X25519 public (32). Raises KeyFormatError."""
        if len(raw) != MLKEM_PUBLIC + 32:
            raise KeyFormatError("a recipient of a wrong length", mend="copy the whole age1pq1… line again")
        self.raw = raw
        try:
            self._key = hpke.MLKEM768X25519PublicKey(
                mlkem.MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC]),
                x25519.X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC:]),
            )
        except ValueError:
            raise KeyFormatError("a damaged recipient", mend="copy the whole age1pq1… line again") from None

    @cached_property
    def text(self) -> str:
        """The `age1pq1…` line."""
        return bech32.encode("age1pq", self.raw)

    @classmethod
    def parse(cls, text: str) -> "HybridRecipient":
        """Read an `age1pq1…` line. Raises KeyFormatError or Bech32Error."""
        if text.upper().startswith("AGE-SECRET-KEY-"):
            raise KeyFormatError(
                "a private key stands where a public one belongs",
                mend="put the age1pq1… line there and keep the private key off this machine",
            )
        if not text.lower().startswith("age1pq1"):
            raise KeyFormatError(
                "not a post-quantum recipient",
                mend="make a key with 'stonechat keys new NAME' or 'age-keygen -pq' and use its age1pq1… line",
            )
        return cls(bech32.decode(text)[1])

    def wrap(self, file_key: bytes) -> Stanza:
        """A file key (16 bytes) for this recipient alone."""
        sealed = _SUITE.encrypt(file_key, self._key, INFO)
        return Stanza(KIND, (b64(sealed[:ENC]),), sealed[ENC:])

    @property
    def fingerprint(self) -> str:
        """First 40 bits of SHA-256 of the `age1pq1…` line, for people to compare."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return " ".join(digest[i : i + 5] for i in range(0, 20, 5))


class HybridIdentity:
    """A private key: a 32-byte seed, expanded as X-Wing does (SHAKE256 to ML-KEM seed and X25519 key)."""

    BEGINS = "AGE-SECRET-KEY-PQ-1"

    def __init__(self, seed: bytes) -> None:
        """Raises KeyFormatError unless the seed has 32 bytes."""
        if len(seed) != 32:
            raise KeyFormatError("a private key of a wrong length", mend="copy the whole line again")
        self.seed = seed
        expanded = hashlib.shake_256(seed).digest(96)
        kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
        self._kem, self._curve = kem, curve
        self._key = hpke.MLKEM768X25519PrivateKey(kem, curve)

    @cached_property
    def recipient(self) -> HybridRecipient:
        """The public half."""
        return HybridRecipient(self._kem.public_key().public_bytes_raw() + self._curve.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "HybridIdentity":
        """A new key from the system's randomness."""
        return cls(os.urandom(32))

    @classmethod
    def parse(cls, text: str) -> "HybridIdentity":
        """Read an `AGE-SECRET-KEY-PQ-1…` line."""
        if not text.upper().startswith(cls.BEGINS):
            raise KeyFormatError("not a post-quantum identity", mend=f"it starts with {cls.BEGINS}")
        return cls(bech32.decode(text)[1])

    @property
    def text(self) -> str:
        """The `AGE-SECRET-KEY-PQ-1…` line."""
        return bech32.encode("age-secret-key-pq-", self.seed).upper()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None where no stanza is for this key. Raises HeaderError for a malformed one."""
        for stanza in stanzas:
            if stanza.kind != KIND:
                continue
            if len(stanza.arguments) != 1:
                raise HeaderError("a hybrid stanza has a wrong number of arguments")
            enc = unb64(stanza.arguments[0])
            if len(enc) != ENC or len(stanza.body) != 32:
                raise HeaderError("a hybrid stanza has a wrong length")
            try:
                self._curve.exchange(x25519.X25519PublicKey.from_public_bytes(enc[-32:]))
            except ValueError:
                raise HeaderError("a hybrid stanza has a low-order share") from None
            try:
                return _SUITE.decrypt(enc + stanza.body, self._key, INFO)
            except InvalidTag:
                continue
        return None
