"""The text header of an age file: recipient stanzas and a MAC.

Source: C2SP age v1, "Header". The parser takes exactly what the specification allows, nothing more.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from bot.errors import StonechatError

VERSION_LINE = b"age-encryption.org/v1\n"
MAX_HEADER = 1 << 20  # bytes; far above any real header, so that rubbish can't fill memory
_ARGUMENT = re.compile(rb"[\x21-\x7e]+\Z")


class AgeError(StonechatError):
    """An age file that can't be opened."""


class HeaderError(AgeError):
    """The header breaks the specification."""


class MacError(AgeError):
    """The header was altered: its MAC does not fit the file key."""


class NoMatchError(AgeError):
    """No identity at hand opens this file."""


class PayloadError(AgeError):
    """The payload was cut, altered or added to."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's wrapped file key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def encode(self) -> bytes:
        """As it stands in a header, with its last line break."""
        coded = b64(self.body)
        lines = [coded[i : i + 64] for i in range(0, len(coded), 64)]
        if not lines or len(lines[-1]) == 64:
            lines.append("")
        return "\n".join([" ".join(("->", self.kind, *self.arguments)), *lines, ""]).encode()


@dataclass(frozen=True, slots=True)
class Header:
    """`signed` is what the MAC covers: everything up to and with the three dashes."""

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes


def b64(data: bytes) -> str:
    """Base64 without padding."""
    return base64.b64encode(data).rstrip(b"=").decode()


def unb64(text: bytes | str) -> bytes:
    """The one canonical reading of unpadded base64, or HeaderError."""
    raw = text.encode() if isinstance(text, str) else text
    try:
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise HeaderError("the header holds malformed base64") from None
    if b64(data).encode() != raw:
        raise HeaderError("the header holds base64 that is not canonical")
    return data


def _line(readline: Callable[[int], bytes], signed: bytearray) -> bytes:
    line = readline(MAX_HEADER)
    if len(signed) + len(line) > MAX_HEADER:
        raise HeaderError("the header is too large")
    if not line.endswith(b"\n"):
        raise HeaderError("the header ends early")
    return line


def _stanza(first: bytes, readline: Callable[[int], bytes], signed: bytearray) -> Stanza:
    words = first[:-1].split(b" ")[1:]
    if not words or not all(_ARGUMENT.match(w) for w in words):
        raise HeaderError("a stanza's arguments are malformed")
    body = bytearray()
    while True:
        line = _line(readline, signed)
        signed += line
        coded = line[:-1]
        if len(coded) > 64:
            raise HeaderError("a stanza's line is too long")
        body += unb64(coded)
        if len(coded) < 64:
            break
    kind, *arguments = (w.decode("ascii") for w in words)
    return Stanza(kind, tuple(arguments), bytes(body))


def read_header(source: BinaryIO) -> Header:
    """Read one header; `source` then stands at the payload. Raises HeaderError."""
    signed = bytearray(source.readline(len(VERSION_LINE)))
    if signed != VERSION_LINE:
        raise HeaderError("this is not an age v1 file")
    stanzas = []
    while True:
        line = _line(source.readline, signed)
        if line.startswith(b"--- "):
            mac = unb64(line[4:-1])
            if len(mac) != 32:
                raise HeaderError("the header's MAC has a wrong length")
            break
        if not line.startswith(b"-> "):
            raise HeaderError("the header holds a line of no known kind")
        signed += line
        stanzas.append(_stanza(line, source.readline, signed))
    if not stanzas:
        raise HeaderError("the header names no recipient")
    return Header(tuple(stanzas), bytes(signed) + b"---", mac)


def start_of_header(stanzas: list[Stanza]) -> bytes:
    """What the MAC will cover."""
    return VERSION_LINE + b"".join(s.encode() for s in stanzas) + b"---"
