"""What is left to do at a platform after a conversation is gone: delete messages, say a last word.

A chore is encrypted under a key of its own and lives 48 hours at most. It survives a crash.
"""

import asyncio
import logging
import os

import msgspec
from msgspec import Struct

from bot.channels import Outgoing, Undeliverable
from bot.conversation.house import House
from bot.store import ChoreRow, StoreError

log = logging.getLogger("stonechat.chores")
LABEL = b"chore"


class Chore(Struct, frozen=True, array_like=True):
    """`edit` is the message that is changed into the farewell; 0 sends a new one, no text sends none."""

    channel: str
    address: str
    delete: tuple[int, ...] = ()
    text: str = ""
    edit: int = 0
    failed_text: str = ""


def make(house: House, chore: Chore) -> ChoreRow:
    """A row with a key of its own."""
    owner = os.urandom(16)
    house.keys.create(owner)
    record = house.keys.encrypt(owner, LABEL, msgspec.msgpack.encode(chore))
    now = int(house.clock())
    return ChoreRow(owner, record, now - now % 600)


class Chores:
    """Does chores one after the other for a chat, all chats side by side."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._wake = asyncio.Event()
        self._busy: dict[bytes, asyncio.Task[None]] = {}

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.round()
                try:
                    await asyncio.wait_for(self._wake.wait(), 60)
                except TimeoutError:
                    continue
                finally:
                    self._wake.clear()
        finally:
            for task in self._busy.values():
                task.cancel()

    async def round(self) -> None:
        """Start what is due and not under way."""
        try:
            rows = await self._house.store.chores(int(self._house.clock()))
        except StoreError:
            return
        for row in rows:
            if row.id not in self._busy:
                self._busy[row.id] = asyncio.create_task(self._do(row))

    async def settled(self) -> None:
        """When nothing is under way (for tests and the terminal)."""
        await self.round()
        if self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _do(self, row: ChoreRow) -> None:
        try:
            await self._carry_out(row)
        finally:
            del self._busy[row.id]

    async def _carry_out(self, row: ChoreRow) -> None:
        house = self._house
        plain = house.keys.decrypt(row.id, LABEL, row.record)
        if plain is not None:
            try:
                await carry_out(house, msgspec.msgpack.decode(plain, type=Chore))
            except (Undeliverable, msgspec.DecodeError):
                pass
            except Exception as error:
                log.warning("a chore failed and is tried again: %s", type(error).__name__)
                return
        try:
            await house.store.chore_done(row.id)
        except StoreError:
            return
        house.keys.destroy(row.id)


async def carry_out(house: House, chore: Chore) -> None:
    """Delete, then say the last word. Deleting twice does no harm."""
    channel = house.channels.get(chore.channel)
    if channel is None:
        return
    text = chore.text
    if chore.delete and not await channel.delete(chore.address, chore.delete):
        text = "\n\n".join(t for t in (text, chore.failed_text) if t)
    if text:
        await channel.send(chore.address, Outgoing(text, edits=chore.edit or None))
