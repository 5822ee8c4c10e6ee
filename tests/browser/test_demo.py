"""The demo's pane: it shows what the server holds and nothing readable; and it is in the demo alone."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import screen
from tests.browser.test_phone_page import REST, START, STORY, violations
from tests.channels.test_phone import tab, words_of
from tests.conftest import IDENTITY

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running(*command: str, folder: Path, **env: str) -> AsyncIterator[str]:
    """A `stonechat` process; the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-m",
        "bot",
        *command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        said = b""
        while not (found := re.search(rb"http://127\.0\.0\.1:\d+", said)):
            line = await asyncio.wait_for(process.stdout.readline(), 20)
            assert line, said
            said += line
        yield found.group(0).decode()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 15)


async def test_the_demo_shows_what_the_server_holds_and_what_its_owner_opens(
    chromium: Browser, tmp_path: Path, node: Path
) -> None:
    async with (
        running("demo", folder=tmp_path, DISPLAY="", WAYLAND_DISPLAY="", TMPDIR=str(tmp_path)) as url,
        screen(chromium, url, viewport={"width": 1280, "height": 900}) as ana,
    ):
        pane = ana.page.locator("#pane")
        await expect(pane).to_contain_text('Before "I agree" nothing is written.')
        await ana.walks(*START, (STORY, "Saved. Send more"))
        await expect(pane.locator("#parts tr")).to_have_count(1)
        await expect(pane.locator("#answers")).to_contain_text("reporter_role")
        assert "gate" not in await pane.inner_text()
        await ana.fits()
        assert await violations(ana, node) == []
        await ana.walks(*REST)
        await expect(pane.locator("#reports pre")).to_contain_text("They stopped me at the gate.")
        await ana.presses("I wrote it down", "Thank you for trusting us")
        await expect(pane.locator("#parts tr")).to_have_count(0)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


async def test_a_translator_sees_a_saved_sentence_at_once(tmp_path: Path) -> None:
    """In a checkout of their own, in a language that is not whole."""
    for name in ("bot", "flows", "locales"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / "locales" / "fr" / "LC_MESSAGES" / "stonechat.po"
    path.write_text(path.read_text().replace('msgstr "Retour"', 'msgstr ""'))
    command = ("words", "preview", "fr")
    async with running(*command, folder=tmp_path, DISPLAY="", PYTHONPATH=str(tmp_path)) as url, tab(url) as page:
        await page.send(type="start", key=page.key())
        first = await page.until(type="message")
        assert "Êtes-vous dans un endroit sûr" in words_of(first)

        async def shows(words: str) -> bool:
            for _ in range(20):
                await page.send(type="say", key=page.key(), text="aide", seen=page.seen)
                if words in words_of(await page.until(type="message")):
                    return True
                await asyncio.sleep(0.3)
            return False

        path.write_text(path.read_text().replace("Êtes-vous dans un endroit sûr", "Un autre mot"))
        assert await shows("Un autre mot pour écrire\N{NARROW NO-BREAK SPACE}?")
        (path.parents[1] / "glossary.yaml").unlink()  # no spaces of its own any more
        assert await shows("Un autre mot pour écrire ?")


async def test_run_has_no_such_route(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "recipients.txt").write_text(IDENTITY.recipient.text + "\n")
    async with (
        running("run", folder=tmp_path, STONECHAT_PHONE="127.0.0.1:0") as url,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(url) as answer:
            assert answer.status == 200
            assert "pane" not in await answer.text()
        for path in ("/pane.json", "/pane.js", "/pane.css"):
            async with session.get(url + path) as answer:
                assert answer.status == 404


@pytest.mark.parametrize("module", ["bot.running", "bot.wiring", "bot.channels.phone", "bot.conversation"])
def test_nothing_of_the_bot_knows_the_demo(module: str) -> None:
    code = f"import sys, {module}; sys.exit(any(m.startswith('bot.demo') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
