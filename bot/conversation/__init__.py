"""Event in, commit, prompts out: the only place where all rooms meet, each behind its protocol."""

from bot.conversation.door import Conversations
from bot.conversation.house import House, Triage

__all__ = ["Conversations", "House", "Triage"]
