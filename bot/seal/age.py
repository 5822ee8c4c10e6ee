"""age v1 files, written and read 64 KiB at a time.

Source: C2SP age v1, "Header MAC", "Payload" (STREAM with ChaCha20-Poly1305). A file is header ‖ payload; we keep
the two apart until submission, because the header alone can give the file key away.
"""

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.seal.stanza import (
    Header,
    HeaderError,
    MacError,
    NoMatchError,
    PayloadError,
    Stanza,
    b64,
    read_header,
    start_of_header,
    unb64,
)

CHUNK = 64 * 1024  # bytes of plaintext in a chunk
TAG = 16
NONCE = 16
FILE_KEY = 16


class Recipient(Protocol):
    """Somebody to whom a file key can be wrapped."""

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that lets this recipient find the file key."""
        ...


class Identity(Protocol):
    """Somebody who may unwrap it: the file key, or None where no stanza is for them."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None. Raises HeaderError where a stanza for us is malformed."""
        ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """One age file in its two halves. `header + payload` is the file."""

    header: bytes
    payload: bytes

    def __bytes__(self) -> bytes:
        """The whole file."""
        return self.header + self.payload


def _hkdf(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def _mac(file_key: bytes, signed: bytes) -> hmac.HMAC:
    code = hmac.HMAC(_hkdf(file_key, None, b"header"), hashes.SHA256())
    code.update(signed)
    return code


def _nonce(counter: int, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def make_header(file_key: bytes, recipients: Sequence[Recipient]) -> bytes:
    """The header that lets each recipient find `file_key`."""
    signed = start_of_header([r.wrap(file_key) for r in recipients])
    return signed + b" " + b64(_mac(file_key, signed).finalize()).encode() + b"\n"


def encrypt_chunks(file_key: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The payload, piece by piece. `read(n)` gives n bytes, fewer only at the end."""
    nonce = os.urandom(NONCE)
    yield nonce
    cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
    chunk, counter = read(CHUNK), 0
    while True:
        following = read(CHUNK) if len(chunk) == CHUNK else b""
        yield cipher.encrypt(_nonce(counter, not following), chunk, None)
        if not following:
            return
        chunk, counter = following, counter + 1


def seal(plaintext: bytes, recipients: Sequence[Recipient]) -> Sealed:
    """Seal bytes that are small enough to be in memory already (an answer's text, a document)."""
    file_key = os.urandom(FILE_KEY)
    header = make_header(file_key, recipients)
    return Sealed(header, b"".join(encrypt_chunks(file_key, io.BytesIO(plaintext).read)))


def split(file: bytes) -> Sealed:
    """A whole age file in its two halves. What is none is all header: nothing of it is left beside."""
    start = file.find(b"\n--- ")
    end = file.find(b"\n", start + 1) + 1 if start >= 0 else 0
    return Sealed(file[:end], file[end:]) if end else Sealed(file, b"")


def seal_stream(source: BinaryIO, target: BinaryIO, recipients: Sequence[Recipient]) -> bytes:
    """Seal `source` to `target` (payload only), 64 KiB at a time. Returns the header."""
    file_key = os.urandom(FILE_KEY)
    for piece in encrypt_chunks(file_key, source.read):
        target.write(piece)
    return make_header(file_key, recipients)


def find_file_key(header: Header, identities: Sequence[Identity]) -> bytes:
    """Raises NoMatchError, HeaderError (a stanza for us is malformed) or MacError."""
    if any(s.kind == "scrypt" for s in header.stanzas) and len(header.stanzas) > 1:
        raise HeaderError("a passphrase stanza must stand alone")
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is None:
            continue
        if len(file_key) != FILE_KEY:
            raise HeaderError("the file key has a wrong length")
        try:
            _mac(file_key, header.signed).verify(header.mac)
        except Exception:
            raise MacError("the header was altered") from None
        return file_key
    raise NoMatchError("no key at hand opens this file", mend="use the key that its recipients file names")


def _read_whole(source: BinaryIO, size: int) -> bytes:
    """`size` bytes, fewer only at the end: a pipe may give less at a time."""
    pieces = bytearray()
    while len(pieces) < size and (piece := source.read(size - len(pieces))):
        pieces += piece
    return bytes(pieces)


def decrypt_chunks(file_key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Plaintext, a chunk at a time, each proved genuine. Raises PayloadError; what came before stands."""
    nonce = _read_whole(source, NONCE)
    if len(nonce) != NONCE:
        raise HeaderError("the file ends before its payload")
    cipher = ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))
    counter, last = 0, False
    while not last:
        chunk = _read_whole(source, CHUNK + TAG)
        plaintext = None
        # A full chunk may be the last one or not; which of the two its tag says.
        for last in (False, True) if len(chunk) == CHUNK + TAG else (True,):
            try:
                plaintext = cipher.decrypt(_nonce(counter, last), chunk, None)
                break
            except (InvalidTag, ValueError):
                continue
        if plaintext is None:
            raise PayloadError("the payload was cut or altered")
        if not plaintext and counter:
            raise PayloadError("the payload ends with an empty chunk")
        yield plaintext
        counter += 1
    if source.read(1):
        raise PayloadError("something follows the end of the payload")


def open_stream(source: BinaryIO, identities: Sequence[Identity]) -> Iterator[bytes]:
    """Open one age file, chunk by chunk. The header is read and checked at the first step."""
    file_key = find_file_key(read_header(source), identities)
    yield from decrypt_chunks(file_key, source)


def open_bytes(data: bytes, identities: Sequence[Identity]) -> bytes:
    """Open one age file that is in memory already."""
    return b"".join(open_stream(io.BytesIO(data), identities))


__all__ = ["Identity", "Recipient", "Sealed", "open_bytes", "open_stream", "seal", "seal_stream", "unb64"]
