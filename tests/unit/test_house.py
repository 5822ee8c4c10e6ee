"""docs/house.md names what is there: a name that moved away is one that a newcomer looks for in vain."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/house.md").read_text()
SOURCE = {path: path.read_text() for path in (ROOT / "bot").rglob("*.py")}
NAMED = sorted(set(re.findall(r"`([^`\n]+)`", TEXT)))


@pytest.mark.parametrize("name", [n for n in NAMED if re.fullmatch(r"[a-z_/]+\.(py|yaml)|[a-z]+/", n)])
def test_files_and_rooms_that_it_names_are_there(name: str) -> None:
    places = [ROOT, ROOT / "bot", *(path for path in (ROOT / "bot").iterdir() if path.is_dir())]
    assert any((place / name).exists() for place in places), name


@pytest.mark.parametrize("name", [n for n in NAMED if re.fullmatch(r"[A-Za-z_]+\.[A-Za-z_]+", n) and ".py" not in n])
def test_functions_and_methods_that_it_names_are_there(name: str) -> None:
    """`room.module`, `module.function` or `Class.method`."""
    where, what = name.split(".")
    if what in ("yaml", "toml", "md"):
        return
    if (ROOT / "bot" / where / f"{what}.py").exists():
        return
    sources = [
        text for path, text in SOURCE.items() if path.stem == where or re.search(rf"^class {where}\b", text, re.M)
    ]
    defined = rf"^\s*(async )?def {what}\b|^\s*{what}\b\s*[:=]"
    assert any(re.search(defined, text, re.M) for text in sources), name
