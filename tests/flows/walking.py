"""A golden transcript walked: its `>` lines are sent to a whole bot, what comes back is written down.

`> words` a message, `> [Label]` a button, `> (edit) words` the last message edited, `> (delete 2)` the last but one
deleted, `> (sends location)` something that is no text, `> {number}` the return number,
`~ 31 minutes` time passes, `~ away` and `~ back` are of the intake.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
from msgspec import structs

from bot.channels.terminal import Terminal
from bot.handoff import HandoffError
from bot.operating.transcript import Transcript
from bot.report.contact import Contact
from bot.talk.events import Arrival, MessageRef
from bot.talk.outgoing import Abilities, Outgoing
from bot.wiring import Bot
from tests.conftest import Clock, lying_in, opened_by_any_tool
from tests.flows.pure import plainly

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
NUMBER = re.compile(r"\d{4}( \d{4}){5}")


class Chat(Terminal):
    """A channel of any name and abilities; what it was told to delete is known."""

    def __init__(self, hear: object, name: str = "terminal", abilities: Abilities = Terminal.abilities) -> None:
        super().__init__(None, hear)  # type: ignore[arg-type]
        self.name, self.abilities = name, abilities
        self.gone: set[str] = set()
        self.all_said: list[MessageRef] = []

    def pressed(self, label: str) -> Arrival:
        """A button by its label as an ordinary keyboard writes it."""
        return super().pressed(next((each for each in self.shown if plainly(each) == plainly(label)), label))

    async def delete(self, address: str, messages: object) -> bool:
        self.gone.update(message.id for message in messages)  # type: ignore[attr-defined]
        return True


def like_telegram(sensitive: str = "ask") -> Abilities:
    """What the Telegram channel says of itself."""
    return Abilities(
        buttons=True,
        edits=True,
        deletes="both",
        deletes_for=46 * 3600,
        orders=True,
        sensitive=sensitive,  # type: ignore[arg-type]
    )


async def walk(bot: Bot, clock: Clock, lines: list[str], folder: Path, name: str, abilities: Abilities) -> str:
    """The transcript's body, with the return number made plain."""
    transcript = Transcript()
    number = ""

    def hear(out: Outgoing) -> None:
        nonlocal number
        if found := NUMBER.search(out.text):
            number = found.group(0)
        shown = tuple(NUMBER.sub("1234 5678 9012 3456 7890 1233", each) for each in out.paragraphs)
        if number:
            shown = tuple(re.sub(rf"\b{number[:4]}\b", "1234", each) for each in shown)
        transcript.hears(structs.replace(out, paragraphs=shown))

    chat = Chat(hear, name, abilities)
    bot.house.channels[name] = chat
    bot.house.check_words = ("amber",)
    for line in lines:
        if line.startswith("~ "):
            transcript.lines.append(line)
            _happens(bot, clock, line[2:])
            await bot.conversations.look()
            await bot.settled()
            if line == "~ back":
                await bot.handoff.round()
                await bot.settled()
            continue
        said = line[2:]
        transcript.says(said)
        await bot.deliver(_event(chat, said.replace("{number}", number)))
        await bot.settled()
        await bot.handoff.round()
        await bot.settled()
    await bot.handoff.round()
    transcript.notes(f"{transcript.replies} replies, {transcript.messages} messages of the bot")
    for each in _reports(folder, bot):
        transcript.notes(each)
    return "\n".join(transcript.lines)


def _happens(bot: Bot, clock: Clock, what: str) -> None:
    if what == "away":
        bot.handoff._connector = _Away(bot.handoff._connector)  # type: ignore[assignment]
        return
    if what == "back":
        assert isinstance(bot.handoff._connector, _Away)
        bot.handoff._connector = bot.handoff._connector.there
        clock.pass_(seconds=60)  # until it is tried again
        return
    amount, unit = what.split()
    clock.pass_(**{unit if unit.endswith("s") else f"{unit}s": float(amount)})


class _Away:
    """An intake that can't be reached now."""

    def __init__(self, there: Any) -> None:
        self.there = there

    async def hand_over(self, report: object) -> None:
        raise HandoffError("the intake is away")

    async def erase(self, erasure: object) -> None:
        raise HandoffError("the intake is away")


def _event(chat: Chat, said: str) -> Arrival:
    if said == "/start":
        return chat.came_back()
    if said.startswith("[") and said.endswith("]"):
        return chat.pressed(said[1:-1])
    if said.startswith("(edit) "):
        return chat.edited(chat.all_said[-1], said[7:])
    if found := re.fullmatch(r"\(delete (\d)\)", said):
        return chat.deleted(chat.all_said[-int(found[1])])
    if said.startswith("(sends "):
        return chat.refused(said[7:-1])
    arrival = chat.said(said)
    assert arrival.envelope.message is not None
    chat.all_said.append(arrival.envelope.message)
    return arrival


def _reports(folder: Path, bot: Bot) -> list[str]:
    """What the organisation holds in the end, opened: manifest, answers, the words of each part, consent, contact."""
    inbox = folder / "inbox"
    # Their ids are random: those that lie side by side stand in the order of what they say.
    return [line for lines in sorted(_report(path, inbox, bot) for path in lying_in(inbox)) for line in lines]


def _report(path: Path, inbox: Path, bot: Bot) -> list[str]:
    found = []
    if path.parent != inbox:
        found.append("held apart, and closed for our programs; what another tool would show:")
    opened = opened_by_any_tool(path, bot.house.signer.public)
    document = opened.document or {}
    jsonschema.validate(document, SCHEMA)
    manifest = opened.manifest
    found.append(
        f"version {manifest.version}, {manifest.state} · ring: {'yes' if manifest.ring else 'no'}"
        f" · delete after: {manifest.delete_after or 'open'}"
    )
    found.append(f"flags: {', '.join(document['flags']) or 'none'} · {document['urgency']}")
    classes = {name: entry.cls for name, entry in opened.entries.items()}
    found += _answers(document["answers"], classes, opened.texts)
    found += _states(document["fields"])
    for name, consent in document["consent"].items():
        answers = {name: consent} if "answer" in consent else {f"{name} {k}": v for k, v in consent.items()}
        found += [f"consent {n}: {c['answer']} (by {c['by']})" for n, c in answers.items()]
    found.append(_contact(opened.contact))
    return found


def _answers(answers: dict[str, Any], classes: dict[str, str], texts: dict[str, str], of: str = "") -> list[str]:
    """One line an answer, then one a part: its class, how to handle it, its words."""
    found = []
    for name, value in answers.items():
        if isinstance(value, dict) and "parts" in value:
            found.append(f"{of}{name}:")
            for part in value["parts"]:
                assert part["class"] == classes[part["part"]]
                as_ = f", handle as {part['handle_as']}" if "handle_as" in part else ""
                found.append(f"  {part['part']} ({part['class']}{as_}) {_short(texts[part['part']])}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                found += _answers(each, classes, texts, f"{name} {number} ")
        else:
            shown = f"{value['value']} ({value['precision']})" if isinstance(value, dict) else value
            found.append(f"{of}{name}: {', '.join(shown) if isinstance(shown, list) else shown}")
    return found


def _short(words: str) -> str:
    line = words.replace("\n", " / ")
    return line if len(line) <= 60 else f"{line[:59]}…"


def _states(fields: dict[str, Any], of: str = "") -> list[str]:
    """Why what is missing is missing: one line a reason."""
    found: list[str] = []
    reasons: dict[str, list[str]] = {}
    for name, state in fields.items():
        if isinstance(state, list):
            for number, each in enumerate(state, 1):
                found += _states(each, f"{name} {number} ")
        else:
            reasons.setdefault(state, []).append(name)
    return [f"{of}{reason}: {', '.join(names)}" for reason, names in sorted(reasons.items())] + found


def _contact(contact: Contact | None) -> str:
    """It is always there, whatever it says: its presence alone would tell that there is an address."""
    assert contact is not None
    address = f"{contact.channel}, {contact.address}" if contact.address else "no address"
    when = f"when: {contact.when or 'not said'}"
    return f"contact: {contact.how} · {address} · {when} · {contact.check_word}, {contact.language}"
