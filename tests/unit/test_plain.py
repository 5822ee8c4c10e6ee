"""Plain words: what `words check` says of sentences that are too hard or too long, with file and line."""

from pathlib import Path

import pytest

from bot.talk.sentences import Message
from bot.words.extracting import HEADER, rendered
from bot.words.plain import check_english, check_lengths, sentences_of, words_of
from bot.words.pofile import Po, parse_po
from bot.words.translating import Sentence

pytest.importorskip("textstat", reason="pip install 'stonechat[words]'")


def sentence(text: str, context: str = "bot.x", **more: bool) -> Sentence:
    return Sentence(Message(context, text), "messages.yaml:7", **more)


HARD = (
    "Notwithstanding the aforementioned limitations, the organisation's representatives will endeavour to facilitate "
    "appropriate communication with international institutions regarding the intimidation that you experienced."
)


def test_a_hard_sentence_is_named_with_its_place() -> None:
    (error,) = check_english([sentence(HARD), sentence("We lock your words. Only a small team can read what you say.")])
    assert error.startswith("flows/messages.yaml:7: 'bot.x' reads at grade ")
    assert error.endswith("use shorter sentences and plainer words")


def test_names_and_numbers_are_no_sentences() -> None:
    assert list(check_english([sentence(HARD, "help.anywhere.1"), sentence(HARD, "typed.command.help")])) == []


def test_lists_are_cut_at_their_lines() -> None:
    text = "Words: \n• back – the question before\n• skip – leave it out. {name} is here!"
    assert sentences_of(text) == ["Words", "back – the question before", "skip – leave it out", "name is here"]
    assert words_of("l'équipe peut-elle lire") == 3
    assert words_of("هل أنت في مكان آمن") == 5


def catalogue(*pairs: tuple[str, str]) -> Po:
    text = HEADER.format(language="fr", plurals="nplurals=2; plural=(n > 1);")
    for english, french in pairs:
        fields = ("msgctxt", "bot.x"), ("msgid", english), ("msgstr", french)
        text += "\n" + "".join(f"{line}\n" for keyword, words in fields for line in rendered(keyword, words))
    return parse_po(text.encode(), "fr", Path("fr.po"))


def test_a_long_sentence_is_named_with_its_place() -> None:
    every = [sentence("long"), sentence("short")]
    po = catalogue(("long", " ".join(["mot"] * 26) + "."), ("short", "Un mot. Deux mots."))
    (error,) = check_lengths(every, po, Path("fr.po"))
    assert "fr.po:" in error
    assert "a sentence of 26 words, above 25; make two of it" in error
    assert list(check_lengths(every, catalogue(("long", " ".join(["mot"] * 25))), Path("fr.po"))) == [
        "fr.po:1: sentences have 25.0 words on average, above 15; make the longest shorter"
    ]
