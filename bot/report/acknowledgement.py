"""What an intake signs back. Nothing else lets the bot forget a report.

Both sides build the signed bytes here, so the bytes themselves are held by literals in tests/unit/test_vectors.py: a
change that both sides would make together is one that no older bot or intake understands.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.report.erasure import erased
from bot.seal.signing import ERASED, RECEIVED, verify


def received(report: str, version: int, manifest: bytes) -> bytes:
    """'I have this version, on disk'. Over the manifest's hash, which names every part by its own hash."""
    return f"stonechat.received/1\n{report}\n{version}\n{hashlib.sha256(manifest).hexdigest()}\n".encode()


@dataclass(frozen=True)
class IntakeKey:
    """The pinned key of an intake: nothing else acknowledges anything. Both checks raise SignatureError."""

    key: Ed25519PublicKey

    def check_received(self, answer: str, report: str, version: int, manifest: bytes) -> None:
        """Exactly this manifest is there."""
        verify(received(report, version, manifest), answer, RECEIVED, self.key)

    def check_erased(self, answer: str, report: str) -> None:
        """Exactly this report is gone."""
        verify(erased(report), answer, ERASED, self.key)
