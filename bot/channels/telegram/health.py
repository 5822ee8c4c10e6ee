"""What is wrong with the platform, in one line for the operator, with its mend. Told once, until it changes.

Nothing here holds a word of anybody: reasons are the platform's own, about our own calls.
"""

import logging
import re

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.answers import NoAnswer, NotThere

log = logging.getLogger("stonechat.telegram")
LIKE_A_TOKEN = re.compile(r"[0-9]{5,}:[A-Za-z0-9_-]{30,}")

TOKEN = "Telegram refuses the token; put the current one from @BotFather into its file"
CONFLICT = "another program polls this bot, or a webhook is set; stop it, or delete the webhook"
ADDRESS = (
    "Telegram can't be reached: what answers is not its Bot API; "
    "check telegram_api, and what stands between (a proxy, a captive portal); it is tried again"
)
STUCK = "Telegram brings the same updates again and again; nothing is gained; it is asked once a second"
AT_ONCE = "Telegram answers at once, with nothing; a proxy between may cut waiting calls; it is asked once a second"


def trouble_of(error: TelegramError, token: str) -> str:
    """What an operator is told. `token` decides what a 404 means: one that can't be a token is the likelier cause."""
    match error:
        case Conflict():
            return CONFLICT
        case InvalidToken():
            return TOKEN
        case NotThere():
            return ADDRESS if LIKE_A_TOKEN.fullmatch(token) else TOKEN
        case NoAnswer():
            return ADDRESS
        case RetryAfter():
            return "Telegram asks to wait; it is tried again then"
        case TimedOut():
            return "Telegram can't be reached (no answer in time); it is tried again"
    reason = str(error).replace(token, "…")
    return f"Telegram can't be reached: {reason}; check the network and telegram_api; it is tried again"


class Health:
    """What is wrong now, by what it was that failed."""

    def __init__(self) -> None:
        """Nothing is wrong until something was tried."""
        self._troubles: dict[str, str] = {}

    @property
    def trouble(self) -> str:
        """The first of what is wrong; empty where nothing is."""
        return next(iter(self._troubles.values()), "")

    def bad(self, what: str, trouble: str) -> None:
        """`what` (receiving, webhook, sending) fails: for the log once, until it fails otherwise."""
        if self._troubles.get(what) != trouble:
            if trouble not in self._troubles.values():
                log.error("%s", trouble)
            self._troubles[what] = trouble

    def good(self, what: str) -> None:
        """It works."""
        if self._troubles and self._troubles.pop(what, "") and not self._troubles:
            log.warning("Telegram is reached again")
