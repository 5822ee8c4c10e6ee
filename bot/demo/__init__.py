"""`stonechat demo`: the phone page, and beside it what the server holds. Throw-away keys, nothing left behind."""

from bot.demo.running import run_demo

__all__ = ["run_demo"]
