"""The whole thing on this machine: bot, page, intake, in a folder that is removed at the end."""

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

from rich.console import Console

from bot.demo.pane import Pane
from bot.demo.walk import is_complete, walk
from bot.machine.logs import quiet_logs
from bot.machine.process import run_until_signal
from bot.operating.open import show
from bot.running import open_phone
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.wiring import Bot, open_bot
from bot.words.catalogue import LocaleError, read_catalogue
from bot.words.glossary import FILE, GlossaryError, read_glossary
from bot.words.languages import catalogue_of
from bot.words.loading import data_folder

PORT = 8320  # an address that is easy to find again; another one where it is taken


def run_demo() -> int:
    """Exit code 0 unless the scripted walk did not get all the way."""
    return _run(os.environ.get("STONECHAT_DEMO_SCRIPT") == "1")


def run_preview(language: str) -> int:
    """The same in one language, as its .po file stands now. Raises LocaleError where there is none."""
    language, path = catalogue_of(data_folder("locales"), language)
    if language != "en":
        read_catalogue(path, language)
    return _run(False, language)


def _run(scripted: bool, language: str = "") -> int:
    quiet_logs(logging.ERROR)
    console = Console()
    code = 0
    folder: Path | None = None

    async def work() -> None:
        nonlocal code, folder
        folder = Path(tempfile.mkdtemp(prefix="stonechat-demo-"))  # from here on no signal ends it all
        code = await demo(folder, console, scripted, language)

    try:
        run_until_signal(work())
    finally:
        if folder:
            _remove(folder)
    return code


def _remove(folder: Path) -> None:
    """A thread that was opening a database when a signal came may still lay a file in it: again, until it is gone."""
    until = time.monotonic() + 5
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def po_file(language: str) -> Path:
    """Where a translator's catalogue lies."""
    return catalogue_of(data_folder("locales"), language)[1]


async def watch(bot: Bot, language: str) -> None:
    """Read the catalogue anew whenever it or its glossary was saved.

    One that can't be read is told, and the old one stays.
    """
    path = po_file(language)
    glossary, seen = path.parents[1] / FILE, (0, 0)
    while True:
        with contextlib.suppress(OSError):
            if (now := (path.stat().st_mtime_ns, glossary.stat().st_mtime_ns if glossary.exists() else 0)) != seen:
                seen = now
                try:
                    read_glossary(path.parents[1])
                    bot.house.words.offer(read_catalogue(path, language))
                except (LocaleError, GlossaryError) as error:
                    print(error, file=sys.stderr)
        await asyncio.sleep(0.5)


async def demo(folder: Path, console: Console, scripted: bool, language: str = "", port: int = PORT) -> int:
    """Until cancelled; scripted, until one report went the whole way. `language` previews one, whole or not."""
    identity = HybridIdentity.generate()
    recipients = folder / "recipients.txt"
    recipients.write_text(f"{identity.recipient.text}\n")
    settings = Settings(
        state=folder / "state",
        keys=folder / "keys",
        recipients=recipients,
        organisation="the demo team",
        help="the demo team",
        first_read=24,
        handoff_spread=0,
        languages=(language,) if language else (),
    )
    async with open_bot(settings, incomplete=bool(language)) as bot:
        pane = Pane(bot, identity, folder)
        page = await open_phone(bot, f"127.0.0.1:{0 if scripted else port}", spare=True, **pane.mounted())
        try:
            await bot.start()
            if language and language != "en":
                bot.tasks.append(asyncio.create_task(watch(bot, language)))
            if not scripted:
                _invite(console, page.url)
                await asyncio.Event().wait()
            await walk(page.url, console)
            opened = await pane.newest("submitted")
            if opened is None:
                console.print("No report arrived.")
                return 1
            console.print("\nThe intake has it. Opened with the throw-away key, as `stonechat open` would:\n")
            show(opened, console)
            return 0 if is_complete(opened) else 1
        finally:
            await bot.conversations.stop()
            await page.close()


def _invite(console: Console, url: str) -> None:
    console.print(f"The phone page is at [bold]{url}[/bold]", highlight=False)
    console.print(
        "Everything stays on this machine, in a folder that is removed at the end. The keys are thrown away.\n"
        "Ctrl-C ends it."
    )
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)
