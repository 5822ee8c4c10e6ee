"""Into a folder: written beside, synced, renamed. The rename is the acknowledgement."""

import asyncio
import os
import shutil
from pathlib import Path

from bot.handoff import HandoffError, Report


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
    """`PATH/<report id>/`, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def close(self) -> None:
        pass

    async def hand_over(self, report: Report) -> None:
        try:
            await asyncio.to_thread(self._hand_over, report)
        except OSError as error:
            raise HandoffError(
                f"the intake folder can't be written ({type(error).__name__})",
                where=str(self._folder),
                mend="check its disk and its mode",
            ) from None

    def _hand_over(self, report: Report) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._folder / report.report
        if target.exists():  # handed over before a crash: the rename was the acknowledgement
            if (target / "manifest.json").read_bytes() == report.manifest:
                return
            raise HandoffError("another report lies under this id", where=str(self._folder))
        beside = self._folder / f".{report.report}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(mode=0o700)
        for name, data in report.parts:
            _write(beside / name, data)
        _write(beside / "manifest.json", report.manifest)
        _write(beside / "manifest.json.sig", report.signature.encode())
        _sync(beside)
        beside.rename(target)
        _sync(self._folder)
