"""Which sentence it is, with what it may name."""

from bot.flow.conditions import holds
from bot.flow.model import Flow, Option, Step
from bot.flow.promises import said
from bot.flow.session import Session
from bot.talk.sentences import Message, Value

PLACEHOLDERS = ("organisation", "check_word")


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
    """A flow's sentence with what it may name: who receives this, the check word."""
    if "{" not in message.text:
        return message
    values: dict[str, Value] = {
        "organisation": flow.organisation,
        "check_word": text(flow, "check_word", word=session.word),
    }
    return Message(message.context, message.text, {**values, **message.values})


def label(flow: Flow, session: Session, option: Option) -> Message:
    """The first wording of an option whose condition holds, as far as it is backed: people type what they read."""
    found = next((m for condition, m in option.labels if holds(flow, session, condition)), option.label)
    return said(flow, flow.vouched, found) or found
