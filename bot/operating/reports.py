"""`stonechat intake list` and `export`: what lies at the intake, still sealed, for whoever reads reports.

Of the embedded and the shipped intake, and of a folder. Nothing is opened, and nothing is changed there.
"""

import asyncio
import contextlib
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.errors import SettingsError, StonechatError
from bot.intake.store import REPORT_ID, IntakeStore, Refused
from bot.machine.files import make_private
from bot.operating.printing import one_line
from bot.report.manifest import Manifest, ManifestError, decode
from bot.seal.signing import Signer
from bot.settings import Settings
from bot.state import check_owner, reports_looked_mark, restored_mark, secret_file, set_mark

TRIES = 5  # a newer version may come while one is copied
Export = Callable[[str, Path], Awaitable[None]]


@dataclass(frozen=True)
class Lying:
    """One report as its clear manifest tells it. `held_until`: its owner said "not yet"; it is destroyed then."""

    report: str
    version: int
    day: str
    state: str
    rings: bool
    held_until: str | None
    parts: int
    size: int


def list_reports(settings: Settings, since: str, as_json: bool) -> None:
    """Print them, what rings first. Raises SettingsError where none can be read from here."""
    _check_day(since)
    check_owner(settings.state)
    found = asyncio.run(_found(settings, since))
    _somebody_looked(settings, since)
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=1))
        return
    for each in found:
        marks = ["RINGS"] if each.rings else []
        marks += [f"held until {each.held_until}: not to be opened"] if each.held_until else []
        words = (each.report, f"version {each.version}", each.day, each.state, f"{each.parts} parts", *marks)
        print(one_line("  ".join(words)))  # a manifest that nobody checked may hold anything
    closed = " that came back with a backup: closed until its bots told what was erased, or 'stonechat intake go'"
    print(f"{len(found)} reports{closed if restored_mark(settings.state).exists() else ''}")


def go(settings: Settings) -> None:
    """A person decided: what came back with a backup may be read."""
    check_owner(settings.state)
    restored_mark(settings.state).unlink(missing_ok=True)
    print("restored reports are open")


def export_reports(settings: Settings, target: Path, since: str, as_json: bool) -> None:
    """Copy them into folders of `target`, but not what is held. Raises SettingsError."""
    _check_day(since)
    check_owner(settings.state)
    taken, held = asyncio.run(_export_all(settings, target, since))
    _somebody_looked(settings, since)
    if as_json:
        print(json.dumps({"exported": taken, "held": held}, indent=1))
        return
    print(f"{len(taken)} reports into {target}" + (f"; {len(held)} are held and stay closed" if held else ""))


def _check_day(since: str) -> None:
    try:
        _ = since and date.fromisoformat(since)
    except ValueError:
        raise SettingsError(f"'{since[:40]}' is no day", mend="write it like 2026-11-25") from None


def _somebody_looked(settings: Settings, since: str) -> None:
    """To the minute: it is about who reads, not about who wrote. Who leaves out yesterday's did not look."""
    now = int(time.time())
    yesterday = datetime.fromtimestamp(now - 86_400, UTC).date().isoformat()
    if settings.state.is_dir() and since <= yesterday:
        set_mark(reports_looked_mark(settings.state), now - now % 60)


async def _export_all(settings: Settings, target: Path, since: str) -> tuple[list[str], list[str]]:
    if restored_mark(settings.state).exists():
        what = "these reports came back with a backup: some may have been erased since"
        mend = "let its bots reach it, restore it again with --old, or open them with 'stonechat intake go'"
        raise SettingsError(what, mend=mend)
    taken: list[str] = []
    make_private(target)
    async with _source(settings) as (found, export):
        reports = [each for each in await found() if each.day >= since]
        for each in reports:
            if not each.held_until and await _export(each, target, export):
                taken.append(each.report)
    return taken, [each.report for each in reports if each.held_until]


async def _export(each: Lying, target: Path, export: Export) -> bool:
    """Beside, then renamed: a folder there is a whole report. False: it is there already, or was erased meanwhile."""
    at, beside = target / each.report, target / f".{each.report}"
    with contextlib.suppress(OSError, ManifestError):
        if decode((at / "manifest.json").read_bytes()).version >= each.version:
            return False
    for _ in range(TRIES):
        shutil.rmtree(beside, ignore_errors=True)
        try:
            await export(each.report, beside)
        except FileNotFoundError:  # a newer version took its parts away, or it was erased
            continue
        except Refused:
            return False
        shutil.rmtree(at, ignore_errors=True)
        beside.rename(at)
        return True
    shutil.rmtree(beside, ignore_errors=True)
    raise SettingsError("a report changes too fast to be copied", where=each.report, mend="try again")


async def _found(settings: Settings, since: str) -> list[Lying]:
    async with _source(settings) as (found, _):
        return [each for each in await found() if each.day >= since]


@contextlib.asynccontextmanager
async def _source(settings: Settings) -> AsyncIterator[tuple[Callable[[], Awaitable[list[Lying]]], Export]]:
    """(all that lie there, a way to copy one)."""
    folder = settings.state / "intake"
    if settings.intake.startswith("folder:"):
        inbox = Path(settings.intake.removeprefix("folder:"))

        async def copy(report: str, to: Path) -> None:
            await asyncio.to_thread(shutil.copytree, inbox / report, to)  # modes too: 0700 and 0600

        yield _lister(lambda: _in_folder(inbox)), copy
        return
    if not (folder / "intake.db").exists():
        if settings.intake != "embedded":
            mend = "run 'stonechat intake list' on the intake's machine, as its user"
            raise SettingsError(f"the reports lie at {settings.reports_go_to}", mend=mend)
        raise SettingsError("no report came yet", where=str(folder), mend="name the settings with --config")
    signer = Signer.from_seed(secret_file(folder / "intake.key", 32))
    store = await IntakeStore.open(folder, signer, ())
    try:

        async def lying() -> list[Lying]:
            rows = await store.manifests()
            return _sorted([_lying(decode(manifest), day) for manifest, day in rows])

        yield lying, store.export
    finally:
        await store.close()


def _lister(look: Callable[[], list[Lying]]) -> Callable[[], Awaitable[list[Lying]]]:
    async def found() -> list[Lying]:
        return _sorted(await asyncio.to_thread(look))

    return found


def _in_folder(inbox: Path) -> list[Lying]:
    if not inbox.is_dir():
        raise SettingsError("there is no such folder", where=str(inbox), mend="no report came yet, or it is elsewhere")
    found = []
    locked = inbox / "locked"  # what its owner locked lies apart; it is listed, and not exported
    for path in (*inbox.iterdir(), *(locked.iterdir() if locked.is_dir() else ())):
        if REPORT_ID.match(path.name):
            day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
            with contextlib.suppress(FileNotFoundError, StonechatError):
                found.append(_lying(decode((path / "manifest.json").read_bytes()), day))
    return found


def _lying(manifest: Manifest, day: str) -> Lying:
    size = sum(part.size for part in manifest.parts)
    return Lying(
        manifest.report,
        manifest.version,
        day,
        manifest.state,
        manifest.ring,
        manifest.delete_after,
        len(manifest.parts),
        size,
    )


def _sorted(found: list[Lying]) -> list[Lying]:
    """What rings first, then the newest."""
    return sorted(found, key=lambda each: (each.rings, each.day, each.report), reverse=True)
