"""Every golden transcript is what the bot says today. `pytest tests/flows --golden` writes them anew."""

import re
from pathlib import Path

import pytest

from tests.conftest import Clock, OpenBot
from tests.flows.walking import Chat, like_telegram, walk

HERE = Path(__file__).parent
FILES = sorted((HERE / "golden").glob("*.txt"))
# domain page 3l: replies of the reporter, messages of the bot
LIMITS = {"danger": (7, 9), "short": (15, 18), "full": (30, 38), "back": (3, 4)}


def header(text: str, key: str, default: str) -> str:
    found = re.search(rf"^# {key}: (.*)$", text, re.MULTILINE)
    return found.group(1) if found else default


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
async def test_transcript(
    path: Path, open_test_bot: OpenBot, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = path.read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    inputs = [line for line in text.splitlines() if line.startswith(("> ", "~ "))]
    channel = header(text, "channel", "terminal")
    abilities = like_telegram() if channel == "telegram" else Chat.abilities
    languages = tuple(header(text, "languages", "en").split())
    async with open_test_bot(languages=languages) as bot:
        body = await walk(bot, clock, inputs, tmp_path, channel, abilities)
    written = "\n".join([*head, body, ""])
    if request.config.getoption("--golden"):
        path.write_text(written, encoding="utf-8")
    else:
        assert written == text
    if limit := header(text, "length", ""):
        replies, messages = LIMITS[limit]
        counted = re.search(r"= (\d+) replies, (\d+) messages", body)
        assert counted
        assert int(counted[1]) <= replies
        assert int(counted[2]) <= messages


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 20


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_first_line_alarms_whoever_sees_a_locked_phone(path: Path) -> None:
    before = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("< ") and not before.startswith("<"):
            assert not re.search(r"\b(police|UN|report|arrest|reprisal|torture|sexual|Kenya|danger)", line), line
        before = line
