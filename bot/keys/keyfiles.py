"""Keys as small files in a folder that is in no backup: 32 bytes that die, and with them what they encrypt.

Destroying them here destroys it with all its copies, wherever else these lie.
"""

import contextlib
import errno
import os
import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import NotKept, SettingsError
from bot.machine.files import (
    DiskError,
    check_writable,
    forget_time,
    is_open_to_others,
    is_reachable,
    make_private,
    refused,
    sync_folder,
)
from bot.machine.filesystem import TMPFS, filesystem

KEY = 32  # bytes
NONCE = 12


def _refuse_open(folder: Path) -> None:
    """Nobody else may read the folder or a key in it. Raises SettingsError."""
    try:
        if is_open_to_others(folder):
            raise SettingsError("the keys folder can be read by others", where=str(folder), mend=f"chmod 700 {folder}")
        with os.scandir(folder) as entries:
            opened = next((e.name for e in entries if e.is_file() and e.stat().st_mode & 0o077), None)
    except OSError as error:
        raise refused(error, folder) from None
    if opened is not None:
        where, mend = str(folder / opened), f"chmod 600 {folder}/*"
        raise SettingsError("a key can be read by others", where=where, mend=mend)


class KeysError(NotKept):
    """The folder of keys takes or gives nothing now: gone, full, read-only, another's."""


class KeyFiles:
    """One folder of keys, each under a name of 16 bytes. Their files tell the day on which they were made, no more."""

    def __init__(self, folder: Path) -> None:
        """Make or open `folder`, 0700. Raises SettingsError where others can read it."""
        self.folder = folder
        self._keys: dict[bytes, bytes] = {}
        self._forsaken: set[bytes] = set()
        make_private(folder)
        _refuse_open(folder)
        check_writable(folder)  # else "I agree" would be lost for want of a key
        self.volatile = filesystem(folder) in TMPFS

    def _path(self, name: bytes) -> Path:
        return self.folder / f"{name.hex()}.key"

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk refuses is raised as KeysError, and said of the folder: names of keys are nobody's business."""
        try:
            yield
        except DiskError as error:
            raise KeysError(f"no key can be kept: {error.what}", where=str(self.folder), mend=error.mend) from None
        except FileNotFoundError:
            mend = f"install -d -m 700 {shlex.quote(str(self.folder))}, as the bot's user"
            raise KeysError("no key can be kept: their folder is gone", where=str(self.folder), mend=mend) from None
        except OSError as error:
            found = refused(OSError(error.errno, "", str(self.folder)))
            raise KeysError(f"no key can be kept: {found.what}", where=found.where, mend=found.mend) from None

    def _check_there(self) -> None:
        """Raises KeysError where the folder is not there."""
        with self._told():
            os.stat(self.folder)

    def check(self) -> None:
        """Destroy what could not be destroyed, and see whether a key could be kept now. Raises KeysError."""
        self._check_there()
        for name in tuple(self._forsaken):
            with self._told():
                self._remove(name)
            self._forsaken.discard(name)
        with self._told():
            check_writable(self.folder)
            forget_time(self.folder)

    def _write(self, path: Path, data: bytes) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            if os.write(handle, data) != len(data):
                raise OSError(errno.ENOSPC, "only a part was written", str(path))
            if not self.volatile:
                os.fsync(handle)
            forget_time(handle)
        finally:
            os.close(handle)
        self._changed()

    def _changed(self) -> None:
        forget_time(self.folder)
        if not self.volatile:
            sync_folder(self.folder)

    def create(self, name: bytes) -> None:
        """A new key, on disk before the commit that uses it. Raises KeysError; then there is none."""
        self._check_there()
        key, path = secrets.token_bytes(KEY), self._path(name)
        with self._told():
            try:
                self._write(path, key)
            except OSError:  # a full disk: half a key is none
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
        self._forsaken.discard(name)
        self._keys[name] = key

    def _key(self, name: bytes) -> bytes | None:
        """None where it was destroyed. A folder that can't be read destroys nothing: that raises KeysError."""
        if name in self._forsaken:
            return None
        if name not in self._keys:
            path = self._path(name)
            with self._told():
                if not os.path.lexists(path) and is_reachable(path):
                    self._check_there()
                    return None
                self._keys[name] = path.read_bytes()
        return self._keys.get(name)

    def release(self, name: bytes) -> None:
        """Drop a key from memory; its file stays."""
        self._keys.pop(name, None)

    def destroy(self, name: bytes) -> None:
        """Overwrite and unlink. What was encrypted under it is gone, in backups too. Raises KeysError: it stays."""
        self._keys.pop(name, None)
        with self._told():
            self._remove(name)

    def forsake(self, name: bytes) -> None:
        """The same now, or as soon as the disk lets us; nothing opens with it any more."""
        try:
            self.destroy(name)
        except KeysError:
            self._forsaken.add(name)

    def _remove(self, name: bytes) -> None:
        path = self._path(name)
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(path, os.O_WRONLY)
            try:
                os.write(handle, bytes(KEY))
                os.fsync(handle)
            finally:
                os.close(handle)
            path.unlink()
            self._changed()

    def names(self) -> Iterator[bytes]:
        """Every key that is there."""
        for path in self.folder.glob("*.key"):
            with contextlib.suppress(ValueError):
                yield bytes.fromhex(path.stem)

    def encrypt(self, name: bytes, label: bytes, data: bytes) -> bytes:
        """`label` says what for: a header opens as nothing else. Raises KeyError where there is no key."""
        key = self._key(name)
        if key is None:
            raise KeyError("no key")
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(key).encrypt(nonce, data, name + label)

    def decrypt(self, name: bytes, label: bytes, data: bytes) -> bytes | None:
        """None where the key is gone or does not fit: the draft is destroyed. Raises KeysError."""
        key = self._key(name)
        if key is None or len(key) != KEY:
            return None
        try:
            return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], name + label)
        except InvalidTag:
            return None
