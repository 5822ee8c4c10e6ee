"""V: when a report leaves, whether it rings, and what of it does not leave at all."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Clock, OpenBot, lying_in, make_settings
from tests.e2e.test_cases import listening, reports
from tests.e2e.test_danger import DANGER, inbox
from tests.e2e.test_promises import TO_THE_END, UP_TO_NAME, walk
from tests.flows.walking import Chat, like_telegram

SPREAD = 30  # minutes
HELD = "[Not yet: lock it, erase it after 30 days]"
TO_STATUS = UP_TO_NAME[:9]


async def test_v_a_calm_report_leaves_at_a_random_minute(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    people = 6
    async with open_test_bot(handoff_spread=SPREAD) as bot:
        for person in range(people):
            await listening(bot, [*UP_TO_NAME, *TO_THE_END, "[I wrote it down]"], person * 1000)
        gone = []
        for _ in range(SPREAD + 1):
            await bot.handoff.round()
            gone.append(len(inbox(tmp_path)))
            clock.pass_(minutes=1)
        assert gone[-1] == people, "none later than the spread"
        # All six in one and the same minute of thirty: once in 24 million runs.
        assert max(later - earlier for earlier, later in zip([0, *gone], gone, strict=False)) < people


@pytest.mark.parametrize("intake", ["https://intake.example.org", "embedded", "folder:inbox"])
def test_k07_reports_are_spread_wherever_they_go_unless_told_otherwise(tmp_path: Path, intake: str) -> None:
    assert make_settings(tmp_path, intake=intake, handoff_spread=-1).spread == SPREAD
    assert make_settings(tmp_path, intake=intake, handoff_spread=5).spread == 5


@pytest.mark.parametrize("way", ["danger", "urgent"])
async def test_v_an_urgent_report_leaves_at_once(open_test_bot: OpenBot, tmp_path: Path, way: str) -> None:
    urgent = [*TO_STATUS, "[May be sent back into danger]", "[Yes, to the UN team]", "skip", *TO_THE_END]
    async with open_test_bot(handoff_spread=SPREAD) as bot:
        _, heard = await listening(bot, DANGER if way == "danger" else urgent)
        await bot.handoff.round()
        assert len(inbox(tmp_path)) == 1, heard[-1].text
    assert reports(tmp_path)[0].manifest.ring


@pytest.mark.parametrize("consent", ["[Yes, to the UN team]", HELD])
async def test_v_held_never_rings(open_test_bot: OpenBot, tmp_path: Path, clock: Clock, consent: str) -> None:
    """The same urgent report twice: with a yes it rings; "not yet" keeps it locked and quiet, and dated."""
    async with open_test_bot() as bot:
        lines = [
            *TO_STATUS,
            "[May be sent back into danger]",
            consent,
            *(["skip"] if consent == "[Yes, to the UN team]" else []),
        ]
        await listening(bot, [*lines, *TO_THE_END])
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert (report.document or {})["urgency"] == "P0"
    held = consent == HELD
    assert report.manifest.ring is not held
    last = datetime.fromtimestamp(clock(), UTC) + timedelta(days=30)
    assert report.manifest.delete_after == (f"{last:%Y-%m-%d}" if held else None)


async def test_v_a_held_report_waits_its_random_minute(open_test_bot: OpenBot, tmp_path: Path, clock: Clock) -> None:
    async with open_test_bot(handoff_spread=SPREAD) as bot:
        for person in range(4):
            lines = [*TO_STATUS, "[May be sent back into danger]", HELD, *TO_THE_END, "[I wrote it down]"]
            await listening(bot, lines, person * 1000)
        await bot.handoff.round()
        assert len(lying_in(tmp_path / "inbox")) < 4
        clock.pass_(minutes=SPREAD)
        await bot.handoff.round()
        assert len(lying_in(tmp_path / "inbox")) == 4


EARLY = "My name is Ana Unmistakable-Name and they took my brother."


@pytest.mark.parametrize("when", ["before the consent", "on the neutral screen", "at a question"])
async def test_v_lists_only_keeps_no_typed_word(
    open_test_bot: OpenBot, tmp_path: Path, clock: Clock, when: str
) -> None:
    async with open_test_bot() as bot:
        chat = Chat(lambda out: None, "telegram", like_telegram("refuse"))
        bot.house.channels["telegram"] = chat

        async def says(line: str) -> None:
            await bot.deliver(chat.pressed(line[1:-1]) if line.startswith("[") else chat.said(line))
            await bot.settled()

        await bot.deliver(chat.came_back())
        await bot.settled()
        if when == "before the consent":
            await says(EARLY)
        for line in ("[Yes, go on]", "[Yes, I agree]", "[No, destroy it]", "[Me]", "[No]"):
            await says(line)
        (owner,) = await bot.store.conversations()
        if when == "on the neutral screen":
            clock.pass_(minutes=31)
            await says(EARLY)
            assert await bot.store.parts(owner) == []
            await says("[Go on]")
        if when == "at a question":
            await says(EARLY)
        for line in (
            "Kenya, the house behind the market",
            "2",
            "skip",
            "[Yes, to the UN team]",
            "[I come back with my number]",
        ):
            await says(line)
        assert await bot.store.parts(owner) == []
        await says("[Send it now]")
        await bot.handoff.round()
    (report,) = reports(tmp_path)
    assert report.texts == {}
    assert (report.document or {})["answers"]["act_where"] == ["KE"]


async def test_v_what_was_typed_before_the_consent_is_kept_elsewhere(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """So that the test above does not hold because nobody's early words are ever kept."""
    async with open_test_bot() as bot:
        chat, _ = await listening(bot, [EARLY, "[Yes, go on]", "[Yes, I agree]", "[Keep it]", *UP_TO_NAME[2:5]])
        await walk(bot, ["done", *UP_TO_NAME[7:], *TO_THE_END], chat)
        await bot.handoff.round()
    assert EARLY in reports(tmp_path)[0].texts.values()
