"""A page in Chromium with no bot behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, WebSocketRoute, expect

from tests.channels.test_phone_door import TOKEN

__all__ = ["TOKEN", "Wire", "opened_page"]
USUAL: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "locale": "en-US", "reduced_motion": "reduce"}


class Wire:
    """The network between a page and its bot. While it is `dead` nothing comes through, and nobody is told."""

    def __init__(self) -> None:
        self.dead = False

    async def lay(self, shown: Page) -> None:
        await shown.route_web_socket("**/talk", self._joined)

    def _joined(self, ours: WebSocketRoute) -> None:
        if self.dead:
            ours.on_message(lambda frame: None)
            return
        theirs = ours.connect_to_server()
        ours.on_message(lambda frame: None if self.dead else theirs.send(frame))
        theirs.on_message(lambda frame: None if self.dead else ours.send(frame))


@asynccontextmanager
async def opened_page(
    browser: Browser, url: str, wire: Wire | None = None, before: str = "", **options: Any
) -> AsyncIterator[Page]:
    """The page of `TOKEN`; `before` is a script that runs before its own. At its end nothing may have gone wrong."""
    context = await browser.new_context(**(USUAL | options))
    shown = await context.new_page()
    troubles: list[str] = []
    shown.on("pageerror", lambda error: troubles.append(str(error)))
    if wire is not None:
        await wire.lay(shown)
    if before:
        await shown.add_init_script(before)
    await shown.add_init_script(f"sessionStorage.setItem('token', '{TOKEN}')")
    await shown.goto(url)
    await expect(shown).not_to_have_title("Chat")  # its sentences have come
    yield shown
    assert troubles == []
    await context.close()
