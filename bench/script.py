"""The same conversation for every bot: what is asked, with which buttons, and what the reporter does.

Recorded from our own flow, so that a peer asks the same words with as many buttons.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.telegram.sending import keyboard
from bot.flow.model import Flow
from bot.flow.prompts import prompt
from bot.flow.session import Session
from bot.flow.step import start, step
from bot.flow.turn import Submit, Turn
from bot.talk.events import Event, MessageRef, Pressed, Said
from bot.talk.outgoing import Abilities
from bot.words.catalogue import Words
from bot.words.loading import data_folder, load_flows, load_words, newest_flow
from bot.words.translating import sentences

# `[label]` is a press, after `~` one that binds; the rest is typed. A press that binds counts only once its words could
# have been read, so reporters of every bot read for a while before it.
READS = "~"
BARE = f"{READS}[]"
ACTIONS = (
    "[Yes, go on]|~[Yes, I agree]|~[No, destroy it]|[Me]|[No]|They stopped me at the airport and held my passport.|"
    "[Done]|Kenya|[Spoke at a meeting]|[Done]|[Free but at risk]|~[Yes, to the UN team]|Ana|"
    "[Yes, in this chat]|[Any time]|~[Send it now]"
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
        bare = action.strip(BARE)
        if bare in labels:
            done.append(action.replace(bare, words.of(language).put(labels[bare])))
        else:
            done.append(next(text for begins, text in TYPED[language].items() if action.startswith(begins)))
    return done


def questions() -> list[Question]:
    """One question for each action; what stands before the action is taken."""
    words = load_words()
    flows, _ = load_flows(words, organisation="Example", first_read=24)
    flow, now = newest_flow(flows), datetime.now(UTC)
    can = Abilities(buttons=True, edits=True, deletes="both", orders=True).words()
    begun = Session(flow.id, flow.version, 1, abilities=can, word="amber river", last=int(now.timestamp()))
    turn, found = Turn(start(flow, begun)), []
    for order, action in enumerate(ACTIONS, 1):
        question, data = _shown(words, flow, turn)
        found.append(question)
        message = MessageRef(str(order), order)
        label = action.strip(BARE)
        event: Event = Pressed(data[label], message) if label != action else Said(action, message)
        turn = step(flow, turn.session, event, now)
    assert isinstance(turn.do, Submit), "the actions no longer lead to the end of the flow"
    return found


def _shown(words: Words, flow: Flow, turn: Turn) -> tuple[Question, dict[str, str]]:
    """What the bot says, and the data behind each label."""
    out = words.prompt(prompt(flow, turn.session), turn.say, "en")
    rows = keyboard(out)
    labels = tuple(tuple(button["text"] for button in row) for row in rows)
    return Question(out.text, labels), {b["text"]: b["callback_data"] for row in rows for b in row}
