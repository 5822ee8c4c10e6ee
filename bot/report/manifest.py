"""The manifest: what a report is made of, in the clear, signed by the bot.

It says as little as an intake that can't read can work with: which bytes belong together (names, sizes, hashes),
whether to sound, when to destroy, and whose signature may erase. What kind of words a part holds stands in the sealed
document only. docs/threats.md says what the rest still tells.
"""

import os
import re
from base64 import b32encode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from bot.errors import StonechatError
from bot.seal.signing import MANIFEST, Signer, verify

FORMAT = "stonechat.manifest/2"
FORMERLY = "stonechat.manifest/1"  # named each part's class; a bot that was upgraded may still have one on its way
DOCUMENT, CONTACT = "report.age", "contact.age"
PART_NAME = r"^(?:[0-9]{4,6}|report|contact)\.age\Z"
MOST_PARTS = 2_000
_REPORT = re.compile(r"[a-z2-7]{26}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


class ManifestError(StonechatError):
    """A manifest that is malformed or does not fit its parts."""


class Part(Struct, frozen=True):
    """`size` (bytes) and `sha256` (hex) are of the age file."""

    name: str
    size: int
    sha256: str


class ReceiptKeys(Struct, frozen=True):
    """The public halves of a return number: an age recipient for answers, and the line whose signature is the
    owner's.
    """

    recipient: str
    owner: str


class Manifest(Struct, frozen=True):
    """`state` is open or submitted; `delete_after` a day (ISO) after which it must be gone, if its owner gave one."""

    format: str
    report: str
    version: int
    state: str
    parts: tuple[Part, ...]
    ring: bool
    delete_after: str | None
    receipt: ReceiptKeys


class _FormerKeys(Struct, frozen=True):
    identity: str
    signer: str


class _Former(Struct, frozen=True):
    report: str
    version: int
    state: str
    parts: tuple[Part, ...]
    ring: bool
    delete_after: str | None
    receipt: _FormerKeys


class _Form(Struct, frozen=True):
    format: str


def new_report_id() -> str:
    """128 random bits in base32; never derived from a person."""
    return b32encode(os.urandom(16)).decode().rstrip("=").lower()


def encode(manifest: Manifest) -> bytes:
    """The bytes that are signed and hashed."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Strict: unknown forms, repeated or ill-formed part names raise ManifestError."""
    try:
        manifest = _read(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ManifestError("the manifest is malformed") from None
    names = [p.name for p in manifest.parts]
    if manifest.format != FORMAT or not _REPORT.match(manifest.report):
        raise ManifestError("the manifest is of no known form")
    if len(set(names)) != len(names) or not all(re.match(PART_NAME, n) for n in names):
        raise ManifestError("the manifest's part names are malformed")
    if not all(p.size > 0 and _SHA256.match(p.sha256) for p in manifest.parts):
        raise ManifestError("the manifest's sizes or hashes are malformed")
    if manifest.delete_after is not None and not _DAY.match(manifest.delete_after):
        # An intake compares days as text: what is no day would be destroyed too early, or never.
        raise ManifestError("the manifest's delete_after is no day")
    if DOCUMENT not in names or len(names) > MOST_PARTS or manifest.version < 1:
        raise ManifestError("the manifest lacks its document")
    return manifest


def _read(data: bytes) -> Manifest:
    if msgspec.json.decode(data, type=_Form).format != FORMERLY:
        return msgspec.json.decode(data, type=Manifest)
    old = msgspec.json.decode(data, type=_Former)
    keys = ReceiptKeys(old.receipt.identity, old.receipt.signer)
    return Manifest(FORMAT, old.report, old.version, old.state, old.parts, old.ring, old.delete_after, keys)


def sign_manifest(data: bytes, signer: Signer) -> str:
    """The bot's signature over an encoded manifest."""
    return signer.sign(data, MANIFEST)


def verify_manifest(data: bytes, signature: str, key: Ed25519PublicKey) -> Manifest:
    """Raises SignatureError or ManifestError."""
    verify(data, signature, MANIFEST, key)
    return decode(data)
