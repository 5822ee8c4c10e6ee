"""Stonechat: a chat bot that takes guided, sealed reports of reprisals."""

__version__ = "0.1.0"
