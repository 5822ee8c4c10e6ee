"""`stonechat init`: asks what a first installation needs, writes a commented stonechat.toml, and ends in doctor.

All is asked before anything is written, so that who stops in the middle leaves nothing; what can't be taken is asked
again. A secret that was pasted into the wrong question is neither kept nor shown.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.errors import SettingsError, StonechatError
from bot.machine.files import check_could_write, make_private, write_once
from bot.machine.worktree import refuse_work_tree
from bot.operating.asking import StoppedError
from bot.operating.doctor import run_doctor
from bot.operating.keys import check_free, new_passphrase, write_key
from bot.seal.hybrid import HybridRecipient
from bot.settings import LANGUAGE, TELEGRAM_TOKEN, load_settings
from bot.state import check_owner
from bot.words.languages import catalogue_of, folders
from bot.words.loading import data_folder

FILE, TOKEN, STATE, KEY = Path("stonechat.toml"), Path("telegram.token"), Path("state"), "desk"
RECIPIENTS = STATE / "recipients.txt"
SHAPES = (
    (re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{20,64}"), "a Telegram token"),
    (re.compile(r"AGE-(SECRET-KEY|PLUGIN)-", re.IGNORECASE), "a private key"),
    (re.compile(r"PRIVATE KEY|AGE ENCRYPTED FILE"), "a private key"),
    (re.compile(r"age1[a-z0-9]{30,}"), "a line for the keys, which are asked for later"),
    (re.compile(r"(?=\S*[0-9])(?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9_-]{40,}"), "a secret of some kind"),
)
"""What people paste one question late. None of it is a name, a number or a folder."""
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


class WrongError(StonechatError):
    """An answer that can't be taken; it is asked again."""


@dataclass(frozen=True)
class Answers:
    """`settings` is the text of stonechat.toml. `recipients` is None where the file is there already."""

    settings: str
    token: str
    recipients: list[str] | None
    passphrase: str  # of a first key, where there is no recipient yet


def run_init() -> int:
    """Exit code of doctor. Raises SettingsError where something is there already, StoppedError for Ctrl-C."""
    if FILE.exists():
        where = str(FILE.absolute())
        raise SettingsError("there is a stonechat.toml already", where=where, mend="edit it, or move it away")
    refuse_work_tree(Path.cwd(), "a token or a key", "~/bot")
    check_owner(Path.cwd() / "state")
    with _stopped("nothing was written; run 'stonechat init' again"):
        answers = _asked()
    with _stopped("what it had written was removed; run 'stonechat init' again"):
        _write(answers)
    typer.echo(f"\nWritten: {FILE}. How it looks now:\n")
    with _stopped(f"{FILE} and what belongs to it stand; look again with 'stonechat doctor'"):
        return run_doctor(load_settings(FILE, {}), as_json=False)


@contextlib.contextmanager
def _stopped(what_stands: str) -> Iterator[None]:
    try:
        yield
    except (typer.Abort, EOFError, KeyboardInterrupt, StoppedError):
        typer.echo()
        raise StoppedError("init was stopped", mend=what_stands) from None


def _asked() -> Answers:
    values = {
        "organisation": _ask("Name of your organisation, as reporters read it", _some),
        "help": _ask("Where can reporters ask? An address or a page", _some),
        "languages": _ask("Languages, in their order", _languages, "ar, en, fr"),
    }
    first = "Reporters read the next three as your word. Hours until somebody reads a report (0: say nothing)"
    numbers = {
        "first_read": _ask(first, _hours, "0"),
        "trained_team": _ask("Are all who can open reports a small trained team? (yes, no)", _yes_or_no, "no"),
        "look": _ask("Hours between two looks at the list, day and night (0: say nothing)", _hours, "0"),
    }
    token = _token()
    folder = _ask("Folder for finished reports (empty: the intake inside the bot)", _folder, "", shown=False)
    recipients, passphrase = _recipients()
    text = TEMPLATE.format(
        **{key: _quoted(value) for key, value in values.items()},
        **numbers,
        channels=TELEGRAM if token or TOKEN.exists() else PHONE,
        intake=_quoted(f"folder:{folder}" if folder else "embedded"),
    )
    return Answers(text, token, recipients, passphrase)


TELEGRAM = 'telegram_token_file = "telegram.token"\n# telegram_webhook = "https://HOST/PATH"   # instead of polling\n'
PHONE = 'phone = "127.0.0.1:8320"   # a page for people who sit at this machine\n'


def _ask(question: str, read: Callable[[str], str], default: str | None = None, *, shown: bool = True) -> str:
    """Until the answer can be taken. What was typed is never shown again: it may be a secret."""
    while True:
        said = str(typer.prompt(question, default=default, show_default=shown)).strip()
        try:
            for shape, name in SHAPES:
                if shape.search(said):
                    raise WrongError(f"That looks like {name}. It was not taken; clear this screen.")
            return read(said)
        except StonechatError as error:
            typer.echo(str(error))


def _some(said: str) -> str:
    if not said:
        raise WrongError("Reporters read it: it can't be empty.")
    return said


def _hours(said: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}", said):
        raise WrongError("A whole number of hours, like 24.")
    return str(int(said))


def _yes_or_no(said: str) -> str:
    if said.lower() not in ("y", "yes", "n", "no"):
        raise WrongError("Write yes or no.")
    return "yes" if said.lower().startswith("y") else "no"


def _languages(said: str) -> str:
    locales = data_folder("locales")
    known = ("en", *sorted(folders(locales)))
    for word in (each.strip() for each in said.split(",")):
        if not LANGUAGE.fullmatch(word) or catalogue_of(locales, word)[0] not in known:
            raise WrongError(f"Codes with commas between them. There are: {', '.join(known)}.")
    return said


def _folder(said: str) -> str:
    if said:
        try:
            check_could_write(Path(said).expanduser().absolute())
        except (RuntimeError, ValueError):
            raise WrongError("There is no such place. Write the whole path.") from None
    return said


def _quoted(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def _token() -> str:
    """Empty: there is none, or its file is there already."""
    if TOKEN.exists():
        typer.echo(f"{TOKEN} is there already and stays.")
        return ""
    while True:
        question = "Telegram token from @BotFather (empty: the phone page alone)"
        token = str(typer.prompt(question, default="", hide_input=True, show_default=False)).strip()
        if not token or TELEGRAM_TOKEN.match(token):
            return token
        typer.echo("That is no token: it looks like 123456789:AA…")


def _recipients() -> tuple[list[str] | None, str]:
    """The organisation's age1pq1… lines, pasted; or the passphrase of a first key that is to be made here."""
    if RECIPIENTS.exists():
        typer.echo(f"{RECIPIENTS} is there already and stays.")
        return None, ""
    lines: list[str] = []
    typer.echo("The organisation's keys: paste each age1pq1… line, an empty line ends. None yet? Press Enter.")
    while True:
        line = str(typer.prompt("age1pq1… line", default="", show_default=False)).strip()
        try:
            if not line:
                if not lines:
                    check_free(KEY)
                break
            HybridRecipient.parse(line)
            lines.append(line)
        except SettingsError as error:
            typer.echo(f"{error}. Or paste the line that 'stonechat keys public {KEY}.key' prints.")
        except StonechatError:
            typer.echo("That is no age1pq1… line. Never paste a private key here.")
    if lines:
        return lines, ""
    typer.echo(f"A first key is made here, as {KEY}.key. Move it to a machine of your organisation, off this server.")
    return [], new_passphrase()


def _write(answers: Answers) -> None:
    """All of it or nothing: what was made is removed again where something fails. The settings come last."""
    had_state, made = STATE.exists(), []

    def write(path: Path, text: str) -> None:
        try:
            write_once(path, text.encode())
        except FileExistsError:
            raise SettingsError("there is such a file already", where=str(path), mend="move it away") from None
        made.append(path)

    try:
        if answers.recipients is not None:
            make_private(STATE)
            lines = answers.recipients
            if not lines:
                lines = [write_key(KEY, answers.passphrase)]
                made += [Path(f"{KEY}.key"), Path(f"{KEY}.pub")]
            write(RECIPIENTS, "\n".join(lines) + "\n")
        if answers.token:
            write(TOKEN, f"{answers.token}\n")
        write(FILE, answers.settings)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        if not had_state:
            with contextlib.suppress(OSError):
                STATE.rmdir()
        raise
