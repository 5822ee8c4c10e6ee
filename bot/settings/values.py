"""What an operator decides: every setting by its name, with its kind and default."""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.machine.addresses import shown

if TYPE_CHECKING:
    from bot.alarm import Target

PUBLIC_API = "https://api.telegram.org"
PORTS = (443, 80, 88, 8443)  # that Telegram delivers to
SPREAD = 30  # minutes
TELEGRAM_TOKEN = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{20,64}\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Z][a-z]{3})?([_-]([A-Z]{2}|\d{3}))?")  # fr, pt_BR or pt-BR, zh_Hant_TW


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Hours and minutes are whole numbers; paths are absolute or beside the file."""

    state: Path = Path("state")
    keys: Path | None = None
    recipients: Path | None = None
    recipients_identity: Path | None = None
    recipients_contact: Path | None = None
    recipients_sensitive: Path | None = None
    database: str = ""
    intake: str = field(default="embedded", repr=False)
    intake_key: str = ""
    intake_bots: Path | None = None
    handoff_spread: int = -1
    telegram_token: str = field(default="", repr=False)
    telegram_api: str = field(default=PUBLIC_API, repr=False)
    telegram_webhook: str = field(default="", repr=False)
    telegram_listen: str = "127.0.0.1:8322"
    telegram_sensitive: Literal["allow", "ask", "refuse"] = "ask"
    phone: str = ""
    metrics: str = ""
    logs: str = "text"
    languages: tuple[str, ...] = ()
    draft_ttl: int = 72
    organisation: str = ""
    help: str = ""
    first_read: int = 0
    trained_team: Literal["yes", "no"] = "no"
    look: int = 0
    alarm: "tuple[Target, ...]" = ()
    alarm_mail: str = field(default="", repr=False)
    alarm_mail_password: str = field(default="", repr=False)
    alarm_from: str = ""
    alarm_language: str = "en"
    receipt_days: int = 365
    reports_a_day: int = 20

    @property
    def recipients_file(self) -> Path:
        """The first recipients file: every class without one of its own uses it."""
        return self.recipients or self.state / "recipients.txt"

    @property
    def database_file(self) -> Path:
        """The SQLite file, in the state folder unless `database` names another place."""
        found = self.database.removeprefix("sqlite:")
        return Path(found) if found else self.state / "stonechat.db"

    @property
    def reports_go_to(self) -> str:
        """`intake`, as it may be shown: nobody's password is in it."""
        return shown(self.intake) if self.intake.startswith("http") else self.intake

    @property
    def spread(self) -> int:
        """Minutes over which calm reports leave at random."""
        return self.handoff_spread if self.handoff_spread >= 0 else SPREAD


EXAMPLES = {
    "draft_ttl": "72",
    "first_read": "48",
    "handoff_spread": "30",
    "look": "12",
    "receipt_days": "365",
    "reports_a_day": "20",
    "database": '"sqlite:PATH"',
    "intake": '"folder:PATH", or "https://…"',
    "intake_key": "\"ssh-ed25519 …\", the line that 'stonechat intake --show-key' prints",
    "telegram_api": f'"{PUBLIC_API}", or take it out',
    "telegram_webhook": '"https://HOST/PATH"',
    "telegram_listen": '"127.0.0.1:8322"',
    "telegram_sensitive": '"ask", "allow" or "refuse"',
    "phone": '"127.0.0.1:8320"',
    "metrics": '"127.0.0.1:8323"',
    "logs": '"text" or "json"',
    "languages": '"ar, en, fr"',
    "trained_team": '"yes" or "no"',
    "alarm": '["mailto:…", "https://…"]',
    "alarm_mail": '"smtps://USER@HOST"',
    "alarm_from": '"stonechat@example.org"',
    "alarm_language": '"en"',
}
KNOWN = {f.name: f for f in fields(Settings)}
SECRETS = ("telegram_token", "alarm_mail_password")
PREFIX = "STONECHAT_"
FILE = "stonechat.toml"


def example(key: str) -> str:
    """How the line of a setting reads where it is right."""
    return f"{key} = {EXAMPLES[key]}"
