"""The treaty between bot, intake and desk: what a report is made of, what is signed, what a return number opens.

Whoever makes, stores or opens a report imports this room and no other side's. It knows `seal` alone, does no I/O (but
for `opened`, which reads a report's folder), and holds no word of a flow.
"""
