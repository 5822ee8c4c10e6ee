"""What is left to do at a platform after a conversation is gone: delete messages, say a last word.

A chore is encrypted under a key of its own and lives 48 hours at most, done or not. It survives a crash.
"""

import asyncio
import contextlib
import logging
import os
from typing import Any

import msgspec
from msgspec import Struct

from bot.conversation.house import House
from bot.conversation.standing import Chore
from bot.conversation.watch import Moved, Watch
from bot.errors import NotKept
from bot.store import ChoreRow
from bot.talk.events import MessageRef
from bot.talk.outgoing import Outgoing, Undeliverable

log = logging.getLogger("stonechat.chores")
LABEL = b"chore"
FORM = 2
FAR = 2**62  # seconds since 1970: every chore there is
HOUR = 3600  # seconds: a stored instant tells no more
LIVES = 48 * 3600  # seconds: after them no platform deletes anything for a bot, and who it was is forgotten


class NotHere(Exception):
    """The channel is not set up now; it may be with the next start."""


class _Stored(Struct, frozen=True, array_like=True):
    form: int
    until: int  # seconds since 1970
    chore: Chore


class ChoreMaker:
    """Chores as rows, each with a key of its own, and back."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house, self._watch = house, watch
        self._later: dict[bytes, int] = {}  # seconds by which the clock was set since they were made

    def move(self, row: ChoreRow, moved: Moved) -> None:
        """The clock was set: it lives as long as it would have. In memory alone: a start is another's business.

        One of schema 1 lives from when its row is due, which the store has moved.
        """
        if (known := self._known(row)) and not known[2]:
            made = known[0] - LIVES + self._later.get(row.id, 0)
            self._later[row.id] = self._later.get(row.id, 0) + moved(made) - made

    def over(self, name: bytes) -> None:
        """It is asked about no more."""
        self._later.pop(name, None)

    def row(self, chore: Chore) -> ChoreRow:
        """A row whose key is on disk. Who can't commit it destroys that key again."""
        name = os.urandom(16)
        now = int(self._house.clock())
        self._house.keys.create(name)
        stored = _Stored(FORM, now + LIVES, chore)
        sealed = self._house.keys.encrypt(name, LABEL, msgspec.msgpack.encode(stored))
        return ChoreRow(name, sealed, now - now % HOUR)

    def read(self, row: ChoreRow) -> Chore | None:
        """None where its key is gone, its time is over, or nobody knows its form."""
        known = self._known(row)
        if known is None:
            return None
        is_over = self._house.clock() >= known[0] + self._later.get(row.id, 0)
        return None if is_over and self._watch.is_believed else known[1]

    def _known(self, row: ChoreRow) -> tuple[int, Chore, bool] | None:
        """Until when it lives, what it is, and whether it is of schema 1."""
        plain = self._house.keys.decrypt(row.id, LABEL, row.record)
        if plain is None:
            return None
        try:
            stored = msgspec.msgpack.decode(plain, type=_Stored)
        except (msgspec.DecodeError, msgspec.ValidationError):
            older = _older(plain)
            return (row.due + LIVES, older, True) if older is not None else None
        return (stored.until, stored.chore, False) if stored.form == FORM else None


def _older(plain: bytes) -> Chore | None:
    """Of schema 1: whole numbers for messages, one text, no time of its own: it lives from when it was due."""
    try:
        channel, address, delete, text, edit, failed = msgspec.msgpack.decode(
            plain, type=tuple[str, str, tuple[int, ...], str, int, str]
        )
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    refs = tuple(MessageRef(str(m), m) for m in delete)
    return Chore(
        channel,
        address,
        refs,
        (text,) if text else (),
        MessageRef(str(edit), edit, True) if edit else None,
        (failed,) if failed else (),
    )


class Chores:
    """Does chores one after the other for a chat, all chats side by side."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house, self.maker = house, ChoreMaker(house, watch)
        self._wake = asyncio.Event()
        self._busy: dict[bytes, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.round()
                # Not wait_for: Python 3.11's swallows an end that comes in the same moment as a wake.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(60):
                        await self._wake.wait()
                self._wake.clear()
        finally:
            for task in self._busy.values():
                task.cancel()

    async def move(self, moved: Moved) -> None:
        """The clock was set. Raises NotKept."""
        for row in await self._house.store.chores(FAR):
            self.maker.move(row, moved)

    async def round(self) -> None:
        """Start what is due and not under way."""
        try:
            rows = await self._house.store.chores(int(self._house.clock()))
        except NotKept:
            return
        for row in rows:
            under_way = self._busy.get(row.id)
            if under_way is None:
                self._busy[row.id] = asyncio.create_task(self._do(row))
            elif self.maker.read(row) is None:  # its time is over, and the platform still does not answer
                under_way.cancel()

    async def settled(self) -> None:
        """When nothing is under way (for tests and the terminal)."""
        await self.round()
        if self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _do(self, row: ChoreRow) -> None:
        try:
            if await self._carried_out(self.maker.read(row)):
                # The key first: who it was is forgotten even where the store takes nothing.
                self._house.keys.forsake(row.id)
                self.maker.over(row.id)
                await self._house.store.chore_done(row.id)
        except NotKept:
            return  # a row without a key is over: it goes with the next look
        finally:
            del self._busy[row.id]
            self._house.keys.release(row.id)

    async def _carried_out(self, chore: Chore | None) -> bool:
        """Whether it is over: done, or such as can't be done by anybody."""
        if chore is None:
            return True
        try:
            await carry_out(self._house, chore)
        except Undeliverable:
            pass
        except Exception as error:
            log.warning("a chore failed and is tried again, 48 hours at most: %s", type(error).__name__)
            return False
        return True


async def carry_out(house: House, chore: Chore) -> None:
    """Delete, then say the last word. Deleting twice does no harm."""
    channel: Any = house.channels.get(chore.channel)
    if channel is None:
        raise NotHere
    paragraphs = chore.paragraphs
    if chore.delete and not await channel.delete(chore.address, chore.delete):
        paragraphs = (*paragraphs, *chore.failed)
    if paragraphs:
        await channel.send(chore.address, Outgoing(paragraphs, edits=chore.edits))
