"""Tells people that something rang, without content. Knows no other room; see docs/alarms.md.

targets   what the operator wrote, read strictly         mail, push, program   one message to one target
ladder    when it rings again, and whom                  bell                  one target's tries
calls     an account's first five a day                  alarm                 all of it together
rehearsing, health, store, sqlite, texts
"""

from bot.alarm.alarm import Alarm
from bot.alarm.health import Finding, health
from bot.alarm.rehearsing import Rehearsed, backs
from bot.alarm.rota import make_senders
from bot.alarm.sending import AlarmError, Notice, Sender
from bot.alarm.sqlite import SqliteAlarms
from bot.alarm.store import AlarmStore, MemoryStore, OpenAlarm
from bot.alarm.targets import Relay, Target, lines_of, read_relay, read_targets
from bot.alarm.texts import WORDS, Words, words_in

__all__ = [
    "WORDS",
    "Alarm",
    "AlarmError",
    "AlarmStore",
    "Finding",
    "MemoryStore",
    "Notice",
    "OpenAlarm",
    "Rehearsed",
    "Relay",
    "Sender",
    "SqliteAlarms",
    "Target",
    "Words",
    "backs",
    "health",
    "lines_of",
    "make_senders",
    "read_relay",
    "read_targets",
    "words_in",
]
