"""What the demo leaves behind: nothing, though a thread may still lay a file into its folder while it is removed."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.demo import running


def test_the_folder_goes_though_somebody_still_writes_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, tries, real = tmp_path / "demo", 0, shutil.rmtree
    folder.mkdir()
    (folder / "stonechat.db").touch()

    def rmtree(path: Any) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("Directory not empty")
        real(path)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    running._remove(folder)
    assert not folder.exists()
    assert tries == 3
