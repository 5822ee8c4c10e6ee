"""A report that was handed over is destroyed: its owner's words, and the intake's.

The owner's key comes from the return number (`return_number.py`). The bot has it sign when the report is made, and
keeps the signature until the number was shown: so `erase` is true at every moment, and the number itself need not be
kept for it.
"""

from dataclasses import dataclass

from bot.seal.signing import OWNER, Signer, public_line


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an intake still has to destroy: its owner's public line and signature say so, and nothing of the report."""

    report: str
    owner: str
    signature: str


def erase_words(report: str) -> bytes:
    """What an owner signs to destroy a report that was handed over."""
    return f"stonechat.erase/1\n{report}\n".encode()


def erased(report: str) -> bytes:
    """What the intake signs to say 'it is gone, and stays gone'."""
    return f"stonechat.erased/1\n{report}\n".encode()


def erasure(report: str, owner: Signer) -> Erasure:
    """An owner's signed wish."""
    return Erasure(report, public_line(owner.public), owner.sign(erase_words(report), OWNER))
