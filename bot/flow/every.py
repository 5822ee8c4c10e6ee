"""Every sentence of all flows, once: for translators, and for the list of promises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.flow.model import Flow
from bot.flow.shelf import Shelf
from bot.talk.sentences import Message


@dataclass(frozen=True)
class Sentence:
    """One thing to translate: where it stands, whether it is a button, whether a consent hangs on it."""

    message: Message
    where: str
    is_label: bool = False
    is_consent: bool = False


def sentences(flows: Mapping[tuple[str, int], Flow], shelf: Shelf) -> list[Sentence]:
    """Every sentence once, in a stable order."""
    found: dict[tuple[str, str], Sentence] = {}
    for sentence in _all(flows, shelf):
        found.setdefault((sentence.message.context, sentence.message.text), sentence)
    return list(found.values())


def _all(flows: Mapping[tuple[str, int], Flow], shelf: Shelf) -> Iterator[Sentence]:
    for name, text in shelf.texts.items():
        context = f"bot.{name}"
        message = Message(context, text) if isinstance(text, str) else Message(context, text[0], plural=text[1])
        yield Sentence(message, shelf.where.get(context, "messages.yaml:1"))
    for (name, version), flow in sorted(flows.items()):
        yield from _flow(flow, f"{name}/{version}.yaml")
    for listed, codes in shelf.codes.items():
        if listed in ("victim_profiles", "case_words"):
            continue  # the desk's, not shown to reporters
        for _, title in shelf.groups.get(listed, ()):
            yield Sentence(title, f"codes/{listed}.yaml:1", is_label=True)
        for message in codes.values():
            where = shelf.where.get(message.context, f"codes/{listed}.yaml:1")
            yield Sentence(message, where, is_label=listed != "countries")
    for name, card in shelf.cards.items():
        for line in card.lines:
            yield Sentence(line, f"help/{name}.yaml:1")
    for message in shelf.typed.values():
        yield Sentence(message, shelf.where.get(message.context, "typed.yaml:1"))


def _flow(flow: Flow, path: str) -> Iterator[Sentence]:
    for chapter in flow.chapters:
        for message in (chapter.title, chapter.intro):
            if message:
                yield Sentence(message, f"{path}:{chapter.steps[0].line}")
        for step in chapter.steps:
            where, consent = f"{path}:{step.line}", step.kind == "consent"
            yield from (Sentence(m, where, is_consent=consent) for _, m in step.asks)
            if step.title:
                yield Sentence(step.title, where, is_label=True)
            for option in step.options:
                own = option.label.context.startswith(flow.id)
                labels = (option.label, *(m for _, m in option.labels)) if own else ()
                yield from (Sentence(m, where, is_label=True, is_consent=consent) for m in labels)
                if option.says:
                    yield Sentence(option.says, where)
