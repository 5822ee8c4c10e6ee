"""The same conversation for every bot: what is asked, with which buttons, and what the reporter does.

Recorded from our own flow, so that a peer asks the same words with as many buttons.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from bot.flow.events import Said

from bot.flow.prompts import prompt
from bot.flow.session import Session
from bot.flow.step import start, step
from bot.flow.turn import Turn
from bot.words.loading import data_folder, load_flows, load_words
from bot.words.translating import sentences

# `[label]` is a press; the rest is typed.
ACTIONS = (
    "[Yes, go on]|[Yes, I agree]|[No, destroy it]|[Me]|[No]|They stopped me at the airport and held my passport.|"
    "[Done]|Kenya|[Spoke at a meeting]|[Done]|[Free but at risk]|[Yes, to the UN team]|Ana|[Yes, in this chat]|[Any time]|[Send it now]"
).split("|")


@dataclass(frozen=True)
class Question:
    """What a bot says, and its rows of button labels."""

    text: str
    rows: tuple[tuple[str, ...], ...]


TYPED = {"ar": {"They stopped": "أوقفوني في المطار وأخذوا جواز سفري ساعات.", "Kenya": "كينيا", "Ana": "آنا"}}


def actions_in(language: str) -> list[str]:
    """The same actions in another language: its labels, and words of about the same length."""
    if language == "en":
        return list(ACTIONS)
    path = data_folder("locales")
    words = load_words(path, (language,))
    labels = {m.text: m for s in sentences(*load_flows(words)) for m in (s.message,)}
    done = []
    for action in ACTIONS:
        if action.startswith("["):
            done.append(f"[{words.of(language).put(labels[action[1:-1]])}]")
        else:
            done.append(next(text for begins, text in TYPED[language].items() if action.startswith(begins)))
    return done


def questions() -> list[Question]:
    """One question for each action; what stands before the action is taken."""
    words = load_words()
    flows, _ = load_flows(words, organisation="Example", first_read=24)
    flow, now = flows["reprisal", 1], datetime.now(UTC)
    session = start(flow, Session("reprisal", 1, 1, word="amber river", last=int(now.timestamp())))
    turn, found = Turn(session), []
    for order, action in enumerate(ACTIONS, 1):
        text, rows = words.prompt(prompt(flow, session), turn.say, "en")
        found.append(Question(text, tuple(tuple(label for label, _ in row) for row in rows)))
        turn = step(flow, session, Said(action.strip("[]"), order), now)
        if action == "[Spoke at a meeting]":  # a press only ticks it
            turn = Turn(msgspec.structs.replace(session, picked=("spoke",)))
        session = turn.session
    return found
