"""Secrets in files of their own, as people save them, and as systemd, compose and Kubernetes mount them."""

from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import read_text, refused
from bot.machine.readers import how_to_close, who_else_reads
from bot.settings.values import TELEGRAM_TOKEN


class Kept(str):
    """A secret that knows where it was read from, so that an error can name its file."""

    where = ""


def kept_at(secret: str) -> str:
    """The file that a secret was read from, or the variable; empty where nobody knows."""
    return secret.where if isinstance(secret, Kept) else ""


def kept(secret: str, where: str) -> Kept:
    """A secret with the place it was read from."""
    found = Kept(secret)
    found.where = where
    return found


def secret_file(path: Path) -> str:
    """What a secret file holds. Raises SettingsError where somebody else can read it, or it holds nothing."""
    text = read_text(path).strip().strip("\0").strip()
    try:
        others = who_else_reads(path)
    except OSError as error:
        raise refused(error, path) from None
    if others:
        what = f"the secret file can be read by others ({others})"
        raise SettingsError(what, where=str(path), mend=how_to_close(path))
    if not text:
        raise SettingsError(
            "the secret file is empty", where=str(path), mend="put the secret into it, and nothing else"
        )
    return kept(text, str(path))


def _token(path: Path) -> str:
    """A bot's token, as people save it: with a remark, in quotes, behind a name. Raises SettingsError."""
    lines = [line.strip() for line in secret_file(path).splitlines()]
    lines = [line.strip("\"'") for line in lines if line and not line.startswith("#")]
    found = {line.partition("=")[2].strip(" \"'") if "=" in line else line for line in lines}
    if len(found) == 1 and TELEGRAM_TOKEN.match(token := found.pop()):
        return kept(token, str(path))
    if not lines:
        raise SettingsError("the secret file is empty", where=str(path), mend="put the bot's token into it")
    mend = "it looks like 123456789:AA…, comes from @BotFather, and stands there alone"
    raise SettingsError("the Telegram token is not one", where=str(path), mend=mend)


def secret_of(key: str, path: Path) -> str:
    """What the file of this secret setting holds. Raises SettingsError."""
    return _token(path) if key == "telegram_token" else secret_file(path)
