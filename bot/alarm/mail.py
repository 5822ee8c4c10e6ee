"""By mail: one message to one address, over a relay that is known by its certificate.

aiosmtplib, not smtplib in a thread: a server that drips a byte a minute would hold a thread for ever, and nothing could
stop it; here a time limit ends the whole try.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from bot.alarm.sending import LIMIT, AlarmError, Notice
from bot.alarm.targets import Mail, Relay, mark_of

GOODBYE = 2.0  # seconds
MEND = "see alarm_mail; 'stonechat alarm rehearse' tries it"


class MailSender:
    """See `bot.alarm.sending.Sender`. `clock` gives seconds since 1970; `tls`: certificates to trust."""

    def __init__(
        self,
        name: str,
        target: Mail,
        relay: Relay,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        tls: ssl.SSLContext | None = None,
        limit: float = LIMIT,
    ) -> None:
        """`limit`: seconds for one try, all in all."""
        self.name, self._target, self._relay = name, target, relay
        self._clock, self._random, self._limit = clock, random, limit
        self._tls = tls or ssl.create_default_context()
        self.weakness = ""
        self.mark = mark_of(target.kind, target.address, relay.host, str(relay.port), relay.sender, relay.user)

    async def send(self, notice: Notice) -> None:
        """Return only when the mail server took it. Raises AlarmError."""
        message = self._message(notice)
        async with self._connected() as client:
            await client.send_message(message, sender=self._relay.sender, recipients=[self._target.address])

    async def check(self) -> None:
        """Up to the login: whether the relay would take the address shows only a real message."""
        async with self._connected():
            pass

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage(policy=WIRE)
        message["From"] = self._relay.sender
        message["To"] = self._target.address
        message["Subject"] = notice.title
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock(), UTC))
        # Ours, not one made of this machine's name.
        message["Message-ID"] = f"<{self._random(16).hex()}@{self._relay.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's "I am away" answers it
        message["Importance"] = "high"
        message["X-Priority"] = "1"
        message.set_content(notice.body, cte="base64")  # every kind and language the same size
        return message

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.sender.rpartition("@")[2],  # else the machine's own name is asked for and told
            timeout=self._limit,
            use_tls=relay.tls == "whole",
            start_tls=relay.tls == "start",  # True: without it there is no mail; None would go on in clear
            tls_context=self._tls if relay.tls != "none" else None,
            username=relay.user or None,
            password=relay.password or None,
        )
        try:
            async with asyncio.timeout(self._limit):
                await client.connect()
                yield client
            # It has our message: a server that is slow to say goodbye must not make us send it again.
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(GOODBYE):
                    await client.quit()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            raise AlarmError(_why(error), where=self.name, mend=MEND) from None
        finally:
            client.close()


def _why(error: BaseException) -> str:
    """In words without the server's own: they quote addresses."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPAuthenticationError):
        return f"the mail server refused the login ({error.code})"
    if isinstance(error, SMTPResponseException):
        return f"the mail server refused it ({error.code})"
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError):
        return "the mail server's certificate is not trusted, or it speaks no TLS"
    if isinstance(error, TimeoutError):
        return "the mail server took too long"
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return "the mail server can't do what is needed (STARTTLS, or this kind of login)"
    return f"the mail server can't be reached ({type(error).__name__})"
