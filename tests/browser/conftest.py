"""A real Chromium on the phone page of a real bot."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.running import open_phone
from bot.wiring import Bot
from tests.conftest import OpenBot, need

ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
Steps = list[tuple[str, str]]
USUAL: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "locale": "en-US",
    "reduced_motion": "reduce",
}


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    need("chromium", "a person uses the page in a browser")
    async with async_playwright() as playwright:
        with tempfile.TemporaryDirectory() as home:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGS, env={"HOME": home}
            )
            yield browser
            await browser.close()


@dataclass
class Screen:
    """What a person does with the page. Nothing here sleeps: it waits for what comes."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def bubbles(self) -> Locator:
        return self.page.locator("#log > .bubble:not(.typing)")

    async def hears(self, words: str) -> None:
        """The newest message says this."""
        await expect(self.bubbles.last.locator(".said")).to_contain_text(words)

    async def says(self, words: str, then: str = "") -> None:
        await self.page.fill("#text", words)
        await self.page.click("#send")
        if then:
            await self.hears(then)

    async def presses(self, label: str, then: str = "") -> None:
        await self.page.get_by_role("button", name=label, exact=True).last.click()
        if then:
            await self.hears(then)

    async def walks(self, *steps: tuple[str, str]) -> None:
        """(`[Label]` or words, what is heard then)."""
        for does, then in steps:
            await (self.presses(does[1:-1], then) if does.startswith("[") else self.says(does, then))

    async def fits(self) -> None:
        """Nothing stands outside the window."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await self.page.evaluate(width) <= 0
        boxes = "[...document.querySelectorAll('button, textarea, .said')].map((e) => e.getBoundingClientRect())"
        outside = f"{boxes}.filter((b) => b.width && (b.left < -1 || b.right > innerWidth + 1)).length"
        assert await self.page.evaluate(outside) == 0


@contextlib.asynccontextmanager
async def screen(browser: Browser, url: str, token: str = "", **options: Any) -> AsyncIterator[Screen]:
    """A page of its own, with nothing remembered but a `token`. At its end nothing may have gone wrong in it."""
    context = await browser.new_context(**(USUAL | options))
    page = await context.new_page()
    found = Screen(page)
    page.on("pageerror", lambda error: found.troubles.append(str(error)))
    page.on("console", lambda line: found.troubles.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(url) else found.foreign.append(request.url))
    if token:
        await page.add_init_script(f"sessionStorage.setItem('token', '{token}')")
    await page.goto(url)
    yield found
    assert found.foreign == []
    # A connection that is lost on purpose is no trouble of the page's.
    left = [t for t in found.troubles if "WebSocket" not in t and "ERR_CONNECTION" not in t]
    assert left == [], left
    await context.close()


@contextlib.asynccontextmanager
async def served(open_test_bot: OpenBot, port: int = 0, **more: Any) -> AsyncIterator[tuple[Bot, str]]:
    """A whole bot with its phone page; opened again at the same port, it is the same after a restart."""
    async with open_test_bot(**({"languages": ("en", "fr", "ar")} | more)) as bot:
        page = await open_phone(bot, f"127.0.0.1:{port}")
        await bot.start()
        try:
            yield bot, page.url
        finally:
            await bot.conversations.stop()
            await page.close()


async def opened(bot: Bot, folder: Path) -> Path:
    """The one report that was handed over."""
    await bot.settled()
    await bot.handoff.round()
    (report,) = (folder / "inbox").iterdir()
    return report
