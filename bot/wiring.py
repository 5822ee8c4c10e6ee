"""Real parts put together: stores, keys, connectors, flows and words make one Bot, still without its channels."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.alarm import Alarm
from bot.conversation import Conversations, House
from bot.conversation.house import Unmetered
from bot.errors import SettingsError
from bot.flow.flags import load_rules
from bot.handoff import Connector, Handoff
from bot.handoff.folder import FolderConnector
from bot.handoff.http import HttpConnector
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.keys.accepted import check_accepted, fingerprint_text, read_all_recipients
from bot.keys.folder import check_apart, keys_folder, outbox_folder, owned
from bot.keys.keyfiles import KeyFiles
from bot.keys.keyring import Keyring
from bot.machine.clock import RELEASED, clock_trouble
from bot.machine.database import disk_trouble, told
from bot.machine.files import check_writable, make_private, read_text, write_private
from bot.machine.process import no_collecting
from bot.report.acknowledgement import IntakeKey
from bot.report.tombstone import buried
from bot.report.tombstone import told as told_erased
from bot.ringing import only_ringer, open_alarm, passing, rung, vouched
from bot.seal.signing import TOMBSTONES, Signer, parse_public
from bot.settings import Settings
from bot.state import (
    SECRETS,
    ensure_state,
    looked_mark,
    only_one,
    rebooted_mark,
    secret_file,
    set_mark,
    time_of,
    tombstones_file,
)
from bot.store import StoreError
from bot.store.closed import Outbox
from bot.store.sqlite import SqliteStore
from bot.words.loading import data_folder, load_flows, load_words, newest_flow, offer_languages

log = logging.getLogger("stonechat")
AGAIN = 5.0  # seconds until work that ended begins again


@dataclass
class Bot:
    """A running bot without its channels."""

    house: House
    conversations: Conversations
    handoff: Handoff
    store: SqliteStore
    embedded: Embedded | None
    tasks: list["asyncio.Task[Any]"]
    away: float = 0.0  # seconds that nobody looked after this state before it was opened
    alarm: Alarm | None = None

    async def deliver(self, incoming: Any) -> None:
        """Take one event and wait for its commit."""
        await self.conversations.take(incoming)

    async def settled(self) -> None:
        """Until nothing that was taken waits for its turn or its prompt."""
        await self.conversations.settled()

    async def start(self) -> None:
        """Say what was owed, then go on with chores and handing over."""
        await self.conversations.resume()
        rings = (self.alarm.run,) if self.alarm is not None else ()
        for work in (*rings, self.conversations.run, self.conversations.chores.run, self.handoff.run):
            self.tasks.append(asyncio.create_task(self._keep_up(work)))

    async def _keep_up(self, work: Callable[[], Awaitable[None]]) -> None:
        """An error that nobody foresaw must not end what destroys drafts or hands reports over."""
        while True:
            try:
                await work()
            except Exception as error:
                log.error("%s ended (%s); it begins again", work.__qualname__, type(error).__name__)
                self.house.failed("task")
                await asyncio.sleep(AGAIN)


@contextlib.asynccontextmanager
async def open_bot(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    flows_folder: Path | None = None,
    incomplete: bool = False,
    **more: Any,
) -> AsyncIterator[Bot]:
    """Everything but the channels. `more` are further fields of House. Raises SettingsError in one line.

    `incomplete` offers languages to their translators before they are whole.
    """
    if trouble := clock_trouble(clock):
        log.warning("%s", trouble)
    recipients = read_all_recipients(settings)
    state = ensure_state(settings)
    check_apart(settings)
    async with contextlib.AsyncExitStack() as held:
        held.enter_context(only_one(state))
        check_accepted(settings, recipients)
        signer = Signer.from_seed(secret_file(state / "bot.key", SECRETS["bot.key"]))
        salt = secret_file(state / "receipt.salt", SECRETS["receipt.salt"])
        state_id = secret_file(state / "state.id", SECRETS["state.id"]).hex()
        held.enter_context(owned(keys_folder(settings, state_id)))
        keys = Keyring(keys_folder(settings, state_id))
        outbox_keys = KeyFiles(outbox_folder(settings))
        mark = looked_mark(state)
        seen_before = time_of(mark)
        words = load_words()
        with no_collecting():
            flows, shelf = load_flows(
                words,
                flows_folder,
                organisation=settings.organisation or "this project",
                help_at=settings.help,
                first_read=settings.first_read,
                look=settings.look,
                draft_hours=settings.draft_ttl,
                vouched=vouched(settings),
                fingerprints=fingerprint_text(recipients),
            )
            flows, left_out = offer_languages(words, flows, shelf, settings.languages, incomplete=incomplete)
        for line in left_out:
            log.warning("%s", line)
        folder = flows_folder or data_folder("flows")
        rules = load_rules(folder / "flags.yaml", shelf.extra["acts"])
        if settings.alarm:
            held.enter_context(only_ringer(state))
        alarm = await held.enter_async_context(open_alarm(settings, clock))
        with told(settings.database_file):
            store = await SqliteStore.open(settings.database_file, clock)
        outbox = Outbox(store, outbox_keys, tombstones_file(state))
        embedded: Embedded | None = None
        tasks: list[asyncio.Task[Any]] = []
        connector: Connector | None = None
        try:
            if lost := await outbox.resume():
                log.error("%d reports that waited can't be opened any more: their keys are in no backup", lost)
            rebooted_until = await _after_reboot(settings, keys, store, clock)
            connector, embedded = await _connector(settings, signer)
            took = more.get("meter", Unmetered()).took
            handoff = Handoff(outbox, connector, clock, took, settings.spread, connector.tidy)
            house = House(
                store=store,
                keys=keys,
                outbox_keys=outbox_keys,
                words=words,
                flows=flows,
                flow=newest_flow(flows),
                recipients=recipients,
                signer=signer,
                salt=salt,
                check_words=shelf.check_words,
                triage=rules.urgency,
                draft_ttl=settings.draft_ttl,
                receipt_days=settings.receipt_days,
                reports_a_day=settings.reports_a_day,
                clock=clock,
                wake_handoff=handoff.wake,
                facts=lambda: passing(settings, alarm is not None and alarm.backed(clock()), clock()),
                ring=partial(rung, alarm),
                rebooted_until=rebooted_until,
                seen_before=seen_before,
                released=RELEASED,
                looked=lambda: set_mark(mark, clock()),
                **more,
            )
            away = max(0.0, clock() - seen_before) if seen_before else 0.0
            conversations = Conversations(house)
            handoff.acknowledged = conversations.acknowledged
            handoff.counted, handoff.failed = house.meter.reported, house.failed
            handoff.is_clock_believed = lambda: conversations.watch.is_believed
            yield Bot(house, conversations, handoff, store, embedded, tasks, away, alarm)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if connector is not None:
                await connector.close()
            if embedded is not None:
                await embedded.close()
            await store.close()


async def _after_reboot(settings: Settings, keys: Keyring, store: SqliteStore, clock: Callable[[], float]) -> int:
    """Where the keys are gone, so are the drafts: delete their rows, and tell everyone for a draft's time to live."""
    mark = rebooted_mark(settings.state)
    try:
        if keys.fresh and await store.forget_drafts():
            until = int(clock()) + settings.draft_ttl * 3600
            write_private(mark, f"{until}\n".encode())
    except StoreError as error:
        raise disk_trouble(settings.database_file) or error from None
    try:
        return int(read_text(mark)) if mark.exists() else 0
    except (SettingsError, OSError, ValueError):
        return 0


async def _connector(settings: Settings, signer: Signer) -> tuple[Connector, Embedded | None]:
    if settings.intake.startswith("folder:"):
        folder = Path(settings.intake.removeprefix("folder:"))
        make_private(folder)
        check_writable(folder)  # else reports would be taken, and wait for a person to look
        return FolderConnector(folder), None
    if settings.intake == "embedded":
        folder = settings.state / "intake"
        make_private(folder)
        own = Signer.from_seed(secret_file(folder / "intake.key", 32))
        with told(folder / "intake.db"):
            embedded = await Embedded.start(await IntakeStore.open(folder, own, (signer.public,)))
        url, key = embedded.url, own.public
    else:
        embedded, url, key = None, settings.intake, parse_public(settings.intake_key)

    def erased_since(asked: str) -> tuple[list[str], str]:
        tombstones = sorted(buried(tombstones_file(settings.state)))
        return tombstones, signer.sign(told_erased(asked, tombstones), TOMBSTONES)

    return HttpConnector(url, IntakeKey(key), erased_since if embedded is None else None), embedded
