"""Codes of languages at the door: both spellings, and who is served by which."""

import pytest

from bot.talk.tongues import closest, tag


@pytest.mark.parametrize(("code", "told"), [("fr", "fr"), ("pt_BR", "pt-BR"), ("zh_Hant_TW", "zh-Hant-TW"), ("", "")])
def test_L02_a_code_as_others_write_it(code: str, told: str) -> None:
    assert tag(code) == told


@pytest.mark.parametrize(
    ("wanted", "offered", "served"),
    [
        ("pt-BR", ["en", "pt_BR"], "pt_BR"),
        ("pt-br", ["en", "pt_BR"], "pt_BR"),
        ("pt_BR", ["en", "pt", "pt_BR"], "pt_BR"),
        ("pt-PT", ["en", "pt_BR", "pt"], "pt"),
        ("pt-PT", ["en", "pt_BR"], "pt_BR"),
        ("pt", ["en", "pt_BR"], "pt_BR"),
        ("zh-Hant-HK", ["en", "zh_Hans", "zh_Hant"], "zh_Hant"),
        ("zh-TW", ["en", "zh_Hant_TW"], "zh_Hant_TW"),
        ("es-MX", ["en", "es_419"], "es_419"),
        ("ar-EG", ["en", "ar"], "ar"),
        ("fro", ["en", "fr"], None),
        ("fr", ["en", "fro"], None),
        ("de", ["en", "fr"], None),
        ("", ["en", "fr"], None),
        ("-", ["en"], None),
    ],
)
def test_L02_who_is_served_by_which_language(wanted: str, offered: list[str], served: str | None) -> None:
    assert closest(wanted, offered) == served
