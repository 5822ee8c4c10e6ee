"""`stonechat open`: a report's folder, opened with its key. Writes only into a folder that it makes."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.errors import StonechatError
from bot.seal.age import Identity, open_bytes, open_stream
from bot.seal.manifest import Manifest, decode, verify_manifest
from bot.seal.stanza import AgeError, NoMatchError


class OpeningError(StonechatError):
    """A report's folder that is incomplete or was altered."""


@dataclass(frozen=True)
class Opened:
    """`texts` by part name; a part that these keys don't open is in `closed`."""

    manifest: Manifest
    document: dict[str, Any] | None
    contact: dict[str, Any] | None
    texts: dict[str, str]
    closed: tuple[str, ...]


def open_report(folder: Path, identities: Sequence[Identity], bot_key: Ed25519PublicKey | None = None) -> Opened:
    """Check every part against the manifest, then open what these keys open. Raises OpeningError."""
    try:
        raw = (folder / "manifest.json").read_bytes()
        signature = (folder / "manifest.json.sig").read_text()
    except OSError:
        raise OpeningError("this is no report: manifest.json or its signature is missing", where=str(folder)) from None
    manifest = decode(raw) if bot_key is None else verify_manifest(raw, signature, bot_key)
    texts: dict[str, str] = {}
    closed: list[str] = []
    for part in manifest.parts:
        _check(folder / part.name, part.sha256, part.size)
        try:
            data = open_bytes((folder / part.name).read_bytes(), identities)
            texts[part.name] = data.decode("utf-8", "replace")
        except NoMatchError:
            closed.append(part.name)
        except AgeError as error:
            raise OpeningError(error.what, where=str(folder / part.name)) from None
    if len(closed) == len(manifest.parts):
        raise OpeningError("this key opens no part of the report", where=str(folder), mend="use the right --key")
    document = _json(texts.pop("report.age", None))
    contact = _json(texts.pop("contact.age", None))
    for entry in _part_entries(document):
        name = entry["part"]
        if name in texts:
            texts[name] = texts[name].encode()[: entry["size"]].decode("utf-8", "replace")
    return Opened(manifest, document, contact, texts, tuple(closed))


def _json(text: str | None) -> dict[str, Any] | None:
    return None if text is None else dict(msgspec.json.decode(text.rstrip("\n")))


def _part_entries(node: Any) -> list[dict[str, Any]]:
    """Every part that the document names, wherever it stands."""
    if isinstance(node, dict):
        own = [node] if "part" in node and "size" in node else []
        return own + [e for v in node.values() for e in _part_entries(v)]
    if isinstance(node, list):
        return [e for v in node for e in _part_entries(v)]
    return []


def _check(path: Path, sha256: str, size: int) -> None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 16):
                digest.update(piece)
            length = file.tell()
    except OSError:
        raise OpeningError("a part is missing", where=str(path)) from None
    if digest.hexdigest() != sha256 or length != size:
        raise OpeningError("this part is not the one that the manifest names", where=str(path))


def write_parts(opened: Opened, folder: Path, target: Path, identities: Sequence[Identity]) -> None:
    """Write the opened parts into `target`, which must not exist yet (0700; files 0600)."""
    try:
        target.mkdir(mode=0o700)
    except FileExistsError:
        raise OpeningError("that folder is there already", where=str(target), mend="name a new one") from None
    sizes = {e["part"]: e["size"] for e in _part_entries(opened.document)}
    for part in opened.manifest.parts:
        if part.name in opened.closed or not re.fullmatch(r"[a-z0-9]+\.age", part.name):
            continue
        left = sizes.get(part.name, 1 << 62)
        handle = os.open(target / part.name.removesuffix(".age"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, (folder / part.name).open("rb") as source:
            for chunk in open_stream(source, identities):
                out.write(chunk[:left])
                left -= len(chunk[:left])
