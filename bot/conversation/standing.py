"""Where one conversation stands, whole; and the three ways in which its thread of messages changes.

The states of a conversation, and who may leave each:

| state    | what holds                                        | left by                                            |
| -------- | ------------------------------------------------- | -------------------------------------------------- |
| nobody   | no standing, no row, no key                       | any arrival -> begun                               |
| begun    | in memory only; nothing is agreed to              | Start -> told; Forget, 30 idle minutes -> nobody   |
| told     | a row, a key, `handed` None                       | a version leaves -> open; Submit -> sent;          |
|          |                                                   | Erase, its hours -> nobody                         |
| open     | as told; `handed` says what people can read       | Submit -> sent; Erase -> nobody, and at the intake;|
|          |                                                   | its hours -> nobody, and it stays with the intake  |
| sent     | as open, and the number stands there              | Finish, 24 hours, Erase -> nobody; a call for help |
|          |                                                   | that may be read -> open                           |

A conversation in `told`, `open` or `sent` has exactly one row and one key; in the others it has neither. What is left
to do for somebody who is nobody again (messages to delete) is a chore, with a row and a key of its own.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, structs

from bot.flow.session import Session
from bot.talk.events import Envelope, MessageRef

News = Literal["", "waits", "said"]
ASKED = 12  # prompts that are remembered, to know which question words were written for
MOST_MESSAGES = 2_000
ROUNDED = 3600  # seconds: a stored instant tells no more than the hour
NUMBER_STAYS = 24 * 3600  # seconds that a return number stands in the chat when nobody says "I wrote it down"


class Kept(Struct, frozen=True, array_like=True):
    """A message that stands at the platform. `at` is when it was sent (seconds since 1970)."""

    message: MessageRef
    at: int


class Thread(Struct, frozen=True, array_like=True):
    """The channel's side: where to write, what stands there."""

    channel: str
    address: str
    messages: tuple[Kept, ...] = ()
    asked: tuple[tuple[int, str], ...] = ()  # (order of a prompt, the place that it asks for)
    count: int = 0  # what came and went so far, where the platform has no order of its own
    turn: int = 0  # how often there was something to say
    shown: int = 0  # up to which of them it was said; what is missing is owed
    prompt: MessageRef | None = None  # the prompt that stands there
    burst: str = ""  # what was sent as one and has been spoken of
    since: tuple[int, float] | None = None  # (nonce, our steady clock) of the send that shows its prompt: memory only


class Handed(Struct, frozen=True, array_like=True):
    """A report that is with the intake or on its way: its newest version, and what its return number proves.

    `erasure` is the signature by `signer` that destroys it there; `told` a digest of what the newest version holds.
    `alarm` is the random id under which it rings; `rings` the newest version that does, `rung` the newest whose alarm
    is on disk: after a crash the difference rings. `acknowledged` is the newest version that the intake signed for.
    `news` is whether "a person is told now" waits for that, or was said.
    """

    report: str
    version: int
    number: str
    lookup: bytes
    identity: str
    signer: str
    erasure: str
    told: bytes = b""
    key: bytes = b""  # the name of the key that the newest version is closed under while it waits
    alarm: bytes = b""
    rings: int = 0
    rung: int = 0
    acknowledged: int = 0
    news: News = ""


class Standing(Struct, frozen=True, array_like=True):
    """Where one conversation stands. `revision` is the stored one; 0: nothing is stored."""

    session: Session
    thread: Thread
    handed: Handed | None = None
    revision: int = 0


class Chore(Struct, frozen=True, array_like=True):
    """`edits` is the message that is changed into the farewell; without it a new one is sent. No words: none is.

    `failed` is said besides where some of `delete` stays.
    """

    channel: str
    address: str
    delete: tuple[MessageRef, ...] = ()
    paragraphs: tuple[str, ...] = ()
    edits: MessageRef | None = None
    failed: tuple[str, ...] = ()


def moved_with(standing: Standing, moved: Callable[[int], int]) -> Standing:
    """Every instant that it holds, by a clock that was set."""
    session, thread = standing.session, standing.thread
    kept = tuple(structs.replace(each, at=moved(each.at)) for each in thread.messages)
    session = structs.replace(session, last=moved(session.last), missed=moved(session.missed))
    return structs.replace(standing, session=session, thread=structs.replace(thread, messages=kept))


def new_thread(envelope: Envelope) -> Thread:
    """Nothing stands there yet."""
    return Thread(envelope.channel, envelope.address)


# --- the three reducers: nothing else changes a thread's messages ---


def arrived(thread: Thread, envelope: Envelope, about: MessageRef | None, now: int) -> tuple[Thread, MessageRef | None]:
    """Something came: the thread with the message that it came as (or that it is `about`), and that message's order.

    A message that is there already stays as it was: an edit, a press on one of ours. A press on one of ours that we did
    not know of (a crash came between sending it and writing it down) makes it known.
    """
    message = envelope.message or about
    thread = structs.replace(thread, address=envelope.address, count=thread.count + 1)
    if message is None or not message.id:
        return thread, None
    ids = _ids(thread)
    if message.id in ids:
        return thread, thread.messages[ids.index(message.id)].message
    if not message.order:
        message = structs.replace(message, order=thread.count)
    return _and(thread, message, envelope.sent or now), message


def sent(
    thread: Thread,
    messages: tuple[MessageRef, ...],
    now: int,
    turn: int,
    place: str | None,
    since: tuple[int, float] | None = None,
) -> Thread:
    """A send ended: `messages` stand there now, the last one asks for `place`; all up to `turn` was said.

    `since` is the nonce of what was asked, and when the call returned by our steady clock.
    """
    last = None
    for message in messages:
        count = thread.count + 1
        last = message if message.order else structs.replace(message, order=count)
        thread = _with(structs.replace(thread, count=count), last, now)
    thread = structs.replace(thread, shown=max(turn, thread.shown))
    if place is None or last is None:
        return thread
    return structs.replace(thread, asked=(*thread.asked, (last.order, place))[-ASKED:], prompt=last, since=since)


def taken_back(thread: Thread, gone: frozenset[str]) -> Thread:
    """Messages (by id) do not stand there any more, or somebody owes their deletion."""
    kept = tuple(k for k in thread.messages if k.message.id not in gone)
    return structs.replace(thread, messages=kept)


def _ids(thread: Thread) -> list[str]:
    """A list and not one by one: who floods has two thousand."""
    return [kept.message.id for kept in thread.messages]


def _with(thread: Thread, message: MessageRef, at: int) -> Thread:
    return thread if message.id in _ids(thread) else _and(thread, message, at)


def _and(thread: Thread, message: MessageRef, at: int) -> Thread:
    return structs.replace(thread, messages=(*thread.messages, Kept(message, at))[-MOST_MESSAGES:])


# --- what follows from a thread ---


def place_of(standing: Standing, message: MessageRef, replies_to: str) -> str | None:
    """The question that words were written for: the one quoted, else the last that stood above them."""
    thread = standing.thread
    if replies_to:
        order = next((k.message.order for k in thread.messages if k.message.id == replies_to), None)
        quoted = [place for asked, place in thread.asked if asked == order]
        if quoted:
            return quoted[-1]
        answers = standing.session.answers.items()
        own = (at for at, a in answers for p in a.parts if p.message.id == replies_to)
        return next(own, None)
    above = [place for asked, place in thread.asked if asked < message.order]
    return above[-1] if above else None  # nothing remembered above it: the words belong to what stands now


def owed(thread: Thread) -> bool:
    """Something that was to be said was not seen to be said."""
    return thread.shown < thread.turn


def stays_at(thread: Thread, place: str) -> bool:
    """The two newest prompts asked for this place already: the question, and what followed its first answer."""
    return len(thread.asked) > 1 and all(asked == place for _, asked in thread.asked[-2:])


def seen_after_all(standing: Standing, place: str) -> Standing:
    """After a crash: a prompt that is owed may have been read all the same; what comes next may answer it."""
    thread = standing.thread
    if not owed(thread):
        return standing
    last = max((k.message.order for k in thread.messages), default=0)
    asked = (*thread.asked, (last, place))[-ASKED:]
    return structs.replace(standing, thread=structs.replace(thread, asked=asked))
