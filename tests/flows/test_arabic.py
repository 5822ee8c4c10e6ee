"""A small flow in Arabic: direction, digits, plural, and switching languages in the middle."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.flow.model import Flow
from bot.flow.prompts import prompt
from bot.flow.session import Session
from bot.flow.step import start, step
from bot.talk.events import MessageRef, Said
from bot.words.catalogue import Words
from bot.words.loading import data_folder, load_flows, load_words

HERE = Path(__file__).parent / "arabic"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def world(folder: Path) -> tuple[Flow, Words]:
    """Our sentences and codes, with the small flow of this folder."""
    shutil.copytree(data_folder("flows"), folder / "flows", ignore=shutil.ignore_patterns("reprisal", "released*"))
    shutil.copytree(HERE / "flows", folder / "flows", dirs_exist_ok=True)
    words = load_words(HERE / "locales", ("ar",))
    flows, _ = load_flows(words, folder / "flows", draft_hours=72, organisation="مثال")
    return replace(flows["small", 1], languages=(("en", "English"), ("ar", "العربية"))), words


def test_a_conversation_in_arabic(tmp_path: Path) -> None:
    flow, words = world(tmp_path)
    session = start(flow, Session("small", 1, 7, word="amber"))
    heard = []
    for order, said in enumerate(["العربية", "نعم، أوافق", "أخذوا جواز سفري", "done", "5 March ٢٠٢٦", "١", "كينيا"], 1):
        turn = step(flow, session, Said(said, MessageRef(str(order), order)), NOW)
        session = turn.session
        heard.append(words.prompt(prompt(flow, session), turn.say, session.language).text)
    assert heard[0] == "هل توافق على البدء؟"
    assert "ماذا حدث؟" in heard[1]
    assert heard[4] == "فهمت \u2068الخميس، 5 مارس 2026\u2069. هل هذا صحيح؟"
    assert heard[5].endswith("في أي بلد؟")
    assert "سجلنا: \u2068كينيا\u2069." in heard[6]
    assert session.answers["where"].values == ("KE",)
    assert session.answers["when"].values == ("2026-03-05",)


def test_six_plurals(tmp_path: Path) -> None:
    flow, words = world(tmp_path)
    for hours, expected in ((1, "ساعة واحدة"), (2, "ساعتين"), (5, "\u20685\u2069 ساعات"), (46, "\u206846\u2069 ساعة")):
        few = replace(flow, draft_hours=hours)
        session = step(few, start(few, Session("small", 1, 7)), Said("العربية", MessageRef("1", 1)), NOW).session
        session = step(few, session, Said("نعم", MessageRef("2", 2)), NOW).session
        said = step(few, session, Said("pause", MessageRef("3", 3)), NOW).say
        assert expected in words.texts(said, "ar")


def test_nothing_is_lost_by_switching_in_the_middle(tmp_path: Path) -> None:
    flow, words = world(tmp_path)
    session = start(flow, Session("small", 1, 7))
    for order, said in enumerate(["English", "yes", "They took my passport.", "language", "العربية"], 1):
        session = step(flow, session, Said(said, MessageRef(str(order), order)), NOW).session
    assert session.language == "ar"
    assert session.at == "story"
    assert len(session.answers["story"].parts) == 1
    assert "ماذا حدث؟" in words.prompt(prompt(flow, session), (), "ar").text
