"""What a person is asked in a terminal: passphrases. Who ends it, or does not sit there, gets one line."""

import contextlib
import getpass
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from bot.errors import StonechatError
from bot.keys.files import WrongPassphraseError, is_protected, read_identities
from bot.operating.printing import one_line
from bot.seal.hybrid import HybridIdentity


class StoppedError(StonechatError):
    """Who was asked ended the program, or nobody sits there."""


@contextlib.contextmanager
def answered(what: str, not_done: str) -> Iterator[None]:
    """Ctrl-C, Ctrl-D and an input that is no terminal are one line with what was not done. Raises StoppedError."""
    try:
        yield
    except (EOFError, KeyboardInterrupt):
        print(file=sys.stderr)
        told = f"{what} was not given: {not_done}"
        raise StoppedError(told, mend="run it in a terminal, and answer there") from None


def ask_passphrase(question: str) -> str:
    """Unseen, or from a pipe where there is no terminal at all. EOFError where nothing comes."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except getpass.GetPassWarning:  # it would warn, in four lines, that what is typed is seen: here nobody types
            if not (line := sys.stdin.readline()):
                raise EOFError from None
            return line.rstrip("\n")


def read_keys(paths: list[Path]) -> list[HybridIdentity]:
    """All identities of these files; a wrong passphrase is called that, and asked again. Raises SettingsError."""
    found: list[HybridIdentity] = []
    for path in paths:
        found += _unlocked(path) if is_protected(path) else read_identities(path)
    return found


def _unlocked(path: Path) -> tuple[HybridIdentity, ...]:
    for left in reversed(range(3 if sys.stdin.isatty() else 1)):
        name = one_line(str(path))
        with answered("the passphrase", f"{name} stayed closed"):
            passphrase = ask_passphrase(f"Passphrase of {name}: ")
        try:
            return read_identities(path, passphrase)
        except WrongPassphraseError as error:
            if not left:
                raise
            print(f"stonechat: {error}", file=sys.stderr)
    raise AssertionError
