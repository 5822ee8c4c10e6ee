"""What is kept of one conversation until it is submitted: encrypted under its own key, never in the clear."""

import hashlib
import secrets

import msgspec
from msgspec import Struct

from bot.channels import Incoming
from bot.conversation.house import House
from bot.flow.conditions import flags
from bot.flow.session import Session
from bot.flow.step import start
from bot.seal.age import Sealed

RECORD, HEADER, SIZE = b"record", b"header", 4
TIDY = 46 * 3600  # seconds: Telegram lets a bot delete for 48 hours, we stay below
NUMBER_STAYS = 24 * 3600
SILENCE = 24 * 3600
READ_IF_SILENT, READ_NOW = "READ_IF_SILENT", "READ_NOW"  # flags that options of a flow set
LATEST = 2**62  # seconds: as far as a store can count
ASKED = 12  # prompts that are remembered, to know which question words were written for
MOST_MESSAGES = 2_000


class Thread(Struct, frozen=True, array_like=True):
    """The channel's side: where to write, what stands there. `asked` are (message id, place) of prompts."""

    channel: str
    address: str
    messages: tuple[tuple[int, int], ...] = ()
    asked: tuple[tuple[int, str], ...] = ()
    turn: int = 0  # how often there was something to say
    shown: int = 0  # up to which of them it was said; what is missing is owed
    prompt: int = 0  # message id of the prompt that stands there


class Handed(Struct, frozen=True, array_like=True):
    """A report that is with the intake or on its way: its newest version, and what its return number proves.

    `erasure` is the owner's signature that destroys it there; `told` a digest of what the newest version holds.
    """

    report: str
    version: int
    number: str
    lookup: bytes
    identity: str
    owner: str
    erasure: str
    told: bytes = b""


class Record(Struct, frozen=True, array_like=True):
    session: Session
    thread: Thread
    handed: Handed | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    return _encoder.encode(record)


def decode(data: bytes) -> Record | None:
    """None for a record of a form that is no longer known."""
    try:
        return after_a_crash(_decoder.decode(data))
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def new_record(house: House, event: Incoming) -> Record:
    """A conversation at its first question. In memory only until its person agrees to start."""
    word = " ".join(secrets.choice(house.check_words) for _ in range(2))
    channel = house.channels[event.channel]
    session = Session(
        flow=house.flow.id,
        version=house.flow.version,
        nonce=secrets.randbits(40),
        channel=event.channel,
        capabilities=channel.capabilities,
        word=word,
        hours=house.draft_hours.get(event.channel, 72),
        raised=("LISTS_ONLY",) if "lists_only" in channel.capabilities else (),
        language=_language(house, event.language),
        opened=f"{house.now():%Y-%m-%d}",
        last=int(house.clock()),
    )
    return Record(start(house.flow, session), Thread(event.channel, event.address))


def _language(house: House, wanted: str) -> str:
    """What the platform says, where that is offered; the first language else."""
    offered = [code for code, _ in house.flow.languages]
    short = wanted.partition("-")[0].lower()
    return short if short in offered else offered[0]


def with_message(thread: Thread, message: int, at: int) -> Thread:
    """Remember a message of either side, so that it can be deleted."""
    if not message or any(m == message for m, _ in thread.messages):
        return thread
    messages = (*thread.messages, (message, at))[-MOST_MESSAGES:]
    return msgspec.structs.replace(thread, messages=messages)


def after_a_crash(record: Record) -> Record:
    """A prompt that is owed may have been seen all the same: what comes next is taken for an answer to it."""
    thread = record.thread
    if thread.shown >= thread.turn:
        return record
    last = max((m for m, _ in thread.messages), default=0)
    entries = (*thread.asked, (last, record.session.at))[-ASKED:]
    return msgspec.structs.replace(record, thread=msgspec.structs.replace(thread, asked=entries))


def asked(thread: Thread, message: int, place: str) -> Thread:
    entries = (*thread.asked, (message, place))[-ASKED:]
    return msgspec.structs.replace(thread, asked=entries, prompt=message)


def due(house: House, record: Record) -> int:
    """When this conversation needs a look, rounded up to ten minutes so that it tells no instant."""
    session = record.session
    if session.submitted:
        at = session.last + NUMBER_STAYS
    else:
        at = session.last + house.draft_hours.get(session.channel, 72) * 3600
        if is_untold(house, record):
            at = min(at, session.last + SILENCE)
    if "delete" in session.capabilities and record.thread.messages:
        at = min(at, record.thread.messages[0][1] + TIDY - 600)
    return min(at - at % -600, LATEST)


def digest(session: Session) -> bytes:
    """What a version of the report would hold, in 16 bytes."""
    told = (session.answers, session.held, session.rounds, session.raised, session.language)
    return hashlib.sha256(msgspec.msgpack.encode(told)).digest()[:16]


def has_flag(house: House, session: Session, name: str) -> bool:
    flow = house.flow_of(session)
    return flow is not None and name in flags(flow, session)


def is_untold(house: House, record: Record) -> bool:
    """Its owner wants it to be read if they fall silent, and something of it has not left yet."""
    if record.handed is not None and record.handed.told == digest(record.session):
        return False
    return has_flag(house, record.session, READ_IF_SILENT)


def seal_header(house: House, owner: bytes, number: int, sealed: Sealed, size: int) -> bytes:
    """A part's age header and its true size, under the conversation's key."""
    return house.keys.encrypt(owner, HEADER + number.to_bytes(4, "big"), size.to_bytes(SIZE, "big") + sealed.header)


def open_header(house: House, owner: bytes, number: int, data: bytes) -> tuple[int, bytes] | None:
    plain = house.keys.decrypt(owner, HEADER + number.to_bytes(4, "big"), data)
    return None if plain is None else (int.from_bytes(plain[:SIZE], "big"), plain[SIZE:])
