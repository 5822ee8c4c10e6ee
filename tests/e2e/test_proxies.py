"""N20: the proxy's lines of docs/operating.md, as they stand there, before a real webhook: nginx and Caddy."""

import asyncio
import contextlib
import json
import os
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.telegram.webhook import HEADER, make_webhook
from bot.machine.serving import Served
from bot.talk.events import Said
from tests.channels.alone import Taking, channel
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.conftest import free_port, need

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "operating.md").read_text()
HOST, PATH, SECRET = "bot.example.org", "/hook-path", "s3cr-t_" * 9


def lines_for(language: str) -> str:
    """What the document says for this proxy."""
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found.group(1)


def certificate(folder: Path) -> None:
    """bot.pem and bot.key."""
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(folder / "bot.key"), "-out", str(folder / "bot.pem")]
    subprocess.run(["openssl", *words, *names, *files], check=True, capture_output=True)


def with_ports(lines: str, port: int, behind: int) -> str:
    """The same lines on ports that a test may take."""
    assert lines.count("127.0.0.1:8322") == 1
    return lines.replace("127.0.0.1:8322", f"127.0.0.1:{behind}").replace(
        "listen 443 ssl", f"listen 127.0.0.1:{port} ssl"
    )


def nginx(folder: Path, port: int, behind: int) -> list[str]:
    lines = with_ports(lines_for("nginx"), port, behind).replace("/etc/ssl", str(folder))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    top = f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{top}http {{\n{temporary}{lines}}}\n")
    return ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    lines = with_ports(lines_for("caddy"), port, behind)
    lines = lines.replace(
        f"{HOST} {{", f"{HOST}:{port} {{\n    bind 127.0.0.1\n    tls {folder}/bot.pem {folder}/bot.key"
    )
    own = f"{{\n    admin off\n    auto_https off\n    storage file_system {folder}/caddy\n"
    (folder / "Caddyfile").write_text(lines.replace("{\n", own, 1))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


Proxied = tuple[Any, Taking, Person, Path, Served]
PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(params=PROXIES)
async def proxied(request: Any, tmp_path: Path) -> AsyncIterator[Proxied]:
    """A way to post as Telegram does, what came of it, somebody, the proxy's folder, and the bot's side."""
    need(request.param, "the lines of docs/operating.md are tried with it")
    need("openssl", "the proxy needs a certificate")
    certificate(tmp_path)
    port = free_port()
    async with FakeTelegram() as server, channel(server) as bot:
        taking = Taking()
        served = await Served.start(make_webhook(bot, taking.take, f"https://{HOST}{PATH}", SECRET), "127.0.0.1", 0)
        command = PROXIES[request.param](tmp_path, port, int(served.url.rpartition(":")[2]))
        environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        with (tmp_path / "said").open("wb") as said:
            process = await asyncio.create_subprocess_exec(*command, stdout=said, stderr=said, env=environment)
        try:
            async with posting(port, tmp_path) as post:
                for _ in range(200):
                    with contextlib.suppress(aiohttp.ClientError):
                        await post("/elsewhere", b"")
                        break
                    assert process.returncode is None, (tmp_path / "said").read_text()
                    await asyncio.sleep(0.05)
                yield post, taking, Person(server, 900_100_200), tmp_path, served
        finally:
            process.terminate()
            await process.wait()
            await served.close()


@asynccontextmanager
async def posting(port: int, folder: Path) -> AsyncIterator[Any]:
    trust = ssl.create_default_context(cafile=str(folder / "bot.pem"))
    async with aiohttp.ClientSession() as session:

        async def post(path: str, body: bytes, secret: str = SECRET) -> int:
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json", "Host": HOST}
            url = f"https://127.0.0.1:{port}{path}"
            async with session.post(url, data=body, headers=headers, ssl=trust, server_hostname=HOST) as answer:
                await answer.read()
                return answer.status

        yield post


async def test_n20_the_proxys_lines_of_the_docs(proxied: Proxied) -> None:
    post, taking, ana, folder, served = proxied
    assert HEADER == "x-telegram-bot-api-secret-token"

    def update(number: int, text: str) -> bytes:
        return json.dumps({"update_id": number, "message": {**ana._new(text), "text": text}}).encode()

    assert await post(PATH, update(1, "They came.")) == 200
    assert await post(PATH, update(2, "x" * 4096 + "🙂" * 2000)) == 200, "the longest message, in escapes"
    padded = update(3, "Large.")[:-1] + b', "x_more": "' + b"x" * 900_000 + b'"}'
    assert await post(PATH, padded) == 200, "far more than Telegram sends"
    assert [len(e.text) for e in taking.events if isinstance(e, Said)] == [10, 6096, 6]
    assert await post(PATH, update(4, "x"), secret="wrong") == 401
    assert await post(PATH, b"{") == 400
    assert await post(PATH, b"x" * (3 << 20)) in (413, 502), "Caddy 2.6 calls it a bad gateway"
    assert await post(PATH.replace("-", "%2D"), update(8, "Spelt otherwise.")) == 200
    assert await post("/", update(5, "x")) in (200, 404, 405), "nothing of ours"
    assert await post(PATH + "/more", update(6, "x")) == 404
    assert len(taking.events) == 4
    taking.fails = lambda arrival: True
    assert await post(PATH, update(7, "While the disk is full.")) == 503, "Telegram delivers it again"
    taking.fails = lambda arrival: False
    assert await post(PATH, update(7, "While the disk is full.")) == 200
    await served.close()
    assert await post(PATH, update(9, "While the bot is away.")) == 502
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".key", ".pem"):
            raw = path.read_bytes()
            assert not any(words in raw for words in (b"They came", b"bot is away", b"900100200")), path
            assert SECRET.encode() not in raw, path


def test_n20_the_docs_name_the_ports_and_the_header() -> None:
    from bot.settings import PORTS

    said = DOCS[DOCS.index("## Telegram: polling or webhook") : DOCS.index("## Watching")]
    for port in PORTS:
        assert str(port) in said
    assert "X-Telegram-Bot-Api-Secret-Token" in said
    assert "stonechat telegram delete-webhook" in said
    assert "stonechat telegram delete-webhook" in DOCS[DOCS.index("## If the server is taken") :]
