"""A few hundred inputs through each door, and that most of what is right still comes through."""

import random
from collections.abc import Callable

import pytest

from bot.talk.events import Arrival
from tests.fuzz.doors import of_frames, of_updates
from tests.fuzz.mutating import Choices

INPUTS = 400


@pytest.mark.parametrize("door", [of_updates, of_frames])
def test_whatever_comes_is_taken_whole_or_left_out(door: Callable[[Choices], list[Arrival]]) -> None:
    chance = random.Random(door.__name__)
    taken = [arrival for _ in range(INPUTS) for arrival in door(Choices(chance.randbytes(chance.randrange(1, 400))))]
    assert len(taken) > INPUTS / 20
    assert len({type(arrival.event) for arrival in taken}) >= 3
