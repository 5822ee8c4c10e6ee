"""Takes the pictures of README and docs anew, from a running demo: python -m tests.browser.pictures URL FOLDER.

With `all` behind them, every screen of the page in every shape that it must be right in, to be looked at.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import ARGS, Steps, screen
from tests.browser.test_phone_page import ARABIC, REST, START, START_AR

STORY = "They stopped me at the gate and took my papers. They asked about the meeting in Geneva."
SHAPES: dict[str, dict[str, Any]] = {
    "320x640": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "320x640-keyboard": {"viewport": {"width": 320, "height": 360}, "has_touch": True, "is_mobile": True},
    "360x740": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "360x740-keyboard": {"viewport": {"width": 360, "height": 440}, "has_touch": True, "is_mobile": True},
    "200": {"viewport": {"width": 360, "height": 740}},
    "dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
WHOLE: Steps = [*START, (STORY, "Saved. Send more"), *REST]
SCREENS: dict[str, tuple[str, Steps]] = {
    "first": ("en", []),
    "agree": ("en", START[:2]),
    "who": ("en", START[:4]),
    "story": ("en", START),
    "told": ("en", [*START, (STORY, "Saved. Send more")]),
    "un": ("en", WHOLE[: len(START) + 3]),
    "review": ("en", WHOLE[:-1]),
    "number": ("en", WHOLE),
    "help": ("en", [*START, ("help", "You can write these words")]),
    "danger": ("en", [("danger", "May our team read")]),
    "ar-first": ("ar", []),
    "ar-agree": ("ar", START_AR[:2]),
    "ar-told": ("ar", [*START_AR, (ARABIC, "حُفظ")]),
    "ar-danger": ("ar", [*START_AR[:1], ("خطر", "هل يمكن لفريقنا")]),
    "fr-agree": ("fr", []),
}
LARGE = "document.documentElement.style.fontSize = '200%'; dispatchEvent(new Event('resize'))"


async def take(browser: Browser, url: str, path: Path, steps: Steps, **options: Any) -> None:
    """One picture, after a walk. `large`: letters of twice the size."""
    large = options.pop("large", False)
    async with screen(browser, url, **options) as page:
        if large:
            await page.page.evaluate(LARGE)
        await page.walks(*steps)
        await page.page.wait_for_timeout(900)  # the pane looks twice a second
        await page.page.evaluate("document.activeElement.blur()")
        await page.page.screenshot(path=path)


async def for_docs(browser: Browser, url: str, folder: Path) -> None:
    await take(browser, url, folder / "demo.png", WHOLE, viewport={"width": 1280, "height": 900})
    english = [*START, (STORY, "Saved. Send more"), *REST[:2]]
    await take(browser, url, folder / "phone-en.png", english)
    danger = [*START_AR[:1], ("خطر", "هل يمكن لفريقنا")]
    await take(browser, url, folder / "phone-ar-dark.png", danger, locale="ar", color_scheme="dark")
    await take(browser, url, folder / "phone-ar.png", [*START_AR, (ARABIC, "حُفظ")], locale="ar")


async def to_look_at(browser: Browser, url: str, folder: Path) -> None:
    for name, (locale, steps) in SCREENS.items():
        await asyncio.gather(
            *(
                take(
                    browser, url, folder / f"{shape}-{name}.png", steps, large=shape == "200", locale=locale, **options
                )
                for shape, options in SHAPES.items()
            )
        )


async def main(url: str, folder: Path, every: bool) -> None:
    async with async_playwright() as playwright:
        with tempfile.TemporaryDirectory() as home:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGS, env={"HOME": home}
            )
            await (to_look_at if every else for_docs)(browser, url, folder)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), "all" in sys.argv[3:]))
