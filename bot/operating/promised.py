"""The sentences that promise something, as they stand today: what `stonechat doctor` prints of flows/promises.yaml."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from bot.alarm import backs
from bot.flow.model import Flow
from bot.flow.promises import BACKINGS, Facts, said
from bot.ringing import open_store, passing, senders_of, vouched
from bot.settings import Settings
from bot.talk.sentences import Message

DAY = 86_400


class Standing(NamedTuple):
    """One sentence: whether it is said today, what it lacks, and the message id of what is said instead."""

    name: str
    is_said: bool
    lacks: tuple[str, ...]
    instead: str


def standing(flow: Flow, facts: Facts) -> Iterator[Standing]:
    """All of them, in the order of the list. What only a report or a channel can know is taken as given."""
    facts |= {"acknowledged", "deletes"}
    for name, promise in flow.promises.items():
        true = said(flow, facts, Message(name, ""))
        lacks = tuple(word for word in BACKINGS if word in promise.needs - facts)
        yield Standing(name, not lacks, lacks, true.context if true is not None else "nothing")


async def facts_today(settings: Settings) -> Facts:
    """As far as one can see from beside the bot: it may run, or not."""
    now, heard = time.time(), False
    async with open_store(settings) as store:
        if settings.alarm and store is not None:
            found = {each.mark: each for each in await store.rehearsals()}
            heard = backs(found.get(senders_of(settings)[0].mark), int(now) // DAY)
    return vouched(settings) | passing(settings, heard, now)
