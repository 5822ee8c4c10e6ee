"""A golden transcript walked: its `>` lines are sent to a whole bot, what comes back is written down.

`> words` a message, `> [Label]` a button, `> (edit) words` the last message edited, `> (delete 2)` the last but one
deleted, `> (sends location)` something that is no text, `> {number}` the return number, `~ 31 minutes` time passes.
"""

import json
import re
from pathlib import Path

import jsonschema

from bot.channels import Incoming, Outgoing
from bot.channels.terminal import Terminal
from bot.report.opened import open_report
from bot.transcript import Transcript
from bot.wiring import Bot
from tests.conftest import IDENTITY, Clock

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
NUMBER = re.compile(r"\d{4}( \d{4}){5}")


class Chat(Terminal):
    """A channel of any name and capabilities; what was deleted is known."""

    def __init__(self, hear: object, name: str, capabilities: tuple[str, ...]) -> None:
        super().__init__(None, hear)  # type: ignore[arg-type]
        self.name, self.capabilities = name, capabilities
        self.deleted: set[int] = set()
        self.all_said: list[int] = []

    async def delete(self, address: str, messages: object) -> bool:
        self.deleted.update(messages)  # type: ignore[arg-type]
        return True


async def walk(bot: Bot, clock: Clock, lines: list[str], folder: Path, name: str, capabilities: tuple[str, ...]) -> str:
    """The transcript's body, with the return number made plain."""
    transcript = Transcript()
    number = ""

    def hear(out: Outgoing) -> None:
        nonlocal number
        if found := NUMBER.search(out.text):
            number = found.group(0)
        text = NUMBER.sub("1234 5678 9012 3456 7890 1233", out.text)
        transcript.hears(Outgoing(text, out.rows, out.edits, out.quotes))

    chat = Chat(hear, name, capabilities)
    bot.house.channels[name] = chat
    bot.house.check_words = ("amber",)
    for line in lines:
        if line.startswith("~ "):
            transcript.lines.append(line)
            amount, unit = line[2:].split()
            clock.pass_(**{unit if unit.endswith("s") else f"{unit}s": float(amount)})
            await bot.conversations.look()
            await bot.settled()
            continue
        said = line[2:]
        transcript.says(said)
        await bot.deliver(_event(chat, said.replace("{number}", number)))
        await bot.settled()
    await bot.handoff.round()
    transcript.notes(f"{transcript.replies} replies, {transcript.messages} messages of the bot")
    for each in _reports(folder, bot):
        transcript.notes(each)
    return "\n".join(transcript.lines)


def _event(chat: Chat, said: str) -> Incoming:
    if said == "/start":
        return chat.came_back()
    if said.startswith("[") and said.endswith("]"):
        return chat.pressed(said[1:-1])
    if said.startswith("(edit) "):
        return chat.incoming("edited", said[7:], chat.all_said[-1])
    if found := re.fullmatch(r"\(delete (\d)\)", said):
        return chat.incoming("deleted", "", chat.all_said[-int(found[1])])
    if said.startswith("(sends "):
        return chat.incoming("refused", said[7:-1], 0)
    event = chat.said(said)
    chat.all_said.append(event.message)
    return event


def _reports(folder: Path, bot: Bot) -> list[str]:
    """What the organisation holds in the end: parts by class, consent, flags, urgency."""
    found = []
    inbox = folder / "inbox"
    for path in sorted(inbox.iterdir()) if inbox.is_dir() else []:
        opened = open_report(path, [IDENTITY], bot.house.signer.public)
        document = opened.document or {}
        jsonschema.validate(document, SCHEMA)
        classes: dict[str, int] = {}
        for entry in opened.entries.values():
            classes[entry.cls] = classes.get(entry.cls, 0) + 1
        sealed = ", ".join(f"{n} {c}" for c, n in sorted(classes.items())) or "nothing"
        found.append(f"sealed: {sealed} · flags: {', '.join(document['flags']) or 'none'} · {document['urgency']}")
        for name, consent in document["consent"].items():
            answers = {name: consent} if "answer" in consent else {f"{name} {k}": v for k, v in consent.items()}
            found += [f"consent {n}: {c['answer']} (by {c['by']})" for n, c in answers.items()]
        assert opened.contact is not None
        found.append(f"contact: {opened.contact.how} · delete after: {opened.manifest.delete_after or 'open'}")
    return found
