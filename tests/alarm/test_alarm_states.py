"""Whatever happens, in whatever order: rung at least once, never silent, never after taken, no more than planned."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.alarm.bell import GAP, LONGEST
from bot.alarm.ladder import STEPS, Ladder, begun, noted, taken_up, wait_after
from tests.alarm.time_ import DAY, HOUR, MINUTE, House, Target

# From when one target works: its own longest pause, a try that hangs, the patience with those before it.
SOON = LONGEST + 30 + 3 * 10 + GAP + 30 + 1
EXAMPLES = int(os.environ.get("STONECHAT_KILLS", "25"))  # as many as the kills of a long run
HOURLY = 60 * MINUTE + SOON
STATES = st.sampled_from(["works", "works", "fails", "hangs", "breaks"])


class AlarmMachine(RuleBasedStateMachine):
    """`open`: what nobody took, with the instant since which it waits for its next message."""

    def __init__(self) -> None:
        super().__init__()
        logging.getLogger("stonechat.alarm").setLevel(logging.CRITICAL)
        self.loop = asyncio.new_event_loop()
        self.open: dict[bytes, float] = {}
        self.known: set[bytes] = set()
        self.wrong = ""

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(count=st.integers(1, 4))
    def begin(self, count: int) -> None:
        async def made() -> House:
            house = House(count)
            for target in house.targets:
                target._hears = self.hears
            await house.start()
            return house

        self.house = self.do(made())
        self.works_since = dict.fromkeys(range(count), 0.0)
        self.runs_since, self.starts, self.seen = 0.0, 0, 0
        self.last_at: dict[str, float] = {}

    def hears(self, target: Target) -> None:
        if not self.open:
            self.wrong = "rung though nobody waits"
        if self.house.time.now - self.last_at.get(target.name, -GAP) < GAP:
            self.wrong = "rung twice within five seconds"
        self.last_at[target.name] = self.house.time.now

    def notice(self) -> None:
        """Each message that was taken is for every alarm that was open and waited for one."""
        times = sorted(at for t in self.house.targets for at, _ in t.taken)
        for at in times[self.seen :]:
            for alarm, since in self.open.items():
                if at >= since:
                    self.open[alarm] = at
        self.seen = len(times)

    @rule(key=st.sampled_from("ab"))
    def ring(self, key: str) -> None:
        alarm = self.do(self.house.alarm.ring(key))
        self.open.setdefault(alarm, self.house.time.now)
        self.known.add(alarm)

    @rule(key=st.sampled_from("ab"))
    def ring_and_be_killed(self, key: str) -> None:
        async def killed() -> bytes:
            await self.house.stop()
            alarm: bytes = await self.house.alarm.ring(key)
            return alarm

        alarm = self.do(killed())
        self.open.setdefault(alarm, self.house.time.now)
        self.known.add(alarm)
        self.restart()

    @rule(seconds=st.sampled_from([0, 1, 6, 11, 35, 300, 600, 3700, 7_500]))
    def pass_(self, seconds: float) -> None:
        self.do(self.house.time.pass_(seconds))

    @rule(which=st.integers(0, 3), state=STATES)
    def change(self, which: int, state: str) -> None:
        self.notice()
        number = which % len(self.house.targets)
        target = self.house.targets[number]
        if state != "works":
            self.works_since.pop(number, None)
        elif target.state != "works":
            self.works_since[number] = self.house.time.now
        target.state = state

    @rule(beside=st.booleans())
    def taken(self, beside: bool) -> None:
        self.do(self.house.time.pass_())
        self.notice()
        rang = {a.id for a in self.do(self.house.store.open_alarms()) if a.rang}
        alarm = self.house.new() if beside else self.house.alarm
        assert self.do(alarm.taken()) == len(rang)
        for each in rang:
            del self.open[each]

    @rule()
    def restart(self) -> None:
        self.do(self.house.stop())  # what was under way goes as far as it gets
        self.last_at.clear()
        self.runs_since = self.house.time.now
        self.starts += 1
        self.do(self.house.start())

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        if not hasattr(self, "house"):
            return
        self.notice()
        assert not self.wrong
        there = {a.id: a.rang for a in self.do(self.house.store.open_alarms())}
        assert there.keys() == self.open.keys()
        now = self.house.time.now
        can_be_heard = min(self.works_since.values(), default=now)
        for alarm, since in self.open.items():
            waits = now - max(since, can_be_heard, self.runs_since)
            assert waits <= (HOURLY if there[alarm] else SOON), f"silent for {waits} s"
        bound = len(self.known) * (len(STEPS) + int(now // HOUR) + 1)
        taken = sum(len(t.taken) for t in self.house.targets)
        assert taken <= (bound + self.starts * (len(self.known) + 1)) * len(self.house.targets)

    def teardown(self) -> None:
        logging.getLogger("stonechat.alarm").setLevel(logging.NOTSET)  # the next test reads its lines
        if hasattr(self, "house"):
            self.do(self.house.stop())
        self.loop.close()


TestAlarmMachine = AlarmMachine.TestCase
TestAlarmMachine.settings = settings(
    max_examples=4 * EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def planned(calls: list[float], until: float, size: int) -> list[list[float]]:
    """When each of `size` targets is rung where none fails, from the words of `ladder`: written a second time here."""
    due: list[list[float]] = [[] for _ in range(size)]
    for at in calls:
        place, minute, step = 0, 0, 0
        while at + minute * 60 <= until:
            due[place % size].append(at + minute * 60)
            place += step > 0
            step += 1
            minute = (0, 5, 15, 30, 60)[step] if step < 5 else minute + 60
    rung: list[list[float]] = []
    for times in due:
        mine: list[float] = []
        for at in sorted(times):
            if not mine or at > mine[-1]:
                mine.append(at if not mine else max(at, mine[-1] + 5))
        rung.append([at for at in mine if at <= until])
    return rung


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    size=st.integers(1, 4),
    waits=st.lists(st.integers(1, 4000), min_size=1, max_size=8),
    then=st.integers(0, 8_000),
    rest=st.integers(1, 4_000),
)
def test_where_nothing_fails_it_is_exactly_the_plan(size: int, waits: list[int], then: int, rest: int) -> None:
    async def walk() -> None:
        house, calls = House(size), list[float]()
        alarm = await house.start()
        for n, wait in enumerate(waits):
            await house.time.pass_(wait + 0.3)  # no two steps at the very same instant
            calls.append(house.time.now)
            await alarm.ring(n)
            await house.time.pass_()
        await house.time.pass_(then + 6)
        until = house.time.now
        assert await alarm.taken() == len(waits)
        await house.time.pass_(rest)
        await house.stop()
        # What falls on the last instant itself may come or not.
        rung = [[round(at, 1) for at, _ in t.taken if at < until - 0.1] for t in house.targets]
        assert rung == [[round(at, 1) for at in times if at < until - 0.1] for times in planned(calls, until, size)]

    asyncio.run(walk())


@given(
    now=st.floats(0, 1e9),
    wall=st.floats(-1e9, 4e9),
    last=st.none() | st.tuples(st.integers(0, 2**31), st.integers(0, 9)),
)
def test_after_a_start_nothing_waits_longer_than_ten_minutes(
    now: float, wall: float, last: tuple[int, int] | None
) -> None:
    ladder = taken_up(now, wall, last)
    assert now <= ladder.due <= now + 600.001


@given(wall=st.floats(0, 4e9), gone=st.floats(0, 1e6))
def test_after_a_start_five_minutes_lie_between_two_messages(wall: float, gone: float) -> None:
    ladder = taken_up(0, wall + gone, (noted(wall), 0))
    assert gone + ladder.due >= 300 - 0.001
    assert noted(wall) % 5 == 0


def test_the_steps_of_a_ladder() -> None:
    ladder, times, places = begun(0), list[float](), list[int]()
    for _ in range(9):
        times.append(ladder.due / 60)
        places.append(ladder.place(3))
        ladder = ladder.climbed(ladder.due)
    assert times == [0, 5, 15, 30, 60, 120, 180, 240, 300]
    assert places == [0, 0, 1, 2, 0, 1, 2, 0, 1]
    assert [wait_after(n) for n in range(6)] == [5, 10, 15, 30, 60, 60]
    assert taken_up(0, 0, (0, 2)) == Ladder(600.0, 1, 3)
    assert taken_up(0, DAY, None).due == 0
