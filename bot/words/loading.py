"""Where flows and catalogues lie, in a checkout and in an installed wheel."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from babel import Locale

from bot.flow.check import refuse_if_wrong
from bot.flow.every import sentences
from bot.flow.load import load_flow, opening_flow
from bot.flow.model import Flow
from bot.flow.promisefile import FILE, promises, read_list
from bot.flow.shelf import Shelf, load_shelf
from bot.talk.sentences import Message
from bot.words.catalogue import ENGLISH, Words, make_catalogue, read_catalogue, read_po_file
from bot.words.glossary import NONE, Glossary, GlossaryError, read_glossary
from bot.words.places import load_places
from bot.words.plain import check_english, check_lengths
from bot.words.reader import WordsReader
from bot.words.translating import NAME, Stats, check, check_po
from bot.words.usage import check_usage

HERE = Path(__file__).resolve().parents[1]


def data_folder(name: str) -> Path:
    """`flows` or `locales`: beside the package in a checkout, inside it in a wheel."""
    installed = HERE / "data" / name
    return installed if installed.is_dir() else HERE.parent / name


def load_words(folder: Path | None = None, languages: tuple[str, ...] = ()) -> Words:
    """English and the catalogues of the other languages named."""
    folder = folder or data_folder("locales")
    catalogues = {"en": ENGLISH}
    for language in languages:
        if language != "en":
            catalogues[language] = read_catalogue(folder / language / "LC_MESSAGES" / "stonechat.po", language)
    return Words(catalogues)


def make_reader(words: Words, shelf: Shelf, folder: Path | None = None) -> WordsReader:
    """`folder` is flows/, where places/ lies. Raises FlowError."""

    def put(message: Message, language: str) -> str:
        return words.of(language).put(message)

    countries = shelf.codes["countries"]
    places = (folder or data_folder("flows")) / "places"
    places = (
        places if places.is_dir() else data_folder("flows") / "places"
    )  # flows of one's own need no lists of their own
    return WordsReader(put, countries, load_places(places, countries), shelf.typed)


def load_flows(words: Words, folder: Path | None = None, **settings: Any) -> tuple[dict[tuple[str, int], Flow], Shelf]:
    """Every version of every flow, by (id, version): a session finishes on the version that it began with.

    Raises FlowError for a flow that `flow check` refuses.
    """
    folder = folder or data_folder("flows")
    shelf = load_shelf(folder)
    reader = make_reader(words, shelf, folder)
    found = {}
    for path in sorted(folder.glob("*/[0-9]*.yaml")):
        flow = load_flow(path, shelf, reader, **settings)
        refuse_if_wrong(flow, path)
        found[flow.id, flow.version] = flow
    every = [sentence.message for sentence in sentences(found, shelf)]
    promised = promises(read_list(folder), every, folder / FILE)
    return {key: replace(flow, promises=promised) for key, flow in found.items()}, shelf


def newest_flow(flows: Mapping[tuple[str, int], Flow]) -> Flow:
    """The flow that a new conversation begins with. Raises FlowError where none is, or none of several `opens`."""
    name = opening_flow(flows)
    return flows[name, max(version for other, version in flows if other == name)]


def offer_languages(
    words: Words,
    flows: dict[tuple[str, int], Flow],
    shelf: Shelf,
    wanted: tuple[str, ...] = (),
    folder: Path | None = None,
    incomplete: bool = False,
) -> tuple[dict[tuple[str, int], Flow], list[str]]:
    """Offer English and every complete language, or those wanted. Returns the flows, and what is not offered.

    A language that lacks a sentence, a placeholder or a consent is not offered: a half-translated bot would be worse.
    `incomplete` offers it all the same, to its translators. A glossary that can't be read keeps no language back.
    """
    folder = folder or data_folder("locales")
    found = sorted(p.parent.parent.name for p in folder.glob(f"*/{NAME}"))
    every = sentences(flows, shelf)
    offered, left_out = [], []
    for language in wanted or ("en", *found):
        if language == "en":
            offered.append(language)
            continue
        path = folder / language / NAME
        if language not in found:
            left_out.append(f"there is no catalogue for '{language}'; offered are {', '.join(('en', *found))}")
            continue
        po = read_po_file(path, language)
        glossary, unread = _glossary(folder / language)
        left_out += unread
        stats = check_po(every, po, path, glossary.spacing)
        if stats.errors:
            left_out.append(
                f"'{language}' is not offered: {len(stats.errors)} things to mend ('stonechat words check')"
            )
            if not incomplete:
                continue
        words.offer(make_catalogue(po, language, glossary.spacing))
        offered.append(language)
    named = tuple((code, own_name(code)) for code in offered or ["en"])
    return {key: replace(flow, languages=named) for key, flow in flows.items()}, left_out


def own_name(language: str) -> str:
    """A language's name in its own script."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def check_languages(languages: list[str], folder: Path | None = None) -> list[Stats]:
    """Each language's state; all that have a catalogue when none is named."""
    folder = folder or data_folder("locales")
    every = sentences(*load_flows(load_words()))
    names = languages or sorted(p.parent.parent.name for p in folder.glob(f"*/{NAME}"))
    found = [check(every, folder, name) for name in names]
    for stats in found:
        path = folder / stats.language / NAME
        if path.exists():
            po = read_po_file(path, stats.language)
            glossary, unread = _glossary(folder / stats.language)
            stats.errors += [*unread, *check_lengths(every, po, path), *check_usage(every, po, path, glossary)]
    return found


def _glossary(folder: Path) -> tuple[Glossary, list[str]]:
    """A language's, and the one line that one which can't be read costs."""
    try:
        return read_glossary(folder), []
    except GlossaryError as error:
        return NONE, [str(error)]


def check_plain_english() -> list[str]:
    """Sentences above the reading grade; needs textstat (`pip install 'stonechat[words]'`)."""
    return list(check_english(sentences(*load_flows(load_words()))))
