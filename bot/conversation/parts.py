"""Words into sealed parts, and a part's two halves: the header under the conversation's key, the payload beside it."""

from collections.abc import Iterable

from bot.conversation.house import House
from bot.flow.values import ToSeal
from bot.seal.age import seal
from bot.seal.padding import pad_text
from bot.store import PartRow

HEADER, SIZE = b"header", 4


def sealed(house: House, conversation: bytes, words: Iterable[ToSeal]) -> tuple[PartRow, ...]:
    """Each to the recipients of its class. Its key must be there."""
    return tuple(_sealed(house, conversation, each) for each in words)


def _sealed(house: House, conversation: bytes, words: ToSeal) -> PartRow:
    plain = words.text.encode("utf-8", "replace")
    file = seal(pad_text(plain), house.recipients.of(words.cls))
    size = len(plain).to_bytes(SIZE, "big")
    header = house.keys.encrypt(conversation, _label(words.number), size + file.header)
    return PartRow(words.number, header, file.payload)


def open_header(house: House, conversation: bytes, row: PartRow) -> tuple[int, bytes] | None:
    """(true size of its words in bytes, age header) of a stored part. None: its key is gone."""
    plain = house.keys.decrypt(conversation, _label(row.number), row.header)
    return None if plain is None else (int.from_bytes(plain[:SIZE], "big"), plain[SIZE:])


def _label(number: int) -> bytes:
    """A header is bound to its part: none can stand for another."""
    return HEADER + number.to_bytes(4, "big")
