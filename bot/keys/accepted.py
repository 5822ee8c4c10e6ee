"""The organisation's recipients: read for every class, and held against those that were accepted at the first start.

Who can change a recipients file could have every later report sealed to themselves: so a change needs a person's yes.
"""

import os
from pathlib import Path

from bot.errors import SettingsError
from bot.keys.files import read_recipients
from bot.machine.files import read_text, write_private
from bot.seal.hybrid import HybridRecipient
from bot.seal.recipients import CLASSES, RecipientsByClass
from bot.settings import Settings


def read_all_recipients(settings: Settings) -> RecipientsByClass:
    """Each class's recipients; a class without a file of its own uses the first. Raises SettingsError."""
    case = read_recipients(settings.recipients_file)

    def of(path: Path | None) -> tuple[HybridRecipient, ...]:
        return read_recipients(path) if path else case

    return RecipientsByClass(
        case, of(settings.recipients_identity), of(settings.recipients_contact), of(settings.recipients_sensitive)
    )


def accepted_file(settings: Settings) -> Path:
    """Where the fingerprints of the last yes are remembered."""
    return settings.state / "recipients.accepted"


def accepted_text(recipients: RecipientsByClass) -> str:
    """What is remembered of the keys: one fingerprint a line, by class."""
    lines = [f"{name} {print_}" for name in CLASSES for print_ in recipients.fingerprints()[name]]
    return "\n".join(lines) + "\n"


def accept(settings: Settings, recipients: RecipientsByClass) -> None:
    """Remember these recipients as the ones that a person said yes to. The state folder is there already."""
    write_private(accepted_file(settings), accepted_text(recipients).encode())


def check_accepted(settings: Settings, recipients: RecipientsByClass) -> None:
    """Keys are accepted at the first start; a change afterwards needs 'stonechat keys accept'. Raises SettingsError."""
    path = accepted_file(settings)
    if not os.path.lexists(path):
        accept(settings, recipients)
    elif read_text(path) != accepted_text(recipients):
        raise SettingsError(
            "the recipients are not the ones of the last start",
            where=str(settings.recipients_file),
            mend="compare 'stonechat keys show' with your organisation, then run 'stonechat keys accept'",
        )


def fingerprint_text(recipients: RecipientsByClass) -> str:
    """What reporters may compare: each fingerprint once, one a line."""
    return "\n".join(dict.fromkeys(p for prints in recipients.fingerprints().values() for p in prints))
