"""Signatures, manifests and receipts."""

import subprocess
from pathlib import Path

import pytest

from bot.seal import manifest, receipt, signing
from tests.conftest import need

SIGNER = signing.Signer.from_seed(bytes(32))
OTHER = signing.Signer.from_seed(bytes(range(32)))


def make_manifest() -> bytes:
    return manifest.encode(
        manifest.Manifest(
            manifest.FORMAT,
            "a" * 26,
            1,
            "submitted",
            (manifest.Part("report.age", "case", 1, "00"),),
            False,
            None,
            manifest.ReceiptKeys("age1pq1", "ssh-ed25519 x"),
        )
    )


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
        lambda: signing.verify(data + b" ", signature, signing.MANIFEST, SIGNER.public),
        lambda: signing.verify(data, signature, signing.RECEIVED, SIGNER.public),
        lambda: signing.verify(data, signature, signing.MANIFEST, OTHER.public),
        lambda: signing.verify(data, signature[:-40], signing.MANIFEST, SIGNER.public),
        lambda: signing.verify(data, "rubbish", signing.MANIFEST, SIGNER.public),
        lambda: signing.verify(data, "", signing.MANIFEST, SIGNER.public),
    ):
        with pytest.raises(signing.SignatureError):
            wrong()


@pytest.mark.parametrize("line", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-ed25519 AAAA"])
def test_a_wrong_public_line_is_one_error(line: str) -> None:
    with pytest.raises(signing.SignatureError):
        signing.parse_public(line)


def test_a_public_line_is_read_again() -> None:
    line = signing.public_line(SIGNER.public)
    assert signing.public_line(signing.parse_public(f"{line} comment")) == line


def test_a_receipt_is_the_same_for_its_number_and_salt_alone() -> None:
    one = receipt.derive("1" * 20, b"s" * 16)
    assert receipt.derive("1" * 20, b"s" * 16).lookup == one.lookup
    assert receipt.derive("1" * 20, b"t" * 16).lookup != one.lookup
    assert receipt.derive("1" * 19 + "2", b"s" * 16).lookup != one.lookup
    assert len({one.lookup, one.identity.seed, one.signer.key.private_bytes_raw()}) == 3


def test_numbers_are_random_and_of_twenty_digits() -> None:
    numbers = {receipt.new_number() for _ in range(50)}
    assert len(numbers) == 50
    assert all(len(n) == 20 and n.isdigit() for n in numbers)


@pytest.mark.parametrize(
    "change",
    [
        {"report": "A" * 26},
        {"report": "../../etc"},
        {"version": 0},
        {"format": "other/1"},
        {"parts": ()},
        {"parts": (manifest.Part("../x.age", "case", 1, ""), manifest.Part("report.age", "case", 1, ""))},
        {"parts": (manifest.Part("report.age", "case", 1, ""),) * 2},
    ],
)
def test_a_malformed_manifest_is_refused(change: dict[str, object]) -> None:
    import msgspec

    good = msgspec.json.decode(make_manifest(), type=manifest.Manifest)
    bad = msgspec.structs.replace(good, **change)
    with pytest.raises(manifest.ManifestError):
        manifest.decode(msgspec.json.encode(bad))
    with pytest.raises(manifest.ManifestError):
        manifest.decode(b"{")
