"""Real parts put together: only cli.py uses it."""

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.conversation import Conversations, House
from bot.conversation.house import Unmetered
from bot.errors import SettingsError
from bot.flow.flags import load_rules
from bot.handoff import Connector, Handoff
from bot.handoff.folder import FolderConnector
from bot.handoff.http import HttpConnector
from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.report.acknowledgement import IntakeKey
from bot.seal.recipients import CLASSES, RecipientsByClass, read_recipients
from bot.seal.signing import Signer, parse_public
from bot.settings import Settings
from bot.store.keyring import Keyring
from bot.store.sqlite import SqliteStore
from bot.words.loading import data_folder, load_flows, load_words, newest_flow, offer_languages

log = logging.getLogger("stonechat")
AGAIN = 5.0  # seconds until work that ended begins again
HOST_KEYS = Path("/run/stonechat")


def ensure_state(settings: Settings) -> Path:
    """The state folder, private. Raises SettingsError."""
    state = settings.state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if state.stat().st_mode & 0o077:
        raise SettingsError("the state folder can be read by others", where=str(state), mend=f"chmod 700 {state}")
    return state


def secret_file(path: Path, length: int) -> bytes:
    """A secret that is made once and stays, 0600. Raises SettingsError where others can read it."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(length))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise SettingsError("this secret can be read by others", where=str(path), mend=f"chmod 600 {path}")
    data = path.read_bytes()
    if len(data) != length:
        raise SettingsError("this secret is damaged", where=str(path), mend="restore it from a backup")
    return data


def _touch(path: Path, now: float) -> None:
    """Remember what the clock said. A disk that takes nothing is told elsewhere."""
    with contextlib.suppress(OSError):
        path.touch(0o600)
        os.utime(path, (now, now))


@contextlib.contextmanager
def no_collecting() -> Iterator[None]:
    """Reading YAML and catalogues makes many objects that all stay: looking for garbage among them costs a third."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def only_one(state: Path) -> Any:
    """One bot a state folder. Raises SettingsError for the second."""
    handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError("another Stonechat uses this state", where=str(state), mend="stop it first") from None
        yield
    finally:
        os.close(handle)


def read_all_recipients(settings: Settings) -> RecipientsByClass:
    """Each class's recipients; a class without a file of its own uses the first. Raises SettingsError."""
    case = read_recipients(settings.recipients_file)

    def of(path: Path | None) -> Any:
        return read_recipients(path) if path else case

    return RecipientsByClass(
        case, of(settings.recipients_identity), of(settings.recipients_contact), of(settings.recipients_sensitive)
    )


def accepted_file(settings: Settings) -> Path:
    return settings.state / "recipients.accepted"


def accepted_text(recipients: RecipientsByClass) -> str:
    """What is remembered of the keys: one fingerprint a line, by class."""
    lines = [f"{name} {print_}" for name in CLASSES for print_ in recipients.fingerprints()[name]]
    return "\n".join(lines) + "\n"


def check_accepted(settings: Settings, recipients: RecipientsByClass) -> None:
    """Keys are accepted at the first start; a change afterwards needs 'stonechat keys accept'. Raises SettingsError."""
    path, text = accepted_file(settings), accepted_text(recipients)
    if not path.exists():
        path.write_text(text)
        path.chmod(0o600)
    elif path.read_text() != text:
        raise SettingsError(
            "the recipients are not the ones of the last start",
            where=str(settings.recipients_file),
            mend="compare 'stonechat keys show' with your organisation, then run 'stonechat keys accept'",
        )


def keys_folder(settings: Settings, state_id: str) -> Path:
    """STONECHAT_KEYS, else the host's /run/stonechat where that can be written, else beside the state."""
    if settings.keys is not None:
        root = settings.keys
    elif HOST_KEYS.is_dir() and os.access(HOST_KEYS, os.W_OK):
        root = HOST_KEYS
    else:
        root = settings.state / "keys"
    return root / state_id


def webhook_mark(state: Path) -> Path:
    """Stands there while Telegram delivers to a webhook of this installation."""
    return state / "webhook"


def rebooted_mark(state: Path) -> Path:
    return state / "rebooted"


def fingerprint_text(recipients: RecipientsByClass) -> str:
    return "\n".join(dict.fromkeys(p for prints in recipients.fingerprints().values() for p in prints))


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

    async def deliver(self, incoming: Any) -> None:
        """Take one event and wait for its commit."""
        await self.conversations.take(incoming)

    async def settled(self) -> None:
        await self.conversations.settled()

    async def start(self) -> None:
        """Say what was owed, then go on with chores and handing over."""
        await self.conversations.resume()
        for work in (self.conversations.run, self.conversations.chores.run, self.handoff.run):
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
    recipients = read_all_recipients(settings)
    state = ensure_state(settings)
    with only_one(state):
        check_accepted(settings, recipients)
        signer = Signer.from_seed(secret_file(state / "bot.key", 32))
        salt = secret_file(state / "receipt.salt", 16)
        state_id = secret_file(state / "state.id", 8).hex()
        keys = Keyring(keys_folder(settings, state_id))
        mark = state / "looked"
        seen_before = mark.stat().st_mtime if mark.exists() else 0.0
        words = load_words()
        with no_collecting():
            flows, shelf = load_flows(
                words,
                flows_folder,
                organisation=settings.organisation or "this project",
                help_at=settings.help,
                first_read=settings.first_read,
                danger_read=settings.danger_read,
                draft_hours=settings.draft_ttl,
                fingerprints=fingerprint_text(recipients),
            )
            flows, left_out = offer_languages(words, flows, shelf, settings.languages, incomplete=incomplete)
        for line in left_out:
            log.warning("%s", line)
        folder = flows_folder or data_folder("flows")
        rules = load_rules(folder / "flags.yaml", shelf.extra["acts"])
        store = await SqliteStore.open(settings.database_file, clock)
        embedded: Embedded | None = None
        tasks: list[asyncio.Task[Any]] = []
        connector: Connector | None = None
        try:
            rebooted_until = await _after_reboot(settings, keys, store, clock)
            connector, embedded = await _connector(settings, signer)
            tidy = connector.tidy if isinstance(connector, FolderConnector) else None
            handoff = Handoff(store, connector, clock, more.get("meter", Unmetered()).took, tidy)
            house = House(
                store=store,
                keys=keys,
                words=words,
                flows=flows,
                flow=newest_flow(flows),
                recipients=recipients,
                signer=signer,
                salt=salt,
                check_words=shelf.check_words,
                triage=rules.urgency,
                draft_ttl=settings.draft_ttl,
                spread=settings.spread,
                receipt_days=settings.receipt_days,
                reports_a_day=settings.reports_a_day,
                clock=clock,
                wake_handoff=handoff.wake,
                rebooted_until=rebooted_until,
                seen_before=seen_before,
                looked=lambda: _touch(mark, clock()),
                **more,
            )
            away = max(0.0, clock() - seen_before) if seen_before else 0.0
            yield Bot(house, Conversations(house), handoff, store, embedded, tasks, away)
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
    if keys.fresh and await store.forget_drafts():
        until = int(clock()) + settings.draft_ttl * 3600
        mark.write_text(f"{until}\n")
    try:
        return int(mark.read_text())
    except (OSError, ValueError):
        return 0


async def _connector(settings: Settings, signer: Signer) -> tuple[Connector, Embedded | None]:
    if settings.intake.startswith("folder:"):
        return FolderConnector(Path(settings.intake.removeprefix("folder:"))), None
    if settings.intake == "embedded":
        folder = settings.state / "intake"
        folder.mkdir(exist_ok=True, mode=0o700)
        own = Signer.from_seed(secret_file(folder / "intake.key", 32))
        embedded = await Embedded.start(await IntakeStore.open(folder, own, (signer.public,)))
        url, key = embedded.url, own.public
    else:
        embedded, url, key = None, settings.intake, parse_public(settings.intake_key)
    return HttpConnector(url, IntakeKey(key)), embedded
