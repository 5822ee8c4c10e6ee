"""`alarm = […]` read strictly: who is told, in the order of the rota. Only files of tokens are opened here.

mailto:duty@example.org
https://ntfy.example.org/a-topic-that-nobody-guesses token=/etc/stonechat/ntfy.token
exec:/usr/local/bin/ring --loud "two words"
"""

import ipaddress
import os
import re
import shlex
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.errors import SettingsError

ADDRESS = re.compile(r"[A-Za-z0-9_.+='~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.?)+")
TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")  # ntfy's own rule: docs.ntfy.sh/publish, "Picking a topic"
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
TOKEN = re.compile(r"[\x21-\x7e]{1,512}")
EXAMPLE = 'write "mailto:duty@example.org", "https://ntfy.example.org/TOPIC" or "exec:/path/to/program"'

Secret = Callable[[Path, str], str]
"""(file, where it was named) → its text. Raises SettingsError where it can't be read or others can read it."""


@dataclass(frozen=True)
class Mail:
    """One address."""

    address: str = field(repr=False)
    kind: str = "mailto"


@dataclass(frozen=True)
class Push:
    """One topic of a server that speaks as ntfy does. `token` may be empty."""

    url: str = field(repr=False)
    token: str = field(repr=False)
    kind: str = "https"

    @property
    def guessable(self) -> bool:
        """Whether a stranger who tries names could listen, and ring: without a token a topic is its own password."""
        return not self.token and len(self.url.rpartition("/")[2]) < 16


@dataclass(frozen=True)
class Program:
    """One program with its arguments, run without a shell."""

    argv: tuple[str, ...] = field(repr=False)
    kind: str = "exec"


Target = Mail | Push | Program


@dataclass(frozen=True)
class Relay:
    """The mail server that takes our mail. `tls`: 'whole' from the first byte, 'start' by STARTTLS, or 'none'."""

    host: str
    port: int
    tls: str
    sender: str = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def mark_of(*words: str) -> bytes:
    """Two bytes that change when any of the words does. So short, they give no address away that lies on the disk."""
    return sha256("\0".join(words).encode()).digest()[:2]


def read_targets(written: Iterable[str], where: str, beside: Path, secret: Secret) -> tuple[Target, ...]:
    """The rota in its order. `where` is shown in errors; `beside` is the folder that a relative token file is in.

    Raises SettingsError, which quotes nothing of a target: topic and address are secrets.
    """
    found: list[Target] = []
    for number, text in enumerate(written, 1):
        target = _read(text, f"{where}: alarm {number}", beside, secret)
        if target in found:
            raise SettingsError(
                "the same target stands there twice", where=f"{where}: alarm {number}", mend="once will do"
            )
        found.append(target)
    return tuple(found)


def lines_of(text: str) -> tuple[str, ...]:
    """Targets of a file: one a line, `#` begins a comment line; a byte order mark and blank lines are left out."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _read(text: object, where: str, beside: Path, secret: Secret) -> Target:
    if not isinstance(text, str):
        raise SettingsError("a target must be text", where=where, mend=EXAMPLE)
    if not text.isprintable():
        raise SettingsError("a target holds a line break or another sign that can't be seen", where=where, mend=EXAMPLE)
    kind, colon, rest = text.strip().partition(":")
    match kind.lower() if colon else "":
        case "mailto":
            return Mail(address(rest, where))
        case "https" | "http":
            return _push(text.strip(), where, beside, secret)
        case "exec":
            return _program(rest, where)
    raise SettingsError("this is no target", where=where, mend=EXAMPLE)


def address(text: str, where: str) -> str:
    """One plain mail address. Raises SettingsError."""
    local, _, domain = text.rpartition("@")
    if not ADDRESS.fullmatch(text) or ".." in text or local.startswith(".") or local.endswith(".") or len(domain) > 253:
        raise SettingsError(
            "this is no single mail address", where=where, mend="mailto:duty@example.org, without names or ?"
        )
    return text


def is_loopback(host: str) -> bool:
    """Whether nobody else hears what is said to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _push(text: str, where: str, beside: Path, secret: Secret) -> Push:
    words = text.split()
    named = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    if len(named) != len(words) - 1 or not set(named) <= {"token"} or not all(named.values()):
        raise SettingsError("only token=PATH may follow the address", where=where, mend="https://HOST/TOPIC token=PATH")
    try:
        url = urlsplit(words[0])
        host, port = url.hostname or "", url.port
    except ValueError:
        raise SettingsError("this is no https address", where=where, mend="https://HOST/TOPIC") from None
    if url.username is not None or url.password is not None:
        raise SettingsError("a name or token stands in the address", where=where, mend="write token=PATH behind it")
    if url.query or url.fragment or "?" in words[0] or "#" in words[0] or port == 0:
        raise SettingsError("? and # have no place in it", where=where, mend="https://HOST/TOPIC")
    is_host = HOST.fullmatch(host) or (":" in host and _is_ip(host))
    *above, topic = url.path.removeprefix("/").split("/")
    if not is_host or not TOPIC.fullmatch(topic) or not all(TOPIC.fullmatch(each) for each in above):
        raise SettingsError(
            "this does not name a host and a topic",
            where=where,
            mend="https://HOST/TOPIC: letters, digits, - and _, 64 at most",
        )
    if url.scheme == "http" and not is_loopback(host):
        raise SettingsError("http is for this machine alone", where=where, mend="https://HOST/TOPIC")
    return Push(words[0], _token(named["token"], where, beside, secret) if named else "")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _token(path: str, where: str, beside: Path, secret: Secret) -> str:
    token = secret(beside / Path(path).expanduser(), where).strip()
    if not TOKEN.fullmatch(token):
        raise SettingsError("the token file holds no token", where=where, mend="one line, without blanks: tk_…")
    return token


def _program(text: str, where: str) -> Program:
    try:
        argv = tuple(shlex.split(text))
    except ValueError:
        raise SettingsError(
            "a quotation mark is not closed", where=where, mend='exec:/path/to/program "two words"'
        ) from None
    if not argv or not argv[0].startswith("/"):
        raise SettingsError(
            "exec needs a whole path", where=where, mend="exec:/path/to/program; there is no shell, and no ~"
        )
    if problem := program_trouble(argv[0]):
        raise SettingsError(problem, where=where, mend="name a program that this user may run and others can't change")
    return Program(argv)


def program_trouble(path: str) -> str:
    """Why this program should or could not be run; empty where it can."""
    try:
        found = os.stat(path)
    except OSError:
        return "the program is not there"
    if not stat.S_ISREG(found.st_mode) or not os.access(path, os.X_OK):
        return "the program can't be run"
    return "everybody can change the program" if found.st_mode & stat.S_IWOTH else ""


def read_relay(text: str, sender: str, password: str, where: str = "alarm_mail") -> Relay:
    """`smtps://[USER@]HOST[:465]`, or `smtp://[USER@]HOST[:587]` with STARTTLS (without only on this machine, port 25).

    An @ in USER is written %40. Raises SettingsError.
    """
    mend = f'{where} = "smtps://USER@HOST" or "smtp://USER@HOST:587"'
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise SettingsError("this is no mail server", where=where, mend=mend) from None
    if url.password is not None:
        raise SettingsError("the password stands in it", where=where, mend=f"put it into a file: {where}_password_file")
    is_host = HOST.fullmatch(host) or (":" in host and _is_ip(host))
    if (
        url.scheme not in ("smtp", "smtps")
        or not is_host
        or url.path not in ("", "/")
        or url.query
        or url.fragment
        or port == 0
    ):
        raise SettingsError("this is no mail server", where=where, mend=mend)
    user = unquote(url.username or "")
    if bool(user) != bool(password):
        missing = f"no password: set {where}_password_file" if user else f"no user: {mend}"
        raise SettingsError("a login needs a user and a password", where=where, mend=missing)
    if not sender:
        raise SettingsError("mail needs a sender", mend='alarm_from = "stonechat@example.org"')
    tls = "whole" if url.scheme == "smtps" else "none" if is_loopback(host) else "start"
    usual = {"whole": 465, "start": 587, "none": 25}[tls]
    return Relay(host, port or usual, tls, address(sender, "alarm_from"), user, password)
