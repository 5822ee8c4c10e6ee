"""`words check` against what nobody had named: each line here passed once."""

import pytest

from bot.words.leftovers import is_english_left
from bot.words.typedlists import words_in
from tests.unit.test_translations_kept import TYPED, label, said, wrong

PASSED_ONCE: list[tuple[str, str, str]] = [
    # numbers and addresses
    ("Open 9:00 to 17:00.", "Ouvert de 17:00 à 9:00.", "numbers in another order"),
    ("Open 9:00 to 17:00.", "Ouvert de 17h00 à 9h00.", "numbers in another order"),
    ("18 to 29", "29 à 18", "numbers in another order"),
    ("Mon-Fri 9-17", "lun.-ven. 17-9", "numbers in another order"),
    ("Call +1 202 555 0147.", "Appelez 1 202 555 0147.", "other numbers"),
    ("From 9 am to 5 pm.", "De 9 h à 5 h.", "other numbers"),
    ("12 am", "12 h", "other numbers"),
    ("1.5 hours", "15 heures", "other numbers"),
    ("See https://example.org/Path.", "Voyez https://example.org/path.", "another address"),
    ("See example.help now.", "Voyez example.aide now.", "another address"),
    ("See example.ngo now.", "Voyez exemple.ngo.", "another address"),
    ("Part 1 of 3", "Partie ١ sur ٣", "digits that this language does not write"),
    # letters
    ("Yes.", "Oui\u3164.", "nobody sees (U+3164)"),
    ("Yes.", "Oui\u2800.", "nobody sees (U+2800)"),
    ("Yes.", "O\u034fui.", "nobody sees (U+034F)"),
    ("Yes.", "Oui\ufe0f.", "nobody sees (U+FE0F)"),
    ("Yes.", "Oui\u200d.", "nobody sees (U+200D)"),
    ("Yes.", "\u200cOui.", "nobody sees (U+200C)"),
    ("Yes.", "Oui \ufffd.", "nobody sees (U+FFFD)"),
    ("Yes.", "Ã‰crivez.", "read wrongly"),
    ("Yes.", "voilÃ  l’Ã©tÃ©", "read wrongly"),
    ("Yes.", "Ù†Ø¹Ù…", "read wrongly"),
    ("Yes.", "Oui.  Non.", "two spaces"),
    ("Yes.", "Oui\u00a0\u00a0!", "two spaces"),
    ("A.\nB.", "A. \nB.", "two spaces in a row, or one at a line's end"),
    ("A.\nB.", "A.\n B.", "two spaces in a row, or one at a line's end"),
    # nothing, or not yet
    ("Yes.", ".", "no word"),
    ("Yes.", "-", "no word"),
    ("Yes.", "???", "no word"),
    ("Yes.", "TODO", "a note"),
    ("Hello {name}", "Bonjour <b>{name}</b>", "markup"),
    ("Hello", "Bonjour &amp; salut", "markup"),
    ("Hello", "**Bonjour**", "markup"),
    ("Hello", "Bonjour\\n", "a backslash"),
    ("One.\n\n• a\n• b", "• a\n\nUn.\n• b", "lines in another order"),
    # English
    ("You can stop here now.", "you can stop here now", "is the English"),
    ("You can stop here now.", "“You can stop here now.”", "is the English"),
    ("Stop here now", "Stop here now", "is the English"),
    (
        "You can stop here. We keep what you said so far. Come back.",
        "Arrêtez ici. We keep what you said so far. Revenez.",
        "is the English",
    ),
]


@pytest.mark.parametrize(("english", "translation", "says"), PASSED_ONCE)
def test_L03_what_passed_once_is_found(english: str, translation: str, says: str) -> None:
    found = wrong(*TYPED, said("bot.x", english, translation))
    assert any(says in line for line in found), found


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Open 9:00 to 17:00.", "Ouvert de 9 h 00 à 17 h 00."),
        ("18 to 29", "de 18 à 29 ans"),
        ("In 2024 to 2026", "De 2024 à 2026"),
        ("3 of 5", "5 dont 3"),
        ("Call +1 202 555 0147.", "Appelez le +1 (202) 555-0147."),
        ("1.5 hours", "1,5 heure"),
        ("From 9 am to 5 pm.", "De 9 heures à 5 heures de l'après-midi."),
        ("See example.help now.", "Voyez Example.help maintenant."),
        ("See https://Example.org/Path.", "Voyez https://example.org/Path."),
        ("Yes.", "Là-bas, à côté, « été » — où ?"),
        ("Yes.", "Çà et là"),
        ("Yes.", "نعم، هذا صحيح"),
        ("Yes.", "می\u200cخواهم"),
        ("Yes.", "क्\u200dष"),
        ("…", "…"),
        ("{a}: {b}", "{a} : {b}"),
        ("A & B", "A & B"),
    ],
)
def test_L03_what_is_right_is_left_alone(english: str, translation: str) -> None:
    assert wrong(*TYPED, said("bot.x", english, translation)) == []


@pytest.mark.parametrize(
    ("strings", "says"),
    [
        (("{n} fichier en 24 heures", "{n} fichiers"), "msgstr[1], has other numbers than the English (24)"),
        (("Un fichier", "{n} fichiers en 24 heures"), "msgstr[0], has other"),
        (("{n} fichier en 24 heures", "{n} fichiers en 24 heures"), None),
    ],
)
def test_L01_a_number_of_both_forms_is_kept_in_every_form(strings: tuple[str, ...], says: str | None) -> None:
    found = wrong(said("bot.x", "{n} file in 24 hours", *strings, plural="{n} files in 24 hours"))
    assert any(says in line for line in found) if says else found == [], found


@pytest.mark.parametrize(
    ("context", "english", "listed", "says"),
    [
        ("typed.command.done", "done", "-", "has no word; repeat"),
        ("typed.despair", "i want to die", "-", "has no word; repeat"),
        ("typed.threatened", "kill me", " - ", "has no word; repeat"),
        ("typed.greeting", "hello", ",, ,", "has no word; write one"),
        ("typed.date.eve", "-", ",", "has no word; write one"),
        ("typed.date.eve", "eve", "-", None),
        ("typed.despair.not", "not to die", "-", None),
        ("typed.command.done", "done", "fini; terminé", "something else than commas"),
        ("typed.command.done", "done", "fini\nterminé", "something else than commas"),
        ("typed.command.done", "done", "انتهيت؛ تم", "something else than commas"),
        ("typed.command.done", "done", "完了、終わり", None),
        ("typed.date.last_stands", "before", "avant", "write after or before, in English"),
        ("typed.date.last_stands", "before", "after", None),
        ("typed.number.first_stands", "tens", "dizaines", "write tens or units, in English"),
        ("typed.date.seasons_in", "north, south", "nord", "write north or south, in English"),
        ("typed.date.seasons_in", "north, south", "south", None),
    ],
)
def test_L03_lists_of_words_to_type(context: str, english: str, listed: str, says: str | None) -> None:
    found = wrong(said(context, english, listed))
    assert any(says in line for line in found) if says else found == [], found


def test_L03_one_word_for_two_numbers_or_two_days() -> None:
    (line,) = wrong(said("typed.number.1", "one", "un"), said("typed.number.2", "two", "deux, Un"))
    assert line == "'typed.number.2' and 'typed.number.1' both have 'Un'; take it out of one"
    days = said("typed.date.weekday.0", "monday", "lundi"), said("typed.date.weekday.1", "tuesday", "lundi")
    assert len(wrong(*days)) == 1
    assert wrong(said("typed.month.10", "october", "تشرين"), said("typed.month.11", "november", "تشرين")) == []
    assert wrong(said("typed.number.2", "two", "deux"), said("typed.date.weekday.1", "tuesday", "deux")) == []


@pytest.mark.parametrize("comma", [",", "،", "、", "，"])
def test_L03_commas_of_every_script_part_words_for_the_check_and_for_the_reader(comma: str) -> None:
    from bot.talk.sentences import Message
    from bot.words.loading import load_flows, load_words
    from bot.words.reader import WordsReader

    assert words_in(f"完了{comma} 終わり{comma}-{comma}") == ["完了", "終わり"]
    typed = load_flows(load_words())[1].typed

    def put(message: Message, language: str) -> str:
        listed = {"typed.command.done": f"完了{comma}終わり", "typed.command.erase": "-"}
        return listed.get(message.context, message.text) if language == "ja" else message.text

    reader = WordsReader(put, {}, None, typed)  # type: ignore[arg-type]
    assert [reader.command(word, "ja") for word in ("完了", "終わり", "done")] == ["done"] * 3
    assert reader.command("-", "ja") is None, "what stands for nothing erases nothing"


@pytest.mark.parametrize(
    ("context", "english", "latin", "found"),
    [
        ("bot.x", "Go back", False, True),
        ("bot.x", "Go back", True, False),
        ("bot.x", "Telegram, Signal", False, False),
        ("bot.x", "Front Line Defenders", True, False),
        ("help.a.1", "This line answers at any hour in English.", True, True),
        ("help.a.1", "Front Line Defenders: Dublin, Ireland", False, False),
        ("typed.greeting", "good morning my friend", True, False),
        ("codes.countries.TT", "Trinidad and the islands of Tobago", True, False),
    ],
)
def test_L03_english_left_over(context: str, english: str, latin: bool, found: bool) -> None:
    assert is_english_left(context, english, english, latin) is found


def test_L03_a_label_twice_however_it_is_written() -> None:
    pairs = (label("flow.s.a", "First", "Été"), label("flow.s.b", "Second", "ete."))
    (line,) = wrong(*pairs)
    assert "says the same as" in line
