"""A page in Chromium with no bot behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.channels.test_phone_door import TOKEN

__all__ = ["TOKEN", "opened_page"]


@asynccontextmanager
async def opened_page(browser: Browser, url: str) -> AsyncIterator[Page]:
    """The page of `TOKEN`. At its end nothing may have gone wrong in it."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", reduced_motion="reduce")
    shown = await context.new_page()
    troubles: list[str] = []
    shown.on("pageerror", lambda error: troubles.append(str(error)))
    await shown.add_init_script(f"sessionStorage.setItem('token', '{TOKEN}')")
    await shown.goto(url)
    await expect(shown).not_to_have_title("Chat")  # its sentences have come
    yield shown
    assert troubles == []
    await context.close()
