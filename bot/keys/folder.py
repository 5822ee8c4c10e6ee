"""Where the keys that die with a draft lie: on tmpfs where there is one, for one installation alone."""

import os
from pathlib import Path

from bot.settings import Settings

HOST_KEYS = Path("/run/stonechat")


def keys_folder(settings: Settings, state_id: str) -> Path:
    """STONECHAT_KEYS, else the host's /run/stonechat where that can be written, else beside the state."""
    if settings.keys is not None:
        root = settings.keys
    elif HOST_KEYS.is_dir() and os.access(HOST_KEYS, os.W_OK):
        root = HOST_KEYS
    else:
        root = settings.state / "keys"
    return root / state_id
