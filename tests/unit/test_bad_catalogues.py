"""One bad catalogue costs one language: whatever is wrong with it, the bot starts and offers all others."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.words.languages import folders
from bot.words.loading import data_folder, load_flows, load_words, offer_languages
from bot.words.translating import Stats, check, extract, sentences

FLOWS, SHELF = load_flows(load_words())
EVERY = sentences(FLOWS, SHELF)
FRENCH = (data_folder("locales") / "fr" / "LC_MESSAGES" / "stonechat.po").read_bytes()
NOBODY = 65534


def po_of(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "stonechat.po"


@pytest.fixture
def locales() -> Iterator[Path]:
    """Where any user may look, unlike pytest's own folder."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "locales"
        shutil.copytree(data_folder("locales"), folder)
        for path in (Path(made), *Path(made).rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder


def offered(folder: Path, wanted: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    flows, left_out = offer_languages(load_words(), FLOWS, SHELF, wanted, folder)
    return [code for code, _ in flows["reprisal", 1].languages], left_out


def checked(languages: list[str], folder: Path) -> list[Stats]:
    return [check(EVERY, folder, language) for language in languages or folders(folder)]


DAMAGED = {
    "byte order mark": b"\xef\xbb\xbf" + FRENCH,
    "utf-16": FRENCH.decode().encode("utf-16"),
    "latin-1": FRENCH.decode().encode("latin-1", "replace"),
    "empty": b"",
    "nul": FRENCH.replace(b"Retour", b"Re\0tour"),
    "cut": FRENCH[: len(FRENCH) // 2],
    "conflict": FRENCH.replace(
        b'msgstr "Retour"', b'<<<<<<< HEAD\nmsgstr "Retour"\n=======\nmsgstr "Revenir"\n>>>>>>> x'
    ),
    "conflict in a string": FRENCH.replace(b"Retour", b"<<<<<<< HEAD\\nRetour\\n=======\\nRevenir\\n>>>>>>> x"),
    "msgcat's marks": FRENCH.replace(b"Retour", b"#-#-#-#-#  fr.po (x)  #-#-#-#-#\\nRetour"),
    "twice": FRENCH + b'\nmsgctxt "bot.back"\nmsgid "Back"\nmsgstr "Revenir"\n',
    "no header": FRENCH.partition(b"\n\n")[2],
    "no plurals": FRENCH.replace(b'"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n', b""),
    "too few plurals": FRENCH.replace(b"nplurals=2; plural=(n > 1)", b"nplurals=1; plural=0"),
    "bad plurals": FRENCH.replace(b"plural=(n > 1)", b"plural=(n > )"),
    "another language's plurals": FRENCH.replace(b"nplurals=2; plural=(n > 1)", b"nplurals=3; plural=n==1?0:n==2?1:2"),
    "charset": FRENCH.replace(b"charset=UTF-8", b"charset=windows-1252"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_L01_a_damaged_file_costs_its_own_language(name: str, locales: Path) -> None:
    path = po_of(locales, "fr")
    path.write_bytes(DAMAGED[name])
    codes, left_out = offered(locales)
    assert codes == ["en", "ar"]
    (line,) = left_out
    assert line.startswith("'fr' is not offered: ")
    french, arabic = checked(["fr", "ar"], locales)
    assert arabic.complete
    assert french.errors
    for error in french.errors:
        where, _, number = error.partition(": ")[0].rpartition(":")
        assert where == str(path)
        assert 1 <= int(number) <= DAMAGED[name].count(b"\n") + 1
        assert error == " ".join(error.split())
    if not french.readable:
        assert french.errors[0] in line, "the start says the line too"


@pytest.mark.parametrize(
    "kind", ["empty folder", "dangling", "loop", "folder", "unreadable", "locked folder", "pipe", "file"]
)
def test_L01_a_folder_that_is_not_right_costs_its_own_language(kind: str, locales: Path) -> None:
    path = po_of(locales, "es")
    path.parent.mkdir(parents=True)
    match kind:
        case "empty folder":
            path.parent.rmdir()
        case "dangling":
            path.symlink_to("/nowhere/at/all")
        case "loop":
            path.symlink_to(path.name)
        case "folder":
            path.mkdir()
        case "unreadable":
            path.write_bytes(FRENCH)
            path.chmod(0)
        case "locked folder":
            path.write_bytes(FRENCH)
            path.parent.chmod(0)
        case "pipe":
            os.mkfifo(path)
        case "file":
            shutil.rmtree(locales / "es")
            (locales / "es").symlink_to("/nowhere/at/all")
    with AsNobody():
        codes, left_out = offered(locales)
        stats = {s.language: s for s in checked([], locales)}
    path.parent.exists() and path.parent.chmod(0o755)
    assert codes == ["en", "ar", "fr"]
    (line,) = left_out
    assert line.startswith("'es' is not offered: ")
    assert str(path) in line
    assert stats["es"].errors == [line.removeprefix("'es' is not offered: ")]
    assert stats["fr"].complete


class AsNobody:
    """For the system another user, while it lasts; nothing where this one is no root."""

    def __enter__(self) -> None:
        if os.getuid() == 0:
            os.seteuid(NOBODY)

    def __exit__(self, *_: object) -> None:
        if os.getuid() == 0:
            os.seteuid(0)


@pytest.mark.parametrize("name", ["french", "EN", "xx", "README", "pt_br", "a b"])
def test_L01_a_folder_whose_name_is_no_language_is_told(name: str, locales: Path) -> None:
    po_of(locales, name).parent.mkdir(parents=True)
    po_of(locales, name).write_bytes(FRENCH)
    codes, left_out = offered(locales)
    assert codes == ["en", "ar", "fr"]
    (line,) = left_out
    assert line.startswith(f"'{name}' is not offered: '{name}' is no language code; write ")


def test_L01_what_lies_beside_the_languages_is_nobodys_catalogue(locales: Path) -> None:
    (locales / ".git").mkdir()
    (locales / "README.md").write_text("read me")
    (locales / "__pycache__").mkdir()
    assert offered(locales) == (["en", "ar", "fr"], [])


@pytest.mark.parametrize("folder", ["pt-BR", "pt_BR"])
@pytest.mark.parametrize("wanted", [(), ("en", "pt-BR"), ("en", "pt_BR"), ("pt-BR", "en", "pt_BR")])
def test_L02_a_country_in_both_spellings_is_one_language(folder: str, wanted: tuple[str, ...], locales: Path) -> None:
    (locales / "fr").rename(locales / folder)
    codes, left_out = offered(locales, wanted)
    assert sorted(codes) == sorted(dict.fromkeys(c.replace("-", "_") for c in wanted) or ["ar", "en", "pt_BR"])
    assert left_out == []


def test_L01_both_spellings_at_once_are_one_language_and_the_other_is_told(locales: Path) -> None:
    shutil.copytree(locales / "fr", locales / "pt-BR")
    shutil.copytree(locales / "fr", locales / "pt_BR")
    codes, left_out = offered(locales)
    assert codes == ["en", "ar", "fr", "pt_BR"]
    (line,) = left_out
    assert line == f"'pt-BR' is not offered: {locales / 'pt-BR'}: 'pt_BR' lies in two folders; keep one of them"


def test_L01_what_the_operator_wants_and_there_is_not(locales: Path) -> None:
    codes, left_out = offered(locales, ("xx", "de", "fr"))
    assert codes == ["fr"]
    assert left_out == [
        "'xx' is not offered: 'xx' is no language code; write one like fr, ckb, pt_BR or zh_Hant",
        "'de' is not offered: there is no catalogue for 'de'; there are en, ar, fr",
    ]


def test_L01_a_form_that_is_lost_is_found_in_every_form(locales: Path) -> None:
    path = po_of(locales, "ar")
    text = path.read_text("utf-8")
    forms = [line for line in text.split("\n") if line.startswith("msgstr[4]") and "{hours}" in line]
    path.write_text(text.replace(forms[0], forms[0].replace("{hours}", "{hour}"), 1), "utf-8")
    (stats,) = checked(["ar"], locales)
    (error,) = stats.errors
    assert "msgstr[4], has other placeholders" in error


def test_the_spanish_beginning(locales: Path) -> None:
    """Begun, half translated, not offered; `words stats` says how far; its translators see it."""
    path = extract(EVERY, locales, "es")
    assert path == po_of(locales, "es")
    text = path.read_text("utf-8")
    assert '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"' in text
    text = text.replace('msgid "Back"\nmsgstr ""', 'msgid "Back"\nmsgstr "Atrás"').replace(
        'msgid "Yes"\nmsgstr ""', 'msgid "Yes"\nmsgstr "Sí"'
    )
    path.write_text(text, "utf-8")
    assert extract(EVERY, locales, "es").read_text("utf-8") == text
    codes, left_out = offered(locales)
    assert codes == ["en", "ar", "fr"]
    (line,) = left_out
    assert re.fullmatch(r"'es' is not offered: \d+ things to mend \('stonechat words check es'\)", line)
    (stats,) = checked(["es"], locales)
    written = text.count('"Atrás"') + text.count('"Sí"')
    assert (stats.done, stats.total, stats.complete) == (written, len(EVERY), False)
    words = load_words()
    flows, _ = offer_languages(words, FLOWS, SHELF, ("es",), locales, incomplete=True)
    assert [code for code, _ in flows["reprisal", 1].languages] == ["es"]
    back = next(s.message for s in EVERY if s.message.context == "bot.back")
    skip = next(s.message for s in EVERY if s.message.context == "bot.skip")
    assert (words.of("es").put(back), words.of("es").put(skip)) == ("Atrás", "Skip")
