"""O20, O01: each setting times each wrong kind is one line with file, line, key and the mend, or it is read right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.machine.addresses import host_and_port, shown
from bot.settings import KNOWN, SECRETS, load_settings

NUMBERS = ("handoff_spread", "draft_ttl", "first_read", "look", "receipt_days", "reports_a_day")
LISTENING = ("phone", "metrics", "telegram_listen")
CHOICES = ("telegram_sensitive", "trained_team", "logs")
PATHS = (
    "state",
    "keys",
    "recipients",
    "recipients_identity",
    "recipients_contact",
    "recipients_sensitive",
    "intake_bots",
    *("telegram_token_file", "alarm_mail_password_file", "alarm_file"),
)
TEXTS = ("organisation", "help")  # anything that is text is right

NO_TEXT = [
    "8320", "-1", "1.5", "true", "inf", "nan", "2026-01-01", "2026-01-01T10:00:00Z", "10:00:00", "[]", "[1]", "['a']",
    "{}", "{a = 1}",
]  # fmt: skip
NO_ADDRESS = [
    "'x'", "'127.0.0.1'", "'127.0.0.1:'", "':80'", "'127.0.0.1:99999'", "'127.0.0.1:-1'", "'127.0.0.1:+80'",
    "'127.0.0.1:8_0'", "'127.0.0.1:٨٠'", "'127.0.0.1:0x50'", "'127.0.0.1:80.0'", "'127.0.0.1:1 2'", "'[::1'",
    "'[::1]'", "'[::1:80'", "'::1:80'", "'::1]:80'", "'[127.0.0.1]x:80'", "'localhost:80'", "'http://127.0.0.1:80'",
    "'127.1:80'", "'256.0.0.1:80'", "'127.0.0.1:80/x'", "'8320'", "'true'", "'127.0.0.1:80,127.0.0.1:81'",
    *NO_TEXT,
]  # fmt: skip
NO_NUMBER = [
    "'x'", "-1", "1.0", "1.5", "true", "false", "inf", "nan", "2026-01-01", "[1]", "[]", "{}", "'1.5'", "'1_0'",
    "'٢٤'", "'0x10'", "'1e2'", "'+5'", "'24h'", "'1,000'", "1000001", "99999999999999999999", "'99999999999999999999'",
]  # fmt: skip
NO_CHOICE = ["'x'", "'YES PLEASE'", "'1'", *NO_TEXT]
NO_PATH = ["'https://user:hunter2@host/x'", "'HTTP://host'", '"a\\u0001b"', "'~no-such-user/x'", *NO_TEXT]
WRONG = {
    **dict.fromkeys(LISTENING, NO_ADDRESS),
    **dict.fromkeys(NUMBERS, NO_NUMBER),
    **dict.fromkeys(CHOICES, NO_CHOICE),
    **dict.fromkeys(PATHS, NO_PATH),
    **dict.fromkeys(TEXTS, NO_TEXT),
    "intake": [
        "'x'", "'https://'", "'https:///x'", "'https://[::1'", "'https://host:99999'", "'https://host:0'", "'https://host:x'",
        "'https://a b'", "'http://host'", "'http://127.0.0.1.evil.example'", "'folder:'", "'ftp://x'", "'https://host?token=a'",
        "'https://host#a'", *NO_TEXT,
    ],
    "telegram_api": [
        "'x'", "'https://'", "'https://[::1'", "'https://host:99999'", "'https://host:0'", "'ftp://host'", "'https://host?a'",
        "'https://host#a'", "'https://a b'", *NO_TEXT,
    ],
    "telegram_webhook": [
        "'x'", "'http://host/x'", "'https://'", "'https://[::1/x'", "'https://host:99999/x'", "'https://host:8322/x'",
        "'https://host/x?a'", "'https://host/x#a'", "'https://u:hunter2@host/x'", *NO_TEXT,
    ],
    "alarm_mail": [
        "'x'", "'smtps://'", "'smtps://host:99999'", "'smtps://[::1'", "'https://host'", "'smtps://u:hunter2@host'",
        *NO_TEXT,
    ],
    "database": ["'x'", "'sqlite:'", "'sqlite:~no-such-user/x'", "'postgresql://u:hunter2@host/db'", *NO_TEXT],
    "intake_key": ["'x'", "'ssh-rsa AAAA'", "'ssh-ed25519 AAAA'", *NO_TEXT],
    "alarm_from": ["'x'", "'Name <a@b.org>'", "'a@'", *NO_TEXT],
    "alarm_language": ["'xx'", *NO_TEXT],
    "languages": ["'english'", "'en,,fr'", "5", "true", "1.5", "2026-01-01", "[]", "[1]", "{}"],
    "alarm": ["5", "true", "1.5", "2026-01-01", "[1]", "{a = 1}", "['x']", "'x'", "['ftp://u:hunter2@host']"],
}  # fmt: skip


def test_every_setting_is_in_the_table() -> None:
    assert {key.removesuffix("_file") for key in WRONG} == set(KNOWN) | set(SECRETS)


def cells() -> Iterator[tuple[str, str, str]]:
    """A variable is text: what is none can't stand there."""
    for key, all_ in WRONG.items():
        for wrong in all_:
            yield key, wrong, "file"
            if wrong[0] in "'\"" and "\\u" not in wrong:
                yield key, wrong, "variable"


@pytest.mark.parametrize(("key", "wrong", "place"), list(cells()))
def test_O20_a_wrong_kind_is_one_line(tmp_path: Path, key: str, wrong: str, place: str) -> None:
    file, environ = tmp_path / "stonechat.toml", {}
    lines = [
        "# what an operator wrote",
        "",
        'organisation = "Org"' if key != "organisation" else "",
        f"{key} = {wrong}",
    ]
    if place == "variable":
        environ[f"STONECHAT_{key.upper()}"] = wrong[1:-1]
        lines.pop()
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(SettingsError) as error:
        load_settings(file, environ)
    line = str(error.value)
    assert line.startswith(f"{file}:4" if place == "file" else f"STONECHAT_{key.upper()}"), line
    assert key in line.removeprefix(str(file)).lower()
    assert error.value.mend, line
    assert "hunter2" not in line
    assert "\n" not in line


RIGHT = {
    "phone": ["127.0.0.1:8320", " 127.0.0.1:8320 ", "[::1]:8320", "127.0.0.1:0"],
    "telegram_listen": ["0.0.0.0:8322", "[::]:8322", "10.0.0.5:65535"],
    "draft_ttl": ["24", " 24 ", "1000000"],
    "intake": ["embedded", "folder:x", "http://127.0.0.1:8321", "http://[::1]:8321/x", "http://localhost", "https://host:1/x"],
    "telegram_api": ["http://10.0.0.5:8081", "https://api.telegram.org/"],
    "telegram_webhook": ["https://host", "https://host:8443/x", "https://host/x/y"],
    "languages": ["en", "ar, en"],
}  # fmt: skip
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA7JZW8CUGVbHrhFaLT4CqmiTRmTX7QMd1AopLG4rR2M"


@pytest.mark.parametrize(("key", "right"), [(key, right) for key, all_ in RIGHT.items() for right in all_])
def test_O20_a_right_one_is_taken(tmp_path: Path, key: str, right: str) -> None:
    file = tmp_path / "stonechat.toml"
    file.write_text(f'intake_key = "{KEY}"\n{key} = "{right}"\n')
    load_settings(file, {})


def test_O20_an_address_is_read_whole() -> None:
    assert host_and_port(" [::1]:80 ", "phone") == ("::1", 80)
    assert host_and_port("127.0.0.1:65535", "phone") == ("127.0.0.1", 65535)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://user:hunter2@host:1/x", "https://…@host:1/x"),
        ("https://hunter2@host/x?token=hunter2#hunter2", "https://…@host/x?…"),
        ("https://host#hunter2", "https://host#…"),
        ("https://user:hunter2/@/x@host", "https://…@host"),
        ("//u:hunter2@host", "//…@host"),
        ("u:hunter2@127.0.0.1:8320", "…@127.0.0.1:8320"),
        ("https://host/a?b\nhunter2", "https://host/a?…"),
        ("https://host/path", "https://host/path"),
        ("", ""),
    ],
)
def test_a_secret_of_an_address_is_not_shown(url: str, says: str) -> None:
    assert shown(url) == says
