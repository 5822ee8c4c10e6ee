"""`stonechat keys`: make, show and accept the organisation's keys."""

import sys
from pathlib import Path

from bot.errors import SettingsError
from bot.keys.accepted import accept, accepted_text, read_all_recipients
from bot.keys.files import write_identity
from bot.machine.files import write_once
from bot.machine.worktree import refuse_work_tree
from bot.operating.asking import answered, ask_passphrase, read_keys
from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import Signer, public_line
from bot.settings import Settings
from bot.state import ensure_state, secret_file

SHORTEST = 12  # characters of a passphrase
TRIES = 5  # then somebody else may be sitting there, or nobody


def new_key(name: str, no_passphrase: bool) -> str:
    """Write NAME.key and NAME.pub, print and return the line for recipients.txt. Raises SettingsError."""
    check_free(name)
    return write_key(name, None if no_passphrase else new_passphrase())


def check_free(name: str) -> None:
    """Nobody's key is overwritten, and none made where it would be committed. Raises SettingsError."""
    for path in (Path(f"{name}.key"), Path(f"{name}.pub")):
        if path.exists():
            raise SettingsError("a key file is there already", where=str(path), mend="choose another name")
    refuse_work_tree(path.absolute().parent, "a private key", "~/stonechat-keys")


def write_key(name: str, passphrase: str | None) -> str:
    """The same, once the passphrase is known."""
    path, public = Path(f"{name}.key"), Path(f"{name}.pub")
    identity = HybridIdentity.generate()
    write_identity(path, identity, passphrase)
    try:
        write_once(public, f"{identity.recipient.text}\n".encode())
    except BaseException as error:  # a key whose line was never shown is of no use, and in the way
        path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            mend = "choose another name"
            raise SettingsError("a key file is there already", where=str(public), mend=mend) from None
        raise
    print(f"# {name}: the private key is in {path}; keep it off the bot's machine, and a copy offline.")
    print(
        f"# fingerprint: {identity.recipient.fingerprint}. Put the next line into recipients.txt ({public} keeps it)."
    )
    print(identity.recipient.text)
    return identity.recipient.text


def public_keys(path: Path) -> None:
    """The recipient lines of a key file, again; a passphrase is asked for."""
    for identity in read_keys([path]):
        print(identity.recipient.text)


def new_passphrase() -> str:
    """Asked until it is long enough and was typed twice alike. Raises SettingsError after some tries."""
    wrong = SettingsError("no passphrase was chosen", mend="try again")
    for _ in range(TRIES):
        with answered("the passphrase", "no key was made"):
            first = ask_passphrase("Passphrase (several words): ")
            if len(first) < SHORTEST:
                mend = f"use {SHORTEST} characters or more: several words"
                wrong = SettingsError("the passphrase is too short", mend=mend)
            elif ask_passphrase("Again: ") != first:
                wrong = SettingsError("the two passphrases differ", mend="try again")
            else:
                return first
        print(f"stonechat: {wrong}", file=sys.stderr)
    raise wrong


def show_keys(settings: Settings) -> None:
    """Fingerprints by class, and the bot's public key for the intake and ssh-keygen."""
    for name, prints in read_all_recipients(settings).fingerprints().items():
        for each in prints:
            print(f"{name:<10} {each}")
    signer = Signer.from_seed(secret_file(ensure_state(settings) / "bot.key", 32))
    print(f"{'bot':<10} {public_line(signer.public)}")


def accept_keys(settings: Settings) -> None:
    """Remember the recipients as they are now."""
    recipients = read_all_recipients(settings)
    ensure_state(settings)
    accept(settings, recipients)
    print(accepted_text(recipients), end="")
    print("accepted")
