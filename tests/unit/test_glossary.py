"""A language's glossary: one word for one thing, forms that are never used, and what a broken one costs."""

import os
import shutil
from pathlib import Path

import pytest

from bot.words.glossary import NONE, GlossaryError, pattern, read_glossary
from bot.words.loading import check_languages, data_folder, load_flows, load_words, offer_languages
from bot.words.translating import NAME

FLOWS, SHELF = load_flows(load_words())


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("locales"), tmp_path / "locales")
    return tmp_path / "locales"


def told(locales: Path, language: str, message: str, words: str) -> list[str]:
    """What `words check` says once a message of this id says these words."""
    path = locales / language / NAME
    blocks = path.read_text("utf-8").split("\n\n")
    (i,) = (i for i, block in enumerate(blocks) if f'msgctxt "{message}"' in block.split("\n"))
    blocks[i] = f'{blocks[i].partition("msgstr")[0]}msgstr "{words}"'
    path.write_text("\n\n".join(blocks), "utf-8")
    at = "\n\n".join(blocks[:i]).count("\n") + 1
    (stats,) = check_languages([language], locales)
    for error in stats.errors:
        where, _, line = error.partition(": ")[0].rpartition(":")
        assert where == str(path)
        assert at <= int(line) <= at + 8
    assert stats.complete, "a glossary keeps no language back"
    return stats.errors


def test_what_we_ship_keeps_to_it(locales: Path) -> None:
    assert [stats.errors for stats in check_languages([], locales)] == [[], []]


@pytest.mark.parametrize(
    "words",
    (
        "اكتب هنا | اكتُب هنا | ثم اكتب هنا | واكتب هنا | فاكتبه هنا | اكتبوا هنا | اكتبي هنا | "
        "«اكتب» | أرسل السطر | أرسِلْ السطر | أرسله | اختر واحدا | غيّر الجواب | غيِّر الجواب | "
        "لا ترسل شيئا | أنا محتجز | محتجزا | لست متأكدا | هل أنت متأكد؟ | يمكنك أن تكتب | هل تريد المتابعة؟ | "
        "يستطيع تيليغرام | تستطيع تلغرام | من فضلك انتظار | نحن آسفون"
    ).split(" | "),
)
def test_arabic_that_speaks_to_or_of_a_man_is_told(locales: Path, words: str) -> None:
    errors = told(locales, "ar", "bot.welcome", words)
    assert errors
    assert all("'bot.welcome' says '" in e and "; write instead: " in e for e in errors)


@pytest.mark.parametrize(
    "words",
    (
        "أُرسل ووصل | كتابة | إرسال | يُرجى الكتابة | غير ذلك | يمكنك المتابعة | قيد الاحتجاز | "
        "في مأمن | تخطي | الوضع | أكتبه | حفظ سجل | لا تُفتح | برنامج تابع لنا | "
        "مكتب | يستطيع تلغرام | اخترت | كتبته | هل يمكنك المتابعة؟ | صور وأوراق"
    ).split(" | "),
)
def test_arabic_that_speaks_to_everybody_is_not(locales: Path, words: str) -> None:
    assert told(locales, "ar", "bot.welcome", words) == []


@pytest.mark.parametrize(
    "words",
    (
        "Je ne suis pas sûr(e) | Êtes-vous sûr(e) ? | Êtes-vous sûr\u202f? | Vous êtes arrivé(e)s | Détenu·e | "
        "Désolé, non | DÉSOLÉE | Supprimez-la | Il faut supprimer | Votre récit | "
        "Je suis arrivé | Écris-nous si tu veux | l'équipe"
    ).split(" | "),
)
def test_french_that_speaks_to_or_of_a_man_is_told(locales: Path, words: str) -> None:
    errors = told(locales, "fr", "bot.welcome", words)
    assert errors
    assert all("; write" in e for e in errors)


@pytest.mark.parametrize(
    ("words", "fine"),
    [
        ("Arrêté chez soi", False), ("Suivi ou filmé", False), ("Détenu, seul", False), ("Mort", False),
        ("Liberté perdue", True), ("Personne disparue", True), ("En détention", True),
        ("L’équipe", True), ("Renvoi", True), ("Étudier", True),
    ],
)  # fmt: skip
def test_a_french_button_begins_with_no_mans_participle(locales: Path, words: str, fine: bool) -> None:
    assert (told(locales, "fr", "codes.acts.abduction", words) == []) is fine


def test_a_sentence_is_no_button(locales: Path) -> None:
    assert told(locales, "fr", "bot.welcome", "Gardé ici, et fini.") == []


@pytest.mark.parametrize(
    ("language", "message", "words", "says"),
    [
        ("fr", "bot.no", "Pas du tout", ""),
        ("fr", "bot.page_title", "Chat", "has another word for 'chat'; write: conversation"),
        ("fr", "bot.erase", "Ôter", "has another word for 'erase'; write: effac"),
        ("fr", "bot.keys", "Ce que vous envoyez s'ouvre avec :\\n{keys}", "has another apostrophe; write: ’"),
        ("ar", "bot.erase", "حذف", "has another word for 'erase'"),
        ("ar", "bot.one_language", "نتكلم لغة: {language}", ""),
    ],
)  # fmt: skip
def test_one_word_for_one_thing(locales: Path, language: str, message: str, words: str, says: str) -> None:
    errors = told(locales, language, message, words)
    assert [says in e for e in errors] == ([True] if says else [])


def test_what_people_type_is_theirs(locales: Path) -> None:
    assert told(locales, "ar", "typed.command.pause", "توقف، استراحة، استرح، اكتب لاحقا") == []
    assert told(locales, "fr", "typed.command.erase", "effacer, supprimer, efface ça, j'efface") == []


def test_each_plural_form_is_held(locales: Path) -> None:
    path = locales / "ar" / NAME
    text = path.read_text("utf-8")
    old = 'msgstr[2] "يمكنك الاستراحة الآن.'
    assert old in text
    path.write_text(text.replace(old, 'msgstr[2] "استرح الآن.', 1), "utf-8")
    (error,) = check_languages(["ar"], locales)[0].errors
    assert "'bot.rest' says 'استرح'" in error


def test_a_language_without_one_is_checked_without_one(locales: Path) -> None:
    (locales / "fr" / "glossary.yaml").unlink()
    assert read_glossary(locales / "fr") == NONE
    assert told(locales, "fr", "bot.welcome", "Désolé(e), supprimez l'ami ?") == []


def test_an_empty_one_asks_for_nothing(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "terms:\nnever:\nspaces:\njoined:\napostrophe:\n"):
        (tmp_path / "glossary.yaml").write_text(text, "utf-8")
        found = read_glossary(tmp_path)
        assert (found.terms, found.never, found.apostrophe) == ((), (), "")


BROKEN = {
    "no YAML": b"terms: [a",
    "two colons": b"terms:\n  a: b: c",
    "a list": b"- terms",
    "words": b"terms",
    "an unknown part": b"termes: {a: b}",
    "the same twice": b"terms: {a: b}\nterms: {a: c}",
    "not UTF-8": "never:\n  - forms: désolé\n".encode("utf-16"),
    "Latin 1": "terms: {erase: effacé}".encode("latin-1"),
    "a NUL": b"terms: {a: \x00}",
    "a rule without instead": b"never:\n  - forms: a",
    "a rule without forms": b"never:\n  - instead: a",
    "a rule that is words": b"never:\n  - a",
    "never as a mapping": b"never: {a: b}",
    "every word": b"never:\n  - {forms: '*', instead: a}",
    "a form that is a number": b"never:\n  - {forms: [1], instead: a}",
    "a term that is a number": b"terms: {a: 1}",
    "a term that is a key of two": b"terms: {? [a, b] : c}",
    "an empty term": b"terms: {a: }",
    "an empty English term": b"terms: {'': a}",
    "terms as a list": b"terms: [a, b]",
    "spaces as words": b"spaces: '?'",
    "an unknown space": b"spaces: {thin_before: '?'}",
    "letters for signs": b"spaces: {narrow_before: abc}",
    "a sign twice": b"spaces: {narrow_before: '? ?'}",
    "two apostrophes": b"apostrophe: \"''\"",
    "an apostrophe that is none": b"apostrophe: x",
    "joined as a list": b"joined: [a]",
    "in what": b"never:\n  - {forms: a, instead: b, in: buttons}",
    "a tag": b"terms: !!python/object/apply:os.system ['false']",
    "deep": b"[" * 20_000,
    "aliases": b"terms: &a {b: *a}",
    "large": b"# " + b"x" * 1_000_001,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_one_that_cannot_be_read_costs_one_line_and_no_language(locales: Path, content: bytes) -> None:
    path = locales / "fr" / "glossary.yaml"
    path.write_bytes(content)
    one_line(locales, path)


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling", "closed"])
def test_one_that_is_no_file_costs_one_line_too(locales: Path, kind: str) -> None:
    path = locales / "fr" / "glossary.yaml"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "dangling":
        path.symlink_to("nowhere")
    else:
        path.write_text("terms: {a: b}", "utf-8")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("whoever runs this reads everything")
    one_line(locales, path)


def one_line(locales: Path, path: Path) -> None:
    with pytest.raises(GlossaryError) as caught:
        read_glossary(path.parent)
    line = str(caught.value)
    assert line.startswith(f"{path}:")
    assert "\n" not in line
    assert "; " in line, "and its mend"
    (stats,) = check_languages(["fr"], locales)
    assert stats.errors == [line]
    words = load_words()
    flows, left_out = offer_languages(words, FLOWS, SHELF, folder=locales)
    assert left_out == [line]
    assert [code for code, _ in flows["reprisal", 1].languages] == ["en", "ar", "fr"]


def test_a_form_is_found_as_a_word() -> None:
    assert pattern("a b").search("x a b.")
    assert not pattern("a b").search("xa b")
    assert not pattern("ab").search("abc")
    assert pattern("ab*").search("(abc)")
    assert pattern("^ab").search("« ab »")
    assert not pattern("^ab").search("c ab")
    assert pattern("(e)").search("sûr(e)")
    assert pattern("a.c").search("a.c")
    assert not pattern("a.c").search("abc")


def test_a_rule_that_is_wrong_is_named_by_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("never:\n  - {forms: a, instead: b}\n  - {forms: c}\n", "utf-8")
    with pytest.raises(GlossaryError, match=r"glossary\.yaml:3: "):
        read_glossary(tmp_path)
