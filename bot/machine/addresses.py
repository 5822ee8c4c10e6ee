"""Addresses as an operator writes them: what we listen on, what we ask, and what of them may be shown."""

import contextlib
import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from bot.errors import SettingsError

LISTEN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})")


def host_and_port(listen: str, key: str) -> tuple[str, int]:
    """(host, port) of `ADDRESS:PORT`, an IPv6 address in brackets. Raises SettingsError."""
    if found := LISTEN.fullmatch(listen.strip()):
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(found[1] or found[2])
            if int(found[3]) < 65536:
                return str(address), int(found[3])
    raise SettingsError(f"'{key}' is no ADDRESS:PORT", mend=f'{key} = "127.0.0.1:8322"')


def loopback(listen: str, what: str, why: str) -> tuple[str, int]:
    """The same for an address that nobody else can reach. Raises SettingsError."""
    with contextlib.suppress(SettingsError):
        host, port = host_and_port(listen, what)
        if ipaddress.ip_address(host).is_loopback:
            return host, port
    raise SettingsError(f"{what} does not listen on '{shown(listen)}'", mend=f"use 127.0.0.1:PORT: {why}")


def split_url(url: str, *schemes: str) -> SplitResult | None:
    """A whole address without blanks, query and fragment, of one of these schemes; None where it is none."""
    try:
        found = urlsplit(url)
        is_one = found.scheme in schemes and bool(found.hostname) and found.port != 0
    except ValueError:
        return None
    return found if is_one and not any(c.isspace() or c in "?#" for c in url) else None


def shown(url: str) -> str:
    """An address as it may be shown to whoever reads a log: without user, password, query and fragment."""
    text = re.sub(r"[?#].*", lambda found: f"{found[0][0]}…", url, flags=re.DOTALL)
    return re.sub(r"^([A-Za-z0-9+.-]*:?//)?.*@", r"\1…@", text, flags=re.DOTALL)
