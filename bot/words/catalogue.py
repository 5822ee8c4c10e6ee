"""Catalogues: English is the message id; another language is a .po file under locales/."""

import re
from collections.abc import Callable, Mapping, Sequence
from gettext import c2py
from pathlib import Path

from babel import Locale

from bot.talk.outgoing import Choice, Outgoing
from bot.talk.sentences import Block, DateValue, Message, Prompt, Value
from bot.words.calendar import in_words
from bot.words.glossary import spacing_beside
from bot.words.pofile import Po, read_po_file
from bot.words.pogrammar import LocaleError
from bot.words.spacing import NOT_SPACED, Spacing

__all__ = ["ENGLISH", "PLACE", "Catalogue", "LocaleError", "Words", "make_catalogue", "read_catalogue", "read_po_file"]
PLACE = re.compile(r"\{(\w+)\}")
NUMBERED = re.compile(r"\+?\d[\d ]{5,}\d")  # a phone number, which a right-to-left line would turn round
NO_BREAK = "\u00a0"
TYPED = "typed."  # what people type is theirs: lists of words, no sentences
ISOLATE, POP = "\u2068", "\u2069"  # first strong isolate: a value never turns the sentence around it


class Catalogue:
    """One language. `direction` is ltr or rtl."""

    def __init__(
        self, language: str, entries: Mapping[tuple[str, str], str | tuple[str, ...]], plural: Callable[[int], int]
    ) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self.direction = self.locale.text_direction
        self._entries, self._plural = entries, plural

    def lookup(self, message: Message) -> str:
        """The sentence with its placeholders still in it."""
        found = self._entries.get((message.context, message.text))
        if isinstance(found, str):
            return found or message.text
        count = next((v for v in message.values.values() if isinstance(v, int)), 1)
        if found is None:
            return message.plural if message.plural and count != 1 else message.text
        return found[min(self._plural(count), len(found) - 1)] or message.text

    def put(self, message: Message) -> str:
        """The sentence in words. Values are put in by name only; a brace in a value stays a brace."""
        sentence = self.lookup(message)
        if self.direction == "rtl":
            sentence = NUMBERED.sub(lambda found: f"{ISOLATE}{found.group(0).replace(' ', NO_BREAK)}{POP}", sentence)
        if not message.values:
            return sentence

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            return self._value(message.values[name]) if name in message.values else match.group(0)

        return PLACE.sub(value, sentence)

    def block(self, block: Block) -> str:
        """A paragraph in words."""
        return self.put(block) if isinstance(block, Message) else "\n".join(self.put(m) for m in block)

    def _value(self, value: Value) -> str:
        match value:
            case Message():
                words = self.put(value)
            case DateValue():
                words = in_words(value, self.locale)
            case tuple():
                words = ", ".join(self.put(m) for m in value)
            case _:
                words = str(value)
        return f"{ISOLATE}{words}{POP}" if self.direction == "rtl" else words


ENGLISH = Catalogue("en", {}, lambda n: int(n != 1))


def make_catalogue(po: Po, language: str, spacing: Spacing = NOT_SPACED) -> Catalogue:
    """A catalogue of the entries that have a translation, with the spaces that its language wants."""
    entries: dict[tuple[str, str], str | tuple[str, ...]] = {}
    for entry in po:
        if not any(entry.strings):
            continue
        words, spaced = entry.string, NOT_SPACED if entry.context.startswith(TYPED) else spacing
        entries[entry.key] = spaced(words) if isinstance(words, str) else tuple(map(spaced, words))
    return Catalogue(language, entries, c2py(po.plural_expr))


def read_catalogue(path: Path, language: str) -> Catalogue:
    """Read one .po file. Raises LocaleError."""
    return make_catalogue(read_po_file(path, language), language, spacing_beside(path))


class Words:
    """Every language that is offered."""

    def __init__(self, catalogues: Mapping[str, Catalogue] | None = None) -> None:
        self._catalogues = dict(catalogues or {"en": ENGLISH})

    def offer(self, catalogue: Catalogue) -> None:
        self._catalogues[catalogue.language] = catalogue

    def of(self, language: str) -> Catalogue:
        return self._catalogues.get(language) or self._catalogues.get("en") or ENGLISH

    def direction(self, language: str) -> str:
        """ltr or rtl."""
        return self.of(language).direction

    def paragraphs(self, blocks: Sequence[Block], language: str) -> tuple[str, ...]:
        """Each block in words."""
        catalogue = self.of(language)
        return tuple(catalogue.block(b) for b in blocks)

    def texts(self, messages: tuple[Block, ...], language: str) -> str:
        """Messages one below the other."""
        catalogue = self.of(language)
        return "\n\n".join(catalogue.block(b) for b in messages)

    def prompt(self, prompt: Prompt, say: tuple[Block, ...], language: str) -> Outgoing:
        """In words, paragraph by paragraph: the head, what is said about the last answer, the question."""
        catalogue = self.of(language)
        head = (prompt.head,) if prompt.head else ()
        return Outgoing(
            paragraphs=tuple(catalogue.block(b) for b in (*head, *say, *prompt.paragraphs)),
            choices=tuple(Choice(catalogue.put(b.label), b.data, b.chosen) for b in prompt.choices),
            extras=tuple(Choice(catalogue.put(b.label), b.data, b.chosen) for b in prompt.extras),
            quotes=prompt.quotes,
            language=language,
            consent=prompt.consent,
        )
