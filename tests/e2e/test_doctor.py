"""`stonechat doctor`: what is wrong is one line with its mend; what is good says so; no secret is printed."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StonechatError
from bot.operating import doctor
from bot.operating.checks.finding import Finding
from bot.settings import Settings, load_settings
from tests.channels.fake_telegram import TOKEN, FakeTelegram
from tests.conftest import IDENTITY, OpenBot, make_settings


async def look(settings: Settings) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in await doctor._all(settings):
        assert "\n" not in each.what + each.mend
        assert each.mend or each.state != "bad"
        found.setdefault(each.name, []).append(each)
    return found


def states(found: dict[str, list[Finding]], name: str) -> set[str]:
    return {f.state for f in found[name]}


async def test_a_good_installation(open_test_bot: OpenBot, tmp_path: Path) -> None:
    async with open_test_bot() as bot:
        async with FakeTelegram() as server:
            settings = make_settings(tmp_path, telegram_token=TOKEN, telegram_api=server.url)
            found = await look(settings)
        assert bot.store is not None, "it needs no lock: the bot runs"
    assert not [f for fs in found.values() for f in fs if f.state == "bad"]
    assert found["telegram"][0].what == "@example_bot answers"
    assert found["sealing"][0].what == "sealed to every class, and opened with a throw-away key"
    assert "recipients" not in found, "two keys: a lost one loses nothing"
    assert TOKEN not in json.dumps([f.what + f.mend for fs in found.values() for f in fs])


def readable(folder: Path) -> Settings:
    (folder / "state" / "bot.key").chmod(0o644)
    return make_settings(folder)


def accepted(folder: Path) -> Settings:
    (folder / "state" / "recipients.accepted").write_text("case other\n")
    return make_settings(folder)


def damaged(folder: Path) -> Settings:
    path = folder / "state" / "stonechat.db"
    path.write_bytes(path.read_bytes()[:5000])
    return make_settings(folder)


def newer(folder: Path) -> Settings:
    import sqlite3

    with sqlite3.connect(folder / "state" / "stonechat.db") as db:
        db.execute("PRAGMA user_version=999")
    return make_settings(folder)


def nobody(folder: Path) -> Settings:
    return make_settings(folder, organisation="")


def no_recipients(folder: Path) -> Settings:
    settings = make_settings(folder)
    settings.recipients_file.write_text("")
    return settings


def clock_back(folder: Path) -> Settings:
    os.utime(folder / "state" / "bot.key", (4e9, 4e9))
    return make_settings(folder)


def no_intake(folder: Path) -> Settings:
    return replace(make_settings(folder), intake="http://127.0.0.1:9", intake_key="ssh-ed25519 AAAA")


def no_telegram(folder: Path) -> Settings:
    return make_settings(folder, telegram_token=TOKEN, telegram_api="http://127.0.0.1:9")


@pytest.mark.case("O01 O02 F03 F04")
@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (readable, "modes", "can be read by others"),
        (accepted, "accepted", "not the ones of the last start"),
        (damaged, "database", "is damaged"),
        (newer, "database", "schema 999"),
        (nobody, "organisation", "not told who receives"),
        (no_recipients, "recipients", "recipients"),
        (clock_back, "clock", "behind the files"),
        (no_intake, "intake", "no answer"),
        (no_telegram, "telegram", "can't be reached"),
    ],
    ids=lambda v: v.__name__ if callable(v) else None,
)
async def test_O02_what_is_wrong_is_named(
    open_test_bot: OpenBot, tmp_path: Path, make: Callable[[Path], Settings], name: str, says: str
) -> None:
    async with open_test_bot():
        pass
    found = await look(make(tmp_path))
    wrong = [f for f in found[name] if f.state == "bad"]
    assert len(wrong) == 1
    assert says in wrong[0].what


async def test_one_key_and_a_work_tree_are_warned_of(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    settings.recipients_file.write_text(IDENTITY.recipient.text + "\n")
    (tmp_path / ".git").mkdir()
    found = await look(settings)
    assert states(found, "recipients") == {"warning"}
    assert states(found, "git") == {"warning"}
    assert states(found, "classes") == {"warning"}


async def test_a_refused_token_and_another_server(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.refuse_token = True
        settings = make_settings(tmp_path, telegram_token=TOKEN, telegram_api=server.url, intake=server.url)
        found = await look(settings)
    assert found["telegram"][0].what == "Telegram refuses the token"
    assert states(found, "intake") == {"bad"}


def test_json_and_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run_doctor(make_settings(tmp_path, organisation=""), as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"name", "state", "what", "mend"} == set(found[0])
    assert doctor.run_doctor(make_settings(tmp_path, phone="127.0.0.1:0"), as_json=False) == 0
    assert "✓ sealing" in capsys.readouterr().out


def telegram_settings(folder: Path, server: FakeTelegram, **more: str) -> Settings:
    return make_settings(folder, telegram_token=TOKEN, telegram_api=server.url, **more)


HOOK = "https://bot.example/hook"


async def test_p16_doctor_shows_what_waits_and_the_last_error(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.webhook = {"url": HOOK}
        settings = telegram_settings(tmp_path, server, telegram_webhook=HOOK)
        (good,) = (await look(settings))["telegram"]
        assert (good.state, good.what) == ("good", "@example_bot answers")
        server.updates = [{"update_id": 1}, {"update_id": 2}]
        server.webhook_error = ("Connection refused", int(time.time()))
        (bad,) = (await look(settings))["telegram"]
        assert bad.state == "bad"
        assert "Connection refused" in bad.what
        assert "2 wait" in bad.what + bad.mend
        server.webhook_error = ("SSL error {x}", int(time.time()) - 9000)
        (old,) = (await look(settings))["telegram"]
        assert old.state == "warning"
        assert "2 updates wait there; its last error: SSL error {x}" in old.what


async def test_p16_doctor_sees_a_webhook_that_it_did_not_set(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.webhook = {"url": "https://elsewhere.example/x"}
        settings = telegram_settings(tmp_path, server)
        (found,) = (await look(settings))["telegram"]
        assert found.state == "bad"
        assert "nothing can be polled" in found.what
        settings.state.mkdir(0o700)
        (settings.state / "webhook").touch(0o600)
        (found,) = (await look(settings))["telegram"]
        assert found.state == "good", "it was ours, and the next start deletes it"
        (found,) = (await look(telegram_settings(tmp_path, server, telegram_webhook=HOOK)))["telegram"]
        assert (found.state, found.mend) == ("warning", "the next 'stonechat run' sets it")


async def test_p16_doctor_sees_a_revoked_token_in_webhook_mode(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.refuse_token = True
        (found,) = (await look(telegram_settings(tmp_path, server, telegram_webhook=HOOK)))["telegram"]
    assert (found.state, found.what) == ("bad", "Telegram refuses the token")


async def test_p17_doctor_tells_a_wrong_address_from_a_wrong_token(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        wrong = make_settings(tmp_path, telegram_token=TOKEN, telegram_api=f"{server.url}/elsewhere")
        (found,) = (await look(wrong))["telegram"]
    assert found.state == "bad"
    assert "token" not in found.what
    assert "telegram_api" in found.mend


async def test_o13_doctor_looks_where_reports_will_lie(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('organisation = "A"\nrecipients = "recipients.txt"\nintake = "folder: my inbox"\n')
    make_settings(tmp_path)
    (found,) = (await look(load_settings(tmp_path / "s.toml", {})))["intake"]
    assert found.what.startswith(f"{tmp_path / 'my inbox'} can be written")


# --- N04, N09: doctor says what run would say ---


def a_key_that_is_none(folder: Path) -> Settings:
    return replace(
        make_settings(folder, phone="127.0.0.1:0"), intake="https://127.0.0.1:9", intake_key="ssh-ed25519 AAAA"
    )


def a_channel_less_bot(folder: Path) -> Settings:
    return make_settings(folder)


def for_all_to_see(folder: Path) -> Settings:
    return make_settings(folder, phone="0.0.0.0:8320")


def figures_for_all(folder: Path) -> Settings:
    return make_settings(folder, phone="127.0.0.1:0", metrics="192.168.1.5:9464")


def no_port(folder: Path) -> Settings:
    hook = {"telegram_token": TOKEN, "telegram_webhook": HOOK, "telegram_api": "http://127.0.0.1:9"}
    return make_settings(folder, telegram_listen="127.0.0.1", **hook)


def taken(folder: Path) -> Settings:
    import socket

    listener = socket.create_server(("127.0.0.1", 0))
    KEPT.append(listener)
    return make_settings(folder, phone=f"127.0.0.1:{listener.getsockname()[1]}")


def embedded_is_damaged(folder: Path) -> Settings:
    intake = folder / "state" / "intake"
    for path in (folder / "state", intake):
        path.mkdir(0o700, exist_ok=True)
    (intake / "intake.db").write_bytes(b"rubbish" * 1000)
    return make_settings(folder, phone="127.0.0.1:0", intake="embedded")


def embedded_key_is_hollow(folder: Path) -> Settings:
    intake = folder / "state" / "intake"
    for path in (folder / "state", intake):
        path.mkdir(0o700, exist_ok=True)
    (intake / "intake.key").touch(0o600)
    return make_settings(folder, phone="127.0.0.1:0", intake="embedded")


KEPT: list[object] = []
REFUSED = (
    a_key_that_is_none, a_channel_less_bot, for_all_to_see, figures_for_all, no_port, taken, embedded_is_damaged,
    embedded_key_is_hollow,
)  # fmt: skip


@pytest.mark.parametrize("make", REFUSED, ids=lambda m: m.__name__)
async def test_n04_n09_what_run_refuses_is_bad_for_doctor(
    open_test_bot: OpenBot, tmp_path: Path, make: Callable[[Path], Settings]
) -> None:
    """The same cause, with its mend: nobody is told ✓ and then sees the start fail."""
    from bot.running import run_bot, serve

    settings = make(tmp_path)
    found = [f for fs in (await look(settings)).values() for f in fs if f.state == "bad" and f.name != "telegram"]
    starts = serve(settings) if settings.telegram_token or settings.phone else asyncio.to_thread(run_bot, settings)
    with pytest.raises(StonechatError) as refused:
        await asyncio.wait_for(starts, 20)
    cause = refused.value.what
    assert any(cause in f.what and f.mend for f in found), (cause, found)
