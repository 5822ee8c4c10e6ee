"""Waiting for a while, or for news."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Sleep = Callable[[float], Awaitable[None]]


async def pause(sleep: Sleep, seconds: float, news: Coroutine[Any, Any, Any]) -> None:
    """Until `seconds` have passed or `news` is through, whichever comes first. The other one is ended."""

    async def rest() -> None:
        await sleep(max(0.0, seconds))

    both = asyncio.create_task(rest()), asyncio.create_task(news)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in both:
            each.cancel()
        await asyncio.gather(*both, return_exceptions=True)
