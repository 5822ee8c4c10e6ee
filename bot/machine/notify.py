"""What systemd is told while the process runs: ready, alive, how it stands, stopping. Elsewhere nobody is told.

Twenty lines of a socket are less than a library to trust. Source: sd_notify(3).
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable

MOST = 1000  # bytes of a status


def is_supervised() -> bool:
    """A service manager waits to be told, and starts us again."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def tell(*lines: str) -> None:
    """Lines like READY=1. Who does not listen misses them: nothing of ours hangs on it."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return
    address = f"\0{name[1:]}" if name[0] == "@" else name
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
        to.setblocking(False)  # its buffer may be full: a bot does not wait for that
        to.sendto("\n".join(lines).encode(), address)


def _status(text: str) -> str:
    line = " ".join(text.split())
    return "STATUS=" + line.encode()[:MOST].decode("utf-8", "ignore")


def _patience() -> float:
    """Seconds after which systemd takes us for dead; 0.0 where it does not watch, or watches another process."""
    try:
        pid = int(os.environ.get("WATCHDOG_PID") or os.getpid())
        return int(os.environ.get("WATCHDOG_USEC") or 0) / 1e6 if pid == os.getpid() else 0.0
    except ValueError:
        return 0.0


@contextlib.asynccontextmanager
async def told_ready(status: Callable[[], str] = lambda: "ready") -> AsyncIterator[None]:
    """READY=1 now, WATCHDOG=1 for as long as the event loop turns, STOPPING=1 at the end. `status` is one line."""
    if not is_supervised():
        yield
        return
    tell("READY=1", _status(status()))

    async def beat() -> None:
        patience = _patience()
        while True:
            await asyncio.sleep(patience / 3 if patience > 0 else 30.0)
            tell("WATCHDOG=1", _status(status()))

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        tell("STOPPING=1")
