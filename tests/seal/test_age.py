"""What age's vectors can't say of us: our own files, streams, passphrases, and other programs that open them."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.seal import age, padding, passphrase, stanza
from bot.seal.hybrid import HybridIdentity, HybridRecipient, KeyFormatError
from tests.conftest import IDENTITY, RECOVERY, run_node


@given(st.binary(max_size=200_000))
@settings(max_examples=25, deadline=None)
def test_what_is_sealed_opens_again(data: bytes) -> None:
    sealed = age.seal(data, [IDENTITY.recipient, RECOVERY.recipient])
    for identity in (IDENTITY, RECOVERY):
        assert age.open_bytes(bytes(sealed), [identity]) == data


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_a_stream_is_sealed_a_chunk_at_a_time(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    target = io.BytesIO()
    header = age.seal_stream(io.BytesIO(data[:size]), target, [IDENTITY.recipient])
    chunks = list(age.open_stream(io.BytesIO(header + target.getvalue()), [IDENTITY]))
    assert b"".join(chunks) == data[:size]
    assert all(len(chunk) <= age.CHUNK for chunk in chunks)


@given(st.binary(min_size=1, max_size=3000), st.integers(0), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_an_altered_file_never_opens_to_something_else(data: bytes, where: int, flip: int) -> None:
    whole = bytearray(bytes(age.seal(data, [IDENTITY.recipient])))
    whole[where % len(whole)] ^= flip
    with contextlib.suppress(stanza.AgeError):
        assert age.open_bytes(bytes(whole), [IDENTITY]) == data


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_rubbish_is_refused_with_an_age_error(data: bytes) -> None:
    with pytest.raises(stanza.AgeError):
        age.open_bytes(data, [IDENTITY])
    with pytest.raises(stanza.AgeError):
        age.open_bytes(stanza.VERSION_LINE + data, [IDENTITY])


@given(st.integers(0, 1 << 40))
def test_padding_grows_little_and_never_shrinks(length: int) -> None:
    padded = padding.padded_length(length)
    assert padded >= max(length, padding.LEAST)
    assert padded <= max(padding.LEAST, length * 1.12)
    assert padding.padded_length(padded) == padded


def test_short_texts_are_all_as_long() -> None:
    sizes = {len(bytes(age.seal(padding.pad_text(b"x" * n), [IDENTITY.recipient]))) for n in (1, 40, 700, 1024)}
    assert len(sizes) == 1


def test_a_key_of_a_wrong_kind_names_the_mend() -> None:
    with pytest.raises(KeyFormatError, match="private key"):
        HybridRecipient.parse(IDENTITY.text)
    with pytest.raises(KeyFormatError, match="not a post-quantum recipient"):
        HybridRecipient.parse("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")


def test_an_identity_under_a_passphrase() -> None:
    locked = passphrase.armor(bytes(age.seal(IDENTITY.text.encode(), [passphrase.Passphrase("several words", 10)])))
    opened = age.open_bytes(passphrase.dearmor(locked), [passphrase.Passphrase("several words")])
    assert HybridIdentity.parse(opened.decode()).seed == IDENTITY.seed
    with pytest.raises(stanza.NoMatchError):
        age.open_bytes(passphrase.dearmor(locked), [passphrase.Passphrase("other words")])


@pytest.mark.parametrize("size", [0, 5, 70_000])
def test_ages_own_library_opens_our_files_and_we_open_theirs(node: Path, size: int) -> None:
    data = "مرحبا".encode() * (size // 10) + b"x" * (size % 10)
    ours = bytes(age.seal(data, [RECOVERY.recipient, IDENTITY.recipient]))
    assert run_node(node, "open", IDENTITY.text, data=ours) == data
    theirs = run_node(node, "seal", IDENTITY.recipient.text, data=data)
    assert age.open_bytes(theirs, [IDENTITY]) == data


def test_our_keys_are_theirs(node: Path) -> None:
    assert run_node(node, "recipient", IDENTITY.text, data=b"").decode() == IDENTITY.recipient.text


def test_a_locked_identity_stands_as_age_writes_it() -> None:
    """Letter by letter, for age itself reads it: both ends of the armour, and the work that age asks for."""
    sealed = bytes(age.seal(b"x", [passphrase.Passphrase("several words")]))
    locked = passphrase.armor(sealed)
    assert locked.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert locked.endswith(b"\n-----END AGE ENCRYPTED FILE-----\n")
    assert re.search(rb"^-> scrypt [A-Za-z0-9+/]{22} 18$", sealed, re.MULTILINE)
