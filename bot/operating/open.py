"""`stonechat open`: reports in words for who holds their key: on a terminal, as JSON, as a page to print."""

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console

from bot.errors import SettingsError, StonechatError
from bot.keys.files import is_protected
from bot.machine.files import is_open_to_others, make_private, read_text, write_once
from bot.operating.asking import read_keys
from bot.operating.page import page
from bot.operating.printing import Printer, harmless, one_line
from bot.operating.told import Row, Teller, Told
from bot.report.opened import LockedError, Opened, OpeningError, open_report, signed_by, write_parts
from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import parse_public, public_line

__all__ = ["Printer", "harmless", "open_reports", "print_report", "show"]
NOT_VERIFIED = "NOT VERIFIED: without --bot-key anybody may have made this report."
ALTERED = 3  # exit code: opened, and nobody's signature fits it


@dataclass(frozen=True)
class Ways:
    """How reports are shown. `out` and `html` are made anew; `bot_key` is the bot's line, or a file of such lines."""

    out: Path | None = None
    bot_key: str = ""
    language: str = ""
    as_json: bool = False
    html: Path | None = None


def print_report(folder: Path, keys: Sequence[Path], out: Path | None, bot_key: str) -> None:
    """One report. Raises SettingsError, LockedError or OpeningError in one line."""
    open_reports([folder], keys, Ways(out, bot_key))


def open_reports(folders: Sequence[Path], keys: Sequence[Path], ways: Ways) -> int:
    """Exit code: 1 where one of many could not be opened, 3 where one is signed by nobody. Raises for a single one."""
    run = _Run(read_keys(list(keys)), ways, _bots(ways.bot_key), Teller(ways.language), many=len(folders) > 1)
    if ways.html is not None and ways.html.exists():
        raise SettingsError("that file is there already", where=str(ways.html), mend="name a new one")
    if ways.out is not None and run.many:
        if ways.out.exists():
            raise OpeningError("that folder is there already", where=str(ways.out), mend="name a new one")
        make_private(ways.out)
    for folder in folders:
        run.one(folder)
    code = run.end()
    _tell_of_keys(keys)
    return code


@dataclass
class _Run:
    identities: list[HybridIdentity]
    ways: Ways
    bots: tuple[Ed25519PublicKey, ...]
    teller: Teller
    many: bool
    pages: list[tuple[Told, str]] = field(default_factory=list)
    opened: int = 0
    altered: int = 0
    held: int = 0
    wrong: list[str] = field(default_factory=list)

    def one(self, folder: Path) -> None:
        """Show it, or say why not and go on where there are others."""
        try:
            if self.many and _holds_locked(folder):
                count = sum(1 for _ in folder.iterdir())
                self.held += count
                print(
                    f"stonechat: {one_line(str(folder))}: {count} locked by their reporters; left closed",
                    file=sys.stderr,
                )
                return
            self._show(folder)
        except LockedError as error:
            if not self.many:
                raise  # it is whole; there is nothing to fetch again
            self.held += 1
            print(f"stonechat: {error}", file=sys.stderr)
        except StonechatError as error:
            mend = error.mend or "fetch the report again from where it came"
            told = OpeningError(error.what, where=error.where or str(folder), mend=mend)
            if not self.many:
                raise told from None
            self.wrong.append(one_line(folder.name))
            print(f"stonechat: {told}", file=sys.stderr)

    def _show(self, folder: Path) -> None:
        _check_folder(folder)
        opened = open_report(folder, self.identities, self._signer(folder))
        if self.ways.out is not None:
            write_parts(opened, folder, self.ways.out / folder.name if self.many else self.ways.out, self.identities)
        self.opened += 1
        self.altered += not opened.verified and opened.signer is None
        if self.ways.as_json:
            print(json.dumps(_plain_data(opened)).replace("\x7f", "\\u007f"))
        elif self.ways.html is not None:
            self.pages.append((self.teller.tell(opened), warning_of(opened)))
        else:
            _tell_of_letters(opened)
            show(opened, Console(), self.teller)
            if self.many:
                print()

    def _signer(self, folder: Path) -> Ed25519PublicKey | None:
        """The one of the pinned keys that may have signed it: it is checked with that one."""
        named = [public_line(bot) for bot in self.bots]
        signer = signed_by(folder) if len(named) > 1 else None
        line = public_line(signer) if signer is not None else ""
        return self.bots[named.index(line)] if line in named else self.bots[0] if self.bots else None

    def end(self) -> int:
        """The page, the summary, the exit code."""
        if self.ways.html is not None and self.pages:
            write_once(self.ways.html, page(self.pages).encode())
            print(
                f"{len(self.pages)} reports in {one_line(str(self.ways.html))}: only you can read it; delete it after"
            )
        if self.many:
            told = f"{self.opened} opened"
            told += f", {self.held} locked by their reporters" if self.held else ""
            told += f", {len(self.wrong)} not: {', '.join(self.wrong)}" if self.wrong else ""
            print(f"stonechat: {told}", file=sys.stderr)
        return 1 if self.wrong else ALTERED if self.altered else 0


def _bots(said: str) -> tuple[Ed25519PublicKey, ...]:
    """The bots whose reports are taken. Raises SignatureError or SettingsError."""
    if not said.strip():
        return ()
    if said.split()[0].startswith("ssh-") or not Path(said).exists():
        return (parse_public(said),)
    lines = [line.strip() for line in read_text(Path(said)).splitlines()]
    found = tuple(parse_public(line) for line in lines if line and not line.startswith("#"))
    if not found:
        raise SettingsError("the file names no bot", where=said, mend="put the line of 'stonechat keys show' there")
    return found


def _holds_locked(folder: Path) -> bool:
    """What a folder intake keeps apart, beside the reports."""
    return folder.name == "locked" and folder.is_dir() and not (folder / "manifest.json").exists()


def _check_folder(folder: Path) -> None:
    """Raises OpeningError for what a person names by mistake."""
    if folder.is_dir() and not (folder / "manifest.json").exists() and any(folder.glob("*/manifest.json")):
        mend = f"stonechat open {shlex.quote(str(folder))}/*"
        raise OpeningError("reports lie in this folder, it is none itself", where=str(folder), mend=mend)


def _plain_data(opened: Opened) -> dict[str, Any]:
    """What programs get: codes as the report has them."""
    return {
        "report": opened.manifest.report,
        "version": opened.manifest.version,
        "verified": opened.verified,
        "signer": public_line(opened.signer) if opened.signer is not None else None,
        "document": opened.document,
        "contact": msgspec.to_builtins(opened.contact),
        "texts": opened.texts,
        "closed": opened.closed,
    }


def _tell_of_keys(keys: Sequence[Path]) -> None:
    for path in keys:
        if is_open_to_others(path) and not is_protected(path):
            shown = one_line(str(path))
            mend = f"chmod 600 {one_line(shlex.quote(str(path)))}"
            print(f"stonechat: warning: {shown}: others can read this key; {mend}", file=sys.stderr)


def _tell_of_letters(opened: Opened) -> None:
    """Before all else, where this terminal can't show what was written."""
    coding = sys.stdout.encoding or "ascii"
    try:
        "".join(opened.texts.values()).encode(coding, "strict")
    except (UnicodeEncodeError, LookupError):
        mend = "use a terminal in UTF-8 (LC_ALL=C.UTF-8), or --out FOLDER"
        what = "this terminal can't show all letters, they stand as numbers"
        print(f"stonechat: warning: {what}; {mend}", file=sys.stderr)


def warning_of(opened: Opened) -> str:
    """What stands above a report that no named key signed."""
    if opened.verified:
        return ""
    if opened.signer is None:
        return "NOT VERIFIED: no bot signed this as it lies here: it was altered, or somebody else made it."
    return f"{NOT_VERIFIED} Signed by {public_line(opened.signer)}: ask whoever runs the bot ('stonechat keys show')."


def show(opened: Opened, console: Console, teller: Teller | None = None) -> None:
    """Consent first, then answers in their order, then words: in the report's language, or the teller's."""
    out = Printer(console)
    told = (teller or Teller()).tell(opened)
    out.line(told.title, style="bold")
    if warning := warning_of(opened):
        out.line(warning, style="bold red")
    if opened.document is None:
        out.line("This key does not open the report document.")
    for row in told.facts:
        _row(out, row, 0)
    for title, rows in (("Consent", told.consent), ("Answers", told.answers), ("Contact", told.contact)):
        if rows:
            out.line(title, style="bold")
            for row in rows:
                _row(out, row, 1)
    for line in told.closed:
        out.line(line, style="dim")


def _row(out: Printer, row: Row, depth: int) -> None:
    name = row.name if row.name.endswith(("?", "؟")) else f"{row.name.removesuffix('.')}:"
    note = f"({row.note})" if row.note else ""
    out.line(" ".join(filter(None, (name, row.value, note))), depth + row.depth)
    for quote in row.quotes:
        if quote.mark:
            out.line(f"({quote.mark})", depth + row.depth + 1, style="italic")
        shown = f"({quote.locked})" if quote.locked else quote.words
        out.line("\n".join(f"| {line}" for line in shown.split("\n")), depth + row.depth + 1)
