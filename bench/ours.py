"""Our bot as `stonechat run` starts it, with settings from the command line: STATE API LANGUAGE KEYS [SAMPLES].

KEYS is a folder for the keys, on tmpfs as docker-compose.yml has it. SAMPLES is a file for `bench.picture`.
"""

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from bench.api import TOKEN
from bot.alarm.targets import Program
from bot.machine.logs import quiet_logs
from bot.machine.process import run_until_signal
from bot.running import serve
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings

# The innermost frame that is one of these names what was done; a library's time goes to who called it.
ROOMS = {
    "bot/channels/telegram/request": "HTTP to the platform",
    "site-packages/aiohttp": "HTTP to the platform",
    "bot/seal": "sealing, signing",
    "bot/flow": "the flow",
    "bot/words": "words",
    "bot/store": "store",
    "site-packages/aiosqlite": "store",
    "bot/report": "sealing, signing",
    "bot/conversation": "conversations",
    "bot/channels": "reading updates",
    "bot/handoff": "handing over",
}


class Samples:
    """Every few milliseconds of CPU, which room the event loop's thread was in."""

    def __init__(self) -> None:
        self.rooms: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._take)
        signal.signal(signal.SIGUSR1, lambda *_: self.rooms.clear())
        signal.setitimer(signal.ITIMER_PROF, 0.002, 0.002)

    def _take(self, number: int, frame: FrameType | None) -> None:
        while frame is not None:
            name = frame.f_code.co_filename
            if room := next((room for part, room in ROOMS.items() if part in name), ""):
                self.rooms[room] += 1
                return
            frame = frame.f_back
        self.rooms["event loop"] += 1

    def write(self, path: Path) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        path.write_text(json.dumps(self.rooms))


if __name__ == "__main__":
    folder, api = Path(sys.argv[1]), sys.argv[2]
    recipients = folder / "recipients.txt"
    recipients.write_text("\n".join(HybridIdentity.generate().recipient.text for _ in range(2)))
    quiet_logs()
    settings = Settings(
        state=folder / "state",
        keys=Path(sys.argv[4]),
        recipients=recipients,
        languages=(sys.argv[3],),
        intake=f"folder:{folder / 'inbox'}",
        telegram_token=TOKEN,
        telegram_api=api,
        telegram_sensitive="allow",
        organisation="Example",
        first_read=24,
        handoff_spread=0,
        alarm=(Program(("/bin/true",)),),
    )
    samples = Samples() if len(sys.argv) > 5 else None
    run_until_signal(serve(settings))
    if samples is not None:
        samples.write(Path(sys.argv[5]))
