"""Recipients files (one age recipient a line) and identity files under a passphrase."""

import os
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError, StonechatError
from bot.seal.age import open_bytes, seal
from bot.seal.hybrid import HybridIdentity, HybridRecipient
from bot.seal.passphrase import Passphrase, armor, dearmor, is_armored

CLASSES = ("case", "identity", "contact", "sensitive")


@dataclass(frozen=True)
class RecipientsByClass:
    """To whom each class of part is sealed."""

    case: tuple[HybridRecipient, ...]
    identity: tuple[HybridRecipient, ...]
    contact: tuple[HybridRecipient, ...]
    sensitive: tuple[HybridRecipient, ...]

    def of(self, name: str) -> tuple[HybridRecipient, ...]:
        """The recipients of one class."""
        found: tuple[HybridRecipient, ...] = getattr(self, name)
        return found

    def fingerprints(self) -> dict[str, list[str]]:
        """Each class with the fingerprints of its recipients."""
        return {name: [r.fingerprint for r in self.of(name)] for name in CLASSES}


def read_recipients(path: Path) -> tuple[HybridRecipient, ...]:
    """Every recipient of one file. Raises SettingsError with file, line and the mend."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            "the recipients file is missing or unreadable",
            where=str(path),
            mend="put the age1pq1… line of your organisation there ('stonechat keys new NAME' makes one)",
        ) from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.append(HybridRecipient.parse(text))
        except StonechatError as error:
            raise SettingsError(error.what, where=f"{path}:{number}", mend=error.mend) from None
    if not found:
        raise SettingsError("the recipients file names nobody", where=str(path), mend="put one age1pq1… line there")
    return tuple(found)


def read_identities(path: Path, passphrase: str | None = None) -> tuple[HybridIdentity, ...]:
    """The identities of a plain or passphrase-protected file. Raises SettingsError."""
    try:
        data = path.read_bytes()
    except OSError:
        raise SettingsError("the key file is missing or unreadable", where=str(path)) from None
    if is_armored(data):
        data = dearmor(data)
    if data.startswith(b"age-encryption.org/"):
        if passphrase is None:
            raise SettingsError("the key file asks for its passphrase", where=str(path))
        data = open_bytes(data, [Passphrase(passphrase)])
    lines = [x.strip() for x in data.decode("utf-8", "replace").splitlines()]
    found = tuple(HybridIdentity.parse(x) for x in lines if x and not x.startswith("#"))
    if not found:
        raise SettingsError("the key file holds no key", where=str(path))
    return found


def is_protected(path: Path) -> bool:
    """Whether a key file asks for a passphrase."""
    data = path.read_bytes()[:4096]
    return is_armored(data) or data.startswith(b"age-encryption.org/")


def write_identity(path: Path, identity: HybridIdentity, passphrase: str | None) -> None:
    """Write a new identity file, 0600, never over an old one. Raises SettingsError."""
    text = f"# public key: {identity.recipient.text}\n{identity.text}\n".encode()
    if passphrase is not None:
        text = armor(bytes(seal(text, [Passphrase(passphrase)])))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError("a key file is there already", where=str(path), mend="choose another name") from None
    with os.fdopen(handle, "wb") as file:
        file.write(text)
