"""Persona 1 walks in languages that a machine made, dates and commands too: her report is the same as in English."""

import shutil
from pathlib import Path

import pytest

import bot.words.loading
from bot.words.catalogue import ENGLISH
from bot.words.languages import own_name
from bot.words.loading import check_languages, load_flows, load_words
from bot.words.translating import extract, sentences
from tests.conftest import Clock, OpenBot
from tests.flows.walking import Chat, walk
from tests.pseudo import LANGUAGES, translate, translated

EVERY = sentences(*load_flows(load_words()))
PERSONA = (Path(__file__).parents[1] / "flows/golden/persona-01-lawyer.txt").read_text("utf-8")


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ours, for a bot that has one language more."""
    shutil.copytree(bot.words.loading.data_folder("locales"), tmp_path / "locales")
    found = bot.words.loading.data_folder
    monkeypatch.setattr(
        bot.words.loading, "data_folder", lambda name: tmp_path / name if name == "locales" else found(name)
    )
    return tmp_path / "locales"


def made(locales: Path, language: str, share: float = 1.0) -> Path:
    path = extract(EVERY, locales, language)
    translate(path, language, share)
    return path


@pytest.mark.parametrize("language", LANGUAGES)
async def test_L02_the_same_report_whatever_its_language(
    language: str, locales: Path, open_test_bot: OpenBot, clock: Clock, tmp_path: Path
) -> None:
    made(locales, language)
    (stats,) = check_languages([language], locales)
    assert stats.errors == []
    async with open_test_bot(languages=("en", language)) as the_bot:
        theirs, report = _parts(await walk(the_bot, clock, _inputs(language), tmp_path, "terminal", Chat.abilities))
    _, wanted = _parts(PERSONA)
    assert _answers(report) == _answers(wanted), "the same report, whatever its language"
    assert f"amber amber, {language.replace('_', '-')}" in report[-1], "as report readers write it"
    english = {ENGLISH.put(s.message) for s in EVERY if len(s.message.text) > 12 and "{" not in s.message.text}
    after = theirs[theirs.index(f"> [{own_name(language)}]") + 1 :]
    assert not [line for line in after if line.removeprefix("< ") in english]


def _inputs(language: str) -> list[str]:
    """Persona 1: her buttons and the words that are commands, in this language; what she tells stays as it is."""
    lines = [line for line in PERSONA.splitlines() if line.startswith("> ")]
    spoken = {
        "> done",
        "> skip",
        "> a lawyer",
        "> border staff",
        "> free but at risk",
        "> March 2026",
        "> February 2026",
    }
    found = []
    for line in lines:
        if line.startswith("> [") or line in spoken:
            line = f"> {translated(line[2:], language)}"
        found.append(line)
    found.insert(1, f"> [{own_name(language)}]")
    return found


def _parts(transcript: str) -> tuple[list[str], list[str]]:
    lines = transcript.splitlines()
    return [x for x in lines if not x.startswith(("#", "="))], [x for x in lines if x.startswith("= ")]


def _answers(report: list[str]) -> list[str]:
    """All but how many messages it took, and the contact's language."""
    return [line.removesuffix(line.rpartition(", ")[2]) if "contact:" in line else line for line in report[1:]]
