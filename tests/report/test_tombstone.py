"""What is remembered of an erased report is on disk before anything says that it was erased."""

import os
from pathlib import Path

import pytest

from bot.report.tombstone import buried, bury, is_buried, tombstone


def test_it_is_on_disk_when_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    path = tmp_path / "tombstones"

    def sync(handle: int) -> None:
        os.fstat(handle)  # it is open still
        synced.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", sync)
    bury(path, "r1")
    bury(path, "r2")
    assert synced == [f"{tombstone('r1')}\n".encode(), f"{tombstone('r1')}\n{tombstone('r2')}\n".encode()]


def test_it_stands_there_once_and_says_nothing_of_the_report(tmp_path: Path) -> None:
    path = tmp_path / "tombstones"
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        bury(path, "0123456789abcdef")
    assert len(os.listdir("/proc/self/fd")) == before
    assert path.read_text().split() == [tombstone("0123456789abcdef")]
    assert "0123456789abcdef" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert is_buried(path, "0123456789abcdef")
    assert not is_buried(path, "0123456789abcdee")


def test_a_line_that_was_cut_by_a_crash_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "tombstones"
    assert buried(path) == set()
    path.write_text(f"{tombstone('r1')}\n{tombstone('r2')[:20]}")
    assert buried(path) == {tombstone("r1")}
    bury(path, "r2")
    bury(path, "r3")
    assert buried(path) == {tombstone("r1"), tombstone("r2"), tombstone("r3")}
