"""Languages with a country, a script or a long code, told to platforms in the way that these know."""

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from bot.running import page_words
from bot.talk.outgoing import Outgoing
from tests.channels.fake_telegram import TOKEN, FakeTelegram
from tests.channels.test_phone_door import TOKEN as PAGE
from tests.channels.test_phone_door import heard, page, socket
from tests.conftest import OpenBot


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        (["en", "pt_BR"], {None: "en", "pt": "pt_BR"}),
        (["en", "pt_BR", "pt"], {None: "en", "pt": "pt"}),
        (["en", "ckb", "fa"], {None: "en", "fa": "fa"}),
        (["zh_Hans", "zh_Hant"], {"zh": "zh_Hans"}),
    ],
)
async def test_L02_telegrams_menu_takes_codes_of_two_letters(
    offered: list[str], told: dict[str | None, str], telegram: FakeTelegram
) -> None:
    channel = Telegram(
        TOKEN, telegram.url, private_only="-", descriptions={code: [("help", code)] for code in offered}, poll=1
    )
    await channel.start()
    try:
        await telegram.wait(lambda: len(set_menus(telegram)) == len(told))
        assert set_menus(telegram) == told
    finally:
        await channel.close()


def set_menus(telegram: FakeTelegram) -> dict[str | None, str]:
    calls: list[dict[str, Any]] = [v for m, v in telegram.calls if m == "setmycommands"]
    return {v.get("language_code"): v["commands"][0]["description"] for v in calls}


async def test_L02_the_page_is_told_languages_as_browsers_write_them() -> None:
    async with page() as (phone, _, url), socket(url) as ana:
        await heard(ana, "room")
        await phone.send(PAGE, Outgoing(paragraphs=("Oi",), language="pt_BR"))
        assert (await heard(ana, "message"))["language"] == "pt-BR"
        async with socket(url) as again:
            assert (await heard(again, "room"))["language"] == "pt-BR"


async def test_L02_the_pages_own_words_have_the_same_codes(
    open_test_bot: OpenBot,
) -> None:
    async with open_test_bot() as bot:
        bot.house.flow = replace(bot.house.flow, languages=(("en", "English"), ("pt_BR", "Português")))
        assert list(page_words(bot)) == ["en", "pt-BR"]
