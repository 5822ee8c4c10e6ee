"""`stonechat doctor`: settings, keys, modes, disk, clock, schema, channels, intake; one line each, with its mend.

It changes nothing and needs no lock: it may run beside the bot. What it looks at is in checks/.
"""

import asyncio
import json
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from bot.errors import StonechatError
from bot.machine.files import refused
from bot.operating.checks import channels, machine, said, sealing, state_folder
from bot.operating.checks.finding import Finding, bad, good
from bot.operating.printing import one_line
from bot.settings import Settings

MARKS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "bad": ("✗", "red")}


def run_doctor(settings: Settings, as_json: bool) -> int:
    """Exit code 1 where something is bad."""
    findings = asyncio.run(_all(settings))
    if as_json:
        print(json.dumps([asdict(f) for f in findings], indent=1, ensure_ascii=False))
    else:
        console = Console(highlight=False)
        for each in findings:
            mark, colour = MARKS[each.state]
            mend = f"; {each.mend}" if each.mend else ""
            console.print(Text(mark, style=colour), Text(one_line(f"{each.name}: {each.what}{mend}")), soft_wrap=True)
    return int(any(f.state == "bad" for f in findings))


async def _all(settings: Settings) -> list[Finding]:
    found = [good("settings", f"state is {settings.state}")]
    for look in (
        sealing.recipients,
        state_folder.state,
        state_folder.modes,
        state_folder.embedded,
        channels.listening,
        state_folder.keys,
        machine.places,
        machine.swap,
        machine.disk,
        machine.clock,
        state_folder.schema,
        said.flows,
        sealing.sealing,
        sealing.reports,
    ):
        try:
            found += look(settings)
        except StonechatError as error:
            found.append(bad(look.__name__, error))
        except OSError as error:
            found.append(bad(look.__name__, refused(error)))
    async for finding in channels.services(settings):
        found.append(finding)
    for read in (said.alarm, said.sentences):
        try:
            found += await read(settings)
        except StonechatError as error:
            found.append(bad(read.__name__, error))
    return found
