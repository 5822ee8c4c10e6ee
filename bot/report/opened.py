"""A report opened: its folder checked against its manifest, then everything that the keys at hand open.

Writes only into a folder that it makes. Which class a part is of, and so whose key it waits for, stands in the sealed
document alone: without the key of the document nobody is told.
"""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.errors import StonechatError
from bot.machine.files import DiskError, read_bytes, read_text, refused
from bot.report import contact as contacts
from bot.report import document as documents
from bot.report.contact import Contact
from bot.report.document import Document, PartEntry
from bot.report.manifest import CONTACT, DOCUMENT, Manifest, decode, verify_manifest
from bot.seal.age import Identity, open_bytes, open_stream
from bot.seal.signing import MANIFEST, signer_of
from bot.seal.stanza import AgeError, NoMatchError

MOST = 4 << 20  # bytes of a manifest: the most parts that one may name take a quarter of it
MOST_PART = 256 << 20  # bytes


class OpeningError(StonechatError):
    """A report's folder that is incomplete or was altered."""


class LockedError(OpeningError):
    """Its reporter said "not yet": our programs open it only once a newer version frees it."""


@dataclass(frozen=True)
class Opened:
    """`texts` by part name; a part that these keys don't open is in `closed`.

    `typed` is the document as it was read, `document` the same as plain dicts and lists. `verified`: a bot's key that
    was named beforehand signed it; without one anybody may have made it. `signer` is whose signature fits the manifest,
    whoever that is; None: nobody's does, so that it was altered, or never signed.
    """

    manifest: Manifest
    typed: Document | None
    document: dict[str, Any] | None
    contact: Contact | None
    texts: dict[str, str]
    closed: tuple[str, ...]
    verified: bool
    signer: Ed25519PublicKey | None = None

    @property
    def entries(self) -> dict[str, PartEntry]:
        """What the document says of each part, by name."""
        return {} if self.typed is None else {entry.part: entry for entry in self.typed.parts()}


def open_report(folder: Path, identities: Sequence[Identity], bot_key: Ed25519PublicKey | None = None) -> Opened:
    """Check every part against the manifest, then open what these keys open.

    Raises LockedError, OpeningError, SignatureError, ManifestError, DocumentError or ContactError.
    """
    manifest = _manifest(folder, bot_key)
    if manifest.delete_after is not None:
        raise LockedError(
            f"its reporter locked this report; it is destroyed after {manifest.delete_after}",
            where=str(folder),
            mend="leave it closed: a newer version comes if its reporter frees it",
        )
    return replace(_open(folder, manifest, identities, verified=bot_key is not None), signer=signed_by(folder))


def signed_by(folder: Path) -> Ed25519PublicKey | None:
    """Whose signature fits the manifest, whoever that is; None: nobody's. Raises OpeningError."""
    return signer_of(*_signed(folder), MANIFEST)


def _manifest(folder: Path, bot_key: Ed25519PublicKey | None) -> Manifest:
    raw, signature = _signed(folder)
    return decode(raw) if bot_key is None else verify_manifest(raw, signature, bot_key)


def _open(folder: Path, manifest: Manifest, identities: Sequence[Identity], *, verified: bool) -> Opened:
    found: dict[str, bytes] = {}
    closed: list[str] = []
    for part in manifest.parts:
        data = _checked(folder / part.name, part.sha256, part.size)
        try:
            found[part.name] = open_bytes(data, identities)
        except NoMatchError:
            closed.append(part.name)
        except AgeError as error:
            raise OpeningError(error.what, where=str(folder / part.name)) from None
    if not found:
        raise OpeningError("this key opens no part of the report", where=str(folder), mend="use the right --key")
    plain, contact = found.pop(DOCUMENT, None), found.pop(CONTACT, None)
    typed = None if plain is None else documents.decode(plain)
    _fits(folder, manifest, typed)
    sizes = {} if typed is None else {entry.part: entry.size for entry in typed.parts()}
    return Opened(
        manifest,
        typed,
        None if plain is None else dict(msgspec.json.decode(plain.rstrip(b"\n"))),
        None if contact is None else contacts.decode(contact),
        {name: data[: sizes.get(name)].decode("utf-8", "replace") for name, data in found.items()},
        tuple(closed),
        verified,
    )


def _signed(folder: Path) -> tuple[bytes, str]:
    try:
        return read_bytes(folder / "manifest.json", MOST), read_text(folder / "manifest.json.sig", MOST)
    except DiskError as error:
        what = f"this is no report: its manifest or signature can't be read ({error.what})"
        raise OpeningError(what, where=error.where, mend=error.mend) from None


def _fits(folder: Path, manifest: Manifest, document: Document | None) -> None:
    """The sealed document and the clear manifest speak of the same thing.

    Both are signed as one, but only together: this finds a document that was sealed for another report or version.
    """
    if document is None:
        return
    if (document.report, document.version, document.state) != (manifest.report, manifest.version, manifest.state):
        raise OpeningError("the document is of another report or version", where=str(folder))
    hashes = {part.name: part.sha256 for part in manifest.parts}
    for entry in document.parts():
        if hashes.get(entry.part) != entry.sha256:
            raise OpeningError("the document and the manifest name different parts", where=str(folder / entry.part))


def _checked(path: Path, sha256: str, size: int) -> bytes:
    """The very bytes that the manifest names: read once, so that nobody changes them after they were looked at."""
    try:
        # Looked at before it is read: a pipe or a device would wait for ever, and a larger file may be of any size.
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            raise OpeningError("this part is not the one that the manifest names", where=str(path))
        if size > MOST_PART:
            what = f"this part has {size} bytes, and no part of a report has more than {MOST_PART}"
            raise OpeningError(what, where=str(path), mend="whoever made it is not the bot: leave it closed")
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            data = file.read(size + 1)
    except FileNotFoundError:
        raise OpeningError("a part is missing", where=str(path)) from None
    except OSError as error:
        cause = refused(error, path)
        raise OpeningError(f"a part can't be read ({cause.what})", where=str(path), mend=cause.mend) from None
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise OpeningError("this part is not the one that the manifest names", where=str(path))
    return data


def write_parts(opened: Opened, folder: Path, target: Path, identities: Sequence[Identity]) -> None:
    """Write the opened parts into `target`, which must not exist yet (0700; files 0600)."""
    try:
        target.mkdir(mode=0o700)
    except FileExistsError:
        raise OpeningError("that folder is there already", where=str(target), mend="name a new one") from None
    entries = opened.entries
    for part in opened.manifest.parts:
        if part.name in opened.closed:
            continue
        left = entries[part.name].size if part.name in entries else 1 << 62
        handle = os.open(target / part.name.removesuffix(".age"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, (folder / part.name).open("rb") as source:
            for chunk in open_stream(source, identities):
                out.write(chunk[:left])
                left -= len(chunk[:left])
