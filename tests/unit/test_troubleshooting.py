"""N20: every line that docs/troubleshooting.md quotes is one that the code can say, and each has its command."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (?!you read|---)", line)]
# A string that goes over two lines of the source is one.
SOURCE = re.sub(r"\"\s*\n?\s*f?\"", "", "".join(p.read_text() for p in sorted((ROOT / "bot").rglob("*.py"))))
THEIRS = ("unknown identity type", "stonechat_outbox_oldest_seconds")  # age's own; test_metrics.py holds the other


@pytest.mark.parametrize("row", ROWS)
def test_n20_what_is_quoted_is_what_is_said(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 3
    assert all(cells)
    quoted = re.match(r"`([^`]+)`", cells[0])
    if quoted is None:
        assert cells[0] == "nothing, for half an hour"
        return
    if quoted[1] in THEIRS:
        return
    said = quoted[1].removeprefix("alarm: ")
    for piece in filter(None, (p.strip(" '") for p in said.split("…"))):
        assert piece in SOURCE, piece


def test_n20_it_is_linked_and_long_enough() -> None:
    assert len(ROWS) > 35
    for name in ("README.md", "docs/operating.md"):
        assert "troubleshooting.md" in (ROOT / name).read_text()


def test_n20_its_commands_are_commands() -> None:
    from typer.main import get_command

    from bot.cli import app

    top = get_command(app)
    for words in re.findall(r"`stonechat ([a-z]+)(?: ([a-z]+))?", PAGE):
        known = getattr(top, "commands", {})
        assert words[0] in known, words
        below = getattr(known[words[0]], "commands", {})
        assert not below or not words[1] or words[1] in below, words
