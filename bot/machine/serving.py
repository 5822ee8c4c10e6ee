"""HTTP served by uvicorn on this machine alone: shared by the intake, the phone page, the webhook and the figures."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import SettingsError

HEAD = 15.0  # seconds that a connection may take for a request's head
SILENT = 200  # connections without a request under way; the oldest makes room for the next
BUSY = 200  # requests and websockets at once
WATCHED = ("/live", "/ready", "/metrics")


class Guard:
    """An ASGI app that so many people may use at once; the machine's own watcher has a place besides."""

    def __init__(self, app: Any) -> None:
        """`app` is told of nothing that is refused."""
        self._app, self._busy = app, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """503 where there is no place."""
        if scope.get("path") in WATCHED:
            await self._app(scope, receive, send)
            return
        if self._busy >= BUSY and scope["type"] == "http":
            await service_unavailable(scope, receive, send)
            return
        if self._busy >= BUSY:
            await send({"type": "websocket.close", "code": 1013})
            return
        self._busy += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._busy -= 1


def _impatient() -> type[H11Protocol]:
    """The protocol of one server: a request's head comes within HEAD seconds, and who says nothing keeps nobody out."""
    silent: dict[H11Protocol, asyncio.TimerHandle] = {}  # in the order in which they fell silent

    class Protocol(H11Protocol):
        """Connections that have no request under way are few, and not for long."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._is_silent()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self not in self.connections or (self.cycle is not None and not self.cycle.response_complete):
                self._speaks()  # it became a websocket, or its request is under way
            elif self not in silent:
                self._is_silent()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.cycle is None or self.cycle.response_complete:
                self._is_silent()

        def connection_lost(self, exc: Exception | None) -> None:
            self._speaks()
            super().connection_lost(exc)

        def _is_silent(self) -> None:
            self._speaks()
            if len(silent) >= SILENT:
                next(iter(silent))._leave()  # type: ignore[attr-defined]
            silent[self] = asyncio.get_running_loop().call_later(HEAD, self._leave)

        def _speaks(self) -> None:
            if timer := silent.pop(self, None):
                timer.cancel()

        def _leave(self) -> None:
            self._speaks()
            if not self.transport.is_closing():
                self.transport.abort()

    return Protocol


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
            mend = "stop what uses it, or name another"
            raise SettingsError(f"port {port} is taken", mend=mend, passing=True) from None
        config = uvicorn.Config(
            Guard(app),
            http=_impatient(),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=20,
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
