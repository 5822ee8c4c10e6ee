"""K08: what an intake reads without a key, of real conversations."""

import json
from pathlib import Path

import pytest

from bot.report import contact
from bot.report.contact import Contact
from bot.seal.age import seal
from tests.conftest import IDENTITY, RECOVERY, OpenBot
from tests.e2e.test_cases import listening, reports
from tests.e2e.test_newest_answer import CALM, IN_DANGER, TO_SHARE, URGENT

OF_ANYBODY = len(
    bytes(
        seal(
            contact.encode(Contact(how="never", check_word="a b", language="en")),
            [IDENTITY.recipient, RECOVERY.recipient],
        )
    )
)
CALMLY = [[*TO_SHARE, "[Only your team]", "skip", line, "danger", "[Yes, read it and act]"] for line in CALM.values()]
URGENTLY = [[*IN_DANGER, line] for line in URGENT.values()]


@pytest.mark.parametrize(
    "lines", [*CALMLY, *URGENTLY], ids=lambda lines: lines[-1] if lines[0] == "danger" else lines[-3]
)
async def test_k08_the_clear_manifest_tells_nobodys_contact(
    open_test_bot: OpenBot, tmp_path: Path, lines: list[str]
) -> None:
    async with open_test_bot() as bot:
        await listening(bot, lines)
        await bot.handoff.round()
    (opened,) = reports(tmp_path)
    assert opened.contact is not None
    assert (opened.contact.address is not None) == (opened.contact.how == "this_chat")
    assert len(opened.contact.check_word.split()) == 2
    (folder,) = (tmp_path / "inbox").iterdir()
    clear = (folder / "manifest.json").read_text()
    raw = json.loads(clear)
    assert [p["name"] for p in raw["parts"]][:2] == ["report.age", "contact.age"]
    assert raw["parts"][1]["size"] == (folder / "contact.age").stat().st_size == OF_ANYBODY
    assert all(set(p) == {"name", "size", "sha256"} for p in raw["parts"])
    for word in ("class", "identity", "sensitive", "case", "never", "this_chat"):
        assert f'"{word}"' not in clear
