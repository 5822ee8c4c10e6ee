"""`stonechat open`: a report printed for the person who holds its key."""

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from bot.report.opened import Opened, open_report, write_parts
from bot.seal.hybrid import HybridIdentity
from bot.seal.recipients import is_protected, read_identities
from bot.seal.signing import parse_public


def print_report(folder: Path, keys: Sequence[Path], out: Path | None, bot_key: str) -> None:
    """Raises SettingsError or OpeningError in one line."""
    identities: list[HybridIdentity] = []
    for path in keys:
        asks = path.exists() and is_protected(path)
        identities += read_identities(path, getpass.getpass(f"Passphrase of {path}: ") if asks else None)
    opened = open_report(folder, identities, parse_public(bot_key) if bot_key else None)
    show(opened, Console())
    if out:
        write_parts(opened, folder, out, identities)


def show(opened: Opened, console: Console) -> None:
    """Consent first, then answers in their order, then words. Text is only text: no markup, no control codes."""
    document = opened.document
    console.print(Text(f"Report {opened.manifest.report}, version {opened.manifest.version}", style="bold"))
    if not opened.verified:
        console.print(Text("NOT VERIFIED: without --bot-key anybody may have made this report.", style="bold red"))
    if document is None:
        console.print(Text("This key does not open the report document."))
    else:
        for key in ("language", "channel", "opened", "submitted", "urgency", "flags"):
            console.print(Text(f"{key}: {_plain(document.get(key))}"))
        console.print(Text("Consent", style="bold"))
        _tree(console, document.get("consent", {}), opened, 1)
        console.print(Text("Answers", style="bold"))
        _tree(console, document.get("answers", {}), opened, 1)
    if opened.contact is not None:
        console.print(Text("Contact", style="bold"))
        _tree(console, msgspec.to_builtins(opened.contact), opened, 1)
    for name in opened.closed:
        console.print(Text(_locked(opened, name), style="dim"))


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


def harmless(text: str) -> str:
    """Control and direction characters shown as what they are, so that no text can disturb the terminal."""
    return "".join(c if c == "\n" or c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else harmless(str(value))


def _tree(console: Console, node: Any, opened: Opened, depth: int) -> None:
    pad = "  " * depth
    for key, value in node.items():
        if isinstance(value, dict) and "parts" in value:
            console.print(Text(f"{pad}{key}:"))
            for part in value["parts"]:
                words = opened.texts.get(part["part"])
                shown = harmless(words) if words is not None else f"({_locked(opened, part['part'])})"
                if marks := _marks(part):
                    console.print(Text(f"{pad}  ({marks})", style="italic"))
                console.print(Text("\n".join(f"{pad}  | {line}" for line in shown.split("\n"))))
        elif isinstance(value, dict) and "precision" in value:
            console.print(Text(f"{pad}{key}: {value['value']} ({value['precision']})"))
        elif isinstance(value, dict):
            console.print(Text(f"{pad}{key}:"))
            _tree(console, value, opened, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                console.print(Text(f"{pad}{key} {number}:"))
                _tree(console, each, opened, depth + 1)
        else:
            console.print(Text(f"{pad}{key}: {_plain(value)}"))
