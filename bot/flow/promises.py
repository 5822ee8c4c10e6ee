"""A sentence about what people or machines will do is shown only while what makes it true is there.

flows/promises.yaml names every sentence that a reporter can read: what it promises, and what is said instead.
"""

from collections.abc import Iterable, Mapping

from msgspec import structs

from bot.flow.model import Flow
from bot.talk.sentences import Block, Button, Message, Prompt, Value

# What can back a sentence. The first ones are settled at the start and stay; the others come and go.
SETTLED: Mapping[str, str] = {
    "first_read": "the organisation vouches for the hours to a first reading (setting first_read)",
    "trained_team": "the organisation vouches for a small trained team (setting trained_team)",
    "channel_replies": "a person can answer through this chat (nothing of Stonechat can do that yet)",
}
PASSING: Mapping[str, str] = {
    "alarm_heard": "an alarm runs whose last rehearsal a person heard (stonechat alarm rehearse, heard)",
    "acknowledged": "the intake acknowledged this very version",
    "deletes": "this channel can take back what the bot wrote",
    "looked": "the newest look at the list is younger than the setting look",
}
BACKINGS: Mapping[str, str] = {**SETTLED, **PASSING}
Facts = frozenset[str]
"""Those backings that hold at this moment."""


def said(flow: Flow, facts: Facts, message: Message) -> Message | None:
    """The message, or what is true in its place. None: nothing is said."""
    while (promise := flow.promises.get(message.context)) is not None and not promise.needs <= facts:
        if promise.instead is None:
            return None
        message = _filled(flow, promise.instead, message.values)
    if "{" not in message.text:
        return message
    message = _filled(flow, message, message.values)
    values = {name: _value(flow, facts, value) for name, value in message.values.items()}
    return structs.replace(message, values=values)


def _filled(flow: Flow, message: Message, values: Mapping[str, Value]) -> Message:
    """With just the values that it names: a number that it does not would decide between singular and plural."""
    known = {"organisation": flow.organisation, "help": flow.help_at or flow.organisation, "look": flow.look, **values}
    text = f"{message.text} {message.plural}"
    named = {name: value for name, value in known.items() if f"{{{name}}}" in text}
    return message if named == message.values else structs.replace(message, values=named)


def _value(flow: Flow, facts: Facts, value: Value) -> Value:
    if isinstance(value, Message):
        return said(flow, facts, value) or ""
    if isinstance(value, tuple) and not hasattr(value, "code"):
        return tuple(true for each in value if (true := said(flow, facts, each)) is not None)
    return value


def said_blocks(flow: Flow, facts: Facts, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Paragraphs with what is true in them; one of which nothing is left goes."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Message):
            true = said(flow, facts, block)
            found += [true] if true is not None else []
        elif lines := tuple(true for each in block if (true := said(flow, facts, each)) is not None):
            found.append(lines)
    return tuple(found)


def said_prompt(flow: Flow, facts: Facts, prompt: Prompt) -> Prompt:
    """The question with what is true in it. Its labels were settled when it was made: people type them, too."""

    def true(button: Button) -> Button:
        label = said(flow, facts, button.label) or button.label
        return button if label is button.label else structs.replace(button, label=label)

    def buttons(each: tuple[Button, ...]) -> tuple[Button, ...]:
        return tuple(true(button) for button in each)

    return structs.replace(
        prompt,
        paragraphs=said_blocks(flow, facts, prompt.paragraphs),
        choices=buttons(prompt.choices),
        extras=buttons(prompt.extras),
        head=said(flow, facts, prompt.head) if prompt.head else None,
    )


def needs_of(flow: Flow, blocks: Iterable[Block]) -> Facts:
    """What these paragraphs promise at best, whether or not it holds now."""
    messages = [m for block in blocks for m in ((block,) if isinstance(block, Message) else block)]
    promised = (flow.promises.get(message.context) for message in messages)
    return frozenset(need for promise in promised if promise is not None for need in promise.needs)
