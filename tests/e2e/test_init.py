"""`stonechat init` as somebody new would go through it; then the bot starts with what it wrote."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.operating import keys
from bot.settings import load_settings
from bot.wiring import open_bot
from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY


def go(lines: list[str]) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["init"], input="\n".join([*lines, ""]))
    return done.exit_code, done.output


def test_a_first_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answers = [
        'The "Example" Organisation', "help@example.org", "en, fr", "48", "y", "4",
        "not a token", "", str(tmp_path / "inbox"),
        IDENTITY.text, IDENTITY.recipient.text, RECOVERY.recipient.text, "",
    ]  # fmt: skip
    code, said = go(answers)
    assert code == 0, said
    assert "That is no token" in said
    assert "Never paste a private key here" in said
    assert "✓ sealing" in said
    settings = load_settings(tmp_path / "stonechat.toml", {})
    assert settings.organisation == 'The "Example" Organisation'
    assert (settings.languages, settings.first_read, settings.trained_team, settings.look) == (
        ("en", "fr"),
        48,
        "yes",
        4,
    )
    assert settings.phone == "127.0.0.1:8320"
    assert (tmp_path / "state" / "recipients.txt").read_text().count("age1pq1") == 2

    async def starts() -> None:
        async with open_bot(settings) as bot:
            assert bot.house.flow.organisation == 'The "Example" Organisation'
            assert bot.house.flow.vouched == {"first_read", "trained_team"}

    asyncio.run(starts())
    code, said = go(answers)
    assert code == 1, "nothing is overwritten"


def test_a_token_goes_into_a_file_of_its_own_and_a_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keys.getpass, "getpass", lambda question: "several words for a test")
    monkeypatch.setattr("bot.operating.doctor._services", _none)
    _, said = go(["Org", "help@example.org", "", "", "", "", TOKEN, "", ""])
    assert TOKEN not in said
    assert TOKEN not in (tmp_path / "stonechat.toml").read_text()
    assert (tmp_path / "telegram.token").stat().st_mode & 0o077 == 0
    assert (tmp_path / "desk.key").exists()
    assert "off this server" in said
    assert load_settings(tmp_path / "stonechat.toml", {}).telegram_token == TOKEN


def test_x15_nothing_is_vouched_for_that_nobody_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter at each question: no time and no team is promised to anybody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.operating.doctor._services", _none)
    go(["Org", "help@example.org", "", "", "", "", "", "", IDENTITY.recipient.text, ""])
    settings = load_settings(tmp_path / "stonechat.toml", {})
    assert (settings.first_read, settings.trained_team, settings.look, settings.alarm) == (0, "no", 0, ())


async def _none(settings: object):  # type: ignore[no-untyped-def]
    return
    yield
