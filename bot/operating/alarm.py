"""`stonechat alarm`: rehearse, heard, taken, and a loop for an intake that has no bot beside it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence

from bot.alarm import Alarm, AlarmError
from bot.errors import SettingsError
from bot.machine.logs import quiet_logs
from bot.machine.notify import told_ready
from bot.machine.process import run_until_signal
from bot.ringing import only_ringer, open_alarm
from bot.settings import Settings
from bot.state import ensure_state

SHOWN = 8  # hex digits of an alarm's id that tell it from others


@contextlib.asynccontextmanager
async def _alarm(settings: Settings) -> AsyncIterator[Alarm]:
    quiet_logs(form=settings.logs)
    ensure_state(settings)
    async with open_alarm(settings) as alarm:
        if alarm is None:
            mend = 'set alarm = ["mailto:…", "https://…"] (docs/alarms.md)'
            raise SettingsError("nobody is to be told: no alarm is set", mend=mend)
        yield alarm


def rehearse(settings: Settings) -> int:
    """Exit code 1 where a target did not take it."""

    async def work() -> int:
        async with _alarm(settings) as alarm:
            sent = await alarm.rehearse()
        for name, error in sent:
            print(f"{name}: {error}" if error else f"{name}: sent")
        print("Whoever gets it reads you six digits: stonechat alarm heard CODE, today or tomorrow")
        return int(any(error for _, error in sent))

    return asyncio.run(work())


def heard(settings: Settings, code: str) -> None:
    """Raises AlarmError for a code that no rehearsal waits for."""

    async def work() -> str:
        async with _alarm(settings) as alarm:
            return await alarm.heard(code)

    print(f"{asyncio.run(work())}: heard by a person. It counts for 30 days")


def taken(settings: Settings, ids: Sequence[str]) -> None:
    """Those that rang, or those named by the beginning of their id. Raises AlarmError for an id that is not open."""

    async def work() -> int:
        async with _alarm(settings) as alarm:
            return await alarm.taken(await _named(alarm, ids) if ids else None)

    count = asyncio.run(work())
    print("nothing rings" if not count else f"{count} taken. They ring no more")


async def _named(alarm: Alarm, ids: Sequence[str]) -> list[bytes]:
    found = []
    there = [each.id for each in await alarm.open_alarms()]
    for typed in ids:
        fits = [id_ for id_ in there if typed and id_.hex().startswith(typed.lower())]
        if len(fits) != 1:
            listed = ", ".join(id_.hex()[:SHOWN] for id_ in there) or "none"
            raise AlarmError("no open alarm, or more than one, begins so", mend=f"open: {listed}")
        found += fits
    return found


def loop(settings: Settings) -> None:
    """Rings what is open until a signal ends it. Raises SettingsError beside a bot, which rings by itself."""

    async def work() -> None:
        async with _alarm(settings) as alarm:
            with only_ringer(settings.state):
                print("stonechat alarm: ready", file=sys.stderr, flush=True)
                async with told_ready():
                    await alarm.run()

    run_until_signal(work())
