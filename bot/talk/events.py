"""What a reporter did, free of any platform, and the envelope that it came in."""

from msgspec import Struct


class MessageRef(Struct, frozen=True, array_like=True):
    """One message of a chat. `id` is the platform's own, as text; `ours` tells whose it is.

    `order` is where it stands among the messages of both sides: the platform's own order where both sides share one,
    else our own count of what came and went. Clocks of two machines are never compared.
    """

    id: str
    order: int = 0
    ours: bool = False


class Said(Struct, frozen=True):
    """Typed words. `place` is the step that they were written for, where that is not the present one.

    `forwarded` words are somebody else's: they are kept only after a yes, and it is said whose they are.
    """

    text: str
    message: MessageRef
    place: str | None = None
    forwarded: bool = False


class Edited(Struct, frozen=True):
    """An earlier message now reads otherwise."""

    text: str
    message: MessageRef


class Deleted(Struct, frozen=True):
    """Its writer took a message back."""

    message: MessageRef


class Pressed(Struct, frozen=True):
    """A button. `data` is what stood behind it, and is never trusted; `message` is the one that it stood under."""

    data: str
    message: MessageRef


class Refused(Struct, frozen=True):
    """Something that is not kept: `kind` is location, contact, file or other. `burst` joins what was sent as one."""

    kind: str
    message: MessageRef
    burst: str = ""


class CameBack(Struct, frozen=True):
    """/start, or the chat opened anew."""


class Blocked(Struct, frozen=True):
    """Its person lets the bot write no more."""


class Missed(Struct, frozen=True):
    """The channel lost what came since then (seconds since 1970): a message of this conversation may be missing."""

    since: int


class LookedUp(Struct, frozen=True):
    """What a return number led to: the day of receipt (ISO), or nothing. `slip`: it can't be anybody's number.

    `waits`: no intake has acknowledged it yet. `begins` are the number's first digits: who asks for ten tells them
    apart by those.
    """

    day: str | None
    slip: bool = False
    waits: bool = False
    begins: str = ""


Event = Said | Edited | Deleted | Pressed | Refused | CameBack | Blocked | Missed | LookedUp


class Envelope(Struct, frozen=True):
    """Where an event came from. `update` is its id at the platform; `account` says whose conversation it is.

    `address` is where to write to; `message` is what it came as; `replies_to` is the id of a message that it quotes;
    `sent` is when the platform says it was sent (seconds since 1970; 0: it does not say); `language` is what the
    platform says of its person's.
    """

    channel: str
    update: str
    account: str
    address: str
    message: MessageRef | None = None
    replies_to: str = ""
    sent: int = 0
    language: str = ""


class Arrival(Struct, frozen=True):
    """One platform update: an event in its envelope."""

    envelope: Envelope
    event: Event
