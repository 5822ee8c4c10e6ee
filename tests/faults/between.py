"""What stands between the bot and the platform for an hour: it cuts, delays and lies, by chance and with a seed."""

import asyncio
import gzip
import random
from collections import Counter

from tests.channels.liar import (
    HTML,
    Forward,
    Liar,
    Lie,
    Wire,
    closes,
    error,
    halves,
    http,
    resets,
    resets_after,
    said,
)


class Between(Liar):
    """`share` of all calls are spoilt; `told` counts what was done to them."""

    def __init__(self, port_behind: int, seed: int, share: float) -> None:
        super().__init__(port_behind, self._choose)
        self._chance, self._share = random.Random(seed), share
        self._last_poll = b""
        self.told: Counter[str] = Counter()
        self.lies: dict[str, Lie] = {
            "closed at once": closes,
            "reset at once": resets,
            "reset after its effect": resets_after,
            "cut in its answer": halves,
            "delayed": self._delays,
            "delayed, then cut": self._delays_and_cuts,
            "silent": self._is_silent,
            "a page": http(200, HTML),
            "a redirect": http(302, HTML, "Location: http://127.0.0.1:9/login"),
            "a gateway": http(502, HTML),
            "a proxy's password": http(407),
            "not there": http(404, HTML),
            "forbidden": http(403, HTML),
            "busy": error(503, "Service Unavailable"),
            "a rest": error(429, "Too Many Requests: retry after 1", retry_after=1),
            "no envelope": said({"portal": "log in"}),
            "no result": said({"ok": True, "result": None}),
            "nothing": http(204),
            "gzip that is none": http(200, gzip.compress(HTML)[:-9], "Content-Encoding: gzip"),
            "no HTTP": b"\x15\x03\x01\x00\x02\x02\x46",
            "answered twice": self._answers_twice,
            "an old poll": self._repeats,
        }

    def _choose(self, method: str, count: int) -> Lie | None:
        self.asked.clear()  # an hour of them is many
        if self._chance.random() > self._share:
            return self._remembers if method == "getupdates" else None
        name = self._chance.choice(list(self.lies))
        if name == "an old poll" and method != "getupdates":
            name = "a gateway"
        self.told[name] += 1
        return self.lies[name]

    async def _remembers(self, wire: Wire, forward: Forward) -> None:
        self._last_poll = await forward()
        await wire.answers(self._last_poll)

    async def _repeats(self, wire: Wire, forward: Forward) -> None:
        await wire.says(self._last_poll or said({"ok": True, "result": []}))

    async def _delays(self, wire: Wire, forward: Forward) -> None:
        await asyncio.sleep(self._chance.uniform(0.05, 3))
        await wire.answers(await forward())

    async def _delays_and_cuts(self, wire: Wire, forward: Forward) -> None:
        await asyncio.sleep(self._chance.uniform(0.05, 3))
        await resets_after(wire, forward)

    async def _is_silent(self, wire: Wire, forward: Forward) -> None:
        await asyncio.sleep(self._chance.uniform(5, 30))

    async def _answers_twice(self, wire: Wire, forward: Forward) -> None:
        await wire.answers(await forward())
        await asyncio.sleep(0.01)
        await wire.says(said({"ok": True, "result": {"message_id": 1}}))
        await asyncio.sleep(1)
