"""Everything real at once: the file, a mail server, a push server, a program; and a second process that takes it."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alarm import Alarm, SqliteAlarms, health, make_senders, read_targets, words_in
from bot.alarm.targets import Relay
from bot.errors import SettingsError
from tests.alarm.sinks import Certificates, Mailbox, Ntfy, make_certificates, ntfy_server, smtp_server

ADDRESS, TOPIC = "duty@example.org", "a-topic-that-nobody-guesses"


def no_secret(path: Path, where: str) -> str:
    raise SettingsError("no secret", where=where)


class Real:
    """One alarm over all three ways, in this order: mail, push, program."""

    def __init__(self, folder: Path, tls: Certificates, box: Mailbox, ntfy: Ntfy) -> None:
        self.folder, self.box, self.ntfy, self.rang = folder, box, ntfy, folder / "rang"
        script = folder / "ring"
        script.write_text(f'#!/bin/sh\necho "$STONECHAT_ALARM" >> {self.rang}\n')
        script.chmod(0o700)
        written = (f"mailto:{ADDRESS}", f"{ntfy.url}/{TOPIC}", f"exec:{script}")
        targets = read_targets(written, "stonechat.toml:1", folder, no_secret)
        relay = Relay("127.0.0.1", box.port, "start", "stonechat@bot.example.org")
        self.senders = make_senders(targets, relay, clock=time.time, random=os.urandom, tls=tls.client, limit=20)

    async def alarm(self) -> tuple[Alarm, SqliteAlarms]:
        store = await SqliteAlarms.open(self.folder / "alarm.db")
        words = words_in("fr")
        return Alarm(self.senders, store, words, clock=time.time, steady=time.monotonic, random=os.urandom), store

    @property
    def programs(self) -> int:
        return len(self.rang.read_text().split()) if self.rang.exists() else 0


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Real]:
    tls = make_certificates(tmp_path)
    async with smtp_server(tls.server) as box, ntfy_server(tls.server) as ntfy:
        yield Real(tmp_path, tls, box, ntfy)


async def until(what: "object") -> None:
    async with asyncio.timeout(20):
        while not what():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_x01_from_the_call_to_the_mail_in_under_two_seconds(real: Real) -> None:
    alarm, store = await real.alarm()
    running = asyncio.create_task(alarm.run())
    began = time.monotonic()
    await alarm.ring("ana")
    await until(lambda: real.box.mails)
    took = time.monotonic() - began
    assert took < 2
    assert (len(real.box.mails), real.ntfy.messages, real.programs) == (1, [], 0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()


async def test_where_two_fail_the_third_rings_at_once_and_no_line_tells_whom(
    real: Real, caplog: pytest.LogCaptureFixture
) -> None:
    real.box.says["RCPT"], real.ntfy.says = "451", (503, f"topic {TOPIC} is down")
    alarm, store = await real.alarm()
    running = asyncio.create_task(alarm.run())
    with caplog.at_level(logging.DEBUG):
        identity = await alarm.ring("+44 7700 900123")
        await until(lambda: real.programs)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("stonechat")]
    assert [line.partition(":")[0] for line in ours] == ["alarm 1 (mailto)", "alarm 2 (https)"]
    for secret in (ADDRESS, "duty", TOPIC, "127.0.0.1", "900123", identity.hex(), "is down", "wanted"):
        assert not any(secret in line for line in ours)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()


async def test_where_one_hangs_the_next_rings_and_a_second_process_takes_it(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.alarm.alarm.PATIENCE", 0.2)
    monkeypatch.setattr("bot.alarm.alarm.LOOK", 0.1)
    real.ntfy.hang = asyncio.Event()
    real.senders = (real.senders[1], real.senders[2])
    alarm, store = await real.alarm()
    running = asyncio.create_task(alarm.run())
    await alarm.ring("ana")
    await until(lambda: real.programs)
    beside, its_store = await real.alarm()
    async with asyncio.timeout(20):
        while not await beside.taken():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await store.open_alarms() == ()
    await until(lambda: not alarm._ladders)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    await its_store.close()


async def test_x01_a_rehearsal_over_all_three_and_what_doctor_says(real: Real) -> None:
    alarm, store = await real.alarm()
    said = {f.name: f.state for f in await health(real.senders, store, time.time())}
    assert said == dict.fromkeys(["alarm", *(s.name for s in real.senders)], "warning")
    assert [error for _, error in await alarm.rehearse()] == [None] * 3
    assert real.rang.read_text() == "rehearsal\n"
    mailed = real.box.mails[0][2].get_content()
    pushed = real.ntfy.messages[0]["message"]
    assert "exercice" in mailed
    codes = [text.rpartition("heard ")[2].strip() for text in (mailed, pushed)]
    assert codes[0] != codes[1]
    assert await alarm.heard(codes[0]) == "alarm 1 (mailto)"
    assert await alarm.heard(codes[1]) == "alarm 2 (https)"
    found = {f.name: (f.state, f.what) for f in await health(real.senders, store, time.time())}
    assert found["alarm"] == ("good", "'a person is told now' is backed")
    assert found["alarm 1 (mailto)"][0] == found["alarm 2 (https)"][0] == "good"
    assert found["alarm 3 (exec)"] == ("warning", "a code waits")
    assert not alarm.backed(time.time())  # it does not run
    running = asyncio.create_task(alarm.run())
    await until(lambda: alarm.backed(time.time()))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()


async def test_doctor_says_what_is_broken_what_is_weak_and_what_nobody_took(real: Real) -> None:
    _, store = await real.alarm()
    real.ntfy.says = (502, "")
    await store.add(b"a" * 16, 20_000)
    found = await health(real.senders, store, time.time())
    assert [(f.name, f.state, f.what) for f in found if f.state == "bad"] == [
        ("alarm 2 (https)", "bad", "the server answered 502"),
        ("alarm", "bad", "1 that nobody took, 1 of them never rang"),
    ]
    assert all(f.mend for f in found if f.state != "good")
    for line in (f"{f.name} {f.what} {f.mend}" for f in found):
        assert ADDRESS not in line
        assert TOPIC not in line
    alone = await health(real.senders[:1], store, time.time())
    assert any("one target alone" in f.what for f in alone)
    none = await health((), store, time.time())
    assert [f.what for f in none] == ["nobody is told when somebody is in danger, and the bot says so"]
    await store.close()


async def test_s07_forty_five_at_once_with_nothing_left_to_join_begin_one(real: Real) -> None:
    alarm, store = await real.alarm()
    await store.note_rung({await alarm.ring("ana") for _ in range(5)}, 5, 0)
    assert await alarm.taken() == 5
    assert len(set(await asyncio.gather(*(alarm.ring("ana") for _ in range(45))))) == 1
    await store.close()
