"""By HTTPS, against a server that takes only what ntfy's documentation says."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alarm.push import PushSender
from bot.alarm.sending import AlarmError, Notice
from bot.alarm.targets import Push
from bot.alarm.texts import WORDS, rehearsal, ring
from tests.alarm.sinks import Certificates, Ntfy, make_certificates, ntfy_server, silent_server

RING = ring(WORDS["en"])
TOPIC = "a-topic-that-nobody-guesses"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def ntfy(certificates: Certificates) -> AsyncIterator[Ntfy]:
    async with ntfy_server(certificates.server) as found:
        yield found


def sender(url: str, tls: ssl.SSLContext | None, token: str = "", limit: float = 20) -> PushSender:
    return PushSender("alarm 1 (https)", Push(f"{url}/{TOPIC}", token), tls, limit)


async def refused(push: PushSender) -> str:
    with pytest.raises(AlarmError) as caught:
        await push.send(RING)
    line = str(caught.value)
    assert TOPIC not in line
    assert "tk_" not in line
    assert "127.0.0.1" not in line
    return line


@pytest.mark.parametrize("language", sorted(WORDS))
async def test_a_message_in_ntfys_shape_arrives(ntfy: Ntfy, certificates: Certificates, language: str) -> None:
    for notice in (ring(WORDS[language]), rehearsal(WORDS[language], "123456")):
        await sender(ntfy.url, certificates.client).send(notice)
        assert ntfy.messages[-1] == {
            "topic": TOPIC,
            "title": "Stonechat",
            "message": notice.body,
            "priority": "urgent",
            "tags": "rotating_light",
        }
    assert {len(m["message"].encode()) for m in ntfy.messages} == {512}


async def test_a_title_beyond_ascii_is_read(ntfy: Ntfy, certificates: Certificates) -> None:
    title = "حصّاء، 石䳭 – " + "é" * 100
    await sender(ntfy.url, certificates.client).send(Notice("ring", title, "x"))
    assert ntfy.messages[0]["title"] == title


async def test_a_token_opens_a_guarded_topic(ntfy: Ntfy, certificates: Certificates) -> None:
    ntfy.tokens = frozenset({"tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"})
    await sender(ntfy.url, certificates.client, "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2").send(RING)
    assert len(ntfy.messages) == 1
    assert "403" in await refused(sender(ntfy.url, certificates.client, "tk_other"))
    assert "403" in await refused(sender(ntfy.url, certificates.client))


@pytest.mark.parametrize("status", [201, 204, 302, 307, 308, 400, 401, 404, 413, 429, 500, 502, 503, 507])
async def test_any_other_answer_is_a_failure(ntfy: Ntfy, certificates: Certificates, status: int) -> None:
    ntfy.says, ntfy.headers = (status, ""), {"Location": f"{ntfy.url}/elsewhere"}
    assert str(status) in await refused(sender(ntfy.url, certificates.client))
    assert ntfy.requests == [("POST", f"/{TOPIC}")]  # no redirect was followed


@pytest.mark.parametrize(
    "body",
    [
        "", "OK", "<html>Please log in to the hotel's network", "{}", "[]", "null", '"message"', "[" * 20_000,
        '{"event": "message"}', '{"event": "message", "id": ""}', '{"id": "x"}', '{"event": "open", "id": "x"}',
        '{"event": "message", "id": "x", "pad": "' + "x" * 20_000 + '"}',
    ],
)  # fmt: skip
async def test_a_200_that_is_not_ntfys_is_a_failure(ntfy: Ntfy, certificates: Certificates, body: str) -> None:
    ntfy.says = (200, body)
    assert "not ntfy's" in await refused(sender(ntfy.url, certificates.client))


async def test_a_server_that_hangs_is_left_in_time(ntfy: Ntfy, certificates: Certificates) -> None:
    ntfy.hang = asyncio.Event()
    assert "took too long" in await refused(sender(ntfy.url, certificates.client, limit=0.3))


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 200"])
async def test_half_an_answer_is_left_in_time(first: bytes) -> None:
    async with silent_server(first) as port:
        assert "took too long" in await refused(sender(f"http://127.0.0.1:{port}", None, limit=0.3))


async def test_an_answer_that_drips_is_left_in_time() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n"
    async with silent_server(head, dripping=0.02) as port:
        assert "took too long" in await refused(sender(f"http://127.0.0.1:{port}", None, limit=0.4))


async def test_an_answer_that_is_no_http() -> None:
    async with silent_server(b"220 mail.test\r\n\r\n") as port:
        assert "can't be reached" in await refused(sender(f"http://127.0.0.1:{port}", None, limit=5))


async def test_a_certificate_that_nobody_vouches_for(ntfy: Ntfy) -> None:
    assert "certificate" in await refused(sender(ntfy.url, None))
    assert ntfy.requests == []


async def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    other = make_certificates(tmp_path, "192.0.2.1")
    async with ntfy_server(other.server) as ntfy:
        assert "certificate" in await refused(sender(ntfy.url, other.client))
        assert ntfy.requests == []


async def test_nobody_listens(certificates: Certificates) -> None:
    async with ntfy_server(certificates.server) as ntfy:
        gone = ntfy.url
    assert "can't be reached" in await refused(sender(gone, certificates.client))


async def test_a_check_asks_for_the_servers_health_and_rings_nobody(ntfy: Ntfy, certificates: Certificates) -> None:
    push = sender(ntfy.url, certificates.client)
    await push.check()
    assert (ntfy.requests, ntfy.messages) == ([("GET", "/v1/health")], [])
    ntfy.says = (200, '{"healthy": false}')
    with pytest.raises(AlarmError, match="not healthy"):
        await push.check()


def test_a_topic_that_strangers_guess_is_named_as_weak() -> None:
    assert "guess" in PushSender("x", Push("https://ntfy.sh/alarm", "")).weakness
    assert PushSender("x", Push("https://ntfy.sh/alarm", "tk_x")).weakness == ""
    assert PushSender("x", Push(f"https://ntfy.sh/{TOPIC}", "")).weakness == ""
