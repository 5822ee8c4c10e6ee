"""Our bot as `stonechat run` starts it, with settings from the command line: STATE API LANGUAGE."""

import sys
from pathlib import Path

from bench.load import TOKEN
from bot.running import quiet_logs, run_until_signal, serve
from bot.seal.hybrid import HybridIdentity
from bot.settings import Settings

if __name__ == "__main__":
    folder, api = Path(sys.argv[1]), sys.argv[2]
    recipients = folder / "recipients.txt"
    recipients.write_text("\n".join(HybridIdentity.generate().recipient.text for _ in range(2)))
    quiet_logs()
    run_until_signal(
        serve(
            Settings(
                state=folder / "state",
                keys=folder / "keys",
                recipients=recipients,
                languages=(sys.argv[3],),
                intake=f"folder:{folder / 'inbox'}",
                telegram_token=TOKEN,
                telegram_api=api,
                telegram_sensitive="allow",
                organisation="Example",
                first_read=24,
            )
        )
    )
