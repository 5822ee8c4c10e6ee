"""By a program of the operator's own: a siren, a modem, another messenger."""

import asyncio
import contextlib
import os
import signal

from bot.alarm.sending import LIMIT, AlarmError, Notice
from bot.alarm.targets import Program, mark_of, program_trouble

MEND = "run it by hand; 'stonechat alarm rehearse' tries it"


class ProgramSender:
    """See `bot.alarm.sending.Sender`.

    The program gets the text on its standard input and STONECHAT_ALARM=ring or rehearsal, and nothing else of our
    environment, which may hold secrets. 0 at its end means that a person is being told. What it prints is thrown away.
    """

    def __init__(self, name: str, target: Program, limit: float = LIMIT) -> None:
        """`limit`: seconds until it is ended with all that it started."""
        self.name, self._target, self._limit = name, target, limit
        self.weakness = ""
        self.mark = mark_of(target.kind, *target.argv)

    async def send(self, notice: Notice) -> None:
        """Return only when the program ended with 0. Raises AlarmError."""
        try:
            code = await self._run(notice)
        except TimeoutError:
            raise self._error(f"the program took longer than {self._limit:g} s and was ended") from None
        except OSError as error:
            raise self._error(f"the program can't be run ({type(error).__name__})") from None
        if code:
            raise self._error(f"the program ended with {code}")

    async def check(self) -> None:
        """Whether it could be started. Raises AlarmError."""
        if problem := program_trouble(self._target.argv[0]):
            raise self._error(problem)

    async def _run(self, notice: Notice) -> int:
        text = _readable(notice.body.encode())
        try:
            process = await asyncio.create_subprocess_exec(
                *self._target.argv,
                stdin=text,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "STONECHAT_ALARM": notice.kind},
                cwd="/",
                start_new_session=True,  # a group of its own, so that it can be ended with all that it started
            )
        finally:
            os.close(text)
        try:
            async with asyncio.timeout(self._limit):
                return await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await asyncio.shield(process.wait())

    def _error(self, what: str) -> AlarmError:
        return AlarmError(what, where=self.name, mend=MEND)


def _readable(text: bytes) -> int:
    """A descriptor that gives `text`, which is far shorter than what a pipe holds: nobody is waited for."""
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    return reading
