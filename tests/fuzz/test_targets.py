"""Every fuzz target on what was found before and on a few hundred inputs, so that none of them rots."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, close

# What a fuzzer found once, and inputs that go deep.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "settings": (b"--T\x0b!(\x0b\x0b\x0b\x0bTcVk", b"\0languages = 3.5\n", b"\0draft_ttl = true\n"),
    "updates": (bytes.fromhex("c100003520000800"), b"\xc1\0\x005 \0\x08"),
    "sessions": (
        bytes.fromhex("4900019b00980a"),
        bytes.fromhex("4900019b00b598980a"),
        bytes.fromhex("66655f8a6865722f0a07723272727263725b7272723f61330d0a"),
    ),
    "flow": (
        b"\0\n#\r\x08?",
        bytes.fromhex("0e2804f007760909094909093a0d0a0709090007ffffffffffff7609090909092d2d2d"),
    ),
    "frames": (b"", b"\x01\x02\x01\x01\x01\x02\x01\x03\x01"),
}
SOME = {"flow": 25, "sessions": 60}  # the slow ones


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    close()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_anything(name: str) -> None:
    for seed in SEEDS.get(name, ()):
        TARGETS[name](seed)

    @settings(max_examples=SOME.get(name, 200), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=400))
    def takes(data: bytes) -> None:
        TARGETS[name](data)

    takes()
