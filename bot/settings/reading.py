"""One value, as it was written, becomes what its setting holds."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import SettingsError
from bot.settings.secret_files import secret_file
from bot.settings.values import EXAMPLES, KNOWN, LANGUAGE, example

if TYPE_CHECKING:
    from bot.alarm import Target

NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
MOST = 1_000_000  # of hours, days, minutes, reports
FILE_URL = re.compile(r"(?i)file:(//(?:localhost)?/|)(?=.)")
URL = re.compile(r"(?!(?i:file):)[A-Za-z][A-Za-z0-9+.-]*://")
UNITS = {
    "reports_a_day": "reports",
    "draft_ttl": "hours",
    "first_read": "hours",
    "handoff_spread": "minutes",
    "look": "hours",
}
PATHS = (
    "state",
    "keys",
    "recipients",
    "recipients_identity",
    "recipients_contact",
    "recipients_sensitive",
    "intake_bots",
)
PLACES = ("intake", "database")  # may name a path behind a word


def read_value(key: str, value: Any, where: str, base: Path) -> Any:
    """What a setting holds, of what the file (TOML's value) or a variable (text) says. Raises SettingsError."""
    if isinstance(value, dict) and key not in ("languages", "alarm"):
        mend = f'write {key} = "…", above all tables'
        raise SettingsError(f"'{key}' is a table, where a value belongs", where=where, mend=mend)
    if key in PATHS:
        if not isinstance(value, str):
            raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
        return path_of(key, value, where, base)
    if key == "languages":
        named = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
        found = tuple(w.strip() if isinstance(w, str) else "" for w in named)
        if not found or not all(LANGUAGE.fullmatch(w) for w in found):
            raise SettingsError("'languages' must be codes", where=where, mend='languages = "ar, en, fr"')
        return found
    if key == "alarm":
        return alarm_of(value, where, base)
    if KNOWN[key].type is int or KNOWN[key].type == "int":
        number = int(value) if NUMBER.fullmatch(str(value)) and not isinstance(value, bool | float) else -1
        if not 0 <= number <= MOST:
            what = f"'{key}' must be a whole number of {UNITS.get(key, 'days')}, {MOST:,} at most"
            raise SettingsError(what, where=where, mend=example(key))
        return number
    if not isinstance(value, str):
        mend = example(key) if key in EXAMPLES else "put it in quotes"
        raise SettingsError(f"'{key}' must be text", where=where, mend=mend)
    if any(c < " " and c not in "\n\t" for c in value):
        raise SettingsError(f"'{key}' holds a letter that can't be printed", where=where, mend="write it anew")
    return _place(key, value, where, base) if key in PLACES else value


def path_of(key: str, value: str, where: str, base: Path) -> Path:
    """Absolute; a relative one from `base`, `~` as in a shell, also behind `file:`. Raises SettingsError."""
    value = FILE_URL.sub(lambda found: "/" if found[1] else "", value.strip())
    if any(c < " " for c in value):
        raise SettingsError(f"'{key}' holds a letter that can't be printed", where=where, mend="write the path anew")
    if URL.match(value):
        raise SettingsError(f"'{key}' must be a path, and an address stands there", where=where, mend="name a path")
    try:
        return (base / Path(value.strip()).expanduser()).absolute()
    except RuntimeError:
        what = f"there is no such user's home: {value} ('{key}')"
        raise SettingsError(what, where=where, mend="write the whole path") from None


def _place(key: str, value: str, where: str, base: Path) -> str:
    """`folder:PATH` and `sqlite:PATH` mean their paths as all others are meant; anything else stays as it is."""
    kind, colon, rest = value.strip().partition(":")
    kind = kind.strip().lower()
    if not colon or kind not in ("folder", "sqlite") or not rest.strip():
        return value.strip()
    return f"{kind}:{path_of(key, rest, where, base)}"


def is_unset(value: Any) -> bool:
    """Empty means unset: that is how Compose hands on what nobody set."""
    return isinstance(value, str) and not value.strip()


def alarm_of(value: Any, where: str, base: Path) -> "tuple[Target, ...]":
    """Who is told at once: a list, or one target a line."""
    from bot.alarm import lines_of, read_targets

    written = lines_of(value) if isinstance(value, str) else value
    if not isinstance(written, list | tuple):
        raise SettingsError("'alarm' must be a list", where=where, mend='alarm = ["mailto:…", "https://…"]')
    return read_targets(written, where, base, lambda path, _: secret_file(path))


def alarm_file(key: str, value: str, where: str, base: Path) -> "tuple[Target, ...]":
    """The same, in a secret file of its own."""
    path = path_of(key, value, where, base)
    return alarm_of(secret_file(path), str(path), base)
