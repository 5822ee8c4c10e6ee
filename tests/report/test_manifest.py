"""The manifest: signed, strict, and silent about what is in the parts (K08)."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from bot.report import manifest
from bot.report.manifest import Manifest, ManifestError, Part, ReceiptKeys
from bot.seal import signing
from bot.seal.signing import Signer
from tests.conftest import need

SIGNER = Signer.from_seed(bytes(32))
OTHER = Signer.from_seed(bytes(range(32)))
HASH = "0" * 64


def make_manifest() -> bytes:
    parts = (Part("report.age", 1, HASH),)
    keys = ReceiptKeys("age1pq1", "ssh-ed25519 x")
    return manifest.encode(Manifest(manifest.FORMAT, "a" * 26, 1, "submitted", parts, False, None, keys))


def test_ssh_keygen_accepts_our_signature(tmp_path: Path) -> None:
    need("ssh-keygen", "it checks our signatures")
    data = make_manifest()
    (tmp_path / "manifest.json.sig").write_text(manifest.sign_manifest(data, SIGNER))
    (tmp_path / "allowed").write_text(f"bot {signing.public_line(SIGNER.public)}\n")
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "bot", "-n", signing.MANIFEST]
    command += ["-s", "manifest.json.sig"]
    assert subprocess.run(command, cwd=tmp_path, input=data, capture_output=True).returncode == 0
    assert subprocess.run(command, cwd=tmp_path, input=data + b" ", capture_output=True).returncode != 0


def test_a_signature_counts_for_its_key_bytes_and_purpose_alone() -> None:
    data = make_manifest()
    signature = manifest.sign_manifest(data, SIGNER)
    assert manifest.verify_manifest(data, signature, SIGNER.public).report == "a" * 26
    for wrong in (
        lambda: manifest.verify_manifest(data + b" ", signature, SIGNER.public),
        lambda: signing.verify(data, signature, signing.RECEIVED, SIGNER.public),
        lambda: manifest.verify_manifest(data, SIGNER.sign(data, signing.RECEIVED), SIGNER.public),
        lambda: manifest.verify_manifest(data, signature, OTHER.public),
        lambda: manifest.verify_manifest(data, signature[:-40], SIGNER.public),
        lambda: manifest.verify_manifest(data, "rubbish", SIGNER.public),
        lambda: manifest.verify_manifest(data, "", SIGNER.public),
    ):
        with pytest.raises(signing.SignatureError):
            wrong()


@pytest.mark.parametrize(
    "change",
    [
        {"report": "A" * 26},
        {"report": "a" * 25},
        {"report": "a" * 26 + "\n"},
        {"report": "../../etc"},
        {"version": 0},
        {"format": "other/1"},
        {"format": "stonechat.manifest/3"},
        {"parts": ()},
        {"parts": (Part("../x.age", 1, HASH), Part("report.age", 1, HASH))},
        {"parts": (Part("0001.age\n", 1, HASH), Part("report.age", 1, HASH))},
        {"parts": (Part("report.age", 1, HASH),) * 2},
        {"parts": (Part("0001.age", 1, HASH),)},
        {"parts": (Part("report.age", 1, HASH[1:]),)},
        {"parts": (Part("report.age", 1, "../" + HASH[3:]),)},
        {"parts": (Part("report.age", 0, HASH),)},
        {"parts": (Part("report.age", 1, HASH), *(Part(f"{n:04}.age", 1, HASH) for n in range(2_000)))},
        {"delete_after": "soon"},
        {"delete_after": ""},
        {"delete_after": "2026-12-24T00:00:00"},
        {"delete_after": "٢٠٢٦-١٢-٢٤"},
    ],
)
def test_a_malformed_manifest_is_refused(change: dict[str, object]) -> None:
    good = msgspec.json.decode(make_manifest(), type=Manifest)
    bad = msgspec.structs.replace(good, **change)
    with pytest.raises(ManifestError):
        manifest.decode(msgspec.json.encode(bad))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"{}", b'{"format": 5}'])
def test_what_is_no_manifest_is_one_error(data: bytes) -> None:
    with pytest.raises(ManifestError):
        manifest.decode(data)


def test_k08_the_clear_manifest_says_these_things_and_no_more() -> None:
    """Adding one is a decision about what every intake, and whoever seizes it, may know: write it into threats.md."""
    raw = msgspec.json.decode(make_manifest())
    assert set(raw) == {"format", "report", "version", "state", "parts", "ring", "delete_after", "receipt"}
    assert [set(part) for part in raw["parts"]] == [{"name", "size", "sha256"}]
    assert set(raw["receipt"]) == {"recipient", "owner"}


def test_a_manifest_that_was_on_its_way_when_the_bot_was_upgraded_still_counts() -> None:
    old = {
        "format": "stonechat.manifest/1",
        "report": "a" * 26,
        "version": 1,
        "state": "submitted",
        "parts": [{"name": "report.age", "class": "case", "size": 1, "sha256": HASH}],
        "ring": False,
        "delete_after": None,
        "receipt": {"identity": "age1pq1", "signer": "ssh-ed25519 x"},
    }
    assert manifest.decode(msgspec.json.encode(old)) == manifest.decode(make_manifest())
    with pytest.raises(ManifestError):
        manifest.decode(msgspec.json.encode(old | {"receipt": {}}))


def test_report_ids_are_random() -> None:
    made = {manifest.new_report_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 26 for each in made)
