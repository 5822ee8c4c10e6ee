"""`python -m bot` is `stonechat`."""

from bot.cli import main

main()
