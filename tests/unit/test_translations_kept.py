"""What `words check` finds in a translation that says something else than its English: each kind, in every form."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.talk.sentences import Message
from bot.words.extracting import HEADER, rendered
from bot.words.pofile import parse_po
from bot.words.translating import Sentence, check_po

RULES = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": (
        "nplurals=6; "
        "plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
    "zh": "nplurals=1; plural=0;",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "fa": "nplurals=2; plural=(n > 1);",
}
Pair = tuple[Sentence, Sequence[str]]


def said(context: str, text: str, *strings: str, plural: str = "", **more: bool) -> Pair:
    return Sentence(Message(context, text, plural=plural), "messages.yaml:7", **more), strings


label = partial(said, is_label=True)
TYPED = (
    said("typed.command.danger", "danger, sos", "danger, au secours"),
    said("typed.command.done", "done", "fini, c'est tout"),
)


def wrong(*pairs: Pair, language: str = "fr") -> list[str]:
    """What is wrong, without its place."""
    text = HEADER.format(language=language, plurals=RULES[language])
    for sentence, strings in pairs:
        message = sentence.message
        fields = [("msgctxt", message.context), ("msgid", message.text)]
        if message.plural:
            fields += [("msgid_plural", message.plural), *((f"msgstr[{i}]", s) for i, s in enumerate(strings))]
        else:
            fields += [("msgstr", strings[0])]
        text += "\n" + "".join(f"{line}\n" for keyword, words in fields for line in rendered(keyword, words))
    stats = check_po([s for s, _ in pairs], parse_po(text.encode(), language, Path("x.po")), Path("x.po"))
    assert all(re.match(r"x\.po:\d+: ", e) for e in stats.errors)
    return [e.partition(": ")[2] for e in stats.errors]


TOLD: list[tuple[str, str, str]] = [
    # a number of any kind
    ("Call +353 1 21 00 489.", "Appelez le +353 1 21 00 498.", "other numbers"),
    ("Call +353 1 21 00 489.", "Appelez le 353 1 21 00 489 00.", "other numbers"),
    ("Call +353 1 21 00 489.", "Appelez-nous.", "other numbers"),
    ("Call 0800 123 456.", "Appelez le 800 123 456.", "other numbers"),
    ("Call 0800 123 456.", "اتصل بالرقم ٠٨٠٠ ١٢٣ ٤٥٧.", "other numbers"),
    ("Police 112\nDoctor 115", "Police 115\nMédecin 112", "other numbers"),
    ("Within 24 hours.", "En 48 heures.", "other numbers"),
    ("Within 24 hours.", "En quelques heures.", "other numbers"),
    ("We look soon.", "Nous regardons dans 2 heures.", "other numbers"),
    ("In 2024.", "En 2042.", "other numbers"),
    ("From 9 am to 5 pm.", "De 9 h à 18 h.", "other numbers"),
    ("18 to 29", "18 à 30", "other numbers"),
    # an address of any kind
    ("Write to help@accessnow.org.", "Écrivez à aide@accessnow.org.", "another address"),
    ("Write to help@accessnow.org.", "Écrivez-nous.", "another address"),
    ("See https://example.org/a.", "Voyez https://example.org/b.", "another address"),
    ("See protectdefenders.eu.", "Voyez protectdefenders.com.", "another address"),
    ("See it.", "Voyez www.example.com.", "another address"),
    ("Send /danger now.", "Envoyez /peril maintenant.", "another address"),
    ("Ask @helper_bot here.", "Demandez à @autre_bot ici.", "another address"),
    # words to type
    ('Write "danger".', "Écrivez « alarme ».", "type no word of 'typed.command.danger'"),
    ('Write "danger".', "Écrivez danger.", "type no word of 'typed.command.danger'"),
    ('Write "danger" or "done".', "Écrivez « danger » ou « danger ».", "type no word of 'typed.command.done'"),
    (
        "You can write:\n• danger – help now\n• done – go on",
        "Écrivez :\n• danger – de l'aide\n• fin – suite",
        "typed.command.done'",
    ),
    ("• done – go on", "• au secours – suite", "type no word of 'typed.command.done'"),
    # paragraphs, lines, lists
    ("One.\n\nTwo.", "Un. Deux.", "paragraphs"),
    ("One.\n\nTwo.", "Un.\nDeux.", "paragraphs"),
    ("One.\nTwo.", "Un.\n\nDeux.", "paragraphs"),
    ("One. Two.", "Un.\nDeux.", "line ends"),
    ("One.\nTwo.\nThree.", "Un.\nDeux. Trois.", "line ends"),
    ("These:\n• one\n• two", "Ceci :\n• un\ndeux", "points of a list"),
    # letters
    ("Yes.", "Oui. ", "begins or ends with a space"),
    ("Yes.", "\u00a0Oui.", "begins or ends with a space"),
    ("Yes.", "Oui.\n", "begins or ends with a space"),
    ("Yes.", "Ou\u200bi.", "nobody sees (U+200B)"),
    ("Yes.", "\ufeffOui.", "nobody sees (U+FEFF)"),
    ("Yes.", "Ou\u00adi.", "nobody sees (U+00AD)"),
    ("Yes.", "Oui\u2028.", "nobody sees (U+2028)"),
    ("Yes.", "Oui\t.", "nobody sees (U+0009)"),
    ("Yes.", "Oui\ue000.", "nobody sees (U+E000)"),
    ("Yes.", "Ou\u202ei.", "direction marks"),
    ("Yes.", "Ou\u061ci.", "direction marks"),
    ("Yes.", "<<<<<<< HEAD\nOui.\n=======\nSi.\n>>>>>>> x", "marks of a merge"),
    ("Yes.", "#-#-#-#-#  fr.po (x)  #-#-#-#-#\nOui.", "marks of a merge"),
    ("Part 12 of 13", "Partie 12 sur ١٣", "digits of two scripts"),
    # placeholders
    ("Keep: {value}", "Garder", "other placeholders"),
    ("Keep: {value}", "Garder : {valeur}", "other placeholders"),
    ("Keep: {value}", "Garder : {value} {more}", "other placeholders"),
    ("Keep: {value}", "Garder : {{value}}", "a brace that is no placeholder"),
    ("Keep: {value}", "Garder : {value} {}", "a brace that is no placeholder"),
    ("Keep: {value}", "Garder : {value} {", "a brace that is no placeholder"),
    ("Keep: {value}", "Garder : {value!r}", "other placeholders"),
    ("Keep: {value}", "Garder : {value} %s", "a placeholder of another kind"),
    ("Keep: {value}", "Garder : {value} %(value)s", "a placeholder of another kind"),
    # not translated
    ("You can stop here.", "You can stop here.", "is the English"),
    ("You can stop here.", "   ", "is not translated"),
]


@pytest.mark.parametrize(("english", "translation", "says"), TOLD)
def test_L03_what_says_something_else_is_found(english: str, translation: str, says: str) -> None:
    found = wrong(*TYPED, said("bot.x", english, translation))
    assert found
    assert any(says in line for line in found), found
    assert all(line.startswith("'bot.x'") for line in found)
    assert all("; " in line for line in found), "the mend"


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Call +353 1 21 00 489.", "Appelez le +353 1 21 00 489."),
        ("Call +353 1 21 00 489.", "Appelez le +353-1-2100489."),
        ("Call +353 1 21 00 489 (English).", "اتصل على ‏+٣٥٣ ١ ٢١ ٠٠ ٤٨٩ (الإنجليزية).".replace("\u200f", "")),
        ("Within 24 hours.", "En 24 heures."),
        ("Open at 8:05.", "Ouvert à 8 h 05."),
        ("From 9 am to 5 pm.", "De 9 h à 17 h."),
        (
            "See protectdefenders.eu, or write to help@accessnow.org.",
            "Écrivez à help@accessnow.org ou voyez protectdefenders.eu.",
        ),
        ("Stop. Now.", "Stop.Vite."),
        ('Write "danger".', "Écrivez « danger »."),
        ('Write "danger".', "Écrivez «\u00a0au secours\u202f»."),
        ('Write "danger".', 'Écrivez "sos".'),
        ('Write "danger".', "Écrivez “Danger”."),
        ('Write "danger".', "Schreiben Sie „danger“."),
        ('What we marked "saved" is here.', "Ce qui est « gardé » est ici."),
        ("You can write:\n• danger – help now\n• done – go on", "Écrivez :\n• danger : de l'aide\n• fini – la suite"),
        ("One.\n\nTwo.", "Un.\n\nDeux."),
        ("These:\n• one\n• two", "Ceci :\n• un\n• deux"),
        ("He said a few words.", "می\u200cخواهم بنویسم."),
        ("OK", "OK"),
        ("Telegram, Signal", "Telegram, Signal"),
        ("{title}: {value}", "{title}: {value}"),
        ("{a} and {b}", "{b} et {a}"),
        ("100 % of {n}", "100 % de {n}"),
    ],
)
def test_L03_what_says_the_same_is_left_alone(english: str, translation: str) -> None:
    assert wrong(*TYPED, said("bot.x", english, translation)) == []


HOURS = partial(said, "bot.rest", "We keep this for {hours} hour.", plural="We keep this for {hours} hours.")


@pytest.mark.parametrize(
    ("language", "strings", "says"),
    [
        ("fr", ("Une heure.", "{hours} heures."), None),
        ("fr", ("{hours} heure.", "des heures."), "msgstr[1], has other placeholders"),
        ("fr", ("{hour} heure.", "{hours} heures."), "msgstr[0], has other placeholders"),
        ("fr", ("{hours} heure.", "{{hours}} heures."), "msgstr[1], holds a brace"),
        ("fr", ("{hours} heure.", "{hours} heures, ou 48."), "msgstr[1], has other numbers"),
        ("fr", ("{hours} heure. ", "{hours} heures."), "msgstr[0], begins or ends"),
        ("fr", ("{hours} heure.", "{hours}\u200b heures."), "msgstr[1], holds what nobody sees"),
        ("fr", ("{hours} heure.", "{hours}\nheures."), "msgstr[1], has 1 line ends"),
        ("fr", ("{hours} heure.", ""), "is not translated"),
        ("fr", ("{hours} heure.",), "has 1 plural forms; this language has 2"),
        ("fr", ("{hours} heure.", "{hours} heures.", "{hours} heures."), "has 3 plural forms; this language has 2"),
        ("fr", ("{hours} heure.", "We keep this for {hours} hours."), None),
        ("ar", ("أقل من ساعة.", "ساعة.", "ساعتين.", "{hours} ساعات.", "{hours} ساعة.", "{hours} ساعة."), None),
        (
            "ar",
            ("أقل من ساعة.", "ساعة.", "ساعتين.", "ساعات.", "{hours} ساعة.", "{hours} ساعة."),
            "msgstr[3], has other",
        ),
        ("zh", ("{hours} 小时。",), None),
        ("zh", ("小时。",), "msgstr[0], has other placeholders"),
        ("ru", ("{hours} час.", "{hours} часа.", "{hours} часов."), None),
        ("ru", ("Один час.", "{hours} часа.", "{hours} часов."), "msgstr[0], has other placeholders"),  # 21, too
    ],
)
def test_L01_every_plural_form_is_checked(language: str, strings: tuple[str, ...], says: str | None) -> None:
    found = wrong(HOURS(*strings), language=language)
    assert [says in line for line in found] == [True] if says else found == [], found


def test_L01_another_placeholder_is_needed_in_every_form() -> None:
    both = partial(said, "bot.x", "{name}: {n} hour", plural="{name}: {n} hours")
    assert wrong(both("{name} : une heure", "{name} : {n} heures")) == []
    (line,) = wrong(both("{name} : une heure", "{n} heures"))
    assert "msgstr[1], has other placeholders" in line
    (line,) = wrong(both("une heure", "{name} : {n} heures"))
    assert "msgstr[0], has other placeholders" in line


def test_L03_a_label_twice_in_one_list() -> None:
    one, two = label("flow.step.yes", "I agree", "Oui"), label("flow.step.no", "I do not", "oui !")
    (line,) = wrong(one, two)
    assert line == "'flow.step.no' says the same as 'flow.step.yes', in one list; make them differ"
    assert wrong(one, label("flow.other.no", "I do not", "Oui")) == [], "another question"
    assert wrong(one, label("flow.step.again", "I agree", "Oui")) == [], "the English says the same"
    assert wrong(one, label("flow.step.no.1", "I do not", "Oui")) == [], "a variant, shown instead"
    assert len(wrong(label("flow.step.yes.1", "I agree", "Oui"), label("flow.step.no.1", "I do not", "Oui"))) == 1


@pytest.mark.parametrize(
    "pairs",
    [
        (label("codes.acts.killing", "Killed", "Tué"), label("codes.acts.torture", "Torture", "Tué")),
        (label("codes.acts.group.watch", "Watched", "Suivi"), label("codes.acts.group.law", "Law", "Suivi")),
        (said("codes.countries.CD", "DR Congo", "Congo"), said("codes.countries.CG", "Republic of the Congo", "Congo")),
        (label("flow.a.title", "Your name", "Nom"), label("flow.b.title", "Their name", "Nom")),
        (said("bot.yes", "Yes", "Bien"), said("bot.no", "No", "Bien")),
        (said("bot.sure_yes", "Yes, erase it", "Oui"), said("bot.sure_no", "No, keep it", "Oui")),
        (said("bot.back", "Back", "Retour"), said("bot.skip", "Skip", "Retour")),
        (said("bot.skip", "Skip", "Passer"), label("flow.step.no", "Leave", "Passer")),
    ],
)
def test_L03_labels_of_every_list(pairs: tuple[Pair, Pair]) -> None:
    (line,) = wrong(*pairs)
    assert "says the same as" in line


def test_L03_a_word_to_type_that_means_two_things() -> None:
    (line,) = wrong(said("typed.command.back", "back", "retour"), said("typed.command.skip", "skip", "passer, Retour"))
    assert line == "'typed.command.skip' and 'typed.command.back' both have 'Retour'; take it out of one"
    (line,) = wrong(said("typed.command.back", "back", "skip"), said("typed.command.skip", "skip", "passer"))
    assert "'typed.command.back' and 'typed.command.skip' both have 'skip'" in line


def test_L03_help_of_another_language_is_no_english_left_over() -> None:
    assert (
        wrong(said("help.anywhere.1", "Front Line Defenders Dublin Ireland", "Front Line Defenders Dublin Ireland"))
        == []
    )
    assert wrong(said("typed.greeting", "hello there my friend", "hello there my friend")) == []


def test_L01_a_consent_waits_for_its_translator_and_other_sentences_do_not() -> None:
    po = HEADER.format(language="fr", plurals=RULES["fr"]) + '\n#, fuzzy\nmsgctxt "x"\nmsgid "Yes"\nmsgstr "Oui"\n'
    for is_consent in (True, False):
        sentence = Sentence(Message("x", "Yes"), "m:1", is_consent=is_consent)
        stats = check_po([sentence], parse_po(po.encode(), "fr", Path("x.po")), Path("x.po"))
        assert (stats.fuzzy, stats.complete) == (1, not is_consent)


def test_L01_a_plural_entry_for_a_sentence_without_one_and_the_other_way_round() -> None:
    po = HEADER.format(language="fr", plurals=RULES["fr"])
    po += '\nmsgctxt "x"\nmsgid "Yes"\nmsgid_plural "Yesses"\nmsgstr[0] "Oui"\nmsgstr[1] "Ouis"\n'
    po += '\nmsgctxt "y"\nmsgid "No"\nmsgstr "Non"\n'
    every = [Sentence(Message("x", "Yes"), "m:1"), Sentence(Message("y", "No", plural="Noes"), "m:1")]
    stats = check_po(every, parse_po(po.encode(), "fr", Path("x.po")), Path("x.po"))
    assert [re.search(r"'(.)' has plural forms and the English none", e) is not None for e in stats.errors] == [
        True,
        True,
    ]
