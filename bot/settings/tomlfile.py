"""TOML as editors and web pages save it, and where it is wrong."""

import contextlib
import re
import tomllib
from pathlib import Path
from typing import Any

from bot.errors import SettingsError

BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\u3000", " "))


def read_table(text: str, path: Path) -> dict[str, Any]:
    """The file as TOML. What editors and web pages put in the place of a blank is read as one. Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        with contextlib.suppress(tomllib.TOMLDecodeError):
            return tomllib.loads("\n".join(_with_blanks(line) for line in text.splitlines()))
        raise _no_toml(text, path, str(error)) from None


def _with_blanks(line: str) -> str:
    """Blanks of other kinds become plain ones, but for those within quotes."""
    pieces = re.split(r"""("(?:[^"\\]|\\.)*"|'[^']*')""", line)
    return "".join(piece if at % 2 else piece.translate(BLANKS) for at, piece in enumerate(pieces))


def _no_toml(text: str, path: Path, said: str) -> SettingsError:
    seen: dict[str, int] = {}
    line = int(found[1]) if (found := re.search(r"line (\d+)", said)) else max(1, len(text.splitlines()))
    for number, each in enumerate(text.splitlines(), 1):
        key = found[1] if (found := re.match(r"\s*\[*\s*[\"']?([\w.-]+)[\"']?\s*(?:=|\])", each)) else ""
        if key and key in seen and number <= line and ("overwrite" in said or "twice" in said):
            what = f"this key stands there twice: '{key}' (first in line {seen[key]})"
            return SettingsError(what, where=f"{path}:{number}", mend="remove one of them")
        if key:
            seen.setdefault(key, number)
    shown = text.splitlines()[line - 1] if text.splitlines() else ""
    if odd := next((c for c in shown if c in "“”„‟‘’«»" or (c < " " and c != "\t")), ""):
        what = f"this is not TOML: a letter stands there that is no plain quote or blank (U+{ord(odd):04X})"
        return SettingsError(what, where=f"{path}:{line}", mend='write key = "value", with plain quotes')
    return SettingsError("this is not TOML", where=f"{path}:{line}", mend='write key = "value"')


def line_of(text: str, key: str) -> int:
    """The line that sets a key, counted from 1; 1 where none is seen to."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]", line):
            return number
    return 1
