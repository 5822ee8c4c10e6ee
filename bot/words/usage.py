"""Whether a translation keeps to its language's glossary."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.words.catalogue import PLACE, TYPED
from bot.words.glossary import APOSTROPHES, HOLE, Glossary
from bot.words.pofile import Po
from bot.words.translating import Sentence

BETWEEN = re.compile(rf"(?<=[^\W\d_])[{APOSTROPHES}](?=[^\W_]|[{{«“\"])")


def check_usage(every: Sequence[Sentence], po: Po, path: Path, glossary: Glossary) -> Iterator[str]:
    """file:line, what, and what to write instead, for each sentence that does not keep to it."""
    entries = {e.key: e for e in po}
    for sentence in every:
        context = sentence.message.context
        entry = entries.get((context, sentence.message.text))
        if entry is None or context.startswith(TYPED):
            continue
        for what in dict.fromkeys(w for string in entry.strings if string for w in _said(sentence, string, glossary)):
            yield f"{path}:{entry.lineno}: '{context}' {what}"


def _said(sentence: Sentence, string: str, glossary: Glossary) -> Iterator[str]:
    context, text = sentence.message.context, PLACE.sub(HOLE, string)
    for rule in glossary.never:
        if rule.where.holds(context, sentence.is_label) and (found := rule.found_in(text)):
            yield f"says '{found}'; write instead: {rule.instead} ({glossary.path}:{rule.line})"
    english = f"{sentence.message.text} {sentence.message.plural or ''}"
    for term in glossary.terms:
        if term.where.holds(context, sentence.is_label) and term.named_in(english) and not term.kept_in(text):
            yield f"has another word for '{term.english}'; write: {', '.join(term.say)} ({glossary.path}:{term.line})"
    if glossary.apostrophe and any(c != glossary.apostrophe for c in BETWEEN.findall(string)):
        yield f"has another apostrophe; write: {glossary.apostrophe}"
