"""Recipients files (one age recipient a line) and identity files, as text. Reading them is keys/files.py."""

from dataclasses import dataclass

from bot.errors import SettingsError, StonechatError
from bot.seal.hybrid import HybridIdentity, HybridRecipient

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


def parse_recipients(text: str, name: str) -> tuple[HybridRecipient, ...]:
    """Every recipient of a file called `name`, each once. Raises SettingsError with file, line and the mend.

    A line that is none is never left out in silence: somebody may believe that their key opens every report.
    """
    found: dict[str, HybridRecipient] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            recipient = HybridRecipient.parse(line)
        except StonechatError as error:
            raise SettingsError(error.what, where=f"{name}:{number}", mend=error.mend) from None
        found.setdefault(recipient.text, recipient)
    if not found:
        raise SettingsError("the recipients file names nobody", where=name, mend="put one age1pq1… line there")
    return tuple(found.values())


def parse_identities(text: str, name: str) -> tuple[HybridIdentity, ...]:
    """The post-quantum identities of a file called `name`. Raises SettingsError with file, line and the mend.

    Other lines (comments, public keys, identities of older age) are left out: a key file may hold several kinds.
    """
    found, other = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line.upper().startswith(HybridIdentity.BEGINS):
            if line and not line.startswith("#"):
                other = other or number
            continue
        try:
            found.append(HybridIdentity.parse(line))
        except StonechatError as error:
            raise SettingsError(error.what, where=f"{name}:{number}", mend=error.mend) from None
    if not found:
        mend = f"its line starts with {HybridIdentity.BEGINS}; 'stonechat keys new NAME' makes one"
        raise SettingsError("the key file holds no post-quantum identity", where=f"{name}:{other or 1}", mend=mend)
    return tuple(found)
