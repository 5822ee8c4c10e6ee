"""Sessions that an older Stonechat left."""

from collections.abc import Mapping
from typing import Any

from bot.flow.session import Session


def session_of_schema_1(raw: Mapping[str, Any]) -> Session:
    """Raises ValueError where it can't be one."""
    raise ValueError("not yet")
