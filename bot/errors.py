"""Every error that an operator can see: one line that says what, where, and the mend."""

import os


class StonechatError(Exception):
    """What went wrong, where, and how to mend it. Never holds a word of a reporter."""

    def __init__(self, what: str, *, where: str = "", mend: str = "", passing: bool = False) -> None:
        """`what` alone is what a program may compare; `where` is a path, `path:line` or a setting's name.

        `passing`: another start may find it gone, so that a service manager should try; else a person must mend it.
        """
        self.what, self.where, self.mend, self.passing = what, where, mend, passing
        super().__init__(what)

    def __str__(self) -> str:
        """One line, whatever it quotes."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        line = f"{line}; {self.mend}" if self.mend else line
        # It may quote a file: what would break the line, or steer a terminal, is shown by its number.
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


class SettingsError(StonechatError):
    """A setting, a key file or the state folder is not as it must be."""


def line_of(error: BaseException) -> str:
    """`plans.py:92`: where our own code stood, for a log line that must not hold what stood there."""
    found, frame = "?", error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if f"{os.sep}bot{os.sep}" in name:
            found = f"{os.path.basename(name)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return found
