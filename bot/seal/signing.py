"""Ed25519 signatures in OpenSSH's form, so that `ssh-keygen -Y verify` checks them without our code.

Source: OpenSSH PROTOCOL.sshsig; RFC 8709 for ssh-ed25519.
"""

import base64
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import StonechatError

MAGIC = b"SSHSIG"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
MANIFEST, RECEIVED, ERASED, OWNER = "manifest@stonechat", "received@stonechat", "erased@stonechat", "owner@stonechat"
TOMBSTONES = "tombstones@stonechat"


class SignatureError(StonechatError):
    """A signature that is malformed, of another key, or of other bytes."""


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes) -> list[bytes]:
    out, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        piece = data[at + 4 : at + 4 + length]
        if len(piece) != length:
            raise ValueError("cut short")
        out.append(piece)
        at += 4 + length
    return out


def _key_blob(key: Ed25519PublicKey) -> bytes:
    return _string(b"ssh-ed25519") + _string(key.public_bytes_raw())


def _to_sign(message: bytes, namespace: str) -> bytes:
    digest = hashlib.sha512(message).digest()
    return MAGIC + _string(namespace.encode()) + _string(b"") + _string(b"sha512") + _string(digest)


def public_line(key: Ed25519PublicKey) -> str:
    """`ssh-ed25519 AAAA…`: what an allowed_signers file and a settings line hold."""
    return f"ssh-ed25519 {base64.b64encode(_key_blob(key)).decode()}"


def parse_public(line: str) -> Ed25519PublicKey:
    """Read an `ssh-ed25519 AAAA…` line. Raises SignatureError."""
    words = line.split()
    try:
        kind, raw = _strings(base64.b64decode(words[1], validate=True))
        if words[0] == "ssh-ed25519" == kind.decode():
            return Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, IndexError, struct.error):
        pass
    raise SignatureError("not an ssh-ed25519 public key", mend="it reads 'ssh-ed25519 AAAA…'")


@dataclass(frozen=True)
class Signer:
    """Signs for one purpose at a time: a signature of one namespace never counts in another."""

    key: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """From 32 secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> Ed25519PublicKey:
        """The key that checks what this one signed."""
        return self.key.public_key()

    def sign(self, message: bytes, namespace: str) -> str:
        """An OpenSSH signature, armoured. The same message, purpose and key give the same one."""
        raw = self.key.sign(_to_sign(message, namespace))
        blob = (
            MAGIC
            + struct.pack(">I", 1)
            + _string(_key_blob(self.public))
            + _string(namespace.encode())
            + _string(b"")
            + _string(b"sha512")
            + _string(_string(b"ssh-ed25519") + _string(raw))
        )
        coded = base64.b64encode(blob).decode()
        return "\n".join([BEGIN, *(coded[i : i + 70] for i in range(0, len(coded), 70)), END, ""])


def signer_of(message: bytes, signature: str, namespace: str) -> Ed25519PublicKey | None:
    """The key that the signature itself names, where it fits these bytes. It proves nobody: anybody has a key."""
    try:
        blob = base64.b64decode("".join(signature.strip().splitlines()[1:-1]), validate=True)
        _, raw = _strings(_strings(blob[len(MAGIC) + 4 :])[0])
        key = Ed25519PublicKey.from_public_bytes(raw)
        verify(message, signature, namespace, key)
    except (ValueError, IndexError, struct.error, SignatureError):
        return None
    return key


def verify(message: bytes, signature: str, namespace: str, key: Ed25519PublicKey) -> None:
    """Raises SignatureError unless `key` signed just this message for just this namespace."""
    try:
        lines = signature.strip().splitlines()
        if lines[0] != BEGIN or lines[-1] != END:
            raise ValueError("armour")
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
        if blob[:10] != MAGIC + struct.pack(">I", 1):
            raise ValueError("magic")
        signer, named, reserved, digest, inner = _strings(blob[10:])
        kind, raw = _strings(inner)
        if (signer, named, reserved, digest, kind) != (
            _key_blob(key),
            namespace.encode(),
            b"",
            b"sha512",
            b"ssh-ed25519",
        ):
            raise ValueError("another key or purpose")
        key.verify(raw, _to_sign(message, namespace))
    except (ValueError, IndexError, struct.error, InvalidSignature):
        raise SignatureError("the signature does not fit") from None
