"""Work trees of git and its like: what lies in one is committed one day, and pushed."""

import os
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.files import write_private

SIGNS = (".git", ".hg", ".svn", ".jj")
ALL = b"*\n"  # of a .gitignore: nothing in this folder is ever added


def work_tree(path: Path) -> Path | None:
    """The work tree that `path` lies in, wherever links lead."""
    real = Path(os.path.realpath(path))
    return next((p for p in (real, *real.parents) if any(os.path.lexists(p / sign) for sign in SIGNS)), None)


def refuse_work_tree(folder: Path, what: str, better: str) -> None:
    """A private key is not made where it would be committed. Raises SettingsError."""
    tree = work_tree(folder)
    if tree is not None:
        told = f"this folder lies in the work tree {tree}: {what} would be committed one day"
        raise SettingsError(told, where=str(folder), mend=f"mkdir -m 700 {better} && cd {better}, then again")


def keep_out_of_git(folder: Path) -> None:
    """A folder of ours in a work tree is left alone by git: it holds keys and reports. Raises DiskError."""
    if not os.path.lexists(folder / ".gitignore") and work_tree(folder) is not None:
        write_private(folder / ".gitignore", ALL)
