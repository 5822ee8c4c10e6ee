"""Rehearsals: a code goes out, a person says it back. Only that, and for 30 days, backs 'a person is told now'."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

DIGITS = 6
BACKED = 30  # days that a rehearsal counts for
HEARD_BY = 1  # days after the day it was sent, in which its code counts


@dataclass(frozen=True)
class Rehearsed:
    """The newest rehearsal of one target. Days since 1970. `code`: its hash; None where it could not be sent.

    `waits`: nobody said it back yet. `heard`: the day on which a person last said one back.
    """

    mark: bytes
    sent: int
    code: bytes | None
    waits: bool
    heard: int | None


def new_code(random: Callable[[int], bytes]) -> str:
    """Six digits: every keyboard has them, and they can be said over a phone."""
    return f"{int.from_bytes(random(8), 'big') % 10**DIGITS:0{DIGITS}d}"


def hashed(code: str) -> bytes:
    """What is written down: that nobody reads a code off the disk by accident. No secret: six digits are few."""
    return hashlib.sha256(f"stonechat rehearsal {code}".encode()).digest()[:16]


def read_code(typed: str) -> str | None:
    """The digits of any script, whatever stands between them; None where these are not six."""
    digits = "".join(str(unicodedata.digit(c)) for c in typed if unicodedata.digit(c, -1) >= 0)
    return digits if len(digits) == DIGITS else None


def still_counts(rehearsal: Rehearsed, today: int) -> bool:
    """Whether the code may still be said back."""
    return rehearsal.waits and -1 <= today - rehearsal.sent <= HEARD_BY


def backs(rehearsal: Rehearsed | None, today: int) -> bool:
    """Whether a person heard the last rehearsal, at most BACKED days ago.

    One that waits for its answer changes nothing; one that nobody answered in time does. A clock that stands before
    the day it was heard proves nothing.
    """
    if rehearsal is None or rehearsal.heard is None or not -1 <= today - rehearsal.heard <= BACKED:
        return False
    return not rehearsal.waits or still_counts(rehearsal, today)
