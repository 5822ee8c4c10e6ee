"""A standing as bytes, for its row: encrypted there under the conversation's own key."""

from typing import Any

import msgspec
from msgspec import Struct

from bot.conversation.formerly import standing_of_schema_1
from bot.conversation.standing import Handed, Standing, Thread, seen_after_all
from bot.flow.session import Session, here

RECORD = b"record"  # what its encryption is bound to
FORM = 2


class _Record(Struct, frozen=True, array_like=True):
    form: int
    session: Session
    thread: Thread
    handed: Handed | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Record)


def encode(standing: Standing) -> bytes:
    """The revision is not in it: it stands in its own column."""
    return _encoder.encode(_Record(FORM, standing.session, standing.thread, standing.handed))


def decode(data: bytes, revision: int) -> Standing | None:
    """None for a record of a form that is not known."""
    try:
        raw = _decoder.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _decode_older(data, revision)
    return _whole(Standing(raw.session, raw.thread, raw.handed, revision)) if raw.form == FORM else None


def _decode_older(data: bytes, revision: int) -> Standing | None:
    try:
        raw: Any = msgspec.msgpack.decode(data)
        standing = standing_of_schema_1(raw, revision)
    except (msgspec.DecodeError, msgspec.ValidationError, LookupError, TypeError, ValueError):
        return None
    return _whole(standing)


def _whole(standing: Standing) -> Standing:
    return seen_after_all(standing, here(standing.session))
