"""One frozen Settings from stonechat.toml and STONECHAT_* variables. Every error is one line with its mend.

values        what can be decided                        tomlfile      TOML as it is saved, and where it is wrong
secret_files  secrets in files of their own, as mounted  reading       one value, as it was written
checking      whether all fits together                  loading       file and variables become Settings
"""

from bot.settings.loading import load_settings
from bot.settings.secret_files import kept_at
from bot.settings.values import KNOWN, LANGUAGE, PORTS, SECRETS, TELEGRAM_TOKEN, Settings

__all__ = [
    "KNOWN",
    "LANGUAGE",
    "PORTS",
    "PREFIX",
    "SECRETS",
    "TELEGRAM_TOKEN",
    "Settings",
    "kept_at",
    "load_settings",
]
