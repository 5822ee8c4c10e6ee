"""The settings file and the variables, read into one Settings."""

import os
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import process

from bot.errors import SettingsError
from bot.machine.files import read_text
from bot.settings.checking import check
from bot.settings.reading import alarm_file, is_unset, path_of, read_value
from bot.settings.secret_files import kept, secret_of
from bot.settings.tomlfile import line_of, read_table
from bot.settings.values import FILE, KNOWN, PREFIX, SECRETS, Settings

GONE = {"danger_read": "take it out: a time is said only while something keeps it (docs/alarms.md, look)"}
# Kubernetes and Docker's links set these for a service of our name: no misspelt setting was meant.
PLATFORM = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|ENV_\w+)\Z")
NOT_SETTINGS = (
    "STONECHAT_DEMO_SCRIPT",
    "STONECHAT_TEST_ALL",
    "STONECHAT_KILLS",
    "STONECHAT_SHARED",
    "STONECHAT_CONFIG",
)


def _say(line: str) -> None:
    print(f"stonechat: warning: {line}", file=sys.stderr)


def load_settings(
    file: Path | None = None, environ: Mapping[str, str] | None = None, say: Callable[[str], None] = _say
) -> Settings:
    """Variables win over the file; empty ones are unset, unknown ones are told by `say`. Raises SettingsError.

    Relative paths of the file, and what it does not name, are looked for from its folder; those of variables from the
    working folder.
    """
    environ = os.environ if environ is None else environ
    here = Path.cwd()
    named = file or (Path(v) if not is_unset(v := environ.get("STONECHAT_CONFIG", "")) else None)
    path = (here / (named or Path(FILE)).expanduser()).absolute()
    values: dict[str, Any] = {}
    base = here
    found, unknown = _from_environment(environ, here)
    if named is not None or os.path.lexists(path):
        values |= _from_file(path, found)
        base = path.parent
    if unknown:
        say(_told(unknown))
    values |= found
    values.setdefault("state", base / "state")
    settings = Settings(**values)
    try:
        check(settings)
    except SettingsError as error:
        file = path if os.path.lexists(path) else None
        about = error.where if error.where in KNOWN else error.what
        place = _place_of(about, file, environ) or error.where
        what = f"{error.where}: {error.what}" if error.where in KNOWN and place != error.where else error.what
        raise SettingsError(what, where=place, mend=error.mend) from None
    return settings


def _from_file(path: Path, instead: Collection[str] = ()) -> dict[str, Any]:
    """What the file sets. A secret file is not read where `instead`, the variables' keys, names another."""
    text = read_text(path)
    table = read_table(text, path)
    found: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{path}:{line_of(text, key)}"
        bare, is_file = (key.removesuffix("_file"), True) if key.endswith("_file") else (key, False)
        if is_file and bare == "alarm":
            if not isinstance(value, str):
                raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
            _once(found, bare, where)
            if not is_unset(value) and bare not in instead:
                found[bare] = alarm_file(key, value, where, path.parent)
            continue
        if is_file and bare in SECRETS and bare in instead:
            continue
        if key not in KNOWN and not (is_file and bare in SECRETS):
            if isinstance(value, dict) and (inside := next((k for k in value if k in KNOWN), "")):
                mend = f"take the line of the table out, so that '{inside}' stands by itself"
                raise SettingsError(f"settings stand in no table, and '{key}' is one", where=where, mend=mend)
            raise _unknown(key, where)
        if is_unset(value):
            continue
        if key in SECRETS:
            raise SettingsError(
                f"'{key}' is a secret and does not belong in this file",
                where=where,
                mend=f'put it in a file of its own, 0600, and write {key}_file = "PATH"',
            )
        _once(found, bare, where)
        if is_file and not isinstance(value, str):
            raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
        typed = (
            secret_of(bare, path_of(key, value, where, path.parent))
            if is_file
            else read_value(key, value, where, path.parent)
        )
        found[bare] = typed
    return found


def _once(found: Mapping[str, Any], key: str, where: str) -> None:
    if key in found:
        raise SettingsError(f"'{key}' and '{key}_file' both stand here", where=where, mend="keep one of them")


def _nearest(key: str) -> str:
    """The setting that was meant, or ''."""
    near = process.extractOne(key.lower(), KNOWN.keys(), score_cutoff=60)
    return near[0] if near else ""


def _unknown(key: str, where: str) -> SettingsError:
    if key in GONE:
        return SettingsError(f"there is no setting '{key}' any more", where=where, mend=GONE[key])
    near = _nearest(key)
    mend = f"did you mean '{near}'?" if near else "see README.md"
    return SettingsError(f"there is no setting '{key}'", where=where, mend=mend)


def _from_environment(environ: Mapping[str, str], base: Path) -> tuple[dict[str, Any], list[str]]:
    """What the variables set, and the names of those that nobody knows."""
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or is_unset(value):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key == "alarm_file":
            found["alarm"] = alarm_file(key, value, name, base)
        elif key.endswith("_file") and (bare := key.removesuffix("_file")) in SECRETS:
            found[bare] = secret_of(bare, path_of(key, value, name, base))
        elif key in KNOWN:
            typed = read_value(key, value, name, base)
            found[key] = kept(typed, name) if key in SECRETS else typed
        else:
            unknown.append(name)
    return found, unknown


def _told(unknown: Sequence[str]) -> str:
    """One line for all of them: a platform may set many that are not ours (STONECHAT_PORT of a Kubernetes service)."""
    near = {n: "" if PLATFORM.search(n) else _nearest(n.removeprefix(PREFIX).lower()) for n in sorted(unknown)}
    names = [f"{name} (did you mean {PREFIX}{found.upper()}?)" if found else name for name, found in near.items()]
    line = f"no setting, left out: {', '.join(names)}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _place_of(what: str, file: Path | None, environ: Mapping[str, str]) -> str:
    """Where the setting stands that an error names; empty where it does not tell."""
    words = what.lower().replace(" ", "_")
    for key in sorted(KNOWN, key=len, reverse=True):
        if not re.search(rf"(?<![a-z]){key}(?![a-z])", words):
            continue
        if name := next((n for n in (f"{PREFIX}{key.upper()}", f"{PREFIX}{key.upper()}_FILE") if n in environ), ""):
            return name
        text = read_text(file) if file is not None else ""
        if found := re.search(rf"(?m)^[ \t]*[\"']?{key}(_file)?\b", text):
            return f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
    return ""
