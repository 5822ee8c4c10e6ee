"""Persona 1 in French, walked over the page's own websocket as a browser would."""

import asyncio
import secrets
from typing import Any

import aiohttp
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.report.opened import Opened

# A lawyer, for herself; the short way, one incident more, two choices. `[…]` is a button.
SCRIPT = """
[Oui, continuer]
[Oui, j’accepte]
[Non, le détruire]
[De moi]
[Non]
On m'a arrêtée à l'aéroport quand je partais pour Genève.
On a gardé mon passeport deux jours.
fini
Espagne, Madrid
1 6
libre mais en danger
[Oui, à l’équipe de l’ONU]
Ana Exemple
[Oui, dans cette conversation]
[Le soir]
Madrid
[En dire plus]
interdiction de voyager
mars 2026
[Oui]
[C’est fini]
agents de frontière
Police de l'air
[C’est arrivé peu après]
[C’est tout]
[C’était tout, continuer]
l'examen de mon pays
février 2026
[Oui]
un avocat
passer
[En dire plus]
[Femme]
[30 à 59]
[Oui]
[Continuer]
Une lettre au gouvernement
[Personne en particulier]
[Oui, avec le nom]
[Envoyer maintenant]
[Je l’ai noté]
""".strip().splitlines()
PATIENCE = 20  # seconds
READING = 1.2  # seconds that what binds stands there before a press on it counts


class Page:
    """What a browser's page does: numbered messages, sent until acknowledged; what stands there."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, console: Console) -> None:
        """What is said and heard is shown on `console`."""
        self._socket, self._console = socket, console
        self._count = self._seen = 0
        self._buttons: dict[str, str] = {}
        self._consent = False

    async def enter(self, language: str) -> None:
        """As a page that was just opened, on a phone in `language`."""
        await self._socket.send_json({"type": "hello", "token": secrets.token_hex(16), "language": language})
        await self._send({"type": "start"})

    async def does(self, line: str) -> None:
        """Type a line, or press the button in `[…]`."""
        self._console.print(Text(f"> {line}", style="bold cyan"))
        if line.startswith("["):
            if self._consent:
                await asyncio.sleep(READING)
            await self._send({"type": "press", "data": self._buttons[line[1:-1]], "message": self._seen})
        else:
            await self._send({"type": "say", "text": line, "seen": self._seen})

    async def _send(self, frame: dict[str, Any]) -> None:
        """Until it is acknowledged and something was said to it."""
        self._count += 1
        key = f"{self._count}-{secrets.token_hex(8)}"
        await self._socket.send_json(frame | {"key": key})
        acknowledged = answered = False
        while not (acknowledged and answered):
            message = await asyncio.wait_for(self._socket.receive_json(), PATIENCE)
            acknowledged |= message["type"] == "ack" and message["key"] == key
            if message["type"] == "message":
                answered = True
                self._show(message)

    def _show(self, message: dict[str, Any]) -> None:
        buttons = {b["label"]: b["data"] for b in (*message["choices"], *message["extras"])}
        if buttons:
            self._seen, self._buttons, self._consent = message["id"], buttons, message["consent"]
        lines = [Text("\n\n".join(message["paragraphs"])), *(Text(f"  [{label}]", style="bold") for label in buttons)]
        self._console.print(Panel(Text("\n").join(lines), width=min(self._console.width, 76), border_style="dim"))


async def walk(url: str, console: Console) -> None:
    """The whole script. Raises TimeoutError where an answer never comes, KeyError where a button is not there."""
    headers = {"Origin": url}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url.replace('http', 'ws', 1)}/talk", headers=headers) as socket,
    ):
        page = Page(socket, console)
        await page.enter("fr")
        for line in ["[Français]", *SCRIPT]:
            await page.does(line)


def is_complete(opened: Opened) -> bool:
    """What the script typed and chose is all there."""
    document: dict[str, Any] = opened.document or {}
    answers = document.get("answers", {})
    words = "\n".join(opened.texts.values())
    return (
        all(text in words for text in ("partais pour Genève", "deux jours", "Ana Exemple", "Madrid"))
        and answers.get("act_where") == ["ES"]
        and answers.get("un_how") == ["sent_info", "travelled"]
        and [i.get("act_types") for i in answers.get("incidents", [])] == [["travel_ban"]]
        and document.get("consent", {}).get("raise", {}).get("ES", {}).get("answer") == "yes_named"
        and opened.contact is not None
        and opened.contact.how == "this_chat"
    )
