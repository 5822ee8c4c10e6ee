"""Into a folder: written beside, synced, renamed. The rename is the acknowledgement."""

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.handoff import HandoffError
from bot.machine.files import DiskError, make_private
from bot.report.erasure import Erasure
from bot.report.sealed import SealedReport


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
        os.fsync(file.fileno())


class FolderConnector:
    """`PATH/<report id>/`, whole or not at all; the newest version only."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made where it is missing, 0700."""
        self._folder = folder

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

    def _hand_over(self, report: SealedReport) -> None:
        make_private(self._folder)
        target, beside, old = (self._folder / f"{mark}{report.report}" for mark in ("", ".", ".old-"))
        if target.exists():
            there = (target / "manifest.json").read_bytes()
            if there == report.manifest:  # handed over before a crash: the rename was the acknowledgement
                return
            if json.loads(there)["version"] >= report.version:
                raise HandoffError("another report lies under this id", where=str(self._folder))
        for folder in (beside, old):
            shutil.rmtree(folder, ignore_errors=True)
        beside.mkdir(mode=0o700)
        for name, data in report.parts:
            _write(beside / name, data)
        _write(beside / "manifest.json", report.manifest)
        _write(beside / "manifest.json.sig", report.signature.encode())
        _sync(beside)
        if target.exists():
            target.rename(old)
        beside.rename(target)
        _sync(self._folder)
        shutil.rmtree(old, ignore_errors=True)

    def _erase(self, report: str) -> None:
        for mark in ("", ".", ".old-"):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self._folder / f"{mark}{report}")
        if self._folder.exists():
            _sync(self._folder)
