"""A chat, or a topic of it (a private chat with this bot may have topics): where to write to, as text.

Source: Bot API 9.3, "Message.is_topic_message" and sendMessage's message_thread_id.
"""

from typing import Any


def address_of(chat: int, topic: int = 0) -> str:
    """`chat`, or `chat/topic`. A conversation is the chat's, whichever topic it is led in."""
    return f"{chat}/{topic}" if topic else str(chat)


def to(address: str) -> dict[str, Any]:
    """The address as a new message needs it."""
    chat, _, topic = address.partition("/")
    return {"chat_id": int(chat)} | ({"message_thread_id": int(topic)} if topic else {})


def chat_of(address: str) -> int:
    """Its chat: what is changed or deleted is found by its number there, whatever its topic."""
    return int(address.partition("/")[0])
