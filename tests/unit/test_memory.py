"""What stays in memory is bounded, and the newest is always there."""

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.limits import DAY, ReportsToday
from bot.conversation.memory import Recent, Resting
from bot.conversation.record import decode, encode
from bot.conversation.standing import Standing, Thread
from bot.flow.session import MOST_ROUNDS, Session
from tests.conftest import Clock


@given(st.lists(st.binary(min_size=1, max_size=2), max_size=80), st.integers(1, 9))
def test_the_newest_are_remembered_and_not_many_more(things: list[bytes], most: int) -> None:
    recent = Recent(most)
    for thing in things:
        recent.add(thing)
    assert all(thing in recent for thing in things[-most:])
    assert sum(thing in recent for thing in set(things)) <= 2 * most


def test_what_was_taken_is_forgotten_after_two_days() -> None:
    """P13: after a quiet week a platform may begin its numbers anew, lower: they are no repeats."""
    recent = Recent(10)
    recent.age(1_000)
    recent.add(b"number 7")
    recent.age(1_000 + 86_399)
    assert b"number 7" in recent
    recent.age(1_000 + 86_400)
    assert b"number 7" in recent
    recent.age(1_000 + 2 * 86_400)
    assert b"number 7" not in recent


@given(st.lists(st.integers(0, 9), max_size=60))
def test_who_rests_is_there_until_taken_or_pushed_out(doings: list[int]) -> None:
    gone: list[bytes] = []
    resting, model = Resting(3, gone.append), {}
    for order, number in enumerate(doings):
        who, standing = bytes([number]), Standing(Session("f", 1, order), Thread("phone", "x"), None, order + 1)
        assert resting.take(who) == model.pop(who, None)
        resting.put(who, standing)
        model[who] = standing
        while len(model) > 3:
            oldest = next(iter(model))
            del model[oldest]
            assert gone.pop() == oldest
    assert gone == []


def test_reports_are_counted_by_chat_and_day(clock: Clock) -> None:
    clock.now -= clock.now % DAY
    today = ReportsToday(2, clock)
    for _ in range(2):
        assert not today.enough(b"ana")
        today.count(b"ana")
    assert today.enough(b"ana")
    assert not today.enough(b"ben")
    clock.pass_(hours=23, minutes=59)
    assert today.enough(b"ana")
    clock.pass_(minutes=1)
    assert not today.enough(b"ana")


def test_a_stored_number_of_incidents_takes_no_more_memory_than_a_flow_can_ask_for() -> None:
    def stored(rounds: int) -> bytes:
        return encode(Standing(Session("reprisal", 1, 7, rounds={"act": rounds}), Thread("telegram", "7")))

    assert decode(stored(MOST_ROUNDS), 1) is not None
    assert decode(stored(10**9), 1) is None, "each condition would look through a billion of them"
