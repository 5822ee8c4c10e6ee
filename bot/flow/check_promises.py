"""`stonechat flow check` of flows/promises.yaml: every sentence is on it, as it reads today."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.flow.every import Sentence
from bot.flow.promisefile import FILE, Classified, Listed, english, promises, read_list
from bot.flow.promises import SETTLED
from bot.flow.source import FlowError

OUTSIDE = ("bot.page_", "bot.command_", "bot.write_privately")  # said where nobody looks whether they hold
TYPED = "typed."  # what people type is read by the bot, not by them


def promises_amiss(folder: Path, every: Sequence[Sentence]) -> Iterator[FlowError]:
    """What nobody classified, what changed since, what is gone; and promises that can't be kept this way."""
    path, heard = folder / FILE, [s for s in every if not s.message.context.startswith(TYPED)]
    try:
        listed = read_list(folder)
        promises(listed, (s.message for s in heard), path)
    except FlowError as error:
        yield error
        return
    for sentence in heard:
        yield from _sentence(folder, listed, sentence)
    known = {s.message.context for s in heard}
    for name, entry in listed.items():
        if name not in known:
            yield FlowError(path, entry.line, f"'{name}' is no sentence any more", "take it out")


def _sentence(folder: Path, listed: Listed, sentence: Sentence) -> Iterator[FlowError]:
    message, entry = sentence.message, listed.get(sentence.message.context)
    name, _, line = sentence.where.partition(":")
    if entry is None:
        mend = f"add to {FILE}: '{message.context}: {{english: {english(message)}, promise: none}}', or what backs it"
        yield FlowError(folder / name, int(line or 1), f"nobody said what '{message.context}' promises", mend)
        return
    path = folder / FILE
    if english(message) not in entry.english:
        mend = f"read it again, then write english: {english(message)}"
        yield FlowError(path, entry.line, f"'{message.context}' was changed since it was classified", mend)
    if entry.needs:
        yield from (FlowError(path, entry.line, what, mend) for what, mend in _promise(sentence, entry, listed))


def _promise(sentence: Sentence, entry: Classified, listed: Listed) -> Iterator[tuple[str, str]]:
    name = sentence.message.context
    if sentence.is_consent:
        yield f"'{name}' is a consent, and would read otherwise tomorrow", "take the promise out of its words"
    if name.startswith(OUTSIDE):
        yield f"'{name}' stands where nothing is said in its place", "take the promise out of its words"
    if sentence.is_label and not set(entry.needs) <= SETTLED.keys():
        yield f"'{name}' is a button, and people type what stood there", f"back it with {', '.join(SETTLED)}"
    if sentence.is_label and entry.instead not in listed:
        yield f"'{name}' is a button, and can't be nothing", "name what stands there instead"
