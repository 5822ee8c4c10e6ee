"""From a finished session to a sealed, signed report in the outbox."""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec

from bot.conversation.house import House
from bot.conversation.record import Handed, Record, digest, open_header
from bot.flow.conditions import flags, newest
from bot.flow.document import SealedPart, document, part_numbers
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.report import contact as contacts
from bot.report.contact import Contact
from bot.report.document import Document
from bot.report.document import encode as encode_document
from bot.report.erasure import erase_words
from bot.report.manifest import (
    CONTACT,
    DOCUMENT,
    FORMAT,
    Manifest,
    Part,
    ReceiptKeys,
    encode,
    new_report_id,
    sign_manifest,
)
from bot.report.return_number import Receipt, derive, new_number
from bot.seal.age import seal
from bot.seal.signing import OWNER, public_line
from bot.store import OutboxReport, PartRow, ReceiptRow

HOLD_DAYS = 30  # "not yet: keep it locked 30 days"
READY = 4  # return numbers derived ahead


class ReadyNumbers:
    """A few return numbers derived ahead: they are random and nobody's, so a submission need not wait for Argon2id."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        # A thread of its own: glibc keeps 19 MiB for each thread that derived once.
        self._thread = ThreadPoolExecutor(1, "return-numbers")
        self._ready: list[tuple[str, Receipt]] = []
        self._filling: asyncio.Task[None] | None = None

    async def take(self) -> tuple[str, Receipt]:
        """A number that nobody else gets."""
        found = self._ready.pop() if self._ready else await self._derive()
        self.fill()
        return found

    def fill(self) -> None:
        """Derive more in the background."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        while len(self._ready) < READY:
            self._ready.append(await self._derive())

    async def _derive(self) -> tuple[str, Receipt]:
        number = new_number()
        return number, await self.derive(number)

    async def derive(self, number: str) -> Receipt:
        """Off the event loop, one at a time: 35 ms and 19 MiB each."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, derive, number, self._salt)

    def stop(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)


async def next_version(
    house: House, numbers: ReadyNumbers, owner: bytes, record: Record, added: Sequence[PartRow], state: str
) -> tuple[Handed, OutboxReport, ReceiptRow | None]:
    """(what to remember, the version for the outbox, at the first one what lets its owner ask for it).

    `state` is open while it is still being told, or where its owner fell silent and had said that it may be read then.
    `added` are parts that are committed together with this.
    """
    session, now = record.session, house.now()
    flow = house.flow_of(session)
    if flow is None:
        raise LookupError("this session's flow is not here")
    day = f"{now:%Y-%m-%d}"
    begun, row = (record.handed, None) if record.handed else await _begin(house, numbers, day)
    handed = msgspec.structs.replace(begun, version=begun.version + 1, told=digest(session))
    parts, sealed = await _parts(house, owner, record, added)
    urgency = house.triage(flow, session, now)
    content = document(
        flow,
        session,
        sealed,
        report=handed.report,
        version=handed.version,
        state=state,
        day=day,
        urgency=urgency,
        receipt=handed.identity,
    )
    files = [
        (DOCUMENT, _seal(house, "case", encode_document(Document(**content)))),
        (CONTACT, _seal(house, "contact", contacts.encode(_contact(record)))),
        *parts,
    ]
    held = is_held(flow, session)
    rings = urgency == "P0" and not held
    delete_after = now + timedelta(days=HOLD_DAYS) if held else None
    manifest = encode(
        Manifest(
            format=FORMAT,
            report=handed.report,
            version=handed.version,
            state=state,
            parts=tuple(Part(n, len(d), hashlib.sha256(d).hexdigest()) for n, d in files),
            ring=rings,
            delete_after=f"{delete_after:%Y-%m-%d}" if delete_after else None,
            receipt=ReceiptKeys(handed.identity, handed.owner),
        )
    )
    # Calm reports leave at a random minute, so that times at the intake link nobody to a phone.
    later = random.SystemRandom().randrange(house.spread * 60 + 1) if house.spread and not rings else 0
    outbox = OutboxReport(
        handed.report,
        handed.version,
        manifest,
        sign_manifest(manifest, house.signer),
        tuple(files),
        int(now.timestamp()) + later,
    )
    return handed, outbox, row


def is_held(flow: Flow, session: Session) -> bool:
    """ "Not yet" was the last word: a yes to "may we read it and act" that came after it is newer, and urgent."""
    found = newest(session, "consent_share", "d_consent")
    return found is not None and found[0] == "consent_share" and "NOT_YET" in flags(flow, session)


async def _begin(house: House, numbers: ReadyNumbers, day: str) -> tuple[Handed, ReceiptRow]:
    number, receipt = await numbers.take()
    report = new_report_id()
    handed = Handed(
        report,
        0,
        number,
        receipt.lookup,
        receipt.identity.recipient.text,
        public_line(receipt.signer.public),
        receipt.signer.sign(erase_words(report), OWNER),
    )
    expires = int(house.clock()) // 86_400 * 86_400 + (house.receipt_days + 1) * 86_400
    return handed, ReceiptRow(receipt.lookup, day, expires)


def _seal(house: House, cls: str, plain: bytes) -> bytes:
    return bytes(seal(plain, house.recipients.of(cls)))


async def _parts(
    house: House, owner: bytes, record: Record, added: Sequence[PartRow]
) -> tuple[list[tuple[str, bytes]], dict[int, SealedPart]]:
    """The parts as whole age files. A part keeps its name through all versions."""
    rows = {row.number: row for row in (*await house.store.parts(owner), *added)}
    files, sealed = [], {}
    for number in part_numbers(record.session):
        row = rows[number]
        opened = open_header(house, owner, number, row.header)
        if opened is None:
            raise LookupError("a part's key is gone")
        size, header = opened
        data = header + row.payload
        name = f"{number:04}.age"
        files.append((name, data))
        sealed[number] = SealedPart(name, hashlib.sha256(data).hexdigest(), size)
    return files, sealed


def _contact(record: Record) -> Contact:
    """Always there, so that its absence tells nobody who said never; then it holds no way to them."""
    session = record.session
    found = newest(session, "contact_back", "d_contact")
    how = found[1].values[0] if found else "i_will_return"
    safe = session.answers.get("safe_when")
    here = how == "this_chat"
    return Contact(
        how=how,
        check_word=session.word,
        language=session.language,
        when=safe.values[0] if safe and safe.values and how != "never" else None,
        channel=session.channel if here else None,
        address=record.thread.address if here else None,
    )
