"""Records that an older Stonechat left: a store that is upgraded in the middle of its conversations goes on."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.conversation.standing import Handed, Kept, Standing, Thread
from bot.flow.formerly import session_of_schema_1
from bot.talk.events import MessageRef


def standing_of_schema_1(raw: Sequence[Any], revision: int) -> Standing:
    """[session, thread, handed]: messages were whole numbers then. Raises where it is no such record."""
    session, thread, handed = raw[0], raw[1], raw[2] if len(raw) > 2 else None
    if not isinstance(session, dict):
        raise ValueError("not a record of schema 1")
    return Standing(
        session_of_schema_1(session),
        _thread(thread),
        msgspec.convert(handed, Handed) if handed is not None else None,
        revision,
    )


def _thread(raw: Sequence[Any]) -> Thread:
    whole: list[Any] = [*raw, *[(), (), 0, 0, 0][len(raw) - 2 :]]
    channel, address, messages, asked, turn, shown, prompt = whole
    ours = {int(m) for m, _ in asked} | {int(prompt)}
    kept = tuple(Kept(MessageRef(str(m), int(m), int(m) in ours), int(at)) for m, at in messages)
    standing = MessageRef(str(prompt), int(prompt), True) if prompt else None
    return Thread(
        str(channel), str(address), kept, tuple((int(m), str(p)) for m, p in asked), 0, int(turn), int(shown), standing
    )
