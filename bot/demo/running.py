"""The whole thing on this machine: bot, page, intake, in a folder that is removed at the end."""

import asyncio
import logging
import os
import sys
import tempfile
import webbrowser
from pathlib import Path

from rich.console import Console

from bot.demo.pane import Pane
from bot.demo.walk import is_complete, walk
from bot.opening import show
from bot.running import open_phone, quiet_logs, run_until_signal
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.wiring import open_bot

PORT = 8320  # an address that is easy to find again; another one where it is taken


def run_demo() -> int:
    """Exit code 0 unless the scripted walk did not get all the way."""
    quiet_logs(logging.ERROR)
    console = Console()
    scripted = os.environ.get("STONECHAT_DEMO_SCRIPT") == "1"
    code = 0

    async def work() -> None:
        nonlocal code
        with tempfile.TemporaryDirectory(prefix="stonechat-demo-") as folder:
            code = await demo(Path(folder), console, scripted)

    run_until_signal(work())
    return code


async def demo(folder: Path, console: Console, scripted: bool, port: int = PORT) -> int:
    """Until cancelled; scripted, until one report went the whole way."""
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
    )
    async with open_bot(settings) as bot:
        pane = Pane(bot, identity, folder)
        page = await open_phone(bot, f"127.0.0.1:{0 if scripted else port}", spare=True, **pane.mounted())
        try:
            await bot.start()
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
