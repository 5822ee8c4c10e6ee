"""P13 with the whole bot: a week without updates, after which the platform's numbers begin anew, lower."""

from pathlib import Path

from bot.channels.telegram.channel import Telegram
from bot.report.opened import open_report
from tests.channels.alone import until
from tests.channels.conftest import STORY_TO_END, RunBot, to_story
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.conftest import IDENTITY, Clock, lying_in


def polls(telegram: FakeTelegram) -> int:
    return sum(method == "getupdates" for method, _ in telegram.calls)


def come(folder: Path) -> list[Path]:
    """Reports that lie there whole."""
    return [path for path in lying_in(folder / "inbox") if not path.name.startswith(".")]


async def test_P13_a_week_of_silence_and_new_ids(
    running: RunBot, telegram: FakeTelegram, clock: Clock, tmp_path: Path
) -> None:
    """Who told before, who comes back after, and who is new; numbers go on lower, and are those of before."""
    ana, ben, eve = (Person(telegram, 900_100_200 + n) for n in range(3))
    telegram.next_update = 900_000
    async with running() as bot:
        await to_story(ana)
        await ana.says("Before the silence.")
        await ana.reads("Saved.")
        await ben.says("/start")
        await ben.reads("safe to write")
        for _ in range(150):
            last = await telegram.push({"x_unknown": {}}, check=False)
        await telegram.wait_confirmed(last)
        for _ in range(7 * 4):
            clock.pass_(hours=6)
            await bot.conversations.look()
            await bot.settled()
        asked = polls(telegram)
        await until(lambda: polls(telegram) > asked + 1)
        telegram.starts_anew(899_998, hides=False)  # the next ones have numbers that were taken a week ago
        asked = polls(telegram)
        await ana.says("/start")
        await ana.reads("safe to write")
        await to_story(eve)
        for number in range(20):
            last = await eve.says(f"After the silence, {number}.")
        await eve.reads("Saved.")
        await telegram.wait_confirmed(last)
        for says, then in STORY_TO_END:
            await (eve.presses(says[1:-1]) if says.startswith("[") else eve.says(says))
            await eve.reads(then)
        await bot.settled()
        channel = bot.house.channels["telegram"]
        assert isinstance(channel, Telegram)
        assert channel.trouble == ""
        assert polls(telegram) - asked < 120, "no poll without gain"
        await until(lambda: bool(come(tmp_path)))
    (report,) = come(tmp_path)
    words = open_report(report, [IDENTITY]).texts.values()
    assert [w for w in words if "silence" in w] == [f"After the silence, {n}." for n in range(20)]
