"""`stonechat open`: a report printed for the person who holds its key."""

import getpass
import shlex
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from bot.errors import StonechatError
from bot.keys.files import is_protected, read_identities
from bot.machine.files import is_open_to_others
from bot.report.opened import LockedError, Opened, OpeningError, open_report, write_parts
from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import parse_public


def print_report(folder: Path, keys: Sequence[Path], out: Path | None, bot_key: str) -> None:
    """Raises SettingsError or OpeningError in one line."""
    identities: list[HybridIdentity] = []
    for path in keys:
        asks = is_protected(path)
        identities += read_identities(path, getpass.getpass(f"Passphrase of {path}: ") if asks else None)
    pinned = parse_public(bot_key) if bot_key else None
    try:
        opened = open_report(folder, identities, pinned)
    except LockedError:
        raise  # it is whole; there is nothing to fetch again
    except StonechatError as error:
        mend = error.mend or "fetch the report again from where it came"
        raise OpeningError(error.what, where=error.where or str(folder), mend=mend) from None
    _tell_of_letters(opened)
    show(opened, Console())
    if out:
        write_parts(opened, folder, out, identities)
    _tell_of_keys(keys)


def _tell_of_keys(keys: Sequence[Path]) -> None:
    for path in keys:
        if is_open_to_others(path) and not is_protected(path):
            mend = f"chmod 600 {shlex.quote(str(path))}"
            print(f"stonechat: warning: {path}: others can read this key; {mend}", file=sys.stderr)


def _tell_of_letters(opened: Opened) -> None:
    """Before all else, where this terminal can't show what was written."""
    coding = sys.stdout.encoding or "ascii"
    try:
        "".join(opened.texts.values()).encode(coding, "strict")
    except (UnicodeEncodeError, LookupError):
        mend = "use a terminal in UTF-8 (LC_ALL=C.UTF-8), or --out FOLDER"
        what = "this terminal can't show all letters, they stand as numbers"
        print(f"stonechat: warning: {what}; {mend}", file=sys.stderr)


class Printer:
    """The one way out to a person's terminal: text is only text, without markup, control codes or direction marks."""

    def __init__(self, console: Console) -> None:
        """A console whose stream replaces what it can't show."""
        self._console = console

    def line(self, text: str, depth: int = 0, style: str = "") -> None:
        """One thing that is said, `depth` steps in; its own line breaks stay inside that."""
        pad = "  " * depth
        lines = (f"{pad}{line}" for line in harmless(text).split("\n"))
        self._console.print(Text("\n".join(lines), style=style), soft_wrap=True)


def show(opened: Opened, console: Console) -> None:
    """Consent first, then answers in their order, then words."""
    out, document = Printer(console), opened.document
    out.line(f"Report {opened.manifest.report}, version {opened.manifest.version}", style="bold")
    if not opened.verified:
        out.line("NOT VERIFIED: without --bot-key anybody may have made this report.", style="bold red")
    if document is None:
        out.line("This key does not open the report document.")
    else:
        for key in ("language", "channel", "opened", "submitted", "urgency", "flags"):
            out.line(f"{key}: {_plain(document.get(key))}")
        out.line("Consent", style="bold")
        _tree(out, document.get("consent", {}), opened, 1)
        out.line("Answers", style="bold")
        _tree(out, document.get("answers", {}), opened, 1)
    if opened.contact is not None:
        out.line("Contact", style="bold")
        _tree(out, msgspec.to_builtins(opened.contact), opened, 1)
    for name in opened.closed:
        out.line(_locked(opened, name), style="dim")


def _locked(opened: Opened, name: str) -> str:
    """Whose key it waits for. That stands in the document alone: without its key nobody is told."""
    entry = opened.entries.get(name)
    return f"{name}: locked for this key" if entry is None else f"{name}: locked for this key, its class is {entry.cls}"


def _marks(entry: Mapping[str, Any]) -> str:
    """What whoever reads these words must know first."""
    marks = []
    if entry.get("after_silence"):
        marks.append("said after a silence: it may be somebody else who holds the phone")
    if entry.get("forwarded"):
        marks.append("passed on: somebody else's words")
    if "handle_as" in entry:
        marks.append(f"handle as {entry['handle_as']}")
    return "; ".join(marks)


JOINERS = "\u200c\u200d"  # within words of Persian, Hindi and others, and within emoji: they move nothing


def harmless(text: str) -> str:
    """Control and direction characters shown as what they are, so that no text can disturb the terminal."""

    def shown(letter: str) -> str:
        if letter == "\n" or letter.isprintable() or letter in JOINERS:
            return letter
        return " " if unicodedata.category(letter) == "Zs" else f"<U+{ord(letter):04X}>"

    return "".join(map(shown, text))


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _tree(out: Printer, node: Mapping[str, Any], opened: Opened, depth: int) -> None:
    for key, value in node.items():
        if isinstance(value, dict) and "parts" in value:
            out.line(f"{key}:", depth)
            for part in value["parts"]:
                _part(out, part, opened, depth + 1)
        elif isinstance(value, dict) and "precision" in value:
            out.line(f"{key}: {value['value']} ({value['precision']})", depth)
        elif isinstance(value, dict):
            out.line(f"{key}:", depth)
            _tree(out, value, opened, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                out.line(f"{key} {number}:", depth)
                _tree(out, each, opened, depth + 1)
        else:
            out.line(f"{key}: {_plain(value)}", depth)


def _part(out: Printer, part: Mapping[str, Any], opened: Opened, depth: int) -> None:
    if marks := _marks(part):
        out.line(f"({marks})", depth, style="italic")
    words = opened.texts.get(part["part"])
    shown = words if words is not None else f"({_locked(opened, part['part'])})"
    out.line("\n".join(f"| {line}" for line in shown.split("\n")), depth)
