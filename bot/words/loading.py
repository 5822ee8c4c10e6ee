"""Where flows and catalogues lie, in a checkout and in an installed wheel."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.flow.check import refuse_if_wrong
from bot.flow.every import sentences
from bot.flow.load import load_flow, opening_flow
from bot.flow.model import Flow
from bot.flow.promisefile import FILE, promises, read_list
from bot.flow.shelf import Shelf, load_shelf
from bot.talk.sentences import Message
from bot.words.catalogue import ENGLISH, LocaleError, Words, make_catalogue, read_catalogue, read_po_file
from bot.words.glossary import NONE, Glossary, GlossaryError, read_glossary
from bot.words.languages import catalogue_of, folders, own_name
from bot.words.places import load_places
from bot.words.plain import check_english, check_lengths
from bot.words.reader import WordsReader
from bot.words.translating import Stats, check, check_po
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
            catalogues[language] = read_catalogue(catalogue_of(folder, language)[1], language)
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

    A language whose catalogue can't be read, or that lacks a sentence, a placeholder or a consent, is not offered: a
    half-translated bot would be worse. `incomplete` offers it all the same where it can be read, to its translators.
    A glossary that can't be read keeps no language back.
    """
    folder = folder or data_folder("locales")
    found = folders(folder)
    every = sentences(flows, shelf)
    offered, left_out = [], []
    for said in dict.fromkeys(wanted or ("en", *found)):
        try:
            language, path = catalogue_of(folder, said)
            if language in offered:
                continue
            if language != "en":
                if language not in found:
                    raise LocaleError(f"there is no catalogue for '{language}'; there are {', '.join(('en', *found))}")
                po = read_po_file(path, language)
                glossary, unread = _glossary(path.parents[1])
                left_out += unread
                if (wrong := check_po(every, po, path, glossary.spacing).errors) and not incomplete:
                    raise LocaleError(f"{len(wrong)} things to mend ('stonechat words check {language}')")
                words.offer(make_catalogue(po, language, glossary.spacing))
            offered.append(language)
        except LocaleError as error:  # one bad catalogue costs one language
            left_out.append(f"'{said}' is not offered: {error}")
    named = tuple((code, own_name(code)) for code in offered or ["en"])
    return {key: replace(flow, languages=named) for key, flow in flows.items()}, left_out


def check_languages(languages: list[str], folder: Path | None = None) -> list[Stats]:
    """Each language's state; all that have a catalogue when none is named."""
    folder = folder or data_folder("locales")
    every = sentences(*load_flows(load_words()))
    found = [check(every, folder, name) for name in languages or folders(folder)]
    for stats in found:
        if stats.readable:
            path = catalogue_of(folder, stats.language)[1]
            po = read_po_file(path, stats.language)
            glossary, unread = _glossary(path.parents[1])
            light = [*unread, *check_lengths(every, po, path), *check_usage(every, po, path, glossary)]
            stats.errors += light
            stats.light = len(light)
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
