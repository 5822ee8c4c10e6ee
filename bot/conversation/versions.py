"""A version of a report: what a session holds, sealed, signed, ready for the outbox."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct, structs

from bot.conversation.house import House
from bot.conversation.parts import open_header
from bot.conversation.standing import Handed, Standing
from bot.flow.document import SealedPart, content, part_refs, substance
from bot.flow.model import Flow
from bot.flow.roles import in_danger, is_held, reads_if_silent, reads_now, reply
from bot.flow.session import Session
from bot.report import contact, document, manifest
from bot.report.erasure import erasure
from bot.report.return_number import derive, new_number
from bot.seal.age import seal
from bot.store import OutboxReport, PartRow, ReceiptRow

State = Literal["open", "submitted"]
HOLD_DAYS = 30  # "not yet: lock it"
HOUR, DAY = 3600, 86_400


class Version(Struct, frozen=True):
    """What to remember of it, what goes into the outbox, and at the first one what lets its owner ask for it."""

    handed: Handed
    report: OutboxReport
    receipt: ReceiptRow | None = None

    @property
    def rings(self) -> bool:
        """Somebody is to be told at once."""
        return self.handed.rings == self.handed.version


# --- whether one is to leave ---


def digest(session: Session) -> bytes:
    """What a version of the report would hold, in 16 bytes."""
    return hashlib.sha256(msgspec.msgpack.encode(substance(session))).digest()[:16]


def is_told(standing: Standing) -> bool:
    """The newest version that left holds all that was said."""
    return standing.handed is not None and standing.handed.told == digest(standing.session)


def is_untold(flow: Flow, standing: Standing) -> bool:
    """Its owner wants it to be read if they fall silent, and something of it has not left yet."""
    return reads_if_silent(flow, standing.session) and not is_told(standing)


def leaves_at_once(flow: Flow, standing: Standing) -> bool:
    """Somebody is in danger and lets people read it: what changed goes out with the commit that brings it."""
    session = standing.session
    if session.submitted or not session.agreed or (standing.handed is None and not in_danger(flow, session)):
        return False
    return reads_now(flow, session) and not is_told(standing)


# --- making it ---


async def next_version(
    house: House, conversation: bytes, standing: Standing, added: Sequence[PartRow], state: State
) -> Version:
    """`state` is open while it is still being told, or where its owner fell silent. `added` are parts that are
    committed together with it."""
    session, now = standing.session, house.now()
    flow = house.flow_of(session)
    if flow is None:
        raise LookupError("this session's flow is not here")
    begun, receipt = (standing.handed, None) if standing.handed is not None else _begin(house, f"{now:%Y-%m-%d}")
    urgency, held = house.triage(flow, session, now), is_held(flow, session)
    rings = urgency == "P0" and not held
    handed = structs.replace(begun, version=begun.version + 1, told=digest(session), key=os.urandom(16))
    if rings:
        handed = structs.replace(handed, alarm=handed.alarm or os.urandom(16), rings=handed.version)
    rows = {row.number: row for row in (*await house.store.parts(conversation), *added)}
    parts, sealed = _whole(house, conversation, session, rows)
    files = [
        (manifest.DOCUMENT, _sealed_document(house, flow, standing, handed, sealed, state, urgency)),
        (manifest.CONTACT, _sealed_contact(house, flow, standing)),
        *parts,
    ]
    signed = manifest.encode(
        manifest.Manifest(
            format=manifest.FORMAT,
            report=handed.report,
            version=handed.version,
            state=state,
            parts=tuple(manifest.Part(n, len(d), hashlib.sha256(d).hexdigest()) for n, d in files),
            ring=rings,
            delete_after=f"{now + timedelta(days=HOLD_DAYS):%Y-%m-%d}" if held else None,
            receipt=manifest.ReceiptKeys(handed.identity, handed.signer),
        )
    )
    report = OutboxReport(
        handed.report,
        handed.version,
        signed,
        manifest.sign_manifest(signed, house.signer),
        tuple(files),
        int(now.timestamp()) // HOUR * HOUR,  # no instant: when a calm one leaves is decided in handoff
        handed.key,
    )
    return Version(handed, report, receipt)


def _begin(house: House, day: str) -> tuple[Handed, ReceiptRow]:
    """A new report's id and number, and its owner's wish to erase it: signed now, kept until the number was shown."""
    number, report = new_number(), manifest.new_report_id()
    receipt = derive(number, house.salt)
    wish = erasure(report, receipt.signer)
    handed = Handed(report, 0, number, receipt.lookup, receipt.identity.recipient.text, wish.owner, wish.signature)
    expires = (int(house.clock()) // DAY + house.receipt_days + 1) * DAY
    return handed, ReceiptRow(receipt.lookup, day, expires)


def _sealed_document(
    house: House,
    flow: Flow,
    standing: Standing,
    handed: Handed,
    sealed: Mapping[int, SealedPart],
    state: State,
    urgency: str,
) -> bytes:
    session, held = standing.session, content(flow, standing.session, sealed)
    plain = document.encode(
        document.Document(
            format="stonechat.report/1",
            report=handed.report,
            version=handed.version,
            state=state,
            flow=flow.id,
            flow_version=flow.version,
            language=session.language.replace("_", "-"),  # catalogues say pt_BR, the treaty BCP 47's pt-BR
            channel=cast(Any, session.channel),
            opened=session.opened,
            submitted=f"{house.now():%Y-%m-%d}",
            urgency=cast(Any, urgency),
            flags=tuple(held.flags),
            answers=held.answers,
            fields=held.fields,
            consent=held.consent,
            receipt=handed.identity,
        )
    )
    return bytes(seal(plain, house.recipients.of("case")))


def _sealed_contact(house: House, flow: Flow, standing: Standing) -> bytes:
    """Always there and always of one size; the address only where its owner chose this chat."""
    session, wish = standing.session, reply(flow, standing.session)
    plain = contact.encode(
        contact.Contact(
            how=contact.NEVER if wish.never else wish.how,
            check_word=session.word,
            language=session.language.replace("_", "-"),
            when=wish.when,
            channel=session.channel if wish.here else None,
            address=standing.thread.address if wish.here else None,
        )
    )
    return bytes(seal(plain, house.recipients.of("contact")))


def _whole(
    house: House, conversation: bytes, session: Session, rows: Mapping[int, PartRow]
) -> tuple[list[tuple[str, bytes]], dict[int, SealedPart]]:
    """The parts as whole age files. A part keeps its name through all versions."""
    files, sealed = [], {}
    for ref in part_refs(session):
        row = rows[ref.number]
        opened = open_header(house, conversation, row)
        if opened is None:
            raise LookupError("a part's key is gone")
        size, header = opened
        data = header + row.payload
        name = f"{ref.number:04}.age"
        files.append((name, data))
        sealed[ref.number] = SealedPart(name, hashlib.sha256(data).hexdigest(), size)
    return files, sealed
