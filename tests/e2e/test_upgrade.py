"""O06: a store that an older Stonechat left in the middle of its conversations goes on.

tests/fixtures/schema-1.zip was written by the first version with schema 1: ten open conversations at six questions, two
reports in the outbox whose numbers nobody has written down. Its keys were made for this and open nothing else.
"""

import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bot.errors import SettingsError
from bot.report.opened import open_report
from bot.talk.events import Arrival, Event, MessageRef
from bot.talk.outgoing import Outgoing
from tests.conftest import IDENTITY, OpenBot
from tests.e2e.test_promises import NAME, STORY, TO_THE_END, UP_TO_NAME, Account

FIXTURE = Path(__file__).parents[1] / "fixtures" / "schema-1.zip"


class Someone(Account):
    """One of the fixture's people: its account and update ids are the ones of then."""

    who = ""

    def arrival(self, event: Event, message: MessageRef | None = None) -> Arrival:
        arrival = super().arrival(event, message)
        update = f"{self.who}:now:{self._update}"
        envelope = structs.replace(arrival.envelope, account=self.who, address=self.who, update=update)
        return structs.replace(arrival, envelope=envelope)


def unpack(folder: Path) -> None:
    with zipfile.ZipFile(FIXTURE) as packed:
        packed.extractall(folder)
    for path in (folder / "state", folder / "keys", *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


async def someone(bot: Any, number: int, heard: list[Outgoing]) -> Someone:
    chat = Someone(heard.append)
    chat.who, chat._count = f"person-{number}", 1_000
    bot.house.channels["terminal"] = chat
    return chat


@pytest.mark.case("O06")
async def test_O06_open_conversations_go_on_after_an_upgrade(open_test_bot: OpenBot, tmp_path: Path) -> None:
    unpack(tmp_path)
    with sqlite3.connect(tmp_path / "state" / "stonechat.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    async with open_test_bot() as bot:
        assert (await bot.store._all("PRAGMA user_version"))[0][0] > 1
        assert len(await bot.store.conversations()) == 12
        for number in range(10):
            heard: list[Outgoing] = []
            chat = await someone(bot, number, heard)
            await bot.deliver(chat.came_back())
            await bot.settled()
            assert heard[-1].text == "Hello. Start, or go on?"
            for line in ["[Go on]", *UP_TO_NAME[6 + number % 6 :], *TO_THE_END]:
                await bot.deliver(chat.pressed(line[1:-1]) if line.startswith("[") else chat.said(line))
                await bot.settled()
            assert "Your return number is" in heard[-1].text
        for number in (10, 11):
            heard = []
            chat = await someone(bot, number, heard)
            for event in (
                chat.came_back,
                lambda c=chat: c.pressed("Go on"),
                lambda c=chat: c.pressed("I wrote it down"),
            ):
                await bot.deliver(event())
                await bot.settled()
            assert any("Your return number is" in o.text for o in heard)
        await bot.handoff.round()
        assert await bot.store.waiting() == 0
    reports = [open_report(path, [IDENTITY]) for path in (tmp_path / "inbox").iterdir()]
    assert len(reports) == 12
    for report in reports:
        assert {STORY, NAME} <= set(report.texts.values())


@pytest.mark.case("O06")
async def test_O06_going_back_is_refused_once_the_schema_moved(open_test_bot: OpenBot, tmp_path: Path) -> None:
    unpack(tmp_path)
    async with open_test_bot():
        pass
    with sqlite3.connect(tmp_path / "state" / "stonechat.db") as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(SettingsError, match="run the newer Stonechat again"):
        async with open_test_bot():
            pass
