"""What this program knows of the day, whatever the clock says."""

import time
from collections.abc import Callable

RELEASED = 1_767_225_600.0  # 1 January 2026, UTC: no clock that stands before it is right


def clock_trouble(clock: Callable[[], float] | None = None) -> str:
    """Why the clock can't be right, with the mend; empty where it may be."""
    if (now := (clock or time.time)()) >= RELEASED:
        return ""
    said, made = (time.strftime("%Y-%m-%d", time.gmtime(max(0, at))) for at in (now, RELEASED))
    return f"the clock says {said}, before this program was made ({made}); set it (timedatectl)"
