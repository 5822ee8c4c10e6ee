"""One thing that a reporter did, free of any platform.

`order` is the platform's own order of messages in this conversation. `place` is the step that the words were written
for, when that is not the present one (they were sent before the present question stood there, or quote an older one).
"""

from msgspec import Struct


class Said(Struct, frozen=True):
    text: str
    order: int = 0
    place: str | None = None


class Edited(Struct, frozen=True):
    """An earlier message now reads otherwise."""

    text: str
    order: int


class Deleted(Struct, frozen=True):
    order: int


class Pressed(Struct, frozen=True):
    data: str


class Refused(Struct, frozen=True):
    """Something that is not kept: a map pin, a sticker, a contact card, a file where none is asked."""

    kind: str
    order: int = 0


class CameBack(Struct, frozen=True):
    """/start, or the chat opened anew."""


class LookedUp(Struct, frozen=True):
    """What a return number led to: the day of receipt (ISO), or nothing."""

    day: str | None


Event = Said | Edited | Deleted | Pressed | Refused | CameBack | LookedUp
