"""Our bot as `stonechat run` starts it, with settings from the command line: STATE API LANGUAGE NUMBERS KEYS [SAMPLES].

NUMBERS return numbers are derived before it says that it is ready: Argon2id is slow on purpose, and is given apart.
KEYS is a folder for the keys, on tmpfs as docker-compose.yml has it. SAMPLES is a file for `bench.picture`.
"""

import json
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

from bot.conversation.submission import ReadyNumbers

from bench.load import TOKEN
from bot.machine.logs import quiet_logs
from bot.machine.process import run_until_signal
from bot.report.return_number import Receipt, derive, new_number
from bot.running import serve
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings
from bot.state import ensure_state, secret_file

# The innermost frame that is one of these names what was done; a library's time goes to who called it.
ROOMS = {
    "bot/channels/telegram/request": "HTTP to the platform",
    "site-packages/aiohttp": "HTTP to the platform",
    "bot/seal": "sealing, signing",
    "bot/flow": "the flow",
    "bot/words": "words",
    "bot/store": "store",
    "site-packages/aiosqlite": "store",
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


def stock(settings: Settings, size: int) -> None:
    """Every bot of this process begins with so many return numbers."""
    salt = secret_file(ensure_state(settings) / "receipt.salt", 16)

    def one(_: int) -> tuple[str, Receipt]:
        number = new_number()
        return number, derive(number, salt)

    with ThreadPoolExecutor(2) as pool:
        ready = list(pool.map(one, range(size)))
    begin = ReadyNumbers.__init__

    def begun(self: ReadyNumbers, salt: bytes) -> None:
        begin(self, salt)
        self._ready += ready

    ReadyNumbers.__init__ = begun  # type: ignore[method-assign]


if __name__ == "__main__":
    folder, api = Path(sys.argv[1]), sys.argv[2]
    recipients = folder / "recipients.txt"
    recipients.write_text("\n".join(HybridIdentity.generate().recipient.text for _ in range(2)))
    quiet_logs()
    settings = Settings(
        state=folder / "state",
        keys=Path(sys.argv[5]),
        recipients=recipients,
        languages=(sys.argv[3],),
        intake=f"folder:{folder / 'inbox'}",
        telegram_token=TOKEN,
        telegram_api=api,
        telegram_sensitive="allow",
        organisation="Example",
        first_read=24,
    )
    stock(settings, int(sys.argv[4]))
    samples = Samples() if len(sys.argv) > 6 else None
    run_until_signal(serve(settings))
    if samples is not None:
        samples.write(Path(sys.argv[6]))
