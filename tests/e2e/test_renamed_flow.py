"""Flows are data: ours under another name, every id in it renamed, runs from the first word to an opened report."""

from pathlib import Path
from typing import Any

import pytest

from bot.report.opened import Opened
from tests.conftest import OpenBot
from tests.e2e.test_cases import listening, reports
from tests.e2e.test_danger import DANGER, MORE
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME
from tests.flows.renaming import NAME, Names, renamed
from tests.flows.test_renamed import back

TALKS = {
    "whole": [*UP_TO_NAME, *TO_THE_END],
    "danger": DANGER,
    "danger, then the whole": [*DANGER, *MORE, *TO_THE_END],
}
ITS_OWN = ("flow", "report", "receipt", "sha256")


class Handed:
    """What an organisation holds in the end, but for what is random."""

    def __init__(self, report: Opened, names: Names | None = None) -> None:
        put = (lambda value: back(value, names)) if names else (lambda value: value)
        assert report.contact is not None
        manifest = report.manifest
        self.manifest = manifest.state, manifest.version, manifest.ring, manifest.delete_after
        self.contact = put(report.contact.how), report.contact.address, put(report.contact.when)
        self.words = sorted(report.texts.values())
        self.document = without(put(report.document))
        self.document["flags"].sort()


def without(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without(value) for key, value in node.items() if key not in ITS_OWN}
    return [without(value) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize("talk", TALKS)
async def test_a_renamed_flow_runs_from_the_first_word_to_an_opened_report(
    open_test_bot: OpenBot, tmp_path: Path, talk: str
) -> None:
    elsewhere, names = renamed(tmp_path / "elsewhere")
    found = []
    for folder, flows in ((tmp_path / "ours", None), (tmp_path / "theirs", elsewhere)):
        where = {"state": folder / "state", "keys": folder / "keys", "intake": f"folder:{folder / 'inbox'}"}
        async with open_test_bot(flows=flows, **where) as bot:
            await listening(bot, TALKS[talk])
            assert (bot.house.flow.id == NAME) == (flows is not None)
            await bot.handoff.round()
        (report,) = reports(folder)
        found.append(Handed(report, names if flows else None))
    ours, theirs = found
    assert vars(theirs) == vars(ours)
