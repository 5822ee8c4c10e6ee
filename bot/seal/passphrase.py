"""age files under a passphrase (scrypt), which keep a moderator's identity, and armour around them.

Source: C2SP age v1, "The scrypt recipient", and "ASCII armor" (RFC 7468, strict).
"""

import base64
import binascii
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bot.seal.stanza import AgeError, HeaderError, Stanza, b64, unb64

LABEL = b"age-encryption.org/v1/scrypt"
WORK = 18  # log2 of scrypt's N: about a second on a laptop, age's own choice
MOST_WORK = 22  # 4 GiB of memory, age's own limit
BEGIN, END = b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----END AGE ENCRYPTED FILE-----"


class ArmorError(AgeError):
    """The text form of an age file is malformed."""


class Passphrase:
    """Both recipient and identity of a passphrase."""

    def __init__(self, passphrase: str, work: int = WORK) -> None:
        """`work` is log2 of scrypt's N; each step doubles time and memory."""
        self._passphrase = passphrase.encode("utf-8", "surrogateescape")  # as it was typed, in whatever coding
        self._work = work

    def _cipher(self, salt: bytes, work: int) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(Scrypt(LABEL + salt, 32, 1 << work, 8, 1).derive(self._passphrase))

    def wrap(self, file_key: bytes) -> Stanza:
        """A file key (16 bytes) under this passphrase and a salt of its own."""
        salt = os.urandom(16)
        body = self._cipher(salt, self._work).encrypt(bytes(12), file_key, None)
        return Stanza("scrypt", (b64(salt), str(self._work)), body)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None for a wrong passphrase. Raises HeaderError, or AgeError where memory is short."""
        for stanza in stanzas:
            if stanza.kind != "scrypt":
                continue
            if len(stanza.arguments) != 2 or not re.fullmatch(r"[1-9][0-9]{0,3}", stanza.arguments[1]):
                raise HeaderError("a passphrase stanza is malformed")
            salt, work = unb64(stanza.arguments[0]), int(stanza.arguments[1])
            if len(salt) != 16 or len(stanza.body) != 32:
                raise HeaderError("a passphrase stanza has a wrong length")
            if work > MOST_WORK:
                raise HeaderError(f"the passphrase stanza asks for more than 2^{MOST_WORK} work")
            try:
                return self._cipher(salt, work).decrypt(bytes(12), stanza.body, None)
            except InvalidTag:
                continue
            except MemoryError:
                raise AgeError("this needs more memory than is free", mend=f"{1 << work} KiB are needed") from None
        return None


def armor(data: bytes) -> bytes:
    """An age file as text."""
    coded = base64.b64encode(data)
    lines = [coded[i : i + 64] for i in range(0, len(coded), 64)]
    return b"\n".join([BEGIN, *lines, END, b""])


def is_armored(data: bytes) -> bool:
    """Whether this is the text form of an age file."""
    return data.lstrip(b" \t\r\n").startswith(BEGIN[:20])


def dearmor(data: bytes) -> bytes:
    """The age file within armour. Whitespace may stand around the armour, nowhere inside. Raises ArmorError."""
    lines = re.split(rb"\r?\n", data.strip(b" \t\r\n"))
    if lines[0] != BEGIN or lines[-1] != END or len(lines) < 2:
        raise ArmorError("the armour's first or last line is wrong")
    body = lines[1:-1]
    if any(len(line) != 64 for line in body[:-1]) or (body and not 0 < len(body[-1]) <= 64):
        raise ArmorError("the armour has a line of a wrong length")
    joined = b"".join(body)
    try:
        raw = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError):
        raise ArmorError("the armour holds malformed base64") from None
    if base64.b64encode(raw) != joined:
        raise ArmorError("the armour holds base64 that is not canonical")
    return raw
