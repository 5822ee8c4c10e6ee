"""Events, one after the other, up to one that ends or begins something: what a batch of them comes to. Pure."""

from datetime import datetime

from msgspec import Struct, structs

from bot.conversation.standing import Handed, Standing, Thread, arrived, place_of, taken_back
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.step import keep_words, step
from bot.flow.turn import Do
from bot.flow.values import ToSeal
from bot.talk.events import Blocked, Deleted, Edited, Envelope, Event, MessageRef, Pressed, Refused, Said
from bot.talk.sentences import Block


class Taken(Struct, frozen=True):
    """What a batch of events comes to. `before` is the session before the newest of them."""

    standing: Standing
    before: Session
    say: tuple[Block, ...] = ()
    ask: bool = False
    edits: MessageRef | None = None
    seal: tuple[ToSeal, ...] = ()
    drop: tuple[int, ...] = ()
    do: Do | None = None


def nothing_yet(standing: Standing) -> Taken:
    """An empty batch."""
    return Taken(standing, standing.session)


def take(flow: Flow, taken: Taken, event: Event, envelope: Envelope | None, now: datetime) -> Taken:
    """One event more. `envelope` is None for what came from inside (a number was looked up)."""
    standing = taken.standing
    if isinstance(event, Blocked):
        return taken
    edits = None
    if envelope is not None:
        about = event.message if isinstance(event, Pressed) else None
        thread, message = arrived(standing.thread, envelope, about, int(now.timestamp()))
        if isinstance(event, Pressed) and message is not None and message == thread.prompt:
            edits = message
        standing = structs.replace(standing, thread=thread)
        event, known = _placed(event, standing, message, envelope), _spoken_of(event, thread)
        standing = structs.replace(standing, thread=_after(event, thread))
        if known:
            return structs.replace(taken, standing=standing)
    turn = step(flow, standing.session, event, now)
    return structs.replace(
        taken,
        standing=structs.replace(standing, session=turn.session, handed=_untold(standing, turn.session)),
        before=standing.session,
        say=(*taken.say, *turn.say),
        ask=taken.ask or turn.ask,
        edits=edits,
        seal=(*taken.seal, *turn.seal),
        drop=(*taken.drop, *turn.drop),
        do=turn.do,
    )


def _untold(standing: Standing, after: Session) -> Handed | None:
    """Who calls for help once it was sent is not told off because nothing new was said: a new version leaves."""
    handed, before = standing.handed, standing.session
    reopened = handed is not None and before.submitted and not after.submitted and after.report
    return structs.replace(handed, told=b"") if reopened and handed is not None else handed


def kept(flow: Flow, taken: Taken, event: Said | Edited, envelope: Envelope, now: datetime) -> Taken:
    """Words of an event that makes its step fail: they wait, sealed, until their writer says where they belong."""
    thread, message = arrived(taken.standing.thread, envelope, None, int(now.timestamp()))
    turn = keep_words(flow, taken.standing.session, Said(event.text, message or event.message))
    standing = structs.replace(taken.standing, thread=thread, session=turn.session)
    return structs.replace(taken, standing=standing, seal=turn.seal)


def _placed(event: Event, standing: Standing, message: MessageRef | None, envelope: Envelope) -> Event:
    """The event with its message's order, and words with the question that they were written for."""
    if message is None:
        return event
    if isinstance(event, Said):
        place = place_of(standing, message, envelope.replies_to)
        return structs.replace(event, message=message, place=place)
    if isinstance(event, Edited | Deleted | Pressed | Refused):
        return structs.replace(event, message=message)
    return event


def _spoken_of(event: Event, thread: Thread) -> bool:
    """Of what was sent as one (an album), the first is spoken of."""
    return isinstance(event, Refused) and bool(event.burst) and event.burst == thread.burst


def _after(event: Event, thread: Thread) -> Thread:
    if isinstance(event, Deleted):
        return taken_back(thread, frozenset({event.message.id}))
    return structs.replace(thread, burst=event.burst if isinstance(event, Refused) else "")
