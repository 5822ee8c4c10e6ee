"""What a message is to us. The rule is open: what has no words is told so, also kinds that do not exist yet.

Source: Bot API, "Message": exactly one of its optional fields says what it is.
"""

from typing import Any

from msgspec import Struct

from bot.channels.telegram.linked import with_addresses

LOCATIONS = ("location", "venue")
FILES = ("photo", "document", "voice", "audio", "video", "animation", "paid_media")
# What the platform writes into a chat when something happens to it. Nobody sent these, so nobody waits for an answer.
SILENT = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "chat_background_set",
    "write_access_allowed",
    "connected_website",
    "boost_added",
    "proximity_alert_triggered",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "managed_bot_created",
)


class Content(Struct, frozen=True):
    """Words, or the kind of what is none (location, contact, file, other). Neither: nobody sent it."""

    words: str | None = None
    kind: str = ""
    forwarded: bool = False


def content_of(inner: dict[str, Any]) -> Content:
    """What a new message holds. What others wrote (forwards, words by way of another bot) is marked."""
    if isinstance(text := inner.get("text"), str) and text:
        return Content(with_addresses(text, inner.get("entities")), forwarded=_is_of_others(inner))
    if any(key in inner for key in LOCATIONS):
        return Content(kind="location")
    if "contact" in inner:
        return Content(kind="contact")
    if any(key in inner for key in FILES):
        return Content(kind="file")
    return Content() if any(key in inner for key in SILENT) else Content(kind="other")


def edited_words(inner: dict[str, Any]) -> str | None:
    """What an earlier message reads now. None: it never had words, and a location that moves says nothing by itself.

    Somebody can put a file to words that were sent before; the words are its caption then, and still their answer.
    """
    for words, entities in (("text", "entities"), ("caption", "caption_entities")):
        if isinstance(found := inner.get(words), str):
            return with_addresses(found, inner.get(entities))
    return None


def _is_of_others(inner: dict[str, Any]) -> bool:
    return "forward_origin" in inner or "via_bot" in inner
