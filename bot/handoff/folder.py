"""Into a folder: written beside, synced, renamed. The rename is the acknowledgement."""

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bot.handoff import Gone, HandoffError
from bot.machine.files import DiskError, forget_time, make_private
from bot.report.erasure import Erasure
from bot.report.manifest import ManifestError, decode
from bot.report.sealed import SealedReport
from bot.report.tombstone import bury, is_buried

ERASED = ".erased"  # tombstones: hashes of ids


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        forget_time(file.fileno())
        os.fsync(file.fileno())


LOCKED = "locked"  # the folder of reports whose owner said "not yet": nobody meets them by the way


class FolderConnector:
    """`PATH/<report id>/`, whole or not at all; the newest version only.

    A report that its owner locked lies apart, in `PATH/locked/`, until a newer version frees it, or its day is over.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made where it is missing, 0700."""
        self._folder, self._locked = folder, folder / LOCKED

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def hand_over(self, report: SealedReport) -> None:
        """Beside, synced, renamed: a crash leaves the old version or the new one. Raises HandoffError."""
        await self._do(self._hand_over, report)

    async def erase(self, erasure: Erasure) -> None:
        """A whole, an unfinished and a replaced version go. Raises HandoffError."""
        await self._do(self._erase, erasure.report)

    async def _do(self, work: Callable[[Any], None], what: Any) -> None:
        try:
            await asyncio.to_thread(work, what)
        except DiskError as error:
            raise HandoffError(error.what, where=error.where, mend=error.mend) from None
        except OSError as error:
            raise HandoffError(
                f"the intake folder can't be written ({type(error).__name__})",
                where=str(self._folder),
                mend="check its disk and its mode",
            ) from None

    async def tidy(self, today: date) -> None:
        """Destroy what is over its day, and hold apart what an older version left among the others.

        Raises HandoffError.
        """
        await self._do(self._tidy, today)

    def _tombstones(self) -> Path:
        """Beside the folder, so that who clears it keeps them; in it where nothing can be written beside."""
        inside, beside = self._folder / ERASED, self._folder.with_name(f"{self._folder.name}{ERASED}")
        return beside if not inside.exists() and os.access(beside.parent, os.W_OK) else inside

    def _hand_over(self, report: SealedReport) -> None:
        make_private(self._folder)
        if is_buried(self._tombstones(), report.report):
            raise Gone("the intake's folder remembers that a report was erased; it is sent no more")
        held = decode(report.manifest).delete_after is not None
        place, other = (self._locked, self._folder) if held else (self._folder, self._locked)
        make_private(place)
        for there in (place / report.report, other / report.report):
            if not there.exists():
                continue
            manifest = (there / "manifest.json").read_bytes()
            if manifest == report.manifest:  # handed over before a crash: the rename was the acknowledgement
                self._remove(other, report.report)
                return
            if json.loads(manifest)["version"] >= report.version:
                raise HandoffError("another report lies under this id", where=str(self._folder))
        self._put(place, report)
        self._remove(other, report.report)

    def _put(self, place: Path, report: SealedReport) -> None:
        target, beside, old = (place / f"{mark}{report.report}" for mark in ("", ".", ".old-"))
        for folder in (beside, old):
            shutil.rmtree(folder, ignore_errors=True)
        beside.mkdir(mode=0o700)
        for name, data in report.parts:
            _write(beside / name, data)
        _write(beside / "manifest.json", report.manifest)
        _write(beside / "manifest.json.sig", report.signature.encode())
        forget_time(beside)
        _sync(beside)
        if target.exists():
            target.rename(old)
        beside.rename(target)
        _sync(place)
        shutil.rmtree(old, ignore_errors=True)
        forget_time(self._folder)

    def _erase(self, report: str) -> None:
        make_private(self._folder)
        bury(self._tombstones(), report)  # a restored bot must not bring it back here
        for place in (self._folder, self._locked):
            self._remove(place, report)

    def _remove(self, place: Path, report: str) -> None:
        gone = [folder for mark in ("", ".", ".old-") if (folder := place / f"{mark}{report}").exists()]
        for folder in gone:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)
        if gone:
            forget_time(place)
            _sync(place)
        with contextlib.suppress(OSError):
            self._locked.rmdir()  # where nothing is locked, nothing stands beside the reports

    def _tidy(self, today: date) -> None:
        for place in (self._locked, self._folder):
            for folder in list(place.iterdir()) if place.exists() else []:
                day = _delete_after(folder)
                if day is not None and day < today.isoformat():
                    self._remove(place, folder.name)
                elif day is not None and place == self._folder:
                    self._locked.mkdir(exist_ok=True, mode=0o700)
                    folder.rename(self._locked / folder.name)
                    _sync(self._locked)


def _delete_after(folder: Path) -> str | None:
    """The day of a whole report that its owner locked. None for everything else, whatever lies there."""
    try:
        return None if folder.name.startswith(".") else decode((folder / "manifest.json").read_bytes()).delete_after
    except (OSError, ManifestError):
        return None
