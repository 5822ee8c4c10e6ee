"""Signatures in OpenSSH's form, and the lines that name their keys."""

import pytest

from bot.seal import signing

SIGNER = signing.Signer.from_seed(bytes(32))


@pytest.mark.parametrize("line", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-ed25519 AAAA"])
def test_a_wrong_public_line_is_one_error(line: str) -> None:
    with pytest.raises(signing.SignatureError):
        signing.parse_public(line)


def test_a_public_line_is_read_again() -> None:
    line = signing.public_line(SIGNER.public)
    assert signing.public_line(signing.parse_public(f"{line} comment")) == line
