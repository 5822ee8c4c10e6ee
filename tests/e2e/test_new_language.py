"""A language that the program has never heard of, from `words extract` to an opened report, without a line of code.

Nobody speaks these: a machine writes each letter as another of that script. Right to left, and other plurals, included.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.conversation import beginning
from bot.words import loading
from bot.words.extracting import extract, rendered
from bot.words.loading import data_folder, load_flows, load_words
from bot.words.pofile import Po, read_po_file
from bot.words.translating import check, sentences
from tests.conftest import OpenBot
from tests.e2e.test_cases import listening, reports
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME

LETTERS = {
    "fa": "ابپتثجچحخدذرزژسشصضطظعغفقلم",
    "ckb": "ابپتثجچحخدرزژسشعغفقلمنوهێۆ",
    "ru": "абвгдежзиклмнопрстуфхцчшщэ",
    "pl": "bcdfghjklmnpqrstvwxzaeiouy",
    "es": "bcdfghjklmnpqrstvwxyzaeiou",
    "pt_BR": "bcdfghjklmnpqrstvwxyzaeiou",
    "zh_Hant": "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘",
}
# What is no word of a language: placeholders, addresses, slash commands, numbers.
KEPT = re.compile(r"\{\w+\}|https?://\S+|[\w.+-]+@[\w.-]+|\b[\w-]+(?:\.[\w-]+)+|[/@]\w+", re.ASCII)
DATES = re.compile(r"typed\.(?!command\.)")  # people may type these in English, too


def tongue(language: str) -> Callable[[str], str]:
    """A language made of English, letter by letter."""
    table = str.maketrans("abcdefghijklmnopqrstuvwxyz", LETTERS[language])
    upper = LETTERS[language].upper()
    table |= str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", upper)

    def said(text: str) -> str:
        at, out = 0, ""
        for found in KEPT.finditer(text):
            out += text[at : found.start()].translate(table) + found.group()
            at = found.end()
        return out + text[at:].translate(table)

    return said


def translated(po: Po, said: Callable[[str], str]) -> str:
    """The file, with every translation written in."""
    out = []
    for entry in po.entries:
        words = (lambda text: text) if DATES.match(entry.context) else said
        lead, body = entry.lead, entry.body
        if entry.context:
            (singular, plural) = entry.id if isinstance(entry.id, tuple) else (entry.id, entry.id)
            body = body[: next(f.start for f in entry.fields if f.keyword == "msgstr")]
            for i in range(len(entry.strings)):
                name = f"msgstr[{i}]" if isinstance(entry.id, tuple) else "msgstr"
                body = [*body, *rendered(name, words(plural if name != "msgstr" else singular))]
        out += [*lead, *body]
    return "\n".join([*out, *po.tail])


@pytest.mark.parametrize("language", LETTERS)
async def test_a_new_language_runs_from_extract_to_an_opened_report(
    language: str, open_test_bot: OpenBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = sentences(*load_flows(load_words()))
    locales = tmp_path / "locales"
    shutil.copytree(data_folder("locales"), locales)
    path = extract(every, locales, language)
    said = tongue(language)
    path.write_text(translated(read_po_file(path, language), said), "utf-8")
    assert check(every, locales, language).errors == []
    before = path.read_bytes()
    assert extract(every, locales, language).read_bytes() == before

    monkeypatch.setattr(loading, "data_folder", lambda name: locales if name == "locales" else data_folder(name))
    lines = [f"[{said(line[1:-1])}]" if line.startswith("[") else line for line in (*UP_TO_NAME, *TO_THE_END)]
    lines[6] = said("done")
    async with open_test_bot(languages=(language,)) as bot:
        _, heard = await listening(bot, lines)
        await bot.handoff.round()
        is_rtl = bot.house.words.direction(language) == "rtl"
    (report,) = reports(tmp_path)
    assert report.document is not None
    assert "KE" in str(report.document["answers"]["act_where"])
    assert report.document["language"] == language.replace("_", "-")
    assert report.contact is not None
    assert report.contact.language == language.replace("_", "-")
    assert is_rtl == (language in ("fa", "ckb"))
    assert {out.language for out in heard} == {language}
    assert any(said("Thank you") in out.text for out in heard)


@pytest.mark.parametrize(
    ("platform", "offered", "begins"),
    [
        ("pt-br", ("en", "pt_BR"), "pt_BR"),
        ("pt-PT", ("en", "pt", "pt_BR"), "pt"),
        ("pt", ("en", "pt_BR"), "pt_BR"),
        ("zh-Hant-TW", ("en", "zh_Hant", "zh_Hant_TW"), "zh_Hant_TW"),
        ("fr-FR", ("en", "fr"), "fr"),
        ("p", ("en", "pt_BR"), "en"),
        ("", ("en", "pt_BR"), "en"),
        ("_", ("en", "pt_BR"), "en"),
    ],
)
def test_a_conversation_begins_in_the_language_of_the_phone(
    platform: str, offered: tuple[str, ...], begins: str
) -> None:
    flow = SimpleNamespace(languages=[(code, code) for code in offered])
    assert beginning._language(SimpleNamespace(flow=flow), platform) == begins  # type: ignore[arg-type]
