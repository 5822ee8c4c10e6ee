"""The manifest: what a report is made of, signed by the bot, and what the intake signs back."""

import hashlib
import os
from base64 import b32encode
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from bot.errors import StonechatError
from bot.seal.signing import ERASED, MANIFEST, RECEIVED, Signer, verify

FORMAT = "stonechat.manifest/1"
PART_NAME = r"^(?:[0-9]{4,6}|report|contact)\.age$"


class ManifestError(StonechatError):
    """A manifest that is malformed or does not fit its parts."""


class Part(Struct, frozen=True):
    """`size` and `sha256` are of the age file."""

    name: str
    cls: str = msgspec.field(name="class")
    size: int
    sha256: str


class ReceiptKeys(Struct, frozen=True):
    """The public halves of a return number: an age recipient for answers, a key whose signature is the owner's."""

    identity: str
    signer: str


class Manifest(Struct, frozen=True):
    format: str
    report: str
    version: int
    state: str
    parts: tuple[Part, ...]
    ring: bool
    delete_after: str | None
    receipt: ReceiptKeys


def new_report_id() -> str:
    """128 random bits in base32; never derived from a person."""
    return b32encode(os.urandom(16)).decode().rstrip("=").lower()


def encode(manifest: Manifest) -> bytes:
    """The bytes that are signed and hashed."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Strict: unknown forms, repeated or ill-formed part names raise ManifestError."""
    import re

    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ManifestError("the manifest is malformed") from None
    names = [p.name for p in manifest.parts]
    if manifest.format != FORMAT or not re.fullmatch(r"[a-z2-7]{26}", manifest.report):
        raise ManifestError("the manifest is of no known form")
    if len(set(names)) != len(names) or not all(re.match(PART_NAME, n) for n in names):
        raise ManifestError("the manifest's part names are malformed")
    if "report.age" not in names or len(names) > 2_000 or manifest.version < 1:
        raise ManifestError("the manifest lacks its document")
    return manifest


def sign_manifest(data: bytes, signer: Signer) -> str:
    return signer.sign(data, MANIFEST)


def verify_manifest(data: bytes, signature: str, key: Ed25519PublicKey) -> Manifest:
    """Raises SignatureError or ManifestError."""
    verify(data, signature, MANIFEST, key)
    return decode(data)


def received(report: str, version: int, manifest: bytes) -> bytes:
    """What the intake signs to say 'I have it, on disk'. Nothing else lets the bot forget a report."""
    return f"stonechat.received/1\n{report}\n{version}\n{hashlib.sha256(manifest).hexdigest()}\n".encode()


def erase_words(report: str) -> bytes:
    """What an owner signs to destroy a report that was handed over."""
    return f"stonechat.erase/1\n{report}\n".encode()


def erased(report: str) -> bytes:
    """What the intake signs to say 'it is gone, and stays gone'."""
    return f"stonechat.erased/1\n{report}\n".encode()


@dataclass(frozen=True)
class IntakeKey:
    """The pinned key of an intake: nothing else acknowledges anything. Both raise SignatureError."""

    key: Ed25519PublicKey

    def check_received(self, answer: str, report: str, version: int, manifest: bytes) -> None:
        """Exactly this manifest is there."""
        verify(received(report, version, manifest), answer, RECEIVED, self.key)

    def check_erased(self, answer: str, report: str) -> None:
        """Exactly this report is gone."""
        verify(erased(report), answer, ERASED, self.key)
