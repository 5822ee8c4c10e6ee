"""Words with the addresses that stand behind them: `the video <https://…>`.

A link behind words is part of what somebody tells (where a film, a post or a threat is found); read as plain text it
would be lost in silence, and nobody would know that there was one.

Source: Bot API, MessageEntity: offset and length count UTF-16 units.
"""

from typing import Any

from bot.channels.letters import plain

LONGEST = 2048  # characters of one address
MOST = 100  # entities of one message, as the platform sends them


def with_addresses(text: str, entities: Any) -> str:
    """The text as it was typed, each linked stretch followed by its address.

    `entities` are what the platform sent; those that make no sense are left out.
    """
    wide = text.encode("utf-16-le", "surrogatepass")
    for end, address in reversed(_found(entities, len(wide) // 2, wide)):
        wide = wide[: end * 2] + f" <{address}>".encode("utf-16-le") + wide[end * 2 :]
    return plain(wide.decode("utf-16-le", "surrogatepass"))


def _found(entities: Any, length: int, wide: bytes) -> list[tuple[int, str]]:
    """(end in UTF-16 units, address), in order. Neighbours with one address (bold in a link) are one link."""
    links: list[tuple[int, int, str]] = []
    for entity in entities[:MOST] if isinstance(entities, list) else ():
        match entity:
            case {"offset": int(start), "length": int(size)} if 0 <= start < start + size <= length:
                if address := _address(entity):
                    links.append((start, start + size, address))
    links.sort()
    found: list[tuple[int, str]] = []
    for number, (start, end, address) in enumerate(links):
        follows = links[number + 1] if number + 1 < len(links) else None
        if follows and follows[0] <= end and follows[2] == address:
            continue
        if wide[start * 2 : end * 2].decode("utf-16-le", "replace").strip() != address:
            found.append((end, address))
    return sorted(found)


def _address(entity: dict[str, Any]) -> str:
    """Where a stretch leads; a person who has no name to write down is found by the platform's own kind of link."""
    match entity:
        case {"type": "text_link", "url": str(url)}:
            return "".join(plain(url).split())[:LONGEST]
        case {"type": "text_mention", "user": {"id": int(user)}}:
            return f"tg://user?id={user}"
    return ""
