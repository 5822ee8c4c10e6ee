"""The intake backend that ships with the bot: it holds only sealed bytes, and never an account."""
