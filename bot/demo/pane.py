"""What stands beside the phone in the demo, and nowhere else: what the server holds now, and what its owner opens.

`stonechat run` never mounts this: it decrypts a draft's steering answers with the bot's own keys to show them.
"""

import asyncio
import io
from pathlib import Path
from typing import Any

from rich.console import Console
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.conversation.record import RECORD, decode
from bot.flow.session import Session
from bot.intake.store import Refused
from bot.operating.open import harmless, show
from bot.report.opened import Opened, open_report
from bot.seal.hybrid import HybridIdentity
from bot.wiring import Bot

STATIC = Path(__file__).parent / "static"
SAMPLE = 12  # bytes shown of a sealed part
WAIT = 30  # seconds for a report to arrive


class Pane:
    """Reads the demo's own bot. `folder` takes exported reports."""

    def __init__(self, bot: Bot, identity: HybridIdentity, folder: Path) -> None:
        """`identity` is the throw-away key that opens the demo's reports."""
        self._bot, self._identity, self._folder = bot, identity, folder
        self._opened: dict[tuple[str, int], Opened] = {}

    def mounted(self) -> dict[str, Any]:
        """What make_app takes: routes, and markup beside the phone."""

        async def state(request: Request) -> Response:
            return JSONResponse(await self.state())

        def file(name: str) -> Route:
            async def serve(request: Request) -> Response:
                return FileResponse(STATIC / name)

            return Route(f"/{name}", serve, methods=["GET"])

        routes = [Route("/pane.json", state, methods=["GET"]), file("pane.js"), file("pane.css")]
        return {"routes": routes, "beside": (STATIC / "pane.html").read_text(encoding="utf-8")}

    async def state(self) -> dict[str, Any]:
        """Everything there is of open conversations: sealed parts, and the answers that steer, as the bot sees them."""
        store, keys = self._bot.store, self._bot.house.keys
        parts: list[dict[str, Any]] = []
        answers: list[dict[str, str]] = []
        for id_ in await store.conversations():
            for part in await store.parts(id_):
                size = len(part.header) + len(part.payload)
                parts.append({"number": part.number, "size": size, "bytes": part.payload[:SAMPLE].hex(" ")})
            row = await store.load(id_)
            plain = keys.decrypt(id_, RECORD, row[1]) if row else None
            standing = decode(plain, row[0]) if row and plain else None
            if standing is not None:
                answers += _steering(standing.session)
        return {
            "parts": parts,
            "answers": answers,
            "outbox": await store.waiting(),
            "reports": [_printed(o) for o in await self._reports()],
        }

    async def _reports(self) -> list[Opened]:
        assert self._bot.embedded is not None
        intake = self._bot.embedded.store
        newest = [(report, version) for report, version, _ in await intake.reports()]
        for report, version in newest:
            if (report, version) in self._opened:
                continue
            target = self._folder / "opened" / f"{report}-{version}"
            try:
                await intake.export(report, target)
            except Refused:  # its reporter locked it: it stays closed here too
                continue
            self._opened[report, version] = open_report(target, [self._identity], self._bot.house.signer.public)
        return [self._opened[key] for key in newest if key in self._opened]

    async def newest(self, state: str) -> Opened | None:
        """Wait until a report of this state is with the intake."""
        for _ in range(WAIT * 10):
            found = [o for o in await self._reports() if o.manifest.state == state]
            if found:
                return found[-1]
            await asyncio.sleep(0.1)
        return None


def _steering(session: Session) -> list[dict[str, str]]:
    shown = []
    for place, answer in session.answers.items():
        words = [v.replace("_", " ") for v in answer.values]
        if answer.parts:
            words.append(f"({len(answer.parts)} sealed)")
        shown.append({"step": place, "value": ", ".join(words) or answer.state})
    return shown


def _printed(opened: Opened) -> dict[str, str]:
    out = io.StringIO()
    show(opened, Console(file=out, width=72, color_system=None))
    manifest = opened.manifest
    title = f"{manifest.state}, version {manifest.version}{', rings' if manifest.ring else ''}"
    return {"title": title, "text": harmless(out.getvalue())}
