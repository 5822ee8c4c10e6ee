"""Promise 6: a password, a name or a query that stands in any setting's address is in no line that a person reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import StonechatError
from bot.running import start_lines
from bot.settings import KNOWN, load_settings
from tests.conftest import IDENTITY
from tests.e2e.test_commands import ROOT
from tests.unit.test_settings_kinds import KEY, PATHS

SECRET = "hunter2"
ADDRESSES = [
    f"https://user:{SECRET}@127.0.0.1:9/x", f"https://{SECRET}@127.0.0.1:9", f"https://127.0.0.1:9/x?token={SECRET}",
    f"https://127.0.0.1:9/#{SECRET}", f"http://user:{SECRET}@127.0.0.1:9", f"user:{SECRET}@127.0.0.1:9",
    f"smtps://user:{SECRET}@127.0.0.1:9", f"smtp://user%40x:{SECRET}@127.0.0.1", f"postgresql://u:{SECRET}@127.0.0.1/x",
    f"https://[::1/{SECRET}?{SECRET}", f"127.0.0.1:9?{SECRET}", f"ftp://u:{SECRET}@x",
]  # fmt: skip
# Reporters read these, all of them.
PUBLIC = ("organisation", "help")
COMMANDS = [["doctor"], ["doctor", "--json"], ["intake", "list"], ["run"], ["alarm", "rehearse"]]
WHOLE = f"https://user:{SECRET}@127.0.0.1:9/x"


def written(folder: Path, key: str, value: str) -> Path:
    file = folder / "stonechat.toml"
    (folder / "state").mkdir(mode=0o700)
    (folder / "state" / "recipients.txt").write_text(IDENTITY.recipient.text + "\n")
    settings = {"phone": "127.0.0.1:0", "intake_key": KEY, "organisation": "Org", key: value}
    lines = [f"{k} = {json.dumps([v] if k == 'alarm' else v)}" for k, v in settings.items()]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize("value", ADDRESSES)
@pytest.mark.parametrize("key", [each for each in KNOWN if each not in PUBLIC])
def test_no_line_of_any_setting_holds_a_secret(tmp_path: Path, key: str, value: str) -> None:
    try:
        settings = load_settings(written(tmp_path, key, value), {})
        said = "\n".join((repr(settings), *start_lines(settings)))
    except StonechatError as error:
        said = str(error)
    if key in PATHS and "://" not in value:
        return  # a name that a folder may bear
    assert SECRET not in said
    assert said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("intake", WHOLE),
        ("telegram_api", WHOLE),
        ("phone", f"u:{SECRET}@127.0.0.1:9"),
        ("alarm", f"http://127.0.0.1:9/{SECRET}"),
        ("alarm_mail", f"smtp://{SECRET}@127.0.0.1:9"),
    ],
)
@pytest.mark.parametrize(
    "command", [["doctor"], ["doctor", "--json"], ["intake", "list"], ["run"], ["alarm", "rehearse"]], ids=" ".join
)
def test_no_command_says_it(tmp_path: Path, key: str, value: str, command: list[str]) -> None:
    written(tmp_path, key, value)
    with (tmp_path / "stonechat.toml").open("a") as file:
        file.write('telegram_token_file = "t"\n' if key == "telegram_api" else "")
        file.write('alarm_mail_password_file = "p"\nalarm_from = "a@b.org"\n' if key == "alarm_mail" else "")
        file.write('alarm = ["mailto:a@b.org"]\n' if key == "alarm_mail" else "")
    for name, text in (("t", "123456789:AAabcdefghijklmnopqrstuvwxyz123456"), ("p", SECRET)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout is not None
    said = ""
    for line in running.stdout:  # to its end, but for what runs until it is ended
        said += line
        if "ready" in line:
            running.terminate()
    running.wait(timeout=60)
    assert said
    assert SECRET not in said
    assert "unforeseen" not in said
