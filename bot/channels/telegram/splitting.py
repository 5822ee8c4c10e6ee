"""Long texts in pieces that the platform takes."""

MOST_TEXT = 4096  # UTF-16 units of one message; Bot API, sendMessage


def units(text: str) -> int:
    """Telegram counts UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def split_text(text: str, most: int = MOST_TEXT) -> list[str]:
    """Pieces of at most `most` UTF-16 units, cut at lines where that is possible, never inside a character."""
    pieces: list[str] = []
    while units(text) > most:
        room = text[:most]
        while units(room) > most:
            room = room[: -max(1, (units(room) - most) // 2)]
        cut = room.rfind("\n")
        cut = cut if cut > 0 else len(room)
        pieces.append(text[:cut])
        text = text[cut:].lstrip("\n")
    return [*pieces, text] if text or not pieces else pieces
