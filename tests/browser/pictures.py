"""Takes the pictures of README and docs anew, from a running demo: python -m tests.browser.pictures URL FOLDER."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import ARGS, screen
from tests.browser.test_phone_page import ARABIC, REST, START, START_AR

STORY = "They stopped me at the gate and took my papers. They asked about the meeting in Geneva."


async def take(browser: Browser, url: str, path: Path, steps: list[tuple[str, str]], **options: Any) -> None:
    async with screen(browser, url, **options) as page:
        await page.walks(*steps)
        await page.page.wait_for_timeout(900)  # the pane looks twice a second
        await page.page.evaluate("document.activeElement.blur()")
        await page.page.screenshot(path=path)


async def main(url: str, folder: Path) -> None:
    wide = {"viewport": {"width": 1280, "height": 900}}
    async with async_playwright() as playwright:
        with tempfile.TemporaryDirectory() as home:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGS, env={"HOME": home}
            )
            whole = [*START, (STORY, "Saved. Send more"), *REST]
            await take(browser, url, folder / "demo.png", whole, **wide)
            english = [*START, (STORY, "Saved. Send more"), *REST[:2]]
            await take(browser, url, folder / "phone-en.png", english)
            danger = [*START_AR[:1], ("خطر", "هل تسمح لفريقنا")]
            await take(browser, url, folder / "phone-ar-dark.png", danger, locale="ar", color_scheme="dark")
            await take(browser, url, folder / "phone-ar.png", [*START_AR, (ARABIC, "حُفظ")], locale="ar")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
