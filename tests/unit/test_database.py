"""F03: a database that is locked, older, newer, cut short, of zero bytes or of another program."""

import sqlite3
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.machine import database
from bot.store.sqlite import APPLICATION, MIGRATIONS


def prepare(path: Path) -> None:
    database.prepare(path, MIGRATIONS, APPLICATION)


def test_F03_a_new_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    prepare(path)
    assert path.stat().st_mode & 0o077 == 0
    prepare(path)


def test_F03_zero_bytes_is_no_fresh_start(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"")
    with pytest.raises(SettingsError, match="0 bytes"):
        prepare(path)
    assert path.read_bytes() == b""


def test_F03_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    prepare(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 + 100])
    with pytest.raises(SettingsError, match="damaged"):
        prepare(path)


def test_F03_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"rubbish" * 1000)
    with pytest.raises(SettingsError):
        prepare(path)
    assert path.read_bytes() == b"rubbish" * 1000


def test_F03_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    prepare(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=999")
    with pytest.raises(SettingsError, match="schema 999"):
        prepare(path)


def test_F03_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE x (y)")
    with pytest.raises(SettingsError, match="another program"):
        prepare(path)


def test_F03_an_older_version_is_migrated_without_loss(tmp_path: Path) -> None:
    steps = tmp_path / "migrations"
    steps.mkdir()
    (steps / "0001.sql").write_text("CREATE TABLE people (id INTEGER PRIMARY KEY);")
    path = tmp_path / "s.db"
    database.prepare(path, steps, APPLICATION)
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO people VALUES (7)")
    (steps / "0002.sql").write_text("ALTER TABLE people ADD COLUMN day TEXT NOT NULL DEFAULT 'x';")
    database.prepare(path, steps, APPLICATION)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT * FROM people").fetchall() == [(7, "x")]
        assert db.execute("PRAGMA user_version").fetchone()[0] == 2


def test_F03_a_migration_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    steps = tmp_path / "migrations"
    steps.mkdir()
    (steps / "0001.sql").write_text("CREATE TABLE people (id INTEGER PRIMARY KEY);")
    path = tmp_path / "s.db"
    database.prepare(path, steps, APPLICATION)
    (steps / "0002.sql").write_text("CREATE TABLE more (id INTEGER); CREATE TABLE people (id INTEGER);")
    with pytest.raises(SettingsError):
        database.prepare(path, steps, APPLICATION)
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert db.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchall() == []


def test_F03_a_locked_file_waits_then_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.db"
    prepare(path)
    newest = database.migrations(MIGRATIONS)[-1][0]
    monkeypatch.setattr(database, "BUSY", 200)
    monkeypatch.setattr(database, "PRAGMAS", ("PRAGMA busy_timeout=200", f"PRAGMA user_version={newest}"))
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SettingsError, match="locked"):
            prepare(path)
        db.execute("ROLLBACK")
    prepare(path)
