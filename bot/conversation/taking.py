"""Events, one after the other, up to one that ends or begins something: what a batch of them comes to. Pure."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, structs

from bot.conversation.standing import Handed, Standing, Thread, arrived, place_of, taken_back
from bot.flow.model import Flow
from bot.flow.prompts import binds, is_of, may_pass
from bot.flow.session import Session, is_idle
from bot.flow.step import keep_words, step
from bot.flow.turn import Do, LookUp
from bot.flow.values import ToSeal
from bot.flow.wording import text
from bot.talk.events import Blocked, Deleted, Edited, Envelope, Event, MessageRef, Pressed, Refused, Said
from bot.talk.sentences import Block

READING = 1.0  # seconds that what binds stands there before a press on it counts


class Taken(Struct, frozen=True):
    """What a batch of events comes to. `before` is the session before the newest of them.

    `notice` is for whoever did what does not count (pressed a button too early, took back what can't be), where the
    channel can show one.
    """

    standing: Standing
    before: Session
    say: tuple[Block, ...] = ()
    ask: bool = False
    edits: MessageRef | None = None
    seal: tuple[ToSeal, ...] = ()
    drop: tuple[int, ...] = ()
    do: Do | None = None
    notice: Block | None = None


def ends(taken: Taken) -> bool:
    """Nothing more belongs to this batch: it begins or ends something. Of numbers to look up the newest counts."""
    return taken.do is not None and not isinstance(taken.do, LookUp)


def nothing_yet(standing: Standing) -> Taken:
    """An empty batch."""
    return Taken(standing, standing.session)


def take(
    flow: Flow,
    taken: Taken,
    event: Event,
    envelope: Envelope | None,
    now: datetime,
    reached: float = 0.0,
    *,
    sending: bool = False,
) -> Taken:
    """One event more. `envelope` is None for what came from inside (a number was looked up).

    `reached` is when its update reached us (seconds of our steady clock); `sending`: a message of ours is on its way.
    """
    taken = structs.replace(taken, notice=None)
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
    match _unread(flow, standing, event, reached, now, sending):
        case "early":
            return structs.replace(taken, standing=standing, notice=text(flow, "too_early"))
        case "anew":
            return structs.replace(taken, standing=standing, ask=True)
    turn = step(flow, standing.session, event, now)
    stays = isinstance(event, Deleted) and not turn.drop and turn.session == standing.session
    return structs.replace(
        taken,
        standing=structs.replace(standing, session=turn.session, handed=_untold(standing, turn.session)),
        before=standing.session,
        say=(*taken.say, *turn.say),
        ask=taken.ask or turn.ask,
        edits=edits,
        seal=(*taken.seal, *turn.seal),
        drop=(*taken.drop, *turn.drop),
        do=turn.do or taken.do,
        notice=text(flow, "deleted_not") if stays else None,
    )


def _unread(
    flow: Flow, standing: Standing, event: Event, reached: float, now: datetime, sending: bool
) -> Literal["early", "anew"] | None:
    """Whether a press on what binds can't have been made by somebody who had read it.

    It counts only if its update reached us a second after the call returned that sent that very message. Too early:
    nothing changes, whatever button it was. When it was sent is not known after a restart, or where nobody knows
    whether it was sent: then it is asked anew, and the second counts from there.
    """
    session, since = standing.session, standing.thread.since
    if not isinstance(event, Pressed) or may_pass(event.data) or not binds(flow, session):
        return None
    if since is not None and since[0] == session.nonce:
        return "early" if reached - since[1] < READING else None
    if sending:
        return "early"
    return "anew" if is_of(session, event.data) and not is_idle(session, now) else None


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
