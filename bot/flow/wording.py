"""Which sentence it is, with what it may name."""

from bot.flow.conditions import holds
from bot.flow.model import Flow, Option, Step
from bot.flow.session import Session
from bot.talk.sentences import Message, Value

PLACEHOLDERS = ("organisation", "wait", "check_word")


def text(flow: Flow, name: str, **values: Value) -> Message:
    """One of the bot's own sentences."""
    found = flow.texts[name]
    if isinstance(found, tuple):
        return Message(f"bot.{name}", found[0], values, found[1])
    return Message(f"bot.{name}", found, values)


def wording(flow: Flow, session: Session, step: Step, round_: int | None = None) -> Message:
    """The first variant of the question that fits."""
    for condition, message in step.asks:
        if holds(flow, session, condition, round_, step.id):
            return filled(flow, session, message)
    return filled(flow, session, step.asks[-1][1])


def filled(flow: Flow, session: Session, message: Message) -> Message:
    """A flow's sentence with what it may name: who receives this, how long it may take, the check word."""
    if "{" not in message.text:
        return message
    values: dict[str, Value] = {
        "organisation": flow.organisation,
        "wait": text(flow, "wait", minutes=flow.danger_read),
        "check_word": text(flow, "check_word", word=session.word),
    }
    return Message(message.context, message.text, {**values, **message.values})


def label(flow: Flow, session: Session, option: Option) -> Message:
    """The first wording of an option whose condition holds."""
    for condition, message in option.labels:
        if holds(flow, session, condition):
            return message
    return option.label
