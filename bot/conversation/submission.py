"""From a finished session to a sealed, signed report in the outbox."""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec

from bot.conversation.house import House
from bot.conversation.record import Handed, Record, digest, open_header
from bot.flow.conditions import flags, newest
from bot.flow.document import SealedPart, document, part_numbers
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.seal.age import seal
from bot.seal.manifest import FORMAT, Manifest, Part, ReceiptKeys, encode, erase_words, new_report_id, sign_manifest
from bot.seal.padding import pad_text
from bot.seal.receipt import Receipt, derive, new_number
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
    doc = document(
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
    files = [("report.age", "case", _seal_json(house, "case", doc))]
    if contact := _contact(record):
        files.append(("contact.age", "contact", _seal_json(house, "contact", contact)))
    files += parts
    held = is_held(flow, session)
    rings = urgency == "P0" and not held
    delete_after = now + timedelta(days=HOLD_DAYS) if held else None
    manifest = encode(
        Manifest(
            format=FORMAT,
            report=handed.report,
            version=handed.version,
            state=state,
            parts=tuple(Part(n, c, len(d), hashlib.sha256(d).hexdigest()) for n, c, d in files),
            ring=rings,
            delete_after=f"{delete_after:%Y-%m-%d}" if delete_after else None,
            receipt=ReceiptKeys(handed.identity, handed.owner),
        )
    )
    # Calm reports leave at a random minute, so that times at the intake link nobody to a phone.
    later = random.SystemRandom().randrange(house.spread * 60 + 1) if house.spread and not rings else 0
    outbox = OutboxReport(
        handed.report,
        manifest,
        sign_manifest(manifest, house.signer),
        tuple((n, d) for n, _, d in files),
        int(now.timestamp()) + later,
        handed.version,
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


def _seal_json(house: House, cls: str, value: dict[str, Any]) -> bytes:
    plain = pad_text(msgspec.json.format(msgspec.json.encode(value), indent=1))
    return bytes(seal(plain, house.recipients.of(cls)))


async def _parts(
    house: House, owner: bytes, record: Record, added: Sequence[PartRow]
) -> tuple[list[tuple[str, str, bytes]], dict[int, SealedPart]]:
    """The parts as whole age files. A part keeps its name through all versions."""
    rows = {row.number: row for row in (*await house.store.parts(owner), *added)}
    classes = {p.number: p.cls for a in record.session.answers.values() for p in a.parts}
    classes |= {p.number: p.cls for p in record.session.held}
    files, sealed = [], {}
    for number in part_numbers(record.session):
        row = rows[number]
        opened = open_header(house, owner, number, row.header)
        if opened is None:
            raise LookupError("a part's key is gone")
        size, header = opened
        data = header + row.payload
        name = f"{number:04}.age"
        files.append((name, classes[number], data))
        sealed[number] = SealedPart(name, hashlib.sha256(data).hexdigest(), size)
    return files, sealed


def _contact(record: Record) -> dict[str, Any] | None:
    """The reply address and check word: a file of their own, absent when the reporter said never."""
    session = record.session
    found = newest(session, "contact_back", "d_contact")
    how = found[1].values[0] if found else "i_will_return"
    if how == "never":
        return None
    safe = session.answers.get("safe_when")
    contact: dict[str, Any] = {
        "format": "stonechat.contact/1",
        "contact_back": how,
        "check_word": session.word,
        "language": session.language,
        "safe_when": safe.values[0] if safe and safe.values else None,
    }
    if how == "this_chat":
        contact |= {"channel": session.channel, "address": record.thread.address}
    return contact
