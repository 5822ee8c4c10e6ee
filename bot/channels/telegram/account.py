"""The account as an operator set it, and what of it may be shown: where it is, never the token."""

import re
from urllib.parse import urlsplit

from msgspec import Struct

PUBLIC = "https://api.telegram.org"
LIKE_A_TOKEN = re.compile(r"[0-9]{5,}:[A-Za-z0-9_-]{30,}")
LONGEST = 100  # characters of an address that are shown


class Account(Struct, frozen=True):
    """`api` is the base address of a Bot API server; `kept` is where the token was read from: a file or a variable."""

    token: str
    api: str = PUBLIC
    kept: str = ""

    @property
    def base(self) -> str:
        """What a method's name follows. It holds the token."""
        return f"{self.api.rstrip('/')}/bot{self.token}"

    @property
    def is_likely(self) -> bool:
        """Whether the token could be one."""
        return LIKE_A_TOKEN.fullmatch(self.token) is not None

    @property
    def place(self) -> str:
        """The address as it may be shown: without a password, a query or a token."""
        try:
            parts = urlsplit(self.api)
        except ValueError:
            return "telegram_api"
        found = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else self.api
        return self.cleaned("".join(c for c in found if c.isprintable()).replace("; ", ", "))[:LONGEST].rstrip("/")

    def cleaned(self, text: str) -> str:
        """Somebody else's words without the token, also without its secret half alone."""
        for secret in (self.token, self.token.partition(":")[2]):
            if len(secret) > 5:
                text = text.replace(secret, "…")
        return LIKE_A_TOKEN.sub("…", text)
