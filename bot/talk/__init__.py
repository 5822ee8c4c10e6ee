"""What crosses the door: events, messages, sentences that are not yet words, what goes out, what a channel can do.

It imports no other room, so that channels and flows can speak of the same things and never of each other.
"""
