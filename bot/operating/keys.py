"""`stonechat keys`: make, show and accept the organisation's keys."""

import getpass
from pathlib import Path

from bot.errors import SettingsError
from bot.keys.accepted import accept, accepted_text, read_all_recipients
from bot.keys.files import write_identity
from bot.machine.worktree import refuse_work_tree
from bot.seal.hybrid import HybridIdentity
from bot.seal.signing import Signer, public_line
from bot.settings import Settings
from bot.state import ensure_state, secret_file

SHORTEST = 12  # characters of a passphrase


def new_key(name: str, no_passphrase: bool) -> str:
    """Write NAME.key, print and return the line for recipients.txt. Raises SettingsError."""
    path = Path(f"{name}.key")
    if path.exists():
        raise SettingsError("a key file is there already", where=str(path), mend="choose another name")
    refuse_work_tree(path.absolute().parent, "a private key", "~/stonechat-keys")
    passphrase = None if no_passphrase else _ask()
    identity = HybridIdentity.generate()
    write_identity(path, identity, passphrase)
    print(f"# {name}: the private key is in {path}; keep it off the bot's machine, and a copy offline.")
    print(f"# fingerprint: {identity.recipient.fingerprint}. Put the next line into recipients.txt.")
    print(identity.recipient.text)
    return identity.recipient.text


def _ask() -> str:
    first = getpass.getpass("Passphrase (several words): ")
    if len(first) < SHORTEST:
        raise SettingsError("the passphrase is too short", mend=f"use {SHORTEST} characters or more: several words")
    if getpass.getpass("Again: ") != first:
        raise SettingsError("the two passphrases differ", mend="try again")
    return first


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
