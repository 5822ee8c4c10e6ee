"""A call for help, from wherever it may come, in three languages, with an alarm that a person heard and without.

`told/CASE-LANGUAGE.txt` is what the person reads. `pytest tests/flows --golden` writes them anew: read each aloud, as
somebody who is afraid. That the alarm really rings, over real mail and push servers: tests/e2e/test_told.py.
"""

import difflib
from functools import cache
from pathlib import Path

import pytest

from bot.talk.sentences import Message
from bot.words.catalogue import Words
from bot.words.loading import data_folder, load_flows, load_words
from bot.words.translating import sentences
from tests.conftest import Clock, OpenBot
from tests.flows.walking import like_telegram, walk

HERE = Path(__file__).parent / "told"
LANGUAGES = ("en", "fr", "ar")

# What is done, by the English of each button, or by its place where one English word is two elsewhere.
TYPED = {
    "Kenya, my brother Ali, since this morning": {
        "fr": "Kenya, mon frère Ali, depuis ce matin",
        "ar": "كينيا، أخي علي، منذ هذا الصباح",
    },
    "They took my passport.": {"fr": "Ils ont pris mon passeport.", "ar": "أخذوا جواز سفري."},
    "Kenya": {"fr": "Kenya", "ar": "كينيا"},
    "danger": {"fr": "danger", "ar": "خطر"},
    "status": {"fr": "statut", "ar": "الوضع"},
    "human": {"fr": "humain", "ar": "إنسان"},
}
BEGIN = "/start|[Yes, go on]|[Write here anyway]|[Yes, I agree]|[No, destroy it]|[reporter_role.self]"
CALL = "[Yes, read it and act]|[Taken or held]|[Someone else]|Kenya, my brother Ali, since this morning"
SHORT = "[No]|They took my passport.|[Done]|Kenya|[Spoke at a meeting]|[Done]|[Free but at risk]"
END = "[In this chat]|[d_share.ask_me_first]|status|human|[That is all for now]|[I wrote it down]"
CASES = {
    "called-first": f"/start|[I am in danger now]|{CALL}|{END}",
    "intake-away": f"~ away|/start|[I am in danger now]|{CALL}|[In this chat]|[d_share.ask_me_first]"
    "|status|~ back|status",
    "only-the-list": "/start|[I am in danger now]|[No, I only wanted this list]",
    "after-not-yet": f"{BEGIN}|{SHORT}|[Not yet: lock it, erase it after 30 days]|danger|{CALL}|{END}",
    "after-never": f"{BEGIN}|{SHORT}|[Only your team]|[Skip]|[No, never]|danger|{CALL}|[Do not write to me]"
    "|[d_share.ask_me_first]|[That is all for now]|[I wrote it down]",
    "after-sending": f"{BEGIN}|{SHORT}|[Only your team]|[Skip]|[No, never]|[Send it now]|danger|{CALL}|{END}",
    "as-a-minor": f"{BEGIN}|[Yes]|danger|{CALL}|[In this chat]|[That is all for now]|[I wrote it down]",
    "only-presses": "/start|[I am in danger now]|[Yes, read it and act]|[Taken or held]|[Someone else]|[Skip]"
    "|[In this chat]|[d_share.ask_me_first]|[That is all for now]|[I wrote it down]",
}


@cache
def catalogue() -> tuple[Words, dict[str, Message]]:
    """Every English sentence that a button may bear, by its words and by its place."""
    words = load_words(data_folder("locales"), LANGUAGES)
    every = [s.message for s in sentences(*load_flows(words))]
    return words, {m.text: m for m in every} | {m.context.removeprefix("reprisal."): m for m in every}


def in_language(line: str, language: str) -> str:
    if line.startswith("["):
        words, known = catalogue()
        return f"[{words.of(language).put(known[line[1:-1]])}]"
    return TYPED.get(line, {}).get(language, line)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
async def test_x01_what_is_said_of_people(
    case: str, language: str, open_test_bot: OpenBot, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    inputs = [in_language(line, language) for line in CASES[case].split("|")]
    inputs = [line if line.startswith("~") else f"> {line}" for line in inputs]
    said: list[list[str]] = []
    for heard in (False, True):
        folder = tmp_path / ("alarm" if heard else "none")
        places = {"state": folder / "state", "keys": folder / "keys", "intake": f"folder:{folder / 'inbox'}"}
        async with open_test_bot(languages=(language,), **places) as bot:
            if heard:
                bot.house.facts = lambda: frozenset({"alarm_heard"})
            body = await walk(bot, clock, inputs, folder, "telegram", like_telegram())
        said.append([line for line in body.splitlines() if not line.startswith("= ") or "ring" in line])
    differs = [line for line in difflib.unified_diff(*said, n=2, lineterm="") if line[:2] not in ("--", "++", "@@")]
    written = ["# without an alarm", *said[0], "", "# with one that a person heard, other words come (+)", *differs, ""]
    text, path = "\n".join(written), HERE / f"{case}-{language}.txt"
    if request.config.getoption("--golden"):
        path.write_text(text, encoding="utf-8")
    else:
        assert text == path.read_text(encoding="utf-8")


def test_every_transcript_is_walked() -> None:
    assert {path.stem for path in HERE.iterdir()} == {f"{case}-{code}" for case in CASES for code in LANGUAGES}
