"""Where a conversation stood: from memory where it rests, else from the store; and what of its jobs is new."""

from collections import deque
from collections.abc import Iterable

from bot.conversation.house import House
from bot.conversation.jobs import Job
from bot.conversation.needs import Door
from bot.conversation.record import RECORD, decode
from bot.conversation.standing import Standing


async def load(house: House, door: Door, conversation: bytes) -> Standing | None:
    """None: nobody is here, or their key is gone. Raises NotKept."""
    if rested := door.rested(conversation):
        return rested
    if not door.may_be_stored(conversation):
        return None
    row = await house.store.load(conversation)
    plain = house.keys.decrypt(conversation, RECORD, row[1]) if row is not None else None
    return decode(plain, row[0]) if row is not None and plain is not None else None


async def unseen(house: House, door: Door, jobs: Iterable[Job]) -> "deque[Job]":
    """Those that did not take effect before; the others are over. Raises NotKept."""
    waiting = list(jobs)
    updates = tuple(job.update for job in waiting if job.update)
    seen = await house.store.seen(updates) if updates else set()
    door.remember(seen)
    for job in waiting:
        if job.update in seen:
            job.finish()
    return deque(job for job in waiting if job.update not in seen)
