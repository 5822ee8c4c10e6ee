"""What is logged, and what never is."""

import json
import logging
import sys

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
    """One fact, one line, for programs. No time: who collects logs adds their own, and the bot keeps no instants."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        fact = {"level": record.levelname, "from": record.name, "says": record.getMessage()}
        return json.dumps(fact, ensure_ascii=False)


def quiet_logs(level: int = logging.INFO, form: str = "text") -> None:
    """Only our own loggers speak: libraries log texts, numbers and tokens. `form` is text or json."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if form == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLine())
    for name in LOUD:
        silence(name)


def silence(name: str) -> None:
    """Cut a library's logger off, at every level."""
    logger = logging.getLogger(name)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
