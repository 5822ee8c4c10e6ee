"""What people hear, and when: an alarm over time that only the test moves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence

import pytest

from bot.alarm import AlarmError, MemoryStore, OpenAlarm
from bot.alarm.rehearsing import read_code
from tests.alarm.time_ import DAY, HOUR, MINUTE, House, code_of


@pytest.fixture
async def house() -> AsyncIterator[House]:
    found = House()
    yield found
    await found.stop()


async def test_x01_the_first_is_rung_at_once(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    assert house.minutes == [[0], [], []]


async def test_x01_nobody_takes_it_so_it_goes_round_the_rota(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(5 * HOUR)
    assert house.minutes == [[0, 5, 60, 240], [15, 120, 300], [30, 180]]


async def test_one_alone_on_the_rota_is_rung_each_time() -> None:
    house = House(1)
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(2 * HOUR)
    assert house.minutes == [[0, 5, 15, 30, 60, 120]]
    await house.stop()


async def test_taken_is_silent(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(6 * MINUTE)
    assert await alarm.taken() == 1
    await house.time.pass_(2 * DAY)
    assert house.minutes == [[0, 5], [], []]
    assert await house.store.open_alarms() == ()


async def test_taken_by_a_command_beside_the_bot_is_silent_too(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(6 * MINUTE)
    assert await house.new().taken() == 1
    await house.time.pass_(2 * DAY)
    assert house.minutes == [[0, 5], [], []]


async def test_what_a_command_rings_is_rung_by_the_bot(house: House) -> None:
    await house.start()
    await house.new().ring("ana")
    await house.time.pass_(31)
    assert house.rung == 1


async def test_taken_spares_what_never_rang(house: House) -> None:
    for target in house.targets:
        target.state = "fails"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(MINUTE)
    assert await alarm.taken() == 0
    house.targets[0].state = "works"
    await house.time.pass_(6 * MINUTE)
    assert house.targets[0].minutes


async def test_one_that_is_named_is_taken_though_it_never_rang(house: House) -> None:
    for target in house.targets:
        target.state = "fails"
    alarm = await house.start()
    named, other = await alarm.ring("ana"), await alarm.ring("ben")
    await house.time.pass_(MINUTE)
    assert await alarm.taken([named, b"x" * 16]) == 1
    assert [a.id for a in await house.store.open_alarms()] == [other]


async def test_two_who_call_at_once_share_a_message_and_each_is_open(house: House) -> None:
    alarm = await house.start()
    first = await alarm.ring("ana")
    await house.time.pass_(1)
    second, third = await alarm.ring("ben"), await alarm.ring("cleo")
    await house.time.pass_(MINUTE)
    assert [at for at, _ in house.targets[0].taken] == [0, 5]
    assert {a.id for a in await house.store.open_alarms()} == {first, second, third}
    assert all(a.rang for a in await house.store.open_alarms())


@pytest.mark.parametrize("state", ["fails", "breaks"])
async def test_where_the_first_fails_the_next_is_rung_at_once(house: House, state: str) -> None:
    house.targets[0].state = house.targets[1].state = state
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    assert house.minutes == [[], [], [0]]


async def test_where_the_first_hangs_the_next_is_rung_after_ten_seconds(house: House) -> None:
    house.targets[0].state = "hangs"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(9.9)
    assert house.rung == 0
    await house.time.pass_(0.2)
    assert house.minutes == [[], [0.17], []]


async def test_a_hanging_target_keeps_no_other_alarm_waiting(house: House) -> None:
    house.targets[0].state = "hangs"
    alarm = await house.start()
    for n in range(20):
        await alarm.ring(n)
        await house.time.pass_(10)
        assert len(house.targets[1].taken) + len(house.targets[2].taken) >= n
    assert all(a.rang for a in (await house.store.open_alarms())[:-2])


async def test_one_that_failed_is_tried_again_with_longer_and_longer_pauses(house: House) -> None:
    house.targets[0].state = "fails"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    assert house.targets[0].tries == 1
    await house.time.pass_(31)
    assert house.targets[0].tries == 2
    await house.time.pass_(61)
    assert house.targets[0].tries == 3
    await house.time.pass_(HOUR)
    assert 12 <= house.targets[0].tries <= 20
    house.targets[0].state = "works"
    await house.time.pass_(6 * MINUTE)
    assert len(house.targets[0].minutes) == 1


async def test_all_fail_for_a_day_then_one_works(house: House) -> None:
    for target in house.targets:
        target.state = "fails"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(DAY)
    assert not any(a.rang for a in await house.store.open_alarms())
    house.targets[2].state = "works"
    await house.time.pass_(301)
    assert house.targets[2].minutes


async def test_a_new_call_does_not_wait_for_an_old_failure_to_be_forgiven(house: House) -> None:
    for target in house.targets:
        target.state = "fails"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(HOUR)
    house.targets[0].state = "works"
    await alarm.ring("ben")
    await house.time.pass_(6)
    assert len(house.targets[0].minutes) == 1


async def test_s07_an_accounts_first_five_a_day_ring_and_later_ones_join(house: House) -> None:
    alarm = await house.start()
    ids = []
    for _ in range(45):
        ids.append(await alarm.ring("ana"))
        await house.time.pass_(0.45)
    assert len(set(ids)) == 5
    assert set(ids[5:]) == {ids[4]}
    assert len(await house.store.open_alarms()) == 5
    other = await alarm.ring("ben")
    assert other not in ids
    await house.time.pass_(6)
    assert {a.id: a.rang for a in await house.store.open_alarms()} == dict.fromkeys([*ids, other], True)


async def test_s07_forty_five_at_the_very_same_time_are_five(house: House) -> None:
    alarm = await house.start()
    ids = await asyncio.gather(*(alarm.ring("ana") for _ in range(45)))
    assert len(set(ids)) == 5
    await house.time.pass_(MINUTE)
    assert house.rung <= 2
    await alarm.taken()
    assert len(set(await asyncio.gather(*(alarm.ring("ana") for _ in range(45))))) == 1


async def test_s07_who_has_nothing_left_to_join_is_not_lost(house: House) -> None:
    alarm = await house.start()
    for _ in range(5):
        await alarm.ring("ana")
    await house.time.pass_(10)
    assert await alarm.taken() == 5
    heard = house.rung
    sixth = await alarm.ring("ana")
    assert await alarm.ring("ana") == sixth
    await house.time.pass_(61)
    assert house.rung == heard + 1
    assert [a.id for a in await house.store.open_alarms()] == [sixth]


async def test_s07_taken_by_a_command_there_is_nothing_to_join_at_that_moment(house: House) -> None:
    alarm = await house.start()
    for _ in range(5):
        await alarm.ring("ana")
    await house.time.pass_(10)
    assert await house.new().taken() == 5
    sixth = await alarm.ring("ana")
    assert [a.id for a in await house.store.open_alarms()] == [sixth]


async def test_s07_tomorrow_it_counts_anew(house: House) -> None:
    alarm = await house.start()
    today = {await alarm.ring("ana") for _ in range(9)}
    await house.time.pass_(DAY)
    assert len({await alarm.ring("ana") for _ in range(9)} - today) == 5


async def test_a_caller_that_asks_again_after_a_crash_begins_nothing_twice(house: House) -> None:
    alarm = await house.start()
    made = b"m" * 16
    assert await alarm.ring("ana", made) == made
    await house.time.pass_()
    alarm = await house.start()
    assert await alarm.ring("ana", made) == made
    await house.time.pass_(MINUTE)
    assert house.rung == 1
    assert len(await house.store.open_alarms()) == 1


async def test_what_never_rang_rings_at_once_after_a_restart(house: House) -> None:
    await house.alarm.ring("ana")  # it was written, and then all ended
    await house.start()
    assert house.minutes == [[0], [], []]


async def test_what_rang_before_a_restart_rings_again_at_the_next_place(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(2 * MINUTE)
    await house.start()
    await house.time.pass_(10 * MINUTE)
    assert house.targets[0].minutes == [0]
    assert len(house.targets[1].minutes) == 1


async def test_a_bot_that_starts_over_and_over_neither_rings_each_time_nor_falls_silent(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    for _ in range(360):
        await house.time.pass_(10)
        await house.start()
    assert 6 <= house.rung <= 13


async def test_a_machine_that_slept_rings_once_and_not_for_each_step_that_it_missed(house: House) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    house.time.now += 6 * HOUR
    await house.time.pass_(MINUTE)
    assert house.rung == 2


@pytest.mark.parametrize("jump", [-50 * 365 * DAY, -9 * DAY, 9 * DAY, 20_000 * DAY])
async def test_a_clock_that_jumps_silences_nobody(house: House, jump: float) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    house.time.wall += jump
    await house.time.pass_(HOUR)
    assert house.minutes == [[0, 5, 60], [15], [30]]
    await house.start()
    await house.time.pass_(11 * MINUTE)
    assert house.rung >= 5 or jump > 0  # a start that finds it weeks old can't know better


async def test_a_library_that_loses_a_cancellation_does_not_keep_it_from_ending(house: House) -> None:
    house.targets[0].state = "stubborn"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_()
    await asyncio.wait_for(house.stop(), 10)


async def test_old_ones_that_never_rang_are_tried_once_before_they_go(house: House) -> None:
    await house.store.add(b"a" * 16, int(house.time.clock() // DAY) - 8)
    await house.start()
    assert house.rung == 1
    await house.time.pass_(MINUTE)
    assert await house.store.open_alarms() == ()


async def test_after_seven_days_nothing_of_it_stays(house: House, caplog: pytest.LogCaptureFixture) -> None:
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(6.4 * DAY)
    assert len(await house.store.open_alarms()) == 1
    await house.time.pass_(0.7 * DAY)
    assert await house.store.open_alarms() == ()
    assert await house.store.last_rung() is None
    assert "nobody took an alarm for 7 days: it is dropped" in caplog.text
    heard = house.rung
    await house.time.pass_(DAY)
    assert house.rung == heard


async def test_after_seven_days_what_failed_all_the_time_goes_too_and_is_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for target in house.targets:
        target.state = "fails"
    alarm = await house.start()
    await alarm.ring("ana")
    await house.time.pass_(7.1 * DAY)
    assert await house.store.open_alarms() == ()
    assert "never rang" in caplog.text


async def test_without_targets_nothing_is_written_and_nothing_is_backed() -> None:
    house = House(0)
    await house.store.add(b"a" * 16, int(house.time.clock() // DAY))  # of a rota that was taken away
    alarm = await house.start()
    assert len(await alarm.ring("ana")) == 16
    assert len(await house.store.open_alarms()) == 1
    await house.time.pass_(8 * DAY)
    assert await house.store.open_alarms() == ()
    assert not alarm.backed(house.time.clock())
    await house.stop()


class Breaking(MemoryStore):
    """Its disk is full while `broken`."""

    broken = False

    async def add(self, alarm: bytes, day: int) -> None:
        self._check()
        await super().add(alarm, day)

    async def open_alarms(self) -> Sequence[OpenAlarm]:
        self._check()
        return await super().open_alarms()

    async def note_rung(self, alarms: Collection[bytes], minute: int, place: int) -> None:
        self._check()
        await super().note_rung(alarms, minute, place)

    def _check(self) -> None:
        if self.broken:
            raise AlarmError("the disk is full")


async def test_a_full_disk_silences_nobody_and_what_rang_meanwhile_can_be_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Breaking()
    house = House(store=store)
    alarm = await house.start()
    store.broken = True
    made = b"m" * 16
    for _ in range(3):
        with pytest.raises(AlarmError):
            await alarm.ring("ana", made)
    await house.time.pass_(16 * MINUTE)
    assert house.minutes == [[0, 5], [15], []]
    assert not alarm.backed(house.time.clock())
    assert any("database" in line for line in alarm.troubles())
    store.broken = False
    await house.time.pass_(MINUTE)
    assert [a.id for a in await store.open_alarms()] == [made]
    await house.time.pass_(15 * MINUTE)
    assert await alarm.taken() == 1
    heard = house.rung
    await house.time.pass_(DAY)
    assert house.rung == heard
    assert alarm.troubles() == ()
    await house.stop()


async def heard_first(house: House) -> None:
    await house.alarm.rehearse()
    await house.alarm.heard(code_of(house.targets[0]))
    await house.time.pass_(31)


async def test_x01_only_a_person_who_heard_the_first_backs_the_sentence(house: House) -> None:
    alarm = await house.start()
    now = house.time.clock
    assert not alarm.backed(now())
    assert await alarm.rehearse() == [(t.name, None) for t in house.targets]
    await house.time.pass_(31)
    assert not alarm.backed(now())
    assert await alarm.heard(code_of(house.targets[1])) == house.targets[1].name
    await house.time.pass_(31)
    assert not alarm.backed(now())
    assert await alarm.heard(f" {code_of(house.targets[0])[:3]} {code_of(house.targets[0])[3:]} ") == "alarm 1 (test)"
    await house.time.pass_(31)
    assert alarm.backed(now())
    await house.time.pass_(30 * DAY)
    assert alarm.backed(now())
    await house.time.pass_(DAY)
    assert not alarm.backed(now())


async def test_x01_a_rehearsal_that_a_command_sent_and_somebody_heard_backs_the_running_bot(house: House) -> None:
    alarm = await house.start()
    await house.new().rehearse()
    await house.new().heard(code_of(house.targets[0]))
    await house.time.pass_(31)
    assert alarm.backed(house.time.clock())


async def test_x01_a_newer_rehearsal_that_nobody_answers_takes_the_sentence_back(house: House) -> None:
    alarm = await house.start()
    await heard_first(house)
    await house.time.pass_(3 * DAY)
    await alarm.rehearse()
    await house.time.pass_(DAY)
    assert alarm.backed(house.time.clock())
    await house.time.pass_(DAY + MINUTE)
    assert not alarm.backed(house.time.clock())
    with pytest.raises(AlarmError):
        await alarm.heard(code_of(house.targets[0]))


async def test_x01_a_rehearsal_that_failed_takes_the_sentence_back_at_once(house: House) -> None:
    alarm = await house.start()
    await heard_first(house)
    house.targets[0].state = "breaks"
    told = await alarm.rehearse()
    assert [error is None for _, error in told] == [False, True, True]
    assert "900123" not in str(told[0][1])
    await house.time.pass_(31)
    assert not alarm.backed(house.time.clock())


async def test_x01_another_target_in_the_first_place_was_heard_by_nobody(house: House) -> None:
    await house.start()
    await heard_first(house)
    house.targets.reverse()
    alarm = await house.start()
    assert not alarm.backed(house.time.clock())


async def test_x01_while_the_first_fails_the_sentence_is_not_said(house: House) -> None:
    alarm = await house.start()
    await heard_first(house)
    house.targets[0].state = "fails"
    await alarm.ring("ana")
    await house.time.pass_()
    assert not alarm.backed(house.time.clock())
    assert alarm.troubles() == ("alarm 1 (test) fails",)
    house.targets[0].state = "works"
    await house.time.pass_(31)
    assert alarm.backed(house.time.clock())


async def test_x01_a_failure_is_forgiven_once_a_person_heard_it_again(house: House) -> None:
    alarm = await house.start()
    await heard_first(house)
    house.targets[0].state = "fails"
    await alarm.ring("ana")
    await house.time.pass_()
    await alarm.taken()
    house.targets[0].state = "works"
    await house.time.pass_(HOUR)
    assert not alarm.backed(house.time.clock())
    await heard_first(house)
    assert alarm.backed(house.time.clock())


async def test_x01_an_alarm_that_does_not_run_backs_nothing(house: House) -> None:
    alarm = await house.start()
    await heard_first(house)
    await house.stop()
    house.time.now += 121
    assert not alarm.backed(house.time.clock())
    assert not house.new().backed(house.time.clock())


@pytest.mark.parametrize("typed", ["", "000000", "12345", "1234567", "heard", "\x00", "９" * 600])
async def test_a_code_that_was_not_sent_is_not_heard(house: House, typed: str) -> None:
    await house.alarm.rehearse()
    with pytest.raises(AlarmError, match="no rehearsal waits"):
        await house.alarm.heard(typed)


async def test_a_code_is_heard_in_any_scripts_digits_and_once(house: House) -> None:
    await house.alarm.rehearse()
    arabic = code_of(house.targets[2]).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert await house.alarm.heard(arabic) == "alarm 3 (test)"
    with pytest.raises(AlarmError):
        await house.alarm.heard(arabic)


async def test_each_failure_is_one_line_without_what_an_error_quotes(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.targets[0].state, house.targets[1].state = "breaks", "fails"
    alarm = await house.start()
    with caplog.at_level(logging.DEBUG):
        await alarm.ring("+44 7700 900123")
        await house.time.pass_(MINUTE)
    lines = [r.getMessage() for r in caplog.records if r.name == "stonechat.alarm"]
    assert len(lines) == house.targets[0].tries + house.targets[1].tries
    assert "900123" not in caplog.text
    assert not any(a.id.hex() in caplog.text for a in await house.store.open_alarms())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("012345", "012345"),
        (" 012 345\n", "012345"),
        ("code: 0-1-2-3-4-5.", "012345"),
        ("٠١٢٣٤٥", "012345"),
        ("۰۱۲۳۴۵", "012345"),
        ("०१२३४५", "012345"),
        ("12345", None),
        ("1234567", None),
        ("012345 012345", None),
        ("", None),
        ("twelve", None),
    ],
)
def test_a_code_is_six_digits_of_any_script(typed: str, code: str | None) -> None:
    assert read_code(typed) == code
