"""`words extract` of a sentence that has become a plural, or is none any more: no word is lost."""

from pathlib import Path

import pytest

from bot.flow.every import Sentence
from bot.talk.sentences import Message
from bot.words.catalogue import read_po_file
from bot.words.translating import NAME, extract

ONE = Message("bot.x", "Kept {hours} hours.")
MANY = Message("bot.x", "Kept {hours} hour.", plural="Kept {hours} hours.")
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
HEAD += '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
FLAT = 'msgctxt "bot.x"\nmsgid "Kept {hours} hours."\nmsgstr "Gardé {hours} heures."\n'
PLURAL = (
    'msgctxt "bot.x"\nmsgid "Kept {hours} hour."\nmsgid_plural "Kept {hours} hours."\n'
    'msgstr[0] "Gardé {hours} heure."\nmsgstr[1] "Gardé {hours} heures."\n'
)


@pytest.mark.parametrize(
    ("before", "now", "string"),
    [
        (FLAT, MANY, ("Gardé {hours} heures.", "Gardé {hours} heures.")),
        (PLURAL, ONE, "Gardé {hours} heures."),
    ],
)
def test_l02_a_sentence_that_becomes_a_plural_keeps_its_words(
    tmp_path: Path, before: str, now: Message, string: object
) -> None:
    path = tmp_path / "fr" / NAME
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + before, encoding="utf-8")
    extract([Sentence(now, "messages.yaml:1")], tmp_path, "fr")
    po = read_po_file(path, "fr")
    (entry,) = [e for e in po if e.id]
    assert entry.string == string
    assert entry.fuzzy
    assert po.num_plurals == 2, "the file's own plural forms stay"
