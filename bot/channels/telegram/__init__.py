"""Telegram: python-telegram-bot's Bot over aiohttp, raw updates, our own polling."""

from bot.channels.telegram.channel import Telegram

__all__ = ["Telegram"]
