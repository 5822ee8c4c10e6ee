"""The phone page's channel: what stands on each page, in memory only, and who is connected to it."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct

from bot.channels import Incoming, Outgoing

ROOMS = 1_000  # pages remembered; the longest unused goes first
ENTRIES = 300  # messages of one page
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Entry(Struct):
    """A message that stands on a page. Of the person's own only that it is there: their words are never kept."""

    id: int
    at: int
    own: bool = False
    text: str = ""
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    quotes: int | None = None
    picked: str = ""


class Room:
    """One page: its messages, and the connection that it has now."""

    def __init__(self) -> None:
        self.entries: OrderedDict[int, Entry] = OrderedDict()
        self.language = ""
        self._last = 0
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._send: Send | None = None
        self._lock = asyncio.Lock()

    def next_id(self, now: float) -> int:
        """Of both sides' messages, in one order that goes on after a restart."""
        self._last = max(self._last + 1, int(now * 1000))
        return self._last

    async def enter(self, send: Send, seen: int) -> None:
        """A page has come (back): it gets all that stands there. An older tab of the same page is told so."""
        if self._send is not None:
            await self.tell({"type": "elsewhere"})
        self._send = send
        self._last = max(self._last, seen)
        entries = [_shown(e) for e in self.entries.values()]
        await self.tell({"type": "room", "fresh": not entries, "language": self.language, "entries": entries})

    def leave(self, send: Send) -> None:
        if self._send is send:
            self._send = None

    def is_of(self, send: Send) -> bool:
        return self._send is send

    @property
    def empty(self) -> bool:
        return self._send is None

    def keep(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        while len(self.entries) > ENTRIES:
            self.entries.popitem(last=False)

    def id_of(self, key: str, fresh: int) -> int:
        """The id of a page's message: when it is sent again, the one that it got first."""
        found = self._ids.setdefault(key, fresh)
        while len(self._ids) > ENTRIES:
            self._ids.popitem(last=False)
        return found

    async def tell(self, message: dict[str, Any]) -> None:
        """To the page that is connected now; what it misses it gets when it is back."""
        send = self._send
        if send is None:
            return
        with contextlib.suppress(Exception):
            async with self._lock:
                await send(message)


def _shown(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "message", "id": entry.id, "at": entry.at, "own": entry.own}
    if not entry.own:
        shown |= {"text": entry.text, "rows": entry.rows, "quotes": entry.quotes, "picked": entry.picked}
    return shown


class Phone:
    """See `bot.channels.Channel`. An account and an address are the page's own random token."""

    name = "phone"
    capabilities: tuple[str, ...] = ("buttons", "edit", "delete")

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def room(self, token: str) -> Room:
        room = self._rooms.setdefault(token, Room())
        self._rooms.move_to_end(token)
        for old in list(self._rooms)[: max(0, len(self._rooms) - ROOMS)]:
            if self._rooms[old].empty:
                del self._rooms[old]
        return room

    async def send(self, address: str, out: Outgoing) -> tuple[int, ...]:
        room = self.room(address)
        room.language = out.language or room.language
        entry = Entry(
            out.edits or room.next_id(self._clock()), int(self._clock()), False, out.text, out.rows, out.quotes
        )
        if out.rows:
            for earlier in room.entries.values():
                if earlier.id != entry.id:
                    earlier.rows = ()  # a newer question stands there now
        room.keep(entry)
        await room.tell(_shown(entry) | {"language": room.language})
        return (entry.id,)

    async def delete(self, address: str, messages: Sequence[int]) -> bool:
        room = self.room(address)
        for message in messages:
            room.entries.pop(message, None)
        await room.tell({"type": "gone", "ids": list(messages)})
        return True

    def said(self, token: str, key: str, text: str, seen: int, language: str) -> Incoming:
        """Typed words. `seen` is the bot's message that stood last on the page: the words belong to it."""
        room = self.room(token)
        entry = Entry(room.id_of(key, room.next_id(self._clock())), int(self._clock()), True)
        room.keep(entry)
        return Incoming(
            self.name,
            f"{token}:{key}",
            token,
            token,
            "said",
            text,
            entry.id,
            replies_to=seen,
            sent=entry.at,
            raw=text.encode("utf-8", "replace"),
            language=language,
        )

    def pressed(self, token: str, key: str, data: str, message: int, language: str) -> Incoming:
        entry = self.room(token).entries.get(message)
        if entry is not None:
            entry.picked = next((label for row in entry.rows for label, d in row if d == data), "")
        return Incoming(self.name, f"{token}:{key}", token, token, "pressed", data, message, language=language)

    def came_back(self, token: str, key: str, language: str) -> Incoming:
        return Incoming(self.name, f"{token}:{key}", token, token, "came_back", language=language)
