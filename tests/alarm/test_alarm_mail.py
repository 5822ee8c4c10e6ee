"""By mail, against a real SMTP server."""

import base64
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alarm.mail import MailSender
from bot.alarm.sending import AlarmError
from bot.alarm.targets import Mail, Relay
from bot.alarm.texts import WORDS, rehearsal, ring
from tests.alarm.sinks import Certificates, Mailbox, make_certificates, silent_server, smtp_server
from tests.conftest import NOON

TO, FROM = "duty@example.org", "stonechat@bot.example.org"
RING = ring(WORDS["en"])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with smtp_server() as found:
        yield found


def sender(port: int, trust: ssl.SSLContext | None = None, limit: float = 20, **relay: str) -> MailSender:
    through = replace(Relay("127.0.0.1", port, "none", FROM), **relay)
    return MailSender("alarm 1 (mailto)", Mail(TO), through, lambda: NOON, lambda n: b"\7" * n, trust, limit)


async def refused(mail: MailSender) -> str:
    with pytest.raises(AlarmError) as caught:
        await mail.send(RING)
    line = str(caught.value)
    assert "\n" not in line
    assert TO not in line
    assert "wanted" not in line
    return line


async def test_a_mail_of_fixed_words_arrives(box: Mailbox) -> None:
    await sender(box.port).send(RING)
    assert [(f, t) for f, t, _ in box.mails] == [(FROM, [TO])]
    mail = box.mails[0][2]
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Importance", "X-Priority",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert mail["Subject"] == "Stonechat"
    assert mail["Message-ID"] == f"<{'07' * 16}@bot.example.org>"
    assert mail["Date"] == "Mon, 21 Sep 2026 14:13:20 +0000"
    assert mail.get_content().split() == RING.body.split()
    assert "Reply-To" not in mail


async def test_every_kind_of_message_in_every_language_has_one_size(box: Mailbox) -> None:
    for words in WORDS.values():
        await sender(box.port).send(ring(words))
        await sender(box.port).send(rehearsal(words, "123456"))
    assert len({len(raw) for raw in box.raw}) == 1
    assert len({len(str(m).splitlines()) for _, _, m in box.mails}) == 1


async def test_over_tls_from_the_first_byte_with_a_login(certificates: Certificates) -> None:
    async with smtp_server(certificates.server, whole=True) as box:
        await sender(box.port, certificates.client, tls="whole", user="me@x", password="right").send(RING)
        assert (box.logins, box.over_tls) == ([("me@x", "right")], [True])


async def test_over_starttls_with_a_login(certificates: Certificates) -> None:
    async with smtp_server(certificates.server, require_starttls=True, auth_required=True) as box:
        mail = sender(box.port, certificates.client, tls="start", user="me", password="right")
        await mail.send(RING)
        await mail.check()
        assert (box.logins, box.over_tls) == ([("me", "right")] * 2, [True])
        assert len(box.mails) == 1


async def test_without_starttls_nothing_goes_out_in_clear(box: Mailbox, certificates: Certificates) -> None:
    mail = sender(box.port, certificates.client, tls="start", user="me", password="right")
    assert "STARTTLS" in await refused(mail)
    assert (box.mails, box.logins) == ([], [])


@pytest.mark.parametrize("whole", [True, False])
async def test_a_certificate_that_nobody_vouches_for(certificates: Certificates, whole: bool) -> None:
    async with smtp_server(certificates.server, whole=whole) as box:
        mail = sender(box.port, None, tls="whole" if whole else "start", user="me", password="right")
        assert "certificate" in await refused(mail)
        assert (box.mails, box.logins) == ([], [])


@pytest.mark.parametrize("whole", [True, False])
async def test_a_certificate_for_another_name(tmp_path: Path, whole: bool) -> None:
    other = make_certificates(tmp_path, "192.0.2.1")
    async with smtp_server(other.server, whole=whole) as box:
        assert "certificate" in await refused(sender(box.port, other.client, tls="whole" if whole else "start"))
        assert box.mails == []


async def test_a_server_that_speaks_no_tls_where_it_should(box: Mailbox, certificates: Certificates) -> None:
    assert "TLS" in await refused(sender(box.port, certificates.client, tls="whole", limit=2))


async def test_a_wrong_password(certificates: Certificates) -> None:
    async with smtp_server(certificates.server, whole=True) as box:
        mail = sender(box.port, certificates.client, tls="whole", user="me", password="wrong-secret")
        line = await refused(mail)
        assert "login (535)" in line
        assert "wrong-secret" not in line


@pytest.mark.parametrize(
    ("at", "says", "shown"),
    [
        ("MAIL", "550 go away", "(550)"),
        ("RCPT", "550", "(550)"),
        ("RCPT", "451 come back later:", "(451)"),
        ("DATA", "554 spam", "(554)"),
        ("DATA", "452 full", "(452)"),
    ],
)
async def test_a_refusal_shows_its_number_and_no_address(box: Mailbox, at: str, says: str, shown: str) -> None:
    box.says[at] = says
    assert shown in await refused(sender(box.port))
    box.says.clear()
    await sender(box.port).send(RING)
    assert len(box.mails) == 1


async def test_nobody_listens() -> None:
    async with smtp_server() as box:
        gone = box.port
    assert "can't be reached" in await refused(sender(gone))


@pytest.mark.parametrize("first", [b"", b"220 mail.test\r\n", b"220-", b"\x16\x03" * 40])
async def test_a_server_that_hangs_is_left_in_time(first: bytes) -> None:
    async with silent_server(first) as port:
        assert "alarm 1 (mailto)" in await refused(sender(port, limit=0.2))


async def test_a_server_that_drips_is_left_in_time() -> None:
    """Each byte comes within any time limit of a read; the try as a whole has one."""
    async with silent_server(dripping=0.02) as port:
        assert "took too long" in await refused(sender(port, limit=0.3))


async def test_a_server_that_never_says_goodbye_took_it_all_the_same(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*words: object) -> None:
        return None

    monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", nothing)
    monkeypatch.setattr("bot.alarm.mail.GOODBYE", 0.1)
    await sender(box.port, limit=5).send(RING)
    assert len(box.mails) == 1


async def test_a_check_sends_nothing(box: Mailbox) -> None:
    await sender(box.port).check()
    assert box.mails == []
    box.says["MAIL"] = "550 no"
    await sender(box.port).check()


async def test_the_name_of_this_machine_is_not_told(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda *words: pytest.fail("asked for"))
    await sender(box.port).send(RING)


def test_the_mark_changes_with_the_address_and_with_the_server() -> None:
    marks = {
        sender(25).mark,
        sender(26).mark,
        sender(25, host="192.0.2.1").mark,
        sender(25, user="a").mark,
        MailSender("x", Mail("b@b.org"), Relay("127.0.0.1", 25, "none", FROM), lambda: 0, bytes).mark,
    }
    assert len(marks) == 5
    assert all(len(m) == 2 for m in marks)


def test_base64_is_what_makes_sizes_equal() -> None:
    assert len(base64.b64encode(RING.body.encode())) == 684
