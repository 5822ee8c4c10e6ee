"""A page that looks and feels like a messenger, over a websocket, on this machine only."""

from bot.channels.phone.app import MOST_FRAME, make_app
from bot.channels.phone.channel import Phone

__all__ = ["MOST_FRAME", "Phone", "make_app"]
