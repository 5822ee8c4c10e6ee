"""A report opened: checked whole before a word is shown; what is locked is told from the sealed document alone."""

import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.operating.open import show
from bot.report import contact, document
from bot.report import manifest as manifests
from bot.report.contact import Contact
from bot.report.document import Document
from bot.report.manifest import FORMAT, Manifest, Part, ReceiptKeys
from bot.report.opened import Opened, OpeningError, open_report, write_parts
from bot.seal.age import seal
from bot.seal.hybrid import HybridIdentity
from bot.seal.padding import pad_text
from bot.seal.signing import SignatureError, Signer
from tests.report.test_document import GOOD

CASE, IDENTITY, CONTACT = (HybridIdentity(bytes([n]) * 32) for n in (1, 2, 3))
BOT, OTHER = Signer.from_seed(bytes([4]) * 32), Signer.from_seed(bytes([5]) * 32)
TO = {"case": CASE, "identity": IDENTITY, "contact": CONTACT}
WORDS = {"0001.age": ("case", b"They came at night.\n\n"), "0002.age": ("identity", "أنا".encode())}
NEVER = Contact(how="never", check_word="a b", language="en")


def make(folder: Path, *, signer: Signer = BOT, marks: Mapping[str, Any] | None = None, **change: Any) -> Path:
    """A report's folder. `change` are fields of the document."""
    files = {name: bytes(seal(pad_text(data), [TO[cls].recipient])) for name, (cls, data) in WORDS.items()}
    entries = [
        {
            "part": name,
            "class": WORDS[name][0],
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(WORDS[name][1]),
            "media_type": "text/plain; charset=utf-8",
        }
        | (marks or {})
        for name, data in files.items()
    ]
    doc = GOOD | {"answers": {"story": {"parts": entries}, "status": "detained"}} | change
    files["report.age"] = bytes(seal(document.encode(Document(**doc)), [CASE.recipient]))
    files["contact.age"] = bytes(seal(contact.encode(NEVER), [CONTACT.recipient]))
    parts = tuple(Part(n, len(d), hashlib.sha256(d).hexdigest()) for n, d in files.items())
    keys = ReceiptKeys("age1pq1x", "ssh-ed25519 x")
    raw = manifests.encode(Manifest(FORMAT, "a" * 26, 1, "submitted", parts, False, None, keys))
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "manifest.json").write_bytes(raw)
    (folder / "manifest.json.sig").write_text(manifests.sign_manifest(raw, signer))
    return folder


def printed(opened: Opened) -> str:
    out = io.StringIO()
    show(opened, Console(file=out, width=200, color_system=None))
    return out.getvalue()


def test_all_keys_open_all(tmp_path: Path) -> None:
    opened = open_report(make(tmp_path / "r"), [CASE, IDENTITY, CONTACT], BOT.public)
    assert opened.texts == {"0001.age": "They came at night.\n\n", "0002.age": "أنا"}
    assert (opened.contact, opened.closed, opened.verified) == (NEVER, (), True)
    assert opened.document is not None
    assert opened.typed is not None
    assert opened.document["answers"]["status"] == opened.typed.answers["status"] == "detained"


def test_what_is_locked_is_told_from_the_document(tmp_path: Path) -> None:
    opened = open_report(make(tmp_path / "r"), [CASE], BOT.public)
    assert opened.closed == ("0002.age", "contact.age")
    assert opened.contact is None
    assert {n: e.cls for n, e in opened.entries.items()} == {"0001.age": "case", "0002.age": "identity"}
    assert "0002.age: locked for this key, its class is identity" in printed(opened)


def test_k08_without_the_documents_key_no_class_is_known(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    opened = open_report(folder, [IDENTITY], BOT.public)
    assert opened.entries == {}
    assert "class" not in printed(opened)
    clear = (folder / "manifest.json").read_text()
    for word in ("identity", "sensitive", "class", "case"):
        assert word not in clear


def test_a_bot_key_that_is_named_is_checked(tmp_path: Path) -> None:
    folder = make(tmp_path / "r", signer=OTHER)
    with pytest.raises(SignatureError):
        open_report(folder, [CASE], BOT.public)
    opened = open_report(folder, [CASE])
    assert not opened.verified
    assert "NOT VERIFIED" in printed(opened)
    assert "NOT VERIFIED" not in printed(open_report(folder, [CASE], OTHER.public))


@pytest.mark.parametrize("change", [{"report": "b" * 26}, {"version": 2}, {"state": "open"}])
def test_a_document_of_another_report_or_version_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Whoever may sign could put an old document beside new parts."""
    with pytest.raises(OpeningError, match="another report or version"):
        open_report(make(tmp_path / "r", **change), [CASE], BOT.public)


@pytest.mark.parametrize("marks", [{"sha256": "0" * 64}, {"part": "0009.age"}])
def test_a_document_that_names_other_parts_is_refused(tmp_path: Path, marks: dict[str, object]) -> None:
    with pytest.raises(OpeningError, match="different parts"):
        open_report(make(tmp_path / "r", marks=marks), [CASE], BOT.public)


def test_what_a_reader_must_know_first_stands_before_the_words(tmp_path: Path) -> None:
    marks = {"after_silence": True, "forwarded": True, "handle_as": "sensitive"}
    text = printed(open_report(make(tmp_path / "r", marks=marks), [CASE], BOT.public))
    assert text.index("said after a silence") < text.index("They came at night")
    assert text.index("somebody else's words") < text.index("They came at night")
    assert text.index("handle as sensitive") < text.index("They came at night")


@pytest.mark.parametrize("name", ["0001.age", "report.age", "contact.age"])
def test_a_part_that_is_missing_larger_or_no_file_is_one_error(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path / "r")
    part, data = folder / name, (folder / name).read_bytes()
    for wrong in (data + b"x", data[:-1], data[:-1] + bytes([data[-1] ^ 1]), b""):
        part.write_bytes(wrong)
        with pytest.raises(OpeningError, match="not the one"):
            open_report(folder, [CASE], BOT.public)
    part.unlink()
    with pytest.raises(OpeningError, match="missing"):
        open_report(folder, [CASE], BOT.public)
    os.mkfifo(part)  # reading it would wait for ever
    with pytest.raises(OpeningError, match="not the one"):
        open_report(folder, [CASE], BOT.public)


def test_parts_are_written_at_their_true_size_into_a_new_folder_alone(tmp_path: Path) -> None:
    folder = make(tmp_path / "r")
    opened = open_report(folder, [CASE, CONTACT], BOT.public)
    write_parts(opened, folder, tmp_path / "out", [CASE, CONTACT])
    assert (tmp_path / "out" / "0001").read_bytes() == b"They came at night.\n\n"
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["0001", "contact", "report"]
    with pytest.raises(OpeningError, match="there already"):
        write_parts(opened, folder, tmp_path / "out", [CASE])
