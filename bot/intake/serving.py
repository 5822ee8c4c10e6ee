"""Serving the intake: on loopback only, until requests are signed."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator

import uvicorn

from bot.errors import SettingsError
from bot.intake.app import make_app
from bot.intake.store import IntakeStore

TIDY_SECONDS = 3600


def loopback(listen: str) -> tuple[str, int]:
    """(host, port) of `127.0.0.1:8321`. Raises SettingsError for any address that others can reach."""
    host, _, port = listen.rpartition(":")
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host.strip("[]")).is_loopback and 0 <= int(port) < 65536:
            return host.strip("[]"), int(port)
    raise SettingsError(
        f"the intake does not listen on '{listen}'",
        mend="use 127.0.0.1:PORT: until requests are signed, nobody else may reach it",
    )


class _Server(uvicorn.Server):
    """Signals belong to the program that embeds this, not to the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(store: IntakeStore) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(store),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_keep_alive=20,
        limit_concurrency=200,
        h11_max_incomplete_event_size=16 * 1024,
    )
    return _Server(config)


class Embedded:
    """The intake in the bot's own process, over real HTTP on a port of its own."""

    def __init__(self, store: IntakeStore, server: uvicorn.Server, task: "asyncio.Task[None]", url: str) -> None:
        self.store, self._server, self._task, self.url = store, server, task, url

    @classmethod
    async def start(cls, store: IntakeStore, listen: str = "127.0.0.1:0") -> "Embedded":
        host, port = loopback(listen)
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            raise SettingsError(f"port {port} is taken", mend="stop what uses it, or name another") from None
        server = make_server(store)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # uvicorn has no event for it
        return cls(store, server, task, f"http://{host}:{listener.getsockname()[1]}")

    async def serve(self) -> None:
        """Until cancelled, tidying every hour."""
        while True:
            await self.store.tidy()
            await asyncio.wait([self._task], timeout=TIDY_SECONDS)
            if self._task.done():
                return

    async def close(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        await asyncio.gather(self._task, return_exceptions=True)
        await self.store.close()
