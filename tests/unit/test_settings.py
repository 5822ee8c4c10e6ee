"""O01, O03: settings and recipients that are wrong are one line: what, where, the mend."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keys.accepted import check_accepted, read_all_recipients
from bot.keys.files import read_recipients
from bot.settings import KNOWN, SECRETS, load_settings
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
        ("danger_read = 60", ":1", "there is no setting 'danger_read' any more"),
        ("look = 'often'", ":1", "whole number of hours"),
        ("trained_team = 'maybe'", "", "write yes or no"),
        ("trained_team = true", ":1", "must be text"),
        ("alarm = 5", ":1", "'alarm' must be a list"),
        ("alarm = [5]", ":1: alarm 1", "a target must be text"),
        ("alarm = ['https://ntfy.sh']", ":1: alarm 1", "does not name a host and a topic"),
        ("alarm = ['mailto:a@b.org']", "", "no mail server is set"),
        ("alarm = ['exec:/bin/true']\nalarm_file = 'x'", ":2", "'alarm' and 'alarm_file' both stand here"),
        ("alarm_file = 'none'", "", "it is not there"),
        ("alarm_mail = 'mail.example.org'", "", "no mail server"),
        ("alarm_mail = 'smtps://x@mail.example.org'", "", "a login needs a user and a password"),
        ("alarm_mail_password = 'hunter2'", ":1", "does not belong in this file"),
        ("alarm = ['exec:/bin/true']\nalarm_language = 'xx'", "", "alarm_language has no words"),
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


def test_x01_who_is_told_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    """Topics and addresses are secrets."""
    (tmp_path / "targets").write_text("# duty\nexec:/bin/true\n\nmailto:duty@example.org\n")
    (tmp_path / "password").write_text("hunter2\n")
    for name in ("targets", "password"):
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "s.toml"
    path.write_text(
        'alarm_file = "targets"\nalarm_mail = "smtps://bot@mail.example.org"\n'
        'alarm_mail_password_file = "password"\nalarm_from = "bot@example.org"\n'
    )
    settings = load_settings(path, {})
    assert [target.kind for target in settings.alarm] == ["exec", "mailto"]
    assert settings.alarm_mail_password == "hunter2"
    assert "hunter2" not in repr(settings)
    assert "duty@example.org" not in repr(settings)
    variables = {"STONECHAT_ALARM_FILE": str(tmp_path / "targets"), "STONECHAT_TRAINED_TEAM": "yes"}
    both = load_settings(path, variables)
    assert both.alarm == settings.alarm
    assert both.trained_team == "yes"
    (tmp_path / "targets").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(path, {})
    lines = {"STONECHAT_ALARM": "exec:/bin/true\nexec:/bin/false"}
    assert len(load_settings(None, lines).alarm) == 2


KUBERNETES = (
    "SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_8321_TCP", "PORT_8321_TCP_PROTO",
    "PORT_8321_TCP_PORT", "PORT_8321_TCP_ADDR", "PORT_53_UDP", "PORT_53_UDP_ADDR", "PORT_9_SCTP",
    "INTAKE_SERVICE_HOST", "INTAKE_PORT", "INTAKE_PORT_8321_TCP", "METRICS_SERVICE_PORT_METRICS",
    "PHONE_PORT_8320_TCP_ADDR", "ENV_PATH", "NAME", "1_PORT", "KEYS_PORT",
)  # fmt: skip


@pytest.mark.parametrize(
    "value", ["tcp://10.0.0.7:8320", "", " ", "10.0.0.7", "8321", "tcp", "/stonechat/stonechat", "\n"]
)
@pytest.mark.parametrize("name", KUBERNETES)
def test_o12_whatever_a_platform_sets_stops_nothing(name: str, value: str) -> None:
    told: list[str] = []
    found = load_settings(None, {f"STONECHAT_{name}": value}, told.append)
    assert found == load_settings(None, {})
    if not value.strip():
        assert told == [], "empty is unset"
        return
    (line,) = told
    assert f"STONECHAT_{name}" in line
    assert "did you mean" not in line or name == "NAME", "nobody misspelt a setting"


@pytest.mark.parametrize("value", ["", " ", "\t"])
@pytest.mark.parametrize("key", sorted(KNOWN) + [f"{s}_file" for s in SECRETS] + ["alarm_file", "config"])
def test_o12_an_empty_variable_of_compose_is_unset(key: str, value: str) -> None:
    assert load_settings(None, {f"STONECHAT_{key.upper()}": value}) == load_settings(None, {})


@pytest.mark.parametrize(
    ("name", "meant"),
    [("RECIPIENT", "RECIPIENTS"), ("STAT", "STATE"), ("TELEGRAM_TOKENS", "TELEGRAM_TOKEN"), ("METRIC", "METRICS")],
)
def test_o12_a_misspelt_one_is_told_with_the_nearest(name: str, meant: str) -> None:
    told: list[str] = []
    load_settings(None, {f"STONECHAT_{name}": "x"}, told.append)
    assert f"STONECHAT_{name} (did you mean STONECHAT_{meant}?)" in told[0]


@pytest.mark.parametrize("key", ["telegram_token", "alarm_mail_password"])
def test_o11_a_secret_that_a_variable_names_is_not_asked_of_the_file(tmp_path: Path, key: str) -> None:
    """`init` writes telegram_token_file; under the unit that file is root's, and a credential stands in its place."""
    token = "123456789:AAabcdefghijklmnopqrstuvwxyz"
    (tmp_path / "stonechat.toml").write_text(f'{key}_file = "nowhere"\n')
    (tmp_path / "credential").write_text(token)
    (tmp_path / "credential").chmod(0o600)
    environ = {f"STONECHAT_{key.upper()}_FILE": str(tmp_path / "credential")}
    assert getattr(load_settings(tmp_path / "stonechat.toml", environ), key) == token
    with pytest.raises(SettingsError, match="it is not there"):
        load_settings(tmp_path / "stonechat.toml", {f"STONECHAT_{key.upper()}_FILE": ""})


def test_o11_alarm_targets_that_a_variable_names(tmp_path: Path) -> None:
    (tmp_path / "stonechat.toml").write_text('alarm_file = "nowhere"\n')
    found = load_settings(tmp_path / "stonechat.toml", {"STONECHAT_ALARM": "exec:/bin/true"})
    assert len(found.alarm) == 1
