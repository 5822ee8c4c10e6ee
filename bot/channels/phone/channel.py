"""The phone page's channel: what stands on each page, in memory only, and who is connected to it."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct

from bot.talk.events import Arrival, CameBack, Deleted, Envelope, Event, MessageRef, Pressed, Said
from bot.talk.outgoing import Abilities, Choice, Outgoing
from bot.talk.tongues import tag

ROOMS = 1_000  # pages remembered; the longest unused goes first
ENTRIES = 300  # messages of one page
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Entry(Struct):
    """A message that stands on a page. Of the person's own only that it is there: their words are never kept.

    `at` is in seconds since 1970; `language` gives its side to every paragraph; `picked` is the label that was pressed;
    `consent`: its choices bind, and take no press before they can have been read.
    """

    id: int
    at: int
    own: bool = False
    paragraphs: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    extras: tuple[Choice, ...] = ()
    quotes: int = 0
    language: str = ""
    picked: str = ""
    consent: bool = False


class Room:
    """One page: its messages, and the connection that it has now."""

    def __init__(self) -> None:
        """Empty, with nobody there."""
        self.entries: OrderedDict[int, Entry] = OrderedDict()
        self.language = ""
        self.kept: tuple[int, ...] = ()  # own messages that can be taken back now
        self._last = 0
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._refused: OrderedDict[str, str] = OrderedDict()
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
        await self.tell(
            {"type": "room", "fresh": not entries, "language": self.language, "kept": self.kept, "entries": entries}
        )

    def leave(self, send: Send) -> None:
        """This connection has ended; where another took over, that one stays."""
        if self._send is send:
            self._send = None

    def is_of(self, send: Send) -> bool:
        """Whether this connection is the page's present one."""
        return self._send is send

    @property
    def empty(self) -> bool:
        """Nobody is connected."""
        return self._send is None

    def keep(self, entry: Entry) -> None:
        """Let it stand on the page; the oldest of too many goes."""
        self.entries[entry.id] = entry
        while len(self.entries) > ENTRIES:
            self.entries.popitem(last=False)

    def answered(self, update: str, notice: str | None) -> str | None:
        """Why what the page asked was not done; when it asks again, because no answer came, the same."""
        if notice:
            self._refused[update] = notice
            while len(self._refused) > ENTRIES:
                self._refused.popitem(last=False)
        return notice or self._refused.get(update)

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
        shown |= {
            "paragraphs": entry.paragraphs,
            "choices": [_button(c) for c in entry.choices],
            "extras": [_button(c) for c in entry.extras],
            "quotes": entry.quotes,
            "language": entry.language,
            "picked": entry.picked,
            "consent": entry.consent,
        }
    return shown


def _button(choice: Choice) -> dict[str, Any]:
    return {"label": choice.label, "data": choice.data, "chosen": choice.chosen}


class Phone:
    """See `bot.talk.outgoing.Channel`. An account and an address are the page's own random token."""

    name = "phone"
    abilities = Abilities(buttons=True, edits=True, deletes="both", orders=True)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        self._clock = clock
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def room(self, token: str) -> Room:
        """A page's room, made where there is none; the longest unused of too many goes."""
        room = self._rooms.setdefault(token, Room())
        self._rooms.move_to_end(token)
        for old in list(self._rooms)[: max(0, len(self._rooms) - ROOMS)]:
            if self._rooms[old].empty:
                del self._rooms[old]
        return room

    async def send(self, address: str, out: Outgoing) -> tuple[MessageRef, ...]:
        """Show it on the page, now or when it is back. A message that is gone stands there again under its id."""
        room = self.room(address)
        room.language = tag(out.language) or room.language
        number = out.edits.order if out.edits else room.next_id(self._clock())
        quotes = out.quotes.order if out.quotes else 0
        entry = Entry(
            number,
            int(self._clock()),
            False,
            out.paragraphs,
            out.choices,
            out.extras,
            quotes,
            room.language,
            consent=out.consent,
        )
        if out.choices or out.extras:
            for earlier in room.entries.values():
                if earlier.id != entry.id:
                    earlier.choices = earlier.extras = ()  # a newer question stands there now
        room.keep(entry)
        room.kept = tuple(int(id_) for id_ in out.kept if id_.isdecimal())
        await room.tell(_shown(entry) | {"kept": room.kept})
        return (MessageRef(str(number), number, True),)

    async def delete(self, address: str, messages: Sequence[MessageRef]) -> bool:
        """Messages of both sides, at any time. A page that is away loses them when it is back."""
        room = self.room(address)
        for message in messages:
            room.entries.pop(message.order, None)
        await room.tell({"type": "gone", "ids": [message.order for message in messages]})
        return True

    def said(self, token: str, key: str, text: str, seen: int, language: str) -> Arrival:
        """Typed words. `seen` is the bot's message that stood last on the page: the words belong to it."""
        room = self.room(token)
        entry = Entry(room.id_of(key, room.next_id(self._clock())), int(self._clock()), True)
        room.keep(entry)
        message = MessageRef(str(entry.id), entry.id)
        envelope = Envelope(
            self.name,
            f"{token}:{key}",
            token,
            token,
            message,
            replies_to=str(seen) if seen else "",
            sent=entry.at,
            language=language,
        )
        return Arrival(envelope, Said(text, message))

    def pressed(self, token: str, key: str, data: str, message: int, language: str) -> Arrival:
        """A button of the message with this id, which is as the page says and not trusted."""
        entry = self.room(token).entries.get(message)
        if entry is not None:
            entry.picked = next((c.label for c in (*entry.choices, *entry.extras) if c.data == data), "")
        return self._arrival(token, key, Pressed(data, MessageRef(str(message), message, True)), language)

    def not_picked(self, arrival: Arrival) -> None:
        """The button that was pressed does not count: it does not stand there as what was chosen."""
        if isinstance(arrival.event, Pressed):
            entry = self.room(arrival.envelope.account).entries.get(arrival.event.message.order)
            if entry is not None:
                entry.picked = ""

    def taken_back(self, token: str, key: str, message: int, language: str) -> Arrival:
        """Their own message with this id, which is as the page says and not trusted."""
        return self._arrival(token, key, Deleted(MessageRef(str(message), message)), language)

    def answered(self, arrival: Arrival, notice: str | None) -> str | None:
        """See `Room.answered`."""
        return self.room(arrival.envelope.account).answered(arrival.envelope.update, notice)

    def forget_own(self, arrival: Arrival) -> None:
        """It was taken back: it stands there no more, after a reload either."""
        if isinstance(arrival.event, Deleted):
            entry = self.room(arrival.envelope.account).entries.get(arrival.event.message.order)
            if entry is not None and entry.own:
                del self.room(arrival.envelope.account).entries[entry.id]

    def came_back(self, token: str, key: str, language: str) -> Arrival:
        """The page was opened anew."""
        return self._arrival(token, key, CameBack(), language)

    def _arrival(self, token: str, key: str, event: Event, language: str) -> Arrival:
        return Arrival(Envelope(self.name, f"{token}:{key}", token, token, language=language), event)
