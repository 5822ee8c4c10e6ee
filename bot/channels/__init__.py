"""Channels turn platform updates into arrivals, and words into messages. They know `bot.talk` and nothing of flows.

What they take in and give out is written there; every platform's name, limit and habit stands in its own folder here.
"""
