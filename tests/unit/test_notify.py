"""N06: what systemd is told (sd_notify), over a real socket by a path or an abstract name."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.machine.notify import is_supervised, tell, told_ready
from bot.running import serve
from tests.conftest import make_settings


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    name = f"/tmp/stonechat-{os.getpid()}.notify" if request.param == "path" else f"@stonechat-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name[1:]}" if name[0] == "@" else name)
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)


def all_said(listener: socket.socket) -> list[str]:
    found: list[str] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found += listener.recv(4096).decode().splitlines()
    return found


async def test_n06_ready_alive_stopping(heard: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "90000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    status = ["ready"]
    async with told_ready(lambda: status[0]):
        assert all_said(heard) == ["READY=1", "STATUS=ready"]
        status[0] = "the disk\nis full\0 " + "é" * 2000
        await asyncio.sleep(0.2)
        said = all_said(heard)
        assert said.count("WATCHDOG=1") >= 3, "three times in the time that it has"
        assert said[1].startswith("STATUS=the disk is full"), "one line"
        assert len(said[1].encode()) < 1100
    assert all_said(heard)[-1] == "STOPPING=1"


@pytest.mark.parametrize(("name", "value"), [("WATCHDOG_PID", "1"), ("WATCHDOG_USEC", "x"), ("WATCHDOG_USEC", "0")])
async def test_n06_who_is_not_watched_does_not_hurry(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    monkeypatch.setenv(name, value)
    async with told_ready():
        await asyncio.sleep(0.1)
        assert "WATCHDOG=1" not in all_said(heard)


async def test_n06_the_bot_says_that_it_is_ready_and_that_it_stops(heard: socket.socket, tmp_path: Path) -> None:
    task = asyncio.create_task(serve(make_settings(tmp_path, phone="127.0.0.1:0")))
    async with asyncio.timeout(30):
        await asyncio.get_running_loop().sock_recv(heard, 4096)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert all_said(heard)[-1] == "STOPPING=1"


@pytest.mark.parametrize("name", ["", "vsock:2:1", "/nowhere/notify", "@nobody-listens", "x" * 300, "/" + "x" * 300])
async def test_n06_nobody_listens(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    assert is_supervised() == bool(name)
    tell("READY=1")
    async with told_ready():
        pass


async def test_n06_a_listener_that_reads_nothing_holds_nobody_up(heard: socket.socket) -> None:
    for _ in range(2000):
        tell("WATCHDOG=1", "STATUS=" + "x" * 1000)
