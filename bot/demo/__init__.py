"""`stonechat demo`: the phone page, and beside it what the server holds. Throw-away keys, nothing left behind."""

from bot.demo.running import run_demo, run_preview

__all__ = ["run_demo", "run_preview"]
