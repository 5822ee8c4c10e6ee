"""Telegram: python-telegram-bot's Bot over aiohttp, raw updates, our own polling."""

import os

# python-telegram-bot gives waiting times as timedelta, as it will by default; otherwise it warns at each one.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from bot.channels.telegram.channel import Telegram

__all__ = ["Telegram"]
