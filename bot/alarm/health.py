"""How the alarm stands, for doctor: it may run beside the bot, and rings nobody."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.alarm.rehearsing import Rehearsed, backs, still_counts
from bot.alarm.sending import AlarmError, Sender
from bot.alarm.store import AlarmStore

DAY = 86_400
REHEARSE = "'stonechat alarm rehearse', then 'stonechat alarm heard CODE' by whoever got it"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and the mend where it is not good."""

    name: str
    state: Literal["good", "warning", "bad"]
    what: str
    mend: str = ""


async def health(senders: Sequence[Sender], store: AlarmStore, now: float) -> tuple[Finding, ...]:
    """Every target, its last rehearsal, and what nobody took. `now`: seconds since 1970."""
    if not senders:
        what = "nobody is told when somebody is in danger, and the bot says so"
        return (Finding("alarm", "warning", what, 'set alarm = ["mailto:…", "https://…"]'),)
    try:
        rehearsals = {r.mark: r for r in await store.rehearsals()}
        left = await _untaken(store)
    except AlarmError as error:
        return (Finding("alarm", "bad", error.what, error.mend),)
    today = int(now) // DAY
    looked = await asyncio.gather(*(_target(s, rehearsals.get(s.mark), today) for s in senders))
    first = backs(rehearsals.get(senders[0].mark), today)
    # The first is rung at once, the others later: only the first one's rehearsal makes "now" true.
    sentence = (
        Finding("alarm", "good", "'a person is told now' is backed")
        if first
        else Finding("alarm", "warning", "'a person is told now' is not said: nobody heard the first target", REHEARSE)
    )
    alone = Finding("alarm", "warning", "one target alone: where it fails, nobody is told", "name a second")
    return (sentence, *looked, *([alone] if len(senders) == 1 else []), *left)


async def _target(sender: Sender, rehearsal: Rehearsed | None, today: int) -> Finding:
    try:
        await sender.check()
    except AlarmError as error:
        return Finding(sender.name, "bad", error.what, error.mend)
    if sender.weakness:
        return Finding(sender.name, "warning", sender.weakness, "take a long random one, or token=PATH")
    if rehearsal is None or rehearsal.heard is None:
        waits = rehearsal is not None and still_counts(rehearsal, today)
        return Finding(sender.name, "warning", "a code waits" if waits else "nobody heard a rehearsal", REHEARSE)
    if not backs(rehearsal, today):
        return Finding(sender.name, "warning", "its last rehearsal is too old, or nobody answered it", REHEARSE)
    return Finding(sender.name, "good", f"heard {today - rehearsal.heard} days ago")


async def _untaken(store: AlarmStore) -> list[Finding]:
    alarms = await store.open_alarms()
    silent = sum(not a.rang for a in alarms)
    if not alarms:
        return []
    what = f"{len(alarms)} that nobody took" + (f", {silent} of them never rang" if silent else "")
    return [Finding("alarm", "bad" if silent else "warning", what, "look now, then 'stonechat alarm taken'")]
