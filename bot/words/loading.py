"""Where flows and catalogues lie, in a checkout and in an installed wheel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.flow.check import refuse_if_wrong
from bot.flow.load import Shelf, load_flow, load_shelf
from bot.flow.model import Flow
from bot.flow.values import Message
from bot.words.catalogue import Words, read_catalogue
from bot.words.reader import WordsReader

HERE = Path(__file__).resolve().parents[1]


def data_folder(name: str) -> Path:
    """`flows` or `locales`: beside the package in a checkout, inside it in a wheel."""
    installed = HERE / "data" / name
    return installed if installed.is_dir() else HERE.parent / name


def load_words(folder: Path | None = None, languages: tuple[str, ...] = ()) -> Words:
    """English and the catalogues of the other languages named."""
    from bot.words.catalogue import ENGLISH

    folder = folder or data_folder("locales")
    catalogues = {"en": ENGLISH}
    for language in languages:
        if language != "en":
            catalogues[language] = read_catalogue(folder / language / "LC_MESSAGES" / "stonechat.po", language)
    return Words(catalogues)


def other_names(extra: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Other country names to the codes that they may mean."""
    names: dict[str, list[str]] = {}
    for code, entry in extra.items():
        for name in entry.get("also", ()):
            names.setdefault(str(name), []).append(code)
    return names


def make_reader(words: Words, shelf: Shelf) -> WordsReader:
    def put(message: Message, language: str) -> str:
        return words.of(language).put(message)

    return WordsReader(put, shelf.codes["countries"], other_names(shelf.extra["countries"]))


def load_flows(words: Words, folder: Path | None = None, **settings: Any) -> tuple[dict[tuple[str, int], Flow], Shelf]:
    """Every version of every flow, by (id, version): a session finishes on the version that it began with.

    Raises FlowError for a flow that `flow check` refuses.
    """
    folder = folder or data_folder("flows")
    shelf = load_shelf(folder)
    reader = make_reader(words, shelf)
    found = {}
    for path in sorted(folder.glob("*/[0-9]*.yaml")):
        flow = load_flow(path, shelf, reader, **settings)
        refuse_if_wrong(flow, path)
        found[flow.id, flow.version] = flow
    return found, shelf
