"""The golden transcripts walked with the flow alone: the same words, without a bot around it."""

import re
from pathlib import Path

import pytest

from tests.flows.pure import TELEGRAM, TERMINAL, Talk, world

HERE = Path(__file__).parent
FILES = sorted((HERE / "golden").glob("*.txt"))


def header(text: str, key: str, default: str) -> str:
    found = re.search(rf"^# {key}: (.*)$", text, re.MULTILINE)
    return found.group(1) if found else default


def plain(line: str) -> str:
    """A return number has four digits more today than when these were written down first."""
    return re.sub(r"\d{4}( \d{4}){4,5}", "NUMBER", line)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_flow_alone_says_what_the_transcript_has(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("#", "="))]
    channel = header(text, "channel", "terminal")
    flow, words = world(*header(text, "languages", "en").split())
    talk = Talk(flow, words, TELEGRAM if channel == "telegram" else TERMINAL, channel)
    for line in lines:
        if line.startswith(("> ", "~ ")):
            talk.do(line)
    assert [plain(line) for line in talk.lines] == [plain(line) for line in lines]
