"""What a check found."""

from dataclasses import dataclass
from typing import Literal

from bot.errors import StonechatError

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and the mend where it is not good."""

    name: str
    state: State
    what: str
    mend: str = ""


def good(name: str, what: str) -> Finding:
    """As it must be."""
    return Finding(name, "good", what)


def bad(name: str, error: StonechatError) -> Finding:
    """What a command would have refused, said in its own words."""
    where = f"{error.where}: " if error.where else ""
    return Finding(name, "bad", f"{where}{error.what}", error.mend)
