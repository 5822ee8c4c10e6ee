"""From targets to what rings them."""

import ssl
from collections.abc import Callable, Sequence

from bot.alarm.mail import MailSender
from bot.alarm.program import ProgramSender
from bot.alarm.push import PushSender
from bot.alarm.sending import LIMIT, Sender
from bot.alarm.targets import Mail, Push, Relay, Target
from bot.errors import SettingsError


def make_senders(
    targets: Sequence[Target],
    relay: Relay | None,
    *,
    clock: Callable[[], float],
    random: Callable[[int], bytes],
    tls: ssl.SSLContext | None = None,
    limit: float = LIMIT,
) -> tuple[Sender, ...]:
    """In the order of the rota. Raises SettingsError where a mail address has no mail server."""

    def made(number: int, target: Target) -> Sender:
        name = f"alarm {number} ({target.kind})"
        if isinstance(target, Push):
            return PushSender(name, target, tls, limit)
        if not isinstance(target, Mail):
            return ProgramSender(name, target, limit)
        if relay is None:
            raise SettingsError("mailto needs a mail server", where=name, mend='alarm_mail = "smtps://USER@HOST"')
        return MailSender(name, target, relay, clock, random, tls, limit)

    return tuple(made(number, target) for number, target in enumerate(targets, 1))
