"""What an operator does about Telegram: doctor's line and `stonechat telegram delete-webhook` (N08, P16, P17)."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError, StonechatError
from bot.operating import telegram as commands
from bot.operating.telegram import delete_webhook, telegram_standing
from bot.settings import Settings, load_settings
from bot.state import webhook_mark
from tests.channels.alone import channel, polling, until
from tests.channels.fake_telegram import TOKEN, Failure, FakeTelegram, Person
from tests.channels.liar import LIES, Liar
from tests.conftest import make_settings

OLD = "https://user:pass@old.example/secret-path/" + TOKEN


def settings_of(folder: Path, api: str, **more: Any) -> Settings:
    return make_settings(folder, telegram_token=TOKEN, telegram_api=api, **more)


async def deleted(settings: Settings) -> str:
    """In a thread: a command has a loop of its own."""
    return await asyncio.to_thread(delete_webhook, settings)


async def test_n08_a_webhook_of_an_old_installation_is_seen_and_taken_away(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.webhook = {"url": OLD}
        server.webhook_error = ("Connection refused", int(time.time()) - 4000)
        ana = Person(server, 900_100_200)
        await ana.says("They came.")
        settings = settings_of(tmp_path, server.url)
        state, what, mend = await telegram_standing(settings)
        assert state == "bad"
        for words in ("old.example", "nothing can be polled", "1 updates wait", "Connection refused", "UTC"):
            assert words in what
        assert "stonechat telegram delete-webhook" in mend
        for secret in ("secret-path", "pass@", TOKEN):
            assert secret not in what + mend
        said = await deleted(settings)
        assert said == "the webhook at old.example is taken away; 1 updates wait, and the next poll brings them"
        assert server.webhook == {}
        async with polling(server) as (_, taking):
            await until(lambda: len(taking.events) == 1)
        assert (await telegram_standing(settings))[0] == "good"
        assert await deleted(settings) == "no webhook is set: nothing was to be done"


async def test_n08_a_poll_that_meets_a_webhook_names_the_command(server_with_hook: FakeTelegram) -> None:
    async with polling(server_with_hook) as (bot, _):
        await until(lambda: bot.trouble != "")
        assert "a webhook is set" in bot.trouble
        assert "stonechat telegram delete-webhook" in bot.trouble
        server_with_hook.webhook = {}
        await until(lambda: bot.trouble == "")
    other = b'{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}'
    server_with_hook.failures.append(Failure("GetUpdates", 409, other, times=1))
    async with polling(server_with_hook) as (bot, _):
        await until(lambda: bot.trouble != "")
        assert bot.trouble.startswith("another program polls this bot")


@pytest.fixture
async def server_with_hook() -> Any:
    async with FakeTelegram() as found:
        found.webhook = {"url": OLD}
        yield found


async def test_n08_it_is_not_taken_away_from_a_bot_that_wants_it(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        settings = settings_of(tmp_path, server.url, telegram_webhook="https://bot.example/hook")
        with pytest.raises(SettingsError, match="telegram_webhook is set"):
            await deleted(settings)
        assert server.calls == []
    with pytest.raises(SettingsError, match="no Telegram bot is set"):
        delete_webhook(make_settings(tmp_path))


async def test_n08_our_own_mark_goes_with_it(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.webhook = {"url": "https://bot.example/hook"}
        settings = settings_of(tmp_path, server.url)
        settings.state.mkdir(0o700)
        webhook_mark(settings.state).touch(0o600)
        await deleted(settings)
        assert not webhook_mark(settings.state).exists()


@pytest.mark.parametrize("name", ["502 with a page", "closed at once", "null as a result", "a rest", "302 with a page"])
async def test_n08_a_bad_moment_is_tried_again_and_a_bad_hour_is_one_line(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "AGAIN", 3)
    async with FakeTelegram() as server, Liar(server.port) as liar:
        server.webhook = {"url": OLD}
        liar.lie = lambda method, count: LIES[name] if count == 1 else None
        assert "is taken away" in await deleted(settings_of(tmp_path, liar.url))
        liar.lie = lambda method, count: LIES[name]
        with pytest.raises(StonechatError) as found:
            await deleted(settings_of(tmp_path, liar.url))
        assert TOKEN not in str(found.value)
        assert "\n" not in str(found.value)
        assert found.value.mend


async def test_p17_doctor_and_run_name_the_tokens_file_and_the_wrong_address(tmp_path: Path) -> None:
    make_settings(tmp_path)
    secret = tmp_path / "telegram.token"
    secret.write_text(TOKEN + "\n")
    secret.chmod(0o600)
    async with FakeTelegram() as server:
        text = 'organisation = "A"\nrecipients = "recipients.txt"\ntelegram_token_file = "telegram.token"\n'
        (tmp_path / "s.toml").write_text(text + f'telegram_api = "{server.url}"\n')
        settings = load_settings(tmp_path / "s.toml", {})
        server.refuse_token = True
        state, what, mend = await telegram_standing(settings)
        assert (state, what) == ("bad", "Telegram refuses the token")
        assert mend == f"put the current one from @BotFather into {secret}"
        async with channel(server, kept=str(secret)) as bot:
            assert str(secret) in bot.calls.refused("SetWebhook", await refusal(bot))
        by_variable = load_settings(tmp_path / "s.toml", {"STONECHAT_TELEGRAM_TOKEN": TOKEN})
        assert (await telegram_standing(by_variable))[2].endswith("into STONECHAT_TELEGRAM_TOKEN")
        server.refuse_token = False
        (tmp_path / "s.toml").write_text(text + f'telegram_api = "{server.url}/wrong/{TOKEN}"\n')
        state, what, mend = await telegram_standing(load_settings(tmp_path / "s.toml", {}))
        assert f"what answers at {server.url}/wrong/… is not its Bot API (HTTP 404" in what
        assert "check telegram_api" in mend
        assert TOKEN not in what + mend


async def refusal(bot: Any) -> Any:
    from telegram.error import TelegramError

    with pytest.raises(TelegramError) as found:
        await bot.calls.once("GetMe", {})
    return found.value


@pytest.mark.parametrize("api", ["not an address", "http://", "ftp://x", "https://x:0", "https://x:99999", "x.example"])
def test_p17_an_address_that_is_none_is_told_before_anything_is_asked(tmp_path: Path, api: str) -> None:
    (tmp_path / "s.toml").write_text(f'telegram_api = "{api}"\n')
    with pytest.raises(SettingsError, match="telegram_api is no address"):
        load_settings(tmp_path / "s.toml", {})


@pytest.mark.parametrize("port", [1, 80, 88, 443, 8080, 8443, 9000, 65535])
def test_n20_a_port_that_telegram_does_not_deliver_to_is_refused(tmp_path: Path, port: int) -> None:
    hook = f'telegram_webhook = "https://bot.example:{port}/hook"\n'
    (tmp_path / "s.toml").write_text(hook)
    if port in (80, 88, 443, 8443):
        load_settings(tmp_path / "s.toml", {})
        return
    with pytest.raises(SettingsError, match="443, 80, 88 and 8443"):
        load_settings(tmp_path / "s.toml", {})
    (tmp_path / "s.toml").write_text(hook + 'telegram_api = "http://127.0.0.1:8081"\n')
    load_settings(tmp_path / "s.toml", {})  # a Bot API server of one's own delivers anywhere
