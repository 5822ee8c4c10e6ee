"""HTTP served by uvicorn on this machine alone: shared by the intake and the phone page."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from bot.errors import SettingsError


def host_and_port(listen: str, key: str) -> tuple[str, int]:
    """(host, port) of `ADDRESS:PORT`. Raises SettingsError."""
    host, _, port = listen.rpartition(":")
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host.strip("[]"))
        if 0 <= int(port) < 65536:
            return str(address), int(port)
    raise SettingsError(f"'{key}' is no ADDRESS:PORT", mend=f'{key} = "127.0.0.1:8322"')


def loopback(listen: str, what: str, why: str) -> tuple[str, int]:
    """The same for an address that nobody else can reach. Raises SettingsError."""
    with contextlib.suppress(SettingsError):
        host, port = host_and_port(listen, what)
        if ipaddress.ip_address(host).is_loopback:
            return host, port
    raise SettingsError(f"{what} does not listen on '{listen}'", mend=f"use 127.0.0.1:PORT: {why}")


class _Server(uvicorn.Server):
    """Signals belong to the program that embeds this, not to the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """An ASGI app on a port of its own. `task` ends when it stops."""

    def __init__(self, server: uvicorn.Server, task: "asyncio.Task[None]", url: str) -> None:
        """Use `start`."""
        self._server, self.task, self.url = server, task, url

    @classmethod
    async def start(cls, app: Any, host: str, port: int, **options: Any) -> "Served":
        """Raises SettingsError where the port is taken. `options` are uvicorn's."""
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            raise SettingsError(f"port {port} is taken", mend="stop what uses it, or name another") from None
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=20,
            limit_concurrency=200,
            h11_max_incomplete_event_size=16 * 1024,
            **options,
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # uvicorn has no event for it
        shown = f"[{host}]" if ":" in host else host
        return cls(server, task, f"http://{shown}:{listener.getsockname()[1]}")

    async def close(self) -> None:
        """Stop at once; requests that are being answered are cut off."""
        self._server.should_exit = True
        self._server.force_exit = True
        await asyncio.gather(self.task, return_exceptions=True)
