"""The alarm that the settings name, and what backs sentences: for the bot, its commands, and doctor."""

import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from bot.alarm import Alarm, AlarmError, Sender, SqliteAlarms, make_senders, read_relay, words_in
from bot.machine.locking import locked
from bot.settings import Settings
from bot.state import reports_looked_mark, time_of

log = logging.getLogger("stonechat.alarm")
AHEAD = 60.0  # seconds that a clock may stand behind a mark that it set


def alarm_file(settings: Settings) -> Path:
    """In no backup: a restored alarm would ring for what somebody took long ago."""
    return settings.state / "alarm.db"


def senders_of(settings: Settings, clock: Callable[[], float] = time.time) -> tuple[Sender, ...]:
    """In the order of the rota. Raises SettingsError."""
    mail = settings.alarm_mail
    relay = read_relay(mail, settings.alarm_from, settings.alarm_mail_password) if mail else None
    return make_senders(settings.alarm, relay, clock=clock, random=os.urandom)


@contextlib.asynccontextmanager
async def open_alarm(settings: Settings, clock: Callable[[], float] = time.time) -> AsyncIterator[Alarm | None]:
    """None where nobody is to be told. It rings while somebody runs it. Raises SettingsError."""
    if not settings.alarm:
        yield None
        return
    senders = senders_of(settings, clock)
    store = await SqliteAlarms.open(alarm_file(settings))
    try:
        words = words_in(settings.alarm_language)
        yield Alarm(senders, store, words, clock=clock, steady=time.monotonic, random=os.urandom)
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqliteAlarms | None]:
    """To look, beside a bot that runs or not; None where nothing was ever written. Raises SettingsError."""
    store = await SqliteAlarms.open(alarm_file(settings)) if alarm_file(settings).exists() else None
    try:
        yield store
    finally:
        if store is not None:
            await store.close()


@contextlib.contextmanager
def only_ringer(state: Path) -> Iterator[None]:
    """One process a state rings: two would ring twice. Raises SettingsError for the second."""
    mend = "the bot rings by itself: the loop is for an intake without one"
    with locked(state / "alarm.lock", "another process rings already", mend):
        yield


async def rung(alarm: Alarm | None, account: bytes, id_: bytes) -> bool:
    """Ring; whether it is on disk. Where it is not it rings all the same, from memory."""
    try:
        if alarm is not None:
            await alarm.ring(account, id_)
    except AlarmError as error:
        log.error("%s; it rings all the same", error)
        return False
    return True


def vouched(settings: Settings) -> frozenset[str]:
    """What the organisation says of itself in the settings: it backs sentences for as long as they stand there."""
    found = {"first_read"} if settings.first_read else set()
    return frozenset(found | ({"trained_team"} if settings.trained_team == "yes" else set()))


def passing(settings: Settings, heard: bool, now: float) -> frozenset[str]:
    """What backs sentences for everybody at this moment. `heard`: the alarm's last rehearsal was heard by a person."""
    found = {"alarm_heard"} if heard else set()
    looked = settings.look and looked_within(settings.state, settings.look, now)
    return frozenset(found | ({"looked"} if looked else set()))


def looked_within(state: Path, hours: int, now: float) -> bool:
    """Whether somebody listed or took the reports in the last so many hours. A mark from the future proves nothing."""
    return -AHEAD <= now - time_of(reports_looked_mark(state)) < hours * 3600
