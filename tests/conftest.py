"""What every test may use: a clock that stands still, throw-away keys, a whole bot in a temporary folder."""

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from ruamel.yaml import YAML

import bot.flow.source
import bot.words.places
from bot.report.opened import LockedError, Opened, _manifest, _open, open_report
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.wiring import Bot, open_bot

IDENTITY = HybridIdentity(bytes(range(32)))
RECOVERY = HybridIdentity(bytes(range(1, 33)))
NOON = 1_790_000_000.0  # a Monday in September 2026


class ParsedOnce(YAML):
    """The same text is parsed once a process: hundreds of tests open a bot, and reading YAML is most of that."""

    known: ClassVar[dict[tuple[str, str], Any]] = {}

    def load(self, stream: str) -> Any:
        key = ",".join(self.typ), stream
        if key in self.known:
            return self.known[key]
        parsed = super().load(stream)
        if len(self.known) < 100:
            self.known[key] = parsed
        return parsed


bot.flow.source.YAML = ParsedOnce  # type: ignore[misc]
bot.words.places.YAML = ParsedOnce  # type: ignore[misc]


class Clock:
    """Seconds since 1970, moved by the test alone."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.now += hours * 3600 + minutes * 60 + seconds


class Steady:
    """A steady clock that goes with another one, and two seconds on at every look: nobody here presses unread."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._looks = clock, 0

    def __call__(self) -> float:
        self._looks += 1
        return self._clock() + 2 * self._looks


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_settings(folder: Path, **more: Any) -> Settings:
    recipients = folder / "recipients.txt"
    recipients.write_text(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n")
    values: dict[str, Any] = {
        "state": folder / "state",
        "keys": folder / "keys",
        "recipients": recipients,
        "organisation": "Example Organisation",
        "help": "help@example.org",
        "first_read": 24,
        "languages": ("en",),
        "handoff_spread": 0,
        "intake": f"folder:{folder / 'inbox'}",
    }
    return Settings(**(values | more))


OpenBot = Callable[..., AbstractAsyncContextManager[Bot]]


@pytest.fixture
def open_test_bot(tmp_path: Path, clock: Clock) -> OpenBot:
    """`async with open_test_bot() as bot`: opened again, it is the same bot after a restart."""

    @asynccontextmanager
    async def opener(flows: Path | None = None, **more: Any) -> AsyncIterator[Bot]:
        steady = more.pop("monotonic", None) or Steady(clock)
        settings = make_settings(tmp_path, **more)
        async with open_bot(settings, clock=clock, flows_folder=flows, monotonic=steady) as bot:
            yield bot

    return opener


def lying_in(inbox: Path) -> list[Path]:
    """Every report of a folder intake: those among the others, then those that are held apart."""
    apart = inbox / "locked"
    among = [path for path in inbox.iterdir() if path != apart] if inbox.is_dir() else []
    return [*sorted(among), *sorted(apart.iterdir() if apart.is_dir() else [])]


def opened_by_any_tool(path: Path, key: Ed25519PublicKey | None = None) -> Opened:
    """A key holder with another tool can open what our programs leave closed."""
    try:
        return open_report(path, [IDENTITY], key)
    except LockedError:
        return _open(path, _manifest(path, key), [IDENTITY], verified=key is not None)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def need(program: str, why: str) -> None:
    """Skip where this machine lacks a program; with STONECHAT_TEST_ALL=1 fail instead."""
    if shutil.which(program):
        return
    reason = f"{program} is not installed ({why})"
    if os.environ.get("STONECHAT_TEST_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with npm's age-encryption and axe-core in it."""
    need("node", "other people's libraries check what we make")
    need("npm", "it installs age-encryption and axe-core")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "both.mjs"):
        (folder / name).write_bytes((NODE / name).read_bytes())
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True
    )
    if done.returncode:
        need("npm-that-reaches-its-registry", "no package could be fetched")
    return folder


def run_node(folder: Path, *words: str, data: bytes) -> bytes:
    done = subprocess.run(["node", "both.mjs", *words], cwd=folder, input=data, capture_output=True, check=True)
    return done.stdout


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden transcripts anew; look at the diff")
