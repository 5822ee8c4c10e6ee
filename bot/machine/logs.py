"""What is logged, and what never is."""

import json
import logging
import os
import sys
import time

LOUD = (
    "telegram",
    "aiohttp",
    "httpx",
    "httpcore",
    "uvicorn",
    "websockets",
    "aiosqlite",
    "aiosmtplib",
    "asyncio",
    "starlette",
)


class JsonLine(logging.Formatter):
    """One fact, one line, for programs. No time: who collects logs adds their own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        fact = {"level": record.levelname, "from": record.name, "says": record.getMessage()}
        return json.dumps(fact, ensure_ascii=False)


class TextLine(logging.Formatter):
    """The same for people. The second stands before it where nobody else writes that down: journald does."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        """Asked once: what standard error is does not change."""
        when = "" if _is_journal() else "%(asctime)sZ "
        super().__init__(f"{when}%(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")


def _is_journal() -> bool:
    """systemd names the stream that it gave us: a shell below it may have put another one in its place."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM", "") == f"{found.st_dev}:{found.st_ino}"


def quiet_logs(level: int = logging.INFO, form: str = "text") -> None:
    """Only our own loggers speak: libraries log texts, numbers and tokens. `form` is text or json."""
    logging.basicConfig(level=level, stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLine() if form == "json" else TextLine())
    for name in LOUD:
        silence(name)


def silence(name: str) -> None:
    """Cut a library's logger off, at every level."""
    logger = logging.getLogger(name)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
