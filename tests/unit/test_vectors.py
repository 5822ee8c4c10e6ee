"""Literal vectors of everything that is signed, and of a return number.

Bot, intake and desk build these bytes with the same functions: a test that signs and checks with them can't see a
change that both sides make together. These literals can. Who has to edit one has broken what older bots and intakes,
and numbers that people wrote down, rely on: then a new form under a new name (`stonechat.received/2`) is wanted.
"""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.report import manifest
from bot.report.acknowledgement import IntakeKey, received
from bot.report.erasure import Erasure, erase_words, erased, erasure
from bot.report.manifest import FORMAT, Manifest, Part, ReceiptKeys
from bot.report.return_number import derive
from bot.seal.signing import ERASED, MANIFEST, OWNER, RECEIVED, SignatureError, Signer, public_line
from tests.conftest import need

SEED = bytes.fromhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
REPORT = "abcdefghijklmnopqrst234567"

MANIFEST_BYTES = b"""{
 "format": "stonechat.manifest/2",
 "report": "abcdefghijklmnopqrst234567",
 "version": 3,
 "state": "open",
 "parts": [
  {
   "name": "report.age",
   "size": 2048,
   "sha256": "0000000000000000000000000000000000000000000000000000000000000001"
  },
  {
   "name": "contact.age",
   "size": 4096,
   "sha256": "0000000000000000000000000000000000000000000000000000000000000002"
  },
  {
   "name": "0001.age",
   "size": 3072,
   "sha256": "0000000000000000000000000000000000000000000000000000000000000003"
  }
 ],
 "ring": true,
 "delete_after": "2026-12-24",
 "receipt": {
  "recipient": "age1pq1abc",
  "owner": "ssh-ed25519 AAAA"
 }
}
"""
MANIFEST_SIGNED = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j
CbpQ1fHdyGZBJVMbgAAAASbWFuaWZlc3RAc3RvbmVjaGF0AAAAAAAAAAZzaGE1MTIAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQBfZPeMGkO15lKl0Fymn76EnKXNlSDVkPlpOj7F03WpL7s
r33k8WPLnhC6yMadEI/SQyfitnRSO1F9snnRy4AgI=
-----END SSH SIGNATURE-----
"""

RECEIVED_BYTES = (
    b"stonechat.received/1\n"
    b"abcdefghijklmnopqrst234567\n"
    b"3\n"
    b"beaf5ed8e143e1236bb0107f1d35545741516255153d8ada189ca4f14d485b52\n"
)
RECEIVED_SIGNED = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j
CbpQ1fHdyGZBJVMbgAAAAScmVjZWl2ZWRAc3RvbmVjaGF0AAAAAAAAAAZzaGE1MTIAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQAaRDynCdkHhV58Gx4k44rmy8Gynwcs0v30fMuFDJ3qwr8
ZIk8xY3EAHpLA2nqTgCS4Rv8NZKEMpZi2yOBNEtwY=
-----END SSH SIGNATURE-----
"""

ERASE_BYTES = b"stonechat.erase/1\nabcdefghijklmnopqrst234567\n"
ERASE_SIGNED = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j
CbpQ1fHdyGZBJVMbgAAAAPb3duZXJAc3RvbmVjaGF0AAAAAAAAAAZzaGE1MTIAAABTAAAA
C3NzaC1lZDI1NTE5AAAAQJTW95Oa+0KR3XRjYEo+QxTsOCYyfWKK3mgXUBq81ujK2xrp/Q
gFHCB09bKTM6PBKLnWSl4D5yydVwAIFKWHogM=
-----END SSH SIGNATURE-----
"""

ERASED_BYTES = b"stonechat.erased/1\nabcdefghijklmnopqrst234567\n"
ERASED_SIGNED = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j
CbpQ1fHdyGZBJVMbgAAAAQZXJhc2VkQHN0b25lY2hhdAAAAAAAAAAGc2hhNTEyAAAAUwAA
AAtzc2gtZWQyNTUxOQAAAED87Rnp42t0K97KNl49t3UOP5yraW2O7dpmHooji+YzTO5Hb2
HCX+jzbvLTAAXkVTD3gkXFxq7kgF+wb/sbHJUP
-----END SSH SIGNATURE-----
"""

SIGNED = [
    (MANIFEST, "manifest@stonechat", MANIFEST_BYTES, MANIFEST_SIGNED),
    (RECEIVED, "received@stonechat", RECEIVED_BYTES, RECEIVED_SIGNED),
    (OWNER, "owner@stonechat", ERASE_BYTES, ERASE_SIGNED),
    (ERASED, "erased@stonechat", ERASED_BYTES, ERASED_SIGNED),
]


def signer() -> Signer:
    return Signer.from_seed(SEED)


def test_the_key_is_named_as_ssh_names_it() -> None:
    assert public_line(signer().public) == LINE


@pytest.mark.parametrize(("ours", "purpose", "data", "signature"), SIGNED)
def test_each_signature_to_the_letter(ours: str, purpose: str, data: bytes, signature: str) -> None:
    assert ours == purpose
    assert signer().sign(data, purpose) == signature


@pytest.mark.parametrize(("ours", "purpose", "data", "signature"), SIGNED)
def test_ssh_keygen_takes_each_literal(tmp_path: Path, ours: str, purpose: str, data: bytes, signature: str) -> None:
    """Not with our code: the literals are what they say."""
    need("ssh-keygen", "it checks our signatures")
    (tmp_path / "allowed").write_text(f"who {LINE}\n")
    (tmp_path / "sig").write_text(signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "who", "-n", purpose, "-s", "sig"]
    assert subprocess.run(command, cwd=tmp_path, input=data, capture_output=True).returncode == 0


def test_the_manifest_to_the_letter() -> None:
    parts = (
        Part("report.age", 2048, "0" * 63 + "1"),
        Part("contact.age", 4096, "0" * 63 + "2"),
        Part("0001.age", 3072, "0" * 63 + "3"),
    )
    keys = ReceiptKeys("age1pq1abc", "ssh-ed25519 AAAA")
    made = Manifest(FORMAT, REPORT, 3, "open", parts, True, "2026-12-24", keys)
    assert manifest.encode(made) == MANIFEST_BYTES
    assert manifest.sign_manifest(MANIFEST_BYTES, signer()) == MANIFEST_SIGNED
    assert manifest.verify_manifest(MANIFEST_BYTES, MANIFEST_SIGNED, signer().public) == made


def test_the_acknowledgement_to_the_letter() -> None:
    assert received(REPORT, 3, MANIFEST_BYTES) == RECEIVED_BYTES
    IntakeKey(signer().public).check_received(RECEIVED_SIGNED, REPORT, 3, MANIFEST_BYTES)


@pytest.mark.parametrize(
    ("report", "version", "data"),
    [
        ("z" * 26, 3, MANIFEST_BYTES),
        (REPORT, 2, MANIFEST_BYTES),
        (REPORT, 4, MANIFEST_BYTES),
        (REPORT, 3, MANIFEST_BYTES[:-1]),
        (REPORT, 3, b""),
    ],
)
def test_an_acknowledgement_is_of_this_report_version_and_manifest_alone(
    report: str, version: int, data: bytes
) -> None:
    with pytest.raises(SignatureError):
        IntakeKey(signer().public).check_received(RECEIVED_SIGNED, report, version, data)


WITHOUT = {
    "the manifest's hash": f"stonechat.received/1\n{REPORT}\n3\n",
    "the version": f"stonechat.received/1\n{REPORT}\n{hashlib.sha256(MANIFEST_BYTES).hexdigest()}\n",
    "the report": f"stonechat.received/1\n3\n{hashlib.sha256(MANIFEST_BYTES).hexdigest()}\n",
    "anything": "",
}


@pytest.mark.parametrize("missing", WITHOUT)
def test_an_acknowledgement_that_leaves_something_out_counts_for_nothing(missing: str) -> None:
    """As an intake would sign it whose `received` was simplified, with the right key."""
    signed = signer().sign(WITHOUT[missing].encode(), RECEIVED)
    with pytest.raises(SignatureError):
        IntakeKey(signer().public).check_received(signed, REPORT, 3, MANIFEST_BYTES)


def test_the_owners_wish_to_the_letter() -> None:
    assert erase_words(REPORT) == ERASE_BYTES
    assert erasure(REPORT, signer()) == Erasure(REPORT, LINE, ERASE_SIGNED)


def test_the_answer_to_it_to_the_letter() -> None:
    assert erased(REPORT) == ERASED_BYTES
    key = IntakeKey(signer().public)
    key.check_erased(ERASED_SIGNED, REPORT)
    wrong: list[Callable[[], None]] = [
        lambda: key.check_erased(ERASED_SIGNED, "z" * 26),
        lambda: key.check_erased(ERASE_SIGNED, REPORT),  # the owner's wish is no answer to it
        lambda: key.check_erased(RECEIVED_SIGNED, REPORT),
        lambda: key.check_received(ERASED_SIGNED, REPORT, 3, MANIFEST_BYTES),
    ]
    for each in wrong:
        with pytest.raises(SignatureError):
            each()


NUMBER = "1234 5678 9012 3456 7890 1233".replace(" ", "")
SALT = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
LOOKUP = "f23572de07f22c396e156abcab563bdda11300338b24aed87f76bbebeae655b3"
IDENTITY = "AGE-SECRET-KEY-PQ-1QS79SLLGCZ6ZLS7RK6A5TFF27FLJM7HV84E20TYN28E3ZZHTR0HSXDQCP5"
RECIPIENT = "age1pq1hlnk7zrr8883waj2j5f6zsnkc9zt45k5y3twzedzyz089x9u5dtz5"  # its start
RECIPIENT_SHA256 = "d12e6c50312b9c554f0a95d8321771f05223035fc0f7978016e02ae91e205f2a"  # of the whole line
OWNER_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcNQS3g/KJ1ddn13yKFyYpy+c5DaFqoXpbqKfhuzw2N"


def test_a_return_number_to_the_letter() -> None:
    """Numbers are on paper: what one gives today it must give as long as anybody has one."""
    receipt = derive(NUMBER, SALT)
    assert receipt.lookup.hex() == LOOKUP
    assert receipt.identity.text == IDENTITY
    line = receipt.identity.recipient.text
    assert line.startswith(RECIPIENT)
    assert hashlib.sha256(line.encode()).hexdigest() == RECIPIENT_SHA256
    assert public_line(receipt.signer.public) == OWNER_LINE


def test_a_former_manifest_to_the_letter() -> None:
    """As a bot of before wrote it, classes and all; one may wait in an outbox."""
    former = {
        "format": "stonechat.manifest/1",
        "report": REPORT,
        "version": 1,
        "state": "submitted",
        "parts": [{"name": "report.age", "class": "case", "size": 5, "sha256": "0" * 64}],
        "ring": False,
        "delete_after": None,
        "receipt": {"identity": "age1pq1abc", "signer": "ssh-ed25519 AAAA"},
    }
    read = manifest.decode(msgspec.json.format(msgspec.json.encode(former), indent=1) + b"\n")
    assert read.receipt == ReceiptKeys("age1pq1abc", "ssh-ed25519 AAAA")
    assert read.parts == (Part("report.age", 5, "0" * 64),)
