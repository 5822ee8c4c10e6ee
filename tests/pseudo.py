"""A machine that translates into any language: each letter stands for another one, of that language's script.

What it makes is nonsense that obeys every rule of docs/translating.md. So whatever a walk in it does not understand, or
says in English, is a fault of the program.
"""

import re
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from bot.words.languages import language_code
from bot.words.pofile import Po, parse_po, read_po_file

SCRIPTS = {
    "Latn": "nopqrstuvwxyzabcdefghijklm",
    "Cyrl": "абвгджзиклмнопрстуфхцчшыэю",
    "Arab": "ابتثجحخدذرزسشصضطظعغفقكلمنو",
}
LANGUAGES = {"es_419": "Latn", "ru": "Cyrl", "ckb": "Arab"}
# These stand for themselves in every language: addresses, placeholders, and words that a program reads.
KEPT = re.compile(r"\{\w+\}|https?://\S+|\S+@\S+|[\w-]+(?:\.[\w-]+)+|(?<!\w)/\w+|\\.")
OWN_WORDS = ("typed.date.last_stands", "typed.date.seasons_in", "typed.number.first_stands")


def translated(text: str, language: str, context: str = "") -> str:
    """A text in nonsense."""
    if context in OWN_WORDS:
        return text
    letters = SCRIPTS[LANGUAGES[language_code(language)]]
    table = str.maketrans(ascii_lowercase + ascii_uppercase, letters + letters.upper())
    pieces, at = [], 0
    for found in KEPT.finditer(text):
        pieces += [text[at : found.start()].translate(table), found.group()]
        at = found.end()
    return "".join([*pieces, text[at:].translate(table)])


def translate(path: Path, language: str, share: float = 1.0) -> int:
    """Write the first `share` of a catalogue, as a translator's editor would: its msgstr lines, and nothing else."""
    po: Po = read_po_file(path, language)
    entries = list(po)
    many = int(len(entries) * share)
    for entry in entries[:many]:
        english = entry.id if isinstance(entry.id, tuple) else (entry.id, entry.id)
        body = [line for f in entry.fields if f.keyword != "msgstr" for line in entry.body[f.start : f.end]]
        for found in (f for f in entry.fields if f.keyword == "msgstr"):
            words = translated(english[1], language, entry.context)
            name = "msgstr" if found.index is None else f"msgstr[{found.index}]"
            quoted = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            body.append(f'{name} "{quoted}"')
        entry.body = body
    text = po.text()
    parse_po(text.encode(), language, path)
    path.write_text(text, "utf-8")
    return many
