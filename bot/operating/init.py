"""`stonechat init`: asks what a first installation needs, writes a commented stonechat.toml, and ends in doctor."""

from pathlib import Path

import typer

from bot.errors import SettingsError, StonechatError
from bot.machine.files import make_private, write_once, write_private
from bot.machine.worktree import refuse_work_tree
from bot.operating.doctor import run_doctor
from bot.operating.keys import new_key
from bot.seal.hybrid import HybridRecipient
from bot.settings import TELEGRAM_TOKEN, load_settings
from bot.state import check_owner

FILE = Path("stonechat.toml")
TEMPLATE = """\
# Written by 'stonechat init'. Every setting: docs/settings.md. Check with 'stonechat doctor'.

organisation = {organisation}   # as reporters read it
help = {help}   # where reporters can ask
languages = {languages}   # offered, in this order
# Reporters read these as your own word. 0 and no: nothing is said.
first_read = {first_read}   # hours until somebody reads a report
trained_team = "{trained_team}"   # all who can open reports are a small trained team
look = {look}   # hours between two looks at the list, day and night
# alarm_file = "alarm.targets"   # who is told at once when somebody is in danger: docs/alarms.md

{channels}
intake = {intake}   # where finished reports go, sealed
"""


def run_init() -> int:
    """Exit code of doctor. Raises SettingsError where something is there already."""
    if FILE.exists():
        where = str(FILE.absolute())
        raise SettingsError("there is a stonechat.toml already", where=where, mend="edit it, or move it away")
    refuse_work_tree(Path.cwd(), "a token or a key", "~/bot")
    check_owner(Path.cwd() / "state")
    values = {
        "organisation": _text("Name of your organisation, as reporters read it"),
        "help": _text("Where can reporters ask? An address or a page"),
        "languages": _text("Languages, in their order", "ar, en, fr"),
    }
    numbers = {
        "first_read": typer.prompt(
            "Reporters read the next three as your word. Hours until somebody reads a report (0: say nothing)",
            default=0,
            type=int,
        ),
        "trained_team": "yes"
        if typer.confirm("Are all who can open reports a small trained team?", default=False)
        else "no",
        "look": typer.prompt(
            "Hours between two looks at the list, day and night (0: say nothing)", default=0, type=int
        ),
    }
    channels = _channels()
    question = "Folder for finished reports (empty: the intake inside the bot)"
    folder = typer.prompt(question, default="", show_default=False)
    _recipients(Path("state"))
    text = TEMPLATE.format(
        **{key: _quoted(value) for key, value in values.items()},
        **numbers,
        channels=channels,
        intake=_quoted(f"folder:{folder}" if folder else "embedded"),
    )
    write_private(FILE, text.encode())
    typer.echo(f"\nWritten: {FILE}. How it looks now:\n")
    return run_doctor(load_settings(FILE, {}), as_json=False)


def _text(question: str, default: str = "") -> str:
    return str(typer.prompt(question, default=default or None)).strip()


def _quoted(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def _channels() -> str:
    """The lines of the channels; the token goes into a file of its own."""
    while True:
        question = "Telegram token from @BotFather (empty: the phone page alone)"
        token = typer.prompt(question, default="", hide_input=True, show_default=False).strip()
        if not token:
            return 'phone = "127.0.0.1:8320"   # a page for people who sit at this machine\n'
        if TELEGRAM_TOKEN.match(token):
            break
        typer.echo("That is no token: it looks like 123456789:AA…")
    _private(Path("telegram.token"), f"{token}\n")
    return 'telegram_token_file = "telegram.token"\n# telegram_webhook = "https://HOST/PATH"   # instead of polling\n'


def _recipients(state: Path) -> None:
    """The organisation's age1pq1… lines, pasted; or a first key made here."""
    path = state / "recipients.txt"
    if path.exists():
        typer.echo(f"{path} is there already and stays.")
        return
    lines: list[str] = []
    typer.echo("The organisation's keys: paste each age1pq1… line, an empty line ends. None yet? Press Enter.")
    while line := typer.prompt("age1pq1… line", default="", show_default=False).strip():
        try:
            HybridRecipient.parse(line)
        except StonechatError:
            typer.echo("That is no age1pq1… line. Never paste a private key here.")
            continue
        lines.append(line)
    make_private(state)
    if not lines:
        typer.echo("A first key is made here, as desk.key. Move it to a machine of your organisation, off this server.")
        lines.append(new_key("desk", no_passphrase=False))
    _private(path, "\n".join(lines) + "\n")


def _private(path: Path, text: str) -> None:
    try:
        write_once(path, text.encode())
    except FileExistsError:
        raise SettingsError("there is such a file already", where=str(path), mend="move it away") from None
