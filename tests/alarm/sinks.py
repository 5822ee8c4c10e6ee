"""Where alarms arrive in tests: a real SMTP server, a server as strict as ntfy's documentation, certificates."""

import asyncio
import datetime
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# docs.ntfy.sh/publish: "List of all parameters", "Message priority", "Picking a topic"
PRIORITIES = {"1", "2", "3", "4", "5", "min", "low", "default", "high", "max", "urgent"}
OF_NTFY = {"title", "priority", "tags", "authorization"}
OF_HTTP = {"host", "accept", "accept-encoding", "user-agent", "content-length", "content-type"}
LONGEST = 4096  # bytes


@dataclass(frozen=True)
class Certificates:
    """Contexts for a server on 127.0.0.1, for a client who trusts it, and the files."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    authority: Path


def make_certificates(folder: Path, host: str = "127.0.0.1") -> Certificates:
    """An authority of our own and one server's certificate."""
    now = datetime.datetime.now(datetime.UTC)

    def certificate(name: str, key: Any, issuer: str, signer: Any, extensions: list[Any]) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = certificate("test authority", ca_key, "test authority", ca_key, [(x509.BasicConstraints(True, None), True)])
    named = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    leaf = certificate("server", key, "test authority", ca_key, [(named, False)])
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + leaf.public_bytes(pem)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return Certificates(server, ssl.create_default_context(cafile=folder / "ca.pem"), folder / "ca.pem")


@dataclass
class Mailbox:
    """A real SMTP server. `says` gives its answer to MAIL, RCPT or DATA where it is not to take it."""

    port: int = 0
    mails: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    over_tls: list[bool] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.says:
            return self.says["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.says:
            return f"{self.says['RCPT']} <{address}> is not wanted here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        self.raw.append(raw)
        self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), message))
        self.over_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def smtp_server(tls: ssl.SSLContext | None = None, whole: bool = False, **options: Any) -> AsyncIterator[Mailbox]:
    """`tls` with `whole` False offers STARTTLS. `options` are aiosmtpd's."""
    box = Mailbox()
    loop = asyncio.get_running_loop()

    def one() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            authenticator=box.login,
            auth_require_tls=not whole and tls is not None,
            tls_context=None if whole else tls,
            loop=loop,
            **options,
        )

    server = await loop.create_server(one, "127.0.0.1", 0, ssl=tls if whole else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


@dataclass
class Ntfy:
    """A server that takes what ntfy's documentation says, and refuses all else. `says`: (status, body) instead."""

    url: str = ""
    tokens: frozenset[str] = frozenset()
    messages: list[dict[str, str]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    says: tuple[int, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: asyncio.Event | None = None

    async def publish(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path))
        if self.hang is not None:
            await self.hang.wait()
        if self.says is not None:
            return web.Response(status=self.says[0], text=self.says[1], headers=self.headers)
        if problem := self._problem(request):
            return web.json_response({"code": 40000, "http": problem[0], "error": problem[1]}, status=problem[0])
        body = await request.read()
        if len(body) > LONGEST:
            return web.json_response({"error": "too large"}, status=413)
        title = str(make_header(decode_header(request.headers.getone("Title"))))
        message = {
            "topic": request.match_info["topic"],
            "title": title,
            "message": body.decode(),
            "priority": request.headers.getone("Priority"),
            "tags": request.headers.getone("Tags"),
        }
        self.messages.append(message)
        return web.json_response({"id": "sPs71M8A2T", "time": 1643935928, "event": "message", **message})

    def _problem(self, request: web.Request) -> tuple[int, str] | None:
        unknown = {name.lower() for name in request.headers} - OF_NTFY - OF_HTTP
        if unknown:
            return 400, f"headers that ntfy does not name: {sorted(unknown)}"
        if any(not value.isascii() for value in request.headers.values()):
            return 400, "letters beyond ASCII in a header"
        if request.query_string:
            return 400, "a query"
        if request.headers.get("Priority") not in PRIORITIES:
            return 400, "invalid priority"
        if self.tokens and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 403, "forbidden"
        return None


@asynccontextmanager
async def ntfy_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[Ntfy]:
    ntfy = Ntfy()

    async def health(request: web.Request) -> web.Response:
        ntfy.requests.append((request.method, request.path))
        if ntfy.says is not None:
            return web.Response(status=ntfy.says[0], text=ntfy.says[1])
        return web.Response(text=json.dumps({"healthy": True}), content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/health", health)
    app.router.add_route("POST", r"/{topic:[-_A-Za-z0-9]{1,64}}", ntfy.publish)
    app.router.add_route("PUT", r"/{topic:[-_A-Za-z0-9]{1,64}}", ntfy.publish)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    ntfy.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield ntfy
    finally:
        if ntfy.hang is not None:
            ntfy.hang.set()
        await runner.cleanup()


@asynccontextmanager
async def silent_server(first: bytes = b"", dripping: float = 0) -> AsyncIterator[int]:
    """Takes connections and says `first` at most, or a byte every `dripping` seconds for ever. Gives its port."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while dripping and not over.is_set():
            writer.write(b"2")
            await asyncio.sleep(dripping)
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()
