"""S03: where more is to be done than can be done at once, who was served least lately goes first."""

import asyncio

from bot.conversation.turnstile import APART, CROWD, LATER, Pace, Turnstile


async def passing(turnstile: Turnstile, due: float, name: str, order: list[str]) -> None:
    await turnstile.enter(due)
    order.append(name)


async def test_s03_who_is_due_first_goes_first() -> None:
    turnstile, order = Turnstile(1), list[str]()
    await asyncio.gather(*(passing(turnstile, due, f"at {due}", order) for due in (9.0, 3.0, 5.0, 4.0, 3.5)))
    # The first found nobody waiting; the others came while it passed.
    assert order == ["at 9.0", "at 3.0", "at 3.5", "at 4.0", "at 5.0"]


async def test_s03_what_arrives_is_read_between_the_rounds() -> None:
    turnstile, order = Turnstile(3), list[str]()
    crowd = [asyncio.ensure_future(passing(turnstile, 0.0, "crowd", order)) for _ in range(30)]
    before, most = 0, 0
    while not all(task.done() for task in crowd):
        await asyncio.sleep(0)
        before, most = len(order), max(most, len(order) - before)
    assert most == 3
    assert len(order) == 30


async def test_nobody_waits_where_nobody_is() -> None:
    turnstile = Turnstile(1)
    for _ in range(5):
        waiting = turnstile.enter(1e9)
        try:
            waiting.send(None)
        except StopIteration:
            pass
        else:
            raise AssertionError("it waited")
        await asyncio.sleep(0)


async def test_one_who_gives_up_holds_up_nobody() -> None:
    turnstile, order = Turnstile(1), list[str]()
    tasks = [asyncio.ensure_future(passing(turnstile, float(n), str(n), order)) for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.wait_for(tasks[3], 1)
    assert order == ["0", "3"]


def test_s03_who_goes_on_quickly_falls_behind_who_comes_now_and_then() -> None:
    quick, calm, opens = Pace(), Pace(), Pace()
    for n in range(10):
        last = quick.due(100 + n / 10)
    assert last == 100 + 9 * APART
    assert calm.due(101.0) == 101.0 < last
    assert calm.due(101.0 + APART) == 101.0 + APART, "nobody who keeps this pace is ever behind"
    assert opens.due(101.0, opens=True) == 101.0 + LATER


async def test_a_crowd_is_remembered() -> None:
    turnstile = Turnstile(1)
    await asyncio.gather(*(turnstile.enter(0.0) for _ in range(CROWD)))
    assert not turnstile.crowded, "one of them did not wait"
    await asyncio.sleep(0)
    await asyncio.gather(*(turnstile.enter(0.0) for _ in range(CROWD + 1)))
    assert turnstile.crowded
