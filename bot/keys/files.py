"""Files of keys, as people save them: recipients, and identities plain or under a passphrase."""

import os
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import as_text, is_reachable, read_bytes, read_text, write_once
from bot.seal.age import open_bytes, seal
from bot.seal.hybrid import HybridIdentity, HybridRecipient
from bot.seal.passphrase import Passphrase, armor, dearmor, is_armored
from bot.seal.recipients import parse_identities, parse_recipients
from bot.seal.stanza import AgeError, NoMatchError

AGE = b"age-encryption.org/"


class WrongPassphraseError(SettingsError):
    """The key file is whole, and this is not its passphrase."""


def read_recipients(path: Path) -> tuple[HybridRecipient, ...]:
    """Every recipient of one file. Raises SettingsError with file, line and the mend."""
    if not os.path.lexists(path) and is_reachable(path):
        raise SettingsError(
            "the recipients file is missing",
            where=str(path),
            mend="put the age1pq1… line of your organisation there ('stonechat keys new NAME' makes one)",
        )
    return parse_recipients(read_text(path), str(path))


def _age_file(data: bytes, path: Path) -> bytes | None:
    """The age file that it is, armoured or not; None for plain text."""
    if data.startswith(AGE):
        return data
    text = "\n".join(line.strip() for line in as_text(data, path).splitlines()).encode()
    if not is_armored(text):
        return None
    try:
        return dearmor(text)
    except AgeError as error:
        raise SettingsError(error.what, where=str(path), mend=error.mend or "copy the whole file again") from None


def read_identities(path: Path, passphrase: str | None = None) -> tuple[HybridIdentity, ...]:
    """The identities of a plain or passphrase-protected file. Raises SettingsError."""
    data = _read(path)
    sealed = _age_file(data, path)
    if sealed is None:
        return parse_identities(as_text(data, path), str(path))
    if passphrase is None:
        raise SettingsError("the key file asks for its passphrase", where=str(path), mend="run it in a terminal")
    try:
        opened = open_bytes(sealed, [Passphrase(passphrase)])
    except NoMatchError:
        what = "this passphrase does not open the key file"
        raise WrongPassphraseError(what, where=str(path), mend="try again") from None
    except AgeError as error:
        raise SettingsError(error.what, where=str(path), mend=error.mend or "copy the whole file again") from None
    return parse_identities(as_text(opened, path), str(path))


def is_protected(path: Path) -> bool:
    """Whether a key file asks for a passphrase. Raises SettingsError where it can't be read."""
    return _age_file(_read(path), path) is not None


def _read(path: Path) -> bytes:
    if not os.path.lexists(path):
        raise SettingsError("the key file is missing", where=str(path), mend="check the path after --key")
    return read_bytes(path)


def write_identity(path: Path, identity: HybridIdentity, passphrase: str | None) -> None:
    """Write a new identity file, 0600, never over an old one. Raises SettingsError."""
    text = f"# public key: {identity.recipient.text}\n{identity.text}\n".encode()
    if passphrase is not None:
        text = armor(bytes(seal(text, [Passphrase(passphrase)])))
    try:
        write_once(path, text)
    except FileExistsError:
        raise SettingsError("a key file is there already", where=str(path), mend="choose another name") from None
