"""The keys that must die with a draft, and what hides who somebody is: on tmpfs where there is one, in no backup.

A draft's record and its parts' headers are encrypted under its key, wherever else they lie.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError
from bot.keys.keyfiles import KEY, KeyFiles, KeysError
from bot.machine.files import forget_time, is_reachable, read_bytes, write_private


class Keyring(KeyFiles):
    """Keys, and a pepper. `fresh` tells that this installation had keys before and they are gone (a reboot)."""

    def __init__(self, folder: Path) -> None:
        """Make or open `folder`, 0700. Raises SettingsError where others can read it, or the pepper is damaged."""
        super().__init__(folder)
        root = folder / "pepper"
        self.fresh = not os.path.lexists(root)
        if self.fresh:
            write_private(root, secrets.token_bytes(KEY))
            forget_time(root)
        pepper = read_bytes(root)
        if len(pepper) != KEY:
            raise SettingsError(
                "the key of all drafts is cut short", where=str(root), mend=f"rm {root} (drafts are lost)"
            )
        self._pepper, self._place = pepper, self._inode()
        self._people, self._updates = (
            HKDF(hashes.SHA256(), KEY, None, f"stonechat {label}".encode()).derive(pepper)
            for label in ("conversations", "updates")
        )

    def _inode(self) -> tuple[int, int]:
        found = os.stat(self.folder)
        return found.st_dev, found.st_ino

    def _check_there(self) -> None:
        """A folder that was made anew gets again what this bot has in memory. One that was emptied stays empty: whoever
        emptied it wanted that. Raises KeysError."""
        super()._check_there()
        root = self.folder / "pepper"
        with self._told():
            if os.path.lexists(root) or not is_reachable(root):
                return
            if self._inode() == self._place:
                mend = "start the bot again: drafts that were open are lost"
                raise KeysError("the keys of drafts were removed", where=str(self.folder), mend=mend)
            for name, key in self._keys.items():
                self._write(self._path(name), key)
            write_private(root, self._pepper)  # last: without it the next look begins anew
            forget_time(root)
            self._place = self._inode()

    def conversation(self, channel: str, account: str) -> bytes:
        """The id of a conversation: nobody finds the account in it without the pepper."""
        return self._digest(self._people, f"{channel}\0{account}")

    def update(self, channel: str, update: str) -> bytes:
        """What is remembered of a platform's update: nobody finds its id in it without the pepper."""
        return self._digest(self._updates, f"{channel}\0{update}")

    @staticmethod
    def _digest(key: bytes, text: str) -> bytes:
        code = hmac.HMAC(key, hashes.SHA256())
        code.update(text.encode())
        return code.finalize()[:16]
