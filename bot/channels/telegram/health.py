"""What is wrong with the platform, in one line for the operator, with its mend. Told once, until it changes.

Nothing here holds a word of anybody: reasons are the platform's own, about our own calls.
"""

import logging
import re
import time

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.account import Account
from bot.channels.telegram.answers import NoAnswer, NotThere

log = logging.getLogger("stonechat.telegram")
TOLD_AGAIN = 600.0  # seconds until another reason of the same trouble is worth a line of its own

POLLED = "another program polls this bot, or a webhook is set; stop it, or run 'stonechat telegram delete-webhook'"
HOOKED = (
    "a webhook is set, by another program or an old installation, so nothing can be polled; "
    "stop that program, or run 'stonechat telegram delete-webhook'"
)
STUCK = "Telegram brings the same updates again and again; nothing is gained; it is asked once a second"
AT_ONCE = "Telegram answers at once, with nothing; a proxy between may cut waiting calls; it is asked once a second"


def trouble_of(error: TelegramError, account: Account) -> str:
    """What an operator is told: `what: reason; mend`.

    What a 404 means hangs on the token: one that can't be a token is the likelier cause.
    """
    refused = f"Telegram refuses the token; put the current one from @BotFather into {account.kept or 'its file'}"
    elsewhere = (
        f"Telegram can't be reached: what answers at {account.place} is not its Bot API ({_said(error, account)}); "
        "check telegram_api, and what stands between (a proxy, a captive portal); it is tried again"
    )
    match error:
        case Conflict():
            return HOOKED if "webhook" in str(error) else POLLED
        case InvalidToken():
            return refused
        case NotThere():
            return elsewhere if account.is_likely else refused
        case NoAnswer():
            return elsewhere
        case RetryAfter():
            return "Telegram asks to wait; it is tried again then"
        case TimedOut():
            return f"Telegram can't be reached: no answer in time from {account.place}; it is tried again"
    return (
        f"Telegram can't be reached: {_said(error, account)} ({account.place}); "
        "check the network and telegram_api; it is tried again"
    )


def _said(error: TelegramError, account: Account) -> str:
    return account.cleaned(str(error)).replace("; ", ", ") or type(error).__name__  # what follows "; " is the mend


def kind_of(trouble: str) -> str:
    """What stands before the reason and the mend: while that stays the same, so does the state."""
    return re.split("[:;] ", trouble, maxsplit=1)[0]


def how_long(seconds: float) -> str:
    """For a person: 40 seconds, 3 minutes, 5 hours."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    return f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"


class Health:
    """What is wrong now, by what it was that failed."""

    def __init__(self) -> None:
        """Nothing is wrong until something was tried."""
        self._troubles: dict[str, str] = {}
        self._told: dict[str, tuple[str, float]] = {}
        self._since = 0.0

    @property
    def trouble(self) -> str:
        """The first of what is wrong; empty where nothing is."""
        return next(iter(self._troubles.values()), "")

    def bad(self, what: str, trouble: str) -> None:
        """`what` (receiving, sending, token, a method) fails: for the log once, until all is well again.

        Who fails now in one way and now in another would fill a night's log, so a new reason waits for its line.
        """
        now = time.monotonic()
        if not self._troubles:
            self._since = now
        self._troubles[what] = trouble
        line, when = self._told.get(kind_of(trouble), ("", now))
        if not line or (line != trouble and now - when >= TOLD_AGAIN):
            log.error("%s", trouble)
            self._told[kind_of(trouble)] = (trouble, now)

    def good(self, what: str) -> None:
        """It works."""
        if self._troubles.pop(what, "") and not self._troubles:
            log.warning("Telegram is reached again, after %s", how_long(time.monotonic() - self._since))
            self._told.clear()

    def forget(self, what: str) -> None:
        """Nothing waits for it any more, so nothing is known of it."""
        self._troubles.pop(what, "")
        if not self._troubles:
            self._told.clear()
