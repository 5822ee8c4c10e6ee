"""`stonechat intake`: the backend in a process of its own. It knows nothing of the bot's conversations and channels."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.errors import SettingsError, StonechatError
from bot.intake.serving import Embedded, address
from bot.intake.store import IntakeStore
from bot.machine.database import told
from bot.machine.files import make_private, read_text
from bot.machine.logs import quiet_logs
from bot.machine.notify import told_ready
from bot.machine.process import run_until_signal
from bot.seal.signing import Signer, parse_public, public_line
from bot.settings import Settings
from bot.state import ensure_state, secret_file


def run_intake(settings: Settings, listen: str, show_key: bool) -> None:
    """Raises SettingsError for an address that others can reach."""
    quiet_logs(form=settings.logs)
    address(listen)
    folder = ensure_state(settings) / "intake"
    make_private(folder)
    signer = Signer.from_seed(secret_file(folder / "intake.key", 32))
    if show_key:
        print(public_line(signer.public))
        return
    if settings.intake_bots is None:
        raise SettingsError(
            "the intake knows no bot", mend="set intake_bots to a file of the 'ssh-ed25519 …' lines of 'keys show'"
        )
    bots = read_bots(settings.intake_bots)

    async def work() -> None:
        with told(folder / "intake.db"):
            served = await Embedded.start(await IntakeStore.open(folder, signer, bots), listen)
        print(f"stonechat intake: ready at {served.url}", file=sys.stderr, flush=True)
        try:
            async with told_ready():
                await served.serve()
        finally:
            await served.close()

    run_until_signal(work())


def read_bots(path: Path) -> tuple[Ed25519PublicKey, ...]:
    """The bots whose reports are taken: one 'ssh-ed25519 …' line each. Raises SettingsError with file and line."""
    found = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip() and not line.strip().startswith("#"):
            try:
                found.append(parse_public(line.strip()))
            except StonechatError as error:
                mend = error.mend or "put the bot's line of 'stonechat keys show' there"
                raise SettingsError(error.what, where=f"{path}:{number}", mend=mend) from None
    if not found:
        raise SettingsError(
            "the file names no bot", where=str(path), mend="put the line of 'stonechat keys show' there"
        )
    return tuple(found)
