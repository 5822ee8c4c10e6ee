"""`stonechat demo`: a whole report in this terminal, then opened with the throw-away key."""

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.channels.terminal import Terminal
from bot.opening import show
from bot.running import quiet_logs
from bot.seal.hybrid import HybridIdentity
from bot.seal.opening import Opened, open_report
from bot.settings import Settings
from bot.wiring import Bot, open_bot

# Persona 1: a lawyer, for herself; the short way, one incident more, two choices. `[…]` is a button.
SCRIPT = """
[Yes, go on]
[Yes, I agree]
[No, destroy it]
[Me]
[No]
They stopped me at the airport when I flew to the pre-session in Geneva.
They held my passport for two days.
done
Spain, Madrid airport
1 6
2
[Yes]
Ana Example
[Yes, in this chat]
[In the evening]
[Add more]
stopped from travelling
March 2026
yes
[It ended]
border staff
Airport border police
[It came soon after]
[Done]
[That was all, go on]
the review of my country
February 2026
yes
a lawyer
skip
[Send it now]
""".strip().splitlines()
CHOICES = """
[Add more]
[Woman]
[30 to 59]
[Yes]
[Go on]
A letter to the government
[Nobody in particular]
[Yes, with the name]
[Send it now]
""".strip().splitlines()


def run_demo() -> int:
    """Exit code 0 when a report went the whole way."""
    quiet_logs(logging.ERROR)
    console = Console()
    script = None
    if os.environ.get("STONECHAT_DEMO_SCRIPT") == "1":
        script = [*SCRIPT[:-1], *CHOICES, "[I wrote it down]"]
    with tempfile.TemporaryDirectory(prefix="stonechat-demo-") as folder:
        return asyncio.run(_demo(Path(folder), console, script))


async def _demo(folder: Path, console: Console, script: list[str] | None) -> int:
    identity = HybridIdentity.generate()
    recipients = folder / "recipients.txt"
    recipients.write_text(f"{identity.recipient.text}\n")
    settings = Settings(
        state=folder / "state",
        keys=folder / "keys",
        recipients=recipients,
        languages=("en",) if script is not None else (),
        organisation="the demo team",
        help="the demo team",
        first_read=24,
    )
    console.print(
        "Everything stays on this machine, in a folder that is removed at the end. The keys are thrown away.\n"
        "Type a number, words, or a command (help, back, skip, erase, danger …). Ctrl-D ends it.\n"
    )
    async with open_bot(settings) as bot:
        terminal = Terminal(console)
        bot.house.channels["terminal"] = terminal
        await bot.start()
        if script is None:
            await terminal.talk(bot.deliver, bot.settled, sys.stdin)
        else:
            await _walk(bot, terminal, console, script)
        opened = await _handed_over(bot, folder, identity)
        await bot.conversations.stop()
    if opened is None:
        console.print("No report was sent, so there is nothing to open.")
        return 0 if script is None else 1
    console.print("\nThe intake has it. Opened with the throw-away key, as `stonechat open` would:\n")
    show(opened, console)
    return 0 if script is None or _complete(opened) else 1


async def _walk(bot: Bot, terminal: Terminal, console: Console, script: list[str]) -> None:
    await bot.deliver(terminal.came_back())
    await bot.settled()
    for line in script:
        console.print(f"> {line}", markup=False, style="bold cyan")
        is_button = line.startswith("[") and line.endswith("]")
        await bot.deliver(terminal.pressed(line[1:-1]) if is_button else terminal.said(line))
        await bot.settled()


async def _handed_over(bot: Bot, folder: Path, identity: HybridIdentity) -> Opened | None:
    """Wait until the outbox is empty, then take the report from the intake."""
    assert bot.embedded is not None
    for _ in range(300):
        if not await bot.store.waiting():
            break
        await asyncio.sleep(0.1)
    reports = await bot.embedded.store.reports()
    if not reports:
        return None
    target = folder / "report"
    await bot.embedded.store.export(reports[-1][0], target)
    return open_report(target, [identity], bot.house.signer.public)


def _complete(opened: Opened) -> bool:
    """What the script typed and chose is all there."""
    document: dict[str, Any] = opened.document or {}
    answers = document.get("answers", {})
    words = "\n".join(opened.texts.values())
    return (
        all(text in words for text in ("pre-session in Geneva", "two days", "Ana Example", "Madrid airport"))
        and answers.get("act_where") == ["ES"]
        and answers.get("un_how") == ["sent_info", "travelled"]
        and [i.get("act_types") for i in answers.get("incidents", [])] == [["travel_ban"]]
        and document.get("consent", {}).get("raise", {}).get("ES", {}).get("answer") == "yes_named"
        and (opened.contact or {}).get("contact_back") == "this_chat"
    )
