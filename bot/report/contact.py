"""`contact.age`: where and when a reporter may be written to, and how they know that it is really us.

It is in every report and always of one size, so that nobody who stores reports learns who said "never" (K08).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from bot.errors import StonechatError

FORMERLY = "stonechat.contact/1"  # was left out where its owner said never; one may still be on its way
NEVER = "never"
SIZE = 2048  # bytes before sealing; a reply address of any platform is far below


class ContactError(StonechatError):
    """A contact file of no known form."""


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`how` is the reporter's own choice, or "never"; `when` the time that they called safe, in their choice's code.

    `channel` and `address` are there only where they chose the chat that they wrote in. The check word is there for
    everybody: an answer may also wait until its reader comes back with their number.
    """

    format: Literal["stonechat.contact/2"] = "stonechat.contact/2"
    how: Annotated[str, Meta(min_length=1)]
    check_word: str
    language: str
    when: str | None = None
    channel: str | None = None
    address: str | None = None


class _Former(Struct, frozen=True):
    contact_back: str
    check_word: str
    language: str
    safe_when: str | None = None
    channel: str | None = None
    address: str | None = None


class _Form(Struct, frozen=True):
    format: str


def encode(contact: Contact) -> bytes:
    """JSON, padded with line feeds to SIZE: as long for never as for any address."""
    data = msgspec.json.format(msgspec.json.encode(contact), indent=1)
    # An address longer than any platform's must leave all the same; then the length tells that, and no more.
    return data.ljust(SIZE * -(-len(data) // SIZE), b"\n")


def decode(data: bytes) -> Contact:
    """Raises ContactError."""
    text = data.rstrip(b"\n")
    try:
        if msgspec.json.decode(text, type=_Form).format != FORMERLY:
            return msgspec.json.decode(text, type=Contact)
        old = msgspec.json.decode(text, type=_Former)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ContactError("contact.age opens to no contact of a known form") from None
    return Contact(
        how=old.contact_back,
        check_word=old.check_word,
        language=old.language,
        when=old.safe_when,
        channel=old.channel,
        address=old.address,
    )
