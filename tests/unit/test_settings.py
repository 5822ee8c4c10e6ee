"""O01, O03: settings and recipients that are wrong are one line: what, where, the mend."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keys.accepted import check_accepted, read_all_recipients
from bot.keys.files import read_recipients
from bot.settings import load_settings
from tests.conftest import IDENTITY, RECOVERY, make_settings


@pytest.mark.parametrize(
    ("toml", "where", "says"),
    [
        ("state = [", ":1", "not TOML"),
        ("\n\norganization = 'x'", ":3", "did you mean 'organisation'"),
        ("draft_ttl = '3 days'", ":1", "whole number of hours"),
        ("draft_ttl = -4", ":1", "whole number of hours"),
        ("draft_ttl = true", ":1", "whole number of hours"),
        ("handoff_spread = 'x'", ":1", "whole number of minutes"),
        ("organisation = 5", ":1", "must be text"),
        ("telegram_token = '123456789:AAabcdefghijklmnopqrstuvwxyz'", ":1", "does not belong in this file"),
        ("intake = 'ftp://x'", "", "no known kind"),
        ("intake = '123456789:AAabcdefghijklmnopqrstuvwxyz'", "", "no known kind"),
        ("telegram_sensitive = '123456789:AAabcdefghijklmnopqrstuvwxyz'", "", "ask, allow or refuse"),
        ("intake = 'https://intake.example'", "", "intake_key is missing"),
        ("telegram_sensitive = 'maybe'", "", "ask, allow or refuse"),
        ("draft_ttl = 0", "", "can't be 0"),
        ("logs = 'xml'", "", "write text or json"),
        ("telegram_webhook = 'http://x'", "", "no https address"),
        ("danger_read = 'soon'", ":1", "whole number of minutes"),
        ("languages = 3.5", ":1", "must be codes"),
        ("languages = {a = 1}", ":1", "must be codes"),
    ],
)
def test_O03_a_wrong_settings_file(tmp_path: Path, toml: str, where: str, says: str) -> None:
    path = tmp_path / "stonechat.toml"
    path.write_text(toml)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    line = str(caught.value)
    assert says in line
    assert f"stonechat.toml{where}" in line or not where
    assert "\n" not in line
    assert "AAabcdef" not in line


def test_O03_o12_unknown_variables_are_told_with_the_nearest_and_left_out() -> None:
    """A Kubernetes service called `stonechat` sets STONECHAT_PORT and others in every container beside it."""
    environ = {"STONECHAT_RECIPIENT": "x", "STONECHAT_PORT": "tcp://10.0.0.7:8320", "STONECHAT_SERVICE_HOST": "x\ny"}
    told: list[str] = []
    assert load_settings(None, environ, told.append) == load_settings(None, {})
    (line,) = told
    assert "STONECHAT_RECIPIENT (did you mean STONECHAT_RECIPIENTS?)" in line
    assert "STONECHAT_PORT" in line
    assert "\n" not in line
    assert "10.0.0.7" not in line, "a value may be a secret"


def test_variables_win_and_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("organisation = 'A'\ndraft_ttl = 10\ntelegram_token_file = 'token'")
    (tmp_path / "token").write_text("123456789:AAabcdefghijklmnopqrstuvwxyz\n")
    (tmp_path / "token").chmod(0o600)
    settings = load_settings(tmp_path / "s.toml", {"STONECHAT_ORGANISATION": "B"})
    assert (settings.organisation, settings.draft_ttl) == ("B", 10)
    assert settings.telegram_token.startswith("123456789:")
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(tmp_path / "s.toml", {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names nobody"),
        ("# only a comment\n", "names nobody"),
        (f"\n{IDENTITY.text}\n", ":2: a private key stands where a public one belongs"),
        ("ssh-ed25519 AAAA\n", ":1: not a post-quantum recipient"),
        (f"{IDENTITY.recipient.text[:-1]}q\n", ":1: the key's checksum is wrong"),
        (f"{IDENTITY.recipient.text[:300]}\n", ":1:"),
    ],
)
def test_O01_wrong_recipients(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "recipients.txt"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_recipients(path)
    assert says in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_O01_no_recipients_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="keys new"):
        read_recipients(tmp_path / "none.txt")


def test_O01_a_change_of_keys_needs_a_yes(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    settings.state.mkdir()
    check_accepted(settings, read_all_recipients(settings))
    check_accepted(settings, read_all_recipients(settings))
    (tmp_path / "recipients.txt").write_text(f"{RECOVERY.recipient.text}\n")
    with pytest.raises(SettingsError, match="keys accept"):
        check_accepted(settings, read_all_recipients(settings))
