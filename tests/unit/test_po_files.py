"""A .po file as people and their programs save it: read whole and right, or refused with its line. Never half read."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.words.extracting import rendered
from bot.words.loading import data_folder
from bot.words.pofile import Po, parse_po, read_po_file, usual_plurals
from bot.words.pogrammar import LocaleError
from tests.conftest import need

GETTEXT = pytest.mark.usefixtures("gettext")
HEADER = (
    'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n'
)
ONE = '\n#: flows/a.yaml:1\nmsgctxt "bot.back"\nmsgid "Back"\nmsgstr "Retour"\n'
MANY = (
    '\nmsgctxt "bot.rest"\nmsgid "{n} hour"\nmsgid_plural "{n} hours"\nmsgstr[0] "{n} heure"\nmsgstr[1] "{n} heures"\n'
)
TWO = '\nmsgctxt "bot.skip"\nmsgid "Skip"\nmsgstr "Passer"\n'
GOOD = HEADER + ONE + MANY + TWO


@pytest.fixture(scope="module")
def gettext() -> None:
    need("msgcat", "apt-get install gettext")


def read(text: str | bytes) -> Po:
    return parse_po(text.encode() if isinstance(text, str) else text, "fr", Path("fr.po"))


def strings(po: Po) -> dict[str, object]:
    return {e.context: e.string for e in po}


ALL = {"bot.back": "Retour", "bot.rest": ("{n} heure", "{n} heures"), "bot.skip": "Passer"}
PREVIOUS = (
    '\n#, fuzzy\n#| msgctxt "bot.was"\n#| msgid "Go "\n#| "back"\nmsgctxt "bot.back"\nmsgid "Back"\nmsgstr "Retour"\n'
)
OLD = '\n# kept\n#, fuzzy\n#~| msgid "Older"\n#~ msgctxt "bot.old"\n#~ msgid "Old"\n#~ msgstr ""\n#~ "Vieux"\n'
OLD_TWICE = '\n#~| msgid "Older"\n#~ msgctxt "bot.old"\n#~ msgid "Old"\n#~ msgstr "Vieux"\n'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        GOOD.replace("\n", "\r\n"),
        HEADER + PREVIOUS + MANY + TWO,
        HEADER + ONE + OLD + MANY + TWO + OLD_TWICE,
        HEADER + ONE + OLD_TWICE.replace("\n#~ msgctxt", '\n#~| "and older"\n#~ msgctxt') + MANY + TWO,
        HEADER + ONE.replace('msgstr "Retour"', 'msgstr ""\n"Re"\n  "tour"') + MANY + TWO,
        HEADER + ONE.replace('msgstr "Retour"', 'msgstr "Re" "tour"') + MANY + TWO,
        HEADER + ONE.replace('"\nmsgid', '" msgid') + MANY + TWO,
        HEADER + ONE.replace("\nmsgid", "\n\nmsgid") + MANY + TWO,
        HEADER + "\n# a\n\n#. b\n#, c-format,python-brace-format, no-wrap\n#= fuzzy\n" + ONE[1:] + MANY + TWO,
        "# head\n#\n#, fuzzy\n"
        + HEADER.replace('"Plural', '"X-Generator: Poedit 3.4\\n"\n"X-Poedit-Basepath: .\\n"\n"Plural')
        + ONE
        + MANY
        + TWO,
        HEADER.replace("charset=UTF-8", "charset=utf8") + ONE + MANY + TWO,
        HEADER.replace("charset=UTF-8", "charset=CHARSET") + ONE + MANY + TWO,
        HEADER + ONE.replace("msgstr", "msgstr\t") + MANY.replace("msgstr[0]", "msgstr [ 0 ]") + TWO + "#~\n#~ \n",
    ],
)
def test_L01_what_programs_save_is_read_whole_and_kept_to_the_letter(text: str) -> None:
    po = read(text)
    assert strings(po) == ALL
    assert po.text() == text


CONFLICT = ONE + '<<<<<<< HEAD\nmsgctxt "bot.x"\nmsgid "X"\nmsgstr "A"\n=======\nmsgstr "B"\n>>>>>>> theirs\n'
BAD = {
    "bom": ("\ufeff" + GOOD, 1, "byte order mark"),
    "empty": ("", 1, "empty"),
    "blank": ("\n \n", 1, "empty"),
    "nul": (GOOD.replace("Retour", "Re\0tour"), 10, "control character (U+0000)"),
    "escape": (GOOD.replace("Retour", "Re\x1b[1mtour"), 10, "control character"),
    "old mac": (GOOD.replace("\n", "\r"), 1, "a carriage return alone"),
    "cr": (GOOD.replace("Retour", "Re\rtour"), 10, "a carriage return alone"),
    "conflict between": (HEADER + CONFLICT + TWO, 11, "a merge left its mark"),
    "conflict in an entry": (GOOD.replace('msgid "Back"', '<<<<<<< a\nmsgid "Back"'), 9, "a merge left its mark"),
    "conflict in a string": (
        GOOD.replace('"Retour"', '""\n<<<<<<< a\n"Retour"\n=======\n"B"'),
        11,
        "a merge left its mark",
    ),
    "conflict, base": (GOOD.replace(TWO, "\n||||||| base\n" + TWO[1:]), 18, "a merge left its mark"),
    "conflict, end": (GOOD + ">>>>>>> branch with words\n", 21, "a merge left its mark"),
    "charset": (GOOD.replace("UTF-8", "ISO-8859-15"), 5, "charset ISO-8859-15"),
    "no msgstr": (HEADER + ONE.replace('msgstr "Retour"\n', "") + TWO, 11, "has no msgstr"),
    "no msgstr at the end": (HEADER + TWO + ONE.replace('msgstr "Retour"\n', ""), 13, "no msgstr"),
    "cut in a string": (GOOD[:-4], 20, "quotes are not closed"),
    "cut after msgstr": (GOOD[: -len('"Passer"\n')], 20, "msgstr"),
    "cut after a keyword": (GOOD[: -len('Skip"\nmsgstr "Passer"\n')], 19, "not closed"),
    "cut in a plural": (HEADER + MANY[: -len('msgstr[0] "{n} heure"\nmsgstr[1] "{n} heures"\n')], 9, "no msgstr"),
    "two msgid": (GOOD.replace('msgid "Back"', 'msgid "Back"\nmsgid "Back"'), 10, "has no msgstr"),
    "two msgctxt": (
        GOOD.replace('msgctxt "bot.back"', 'msgctxt "bot.back"\nmsgctxt "b"'),
        9,
        "msgctxt stands after msgctxt",
    ),
    "two msgstr": (GOOD.replace('msgstr "Retour"', 'msgstr "Retour"\nmsgstr "R"'), 11, "msgstr stands after msgstr"),
    "no msgid": (GOOD.replace('msgid "Back"\n', ""), 9, "msgstr stands after msgctxt"),
    "form 2 for 1": (GOOD.replace("msgstr[1]", "msgstr[2]"), 16, "msgstr[2] stands after msgstr[0]"),
    "form 1 twice": (GOOD + MANY.replace("bot.rest", "r") + 'msgstr[1] "x"\n', 27, "msgstr[1] stands after msgstr[1]"),
    "form without plural": (GOOD.replace('msgstr "Retour"', 'msgstr[0] "Retour"'), 10, "msgstr[0] stands after msgid"),
    "plural without form": (GOOD.replace("msgstr[0]", "msgstr"), 15, "msgstr stands after msgid_plural"),
    "open quote": (GOOD.replace('"Retour"', '"Retour'), 10, "quotes are not closed"),
    "no quote": (GOOD.replace('"Retour"', "Retour"), 10, "outside of quotes"),
    "quote within": (GOOD.replace("Retour", 'Re"tour'), 10, "outside of quotes"),
    "backslash at the end": (GOOD.replace('Retour"', 'Retour\\"'), 10, "quotes are not closed"),
    "escape of nothing": (GOOD.replace("Retour", "Re\\qtour"), 10, "'\\q' means nothing"),
    "keyword": (GOOD.replace("msgstr", "msgstring", 2), 2, "no line of a catalogue"),
    "words": (GOOD + "\nhello\n", 22, "outside of quotes"),
    "string first": ('"x"\n' + GOOD, 1, "before any msgid"),
    "comment inside": (GOOD.replace('msgstr "Retour"', '# why?\nmsgstr "Retour"'), 10, "a comment stands inside"),
    "twice": (GOOD + ONE, 24, "'bot.back' stands here and in line 9"),
    "two headers": (GOOD + "\n" + HEADER, 22, "the header stands here"),
    "half obsolete": (GOOD.replace('msgstr "Retour"', '#~ msgstr "Retour"'), 10, "obsolete in part"),
    "half obsolete string": (GOOD.replace('"Retour"', '"Re"\n#~ "tour"'), 11, "obsolete in part"),
    "plurals of a template": (GOOD.replace("2; plural=(n > 1)", "INTEGER; plural=EXPRESSION"), 4, "Plural-Forms"),
    "plurals, code": (GOOD.replace("(n > 1)", "__import__(1)"), 4, "its rule is none"),
    "plurals, by zero": (GOOD.replace("(n > 1)", "n % 0"), 4, "its rule is none"),
    "plurals, deep": (GOOD.replace("(n > 1)", "(" * 90 + "n" + ")" * 90), 4, "its rule is none"),
    "plurals, too many forms": (GOOD.replace("(n > 1)", "n > 1 ? 2 : n == 1"), 4, "names form 2, and there are 2"),
    "plurals, an unused form": (GOOD.replace("nplurals=2", "nplurals=3"), 4, "uses 2 of its 3 forms"),
    "plurals, none": (GOOD.replace("nplurals=2; plural=(n > 1)", "nplurals=0; plural=0"), 4, "names form 0"),
    "msgcat's header": (
        GOOD.replace('"Language', '"#-#-#-#-#  a.po (x)  #-#-#-#-#\\n"\n"Language'),
        3,
        "msgcat joined",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_L01_what_is_wrong_is_told_with_its_line_and_a_mend(name: str) -> None:
    text, line, says = BAD[name]
    with pytest.raises(LocaleError) as caught:
        read(text)
    said = str(caught.value)
    assert said.startswith(f"fr.po:{line}: "), said
    assert says in said
    assert "\n" not in said
    assert caught.value.mend, "the mend"


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (GOOD.encode("utf-16"), 1, "UTF-16"),
        (GOOD.encode("utf-16-le"), 1, "UTF-16"),
        (GOOD.encode("utf-16-be"), 1, "UTF-16"),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), 1, "UTF-16"),
        (GOOD.replace("Retour", "Ça").encode("latin-1"), 10, "not UTF-8"),
        (GOOD.replace("Retour", "Ça").encode()[:-30] + b"\xff", 18, "not UTF-8"),
        (b"\0" * 4096, 1, "no text"),
    ],
)
def test_L01_bytes_that_are_no_utf_8(data: bytes, line: int, says: str) -> None:
    with pytest.raises(LocaleError) as caught:
        read(data)
    assert str(caught.value).startswith(f"fr.po:{line}: ")
    assert says in str(caught.value)


ONLY_OURS = {"twice"}  # msgfmt counts these, but reads on; the others it refuses
STRICTER = {"nul", "escape", "old mac", "cr", "charset", "empty", "blank", "comment inside", "conflict in a string"} | {
    name for name in BAD if name.startswith(("plurals", "msgcat"))
}


@GETTEXT
@pytest.mark.parametrize("name", [name for name in BAD if name not in STRICTER])
def test_L01_gettext_refuses_the_same(name: str, tmp_path: Path) -> None:
    """What we refuse besides (STRICTER) is refused for a reader's sake: it would be shown, or counted wrong."""
    (tmp_path / "fr.po").write_bytes(BAD[name][0].encode())
    done = subprocess.run(["msgfmt", "-o", os.devnull, tmp_path / "fr.po"], capture_output=True, check=False)
    assert done.returncode == 1, "msgfmt reads it: why do we not?"


@pytest.mark.parametrize("kind", ["folder", "nothing", "dangling", "loop", "pipe", "large"])
def test_L01_what_is_no_file_is_one_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stonechat.po"
    match kind:
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to(tmp_path / "gone")
        case "loop":
            path.symlink_to(path)
        case "pipe":
            os.mkfifo(path)
        case "large":
            with path.open("wb") as file:
                file.truncate(2**25)
    with pytest.raises(LocaleError) as caught:
        read_po_file(path, "fr")
    assert str(caught.value).startswith(f"{path}: ")


WORDS = st.text(st.sampled_from('ab é،"\\\n\t{}%éم«»#~[0]'), max_size=60)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A catalogue as gettext would write it."""
    parts = [HEADER]
    for i in range(draw(st.integers(0, 5))):
        width = draw(st.sampled_from([0, 20, 79]))
        before = "#~ " if draw(st.booleans()) else ""
        lines = [f"# {draw(st.sampled_from(['why', '', '<<<<<<< not one', '#-#-#-#-#']))}"] * draw(st.integers(0, 2))
        fields = [("msgctxt", f"c{i}"), ("msgid", f"x{draw(WORDS)}")]
        if draw(st.booleans()):
            fields += [("msgid_plural", draw(WORDS)), ("msgstr[0]", draw(WORDS)), ("msgstr[1]", draw(WORDS))]
        else:
            fields += [("msgstr", draw(WORDS))]
        lines += [before + line for keyword, text in fields for line in rendered(keyword, text, width)]
        parts.append("\n" + "".join(f"{line}\n" for line in lines))
    return "".join(parts)


@given(files(), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=200, deadline=None)
def test_L02_whatever_is_read_is_written_to_the_letter(text: str, ends: str) -> None:
    text = text.replace("\n", ends)
    assert read(text).text() == text


@GETTEXT
@given(files())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_L02_what_gettext_reads_we_read_as_it_does(text: str) -> None:
    """`msgcat` breaks lines and orders comments anew: the words stay."""
    ours = read(text)
    theirs = read(
        subprocess.run(["msgcat", "--force-po", "-"], input=text.encode(), capture_output=True, check=True).stdout
    )
    assert [(e.key, e.id, e.string, e.obsolete) for e in _ordered(ours)] == [
        (e.key, e.id, e.string, e.obsolete) for e in _ordered(theirs)
    ]


def _ordered(po: Po) -> list:
    """msgcat puts what is obsolete last, and drops it where it has no words."""
    return sorted((e for e in po.entries if not e.obsolete or e.strings[0]), key=lambda e: e.obsolete)


@given(st.binary(max_size=200) | files().map(str.encode), st.integers(0, 400), st.binary(max_size=4))
@settings(max_examples=300, deadline=None)
def test_L01_any_bytes_are_read_or_refused_in_one_line(data: bytes, at: int, put: bytes) -> None:
    whole, told = data[:at] + put + data[at:], ""
    try:
        assert read(whole).text().encode() == whole
    except LocaleError as error:
        told = str(error)
    assert "\n" not in told
    assert not told or told.startswith("fr.po:")


@GETTEXT
@given(WORDS, st.sampled_from(["msgid", "msgstr", "msgid_plural"]))
@settings(max_examples=40, deadline=None)
def test_L02_a_new_entry_is_written_as_gettext_writes_it(text: str, keyword: str) -> None:
    fields = [("msgid", f"x{text}"), ("msgstr", text)]
    entry = HEADER + "\n" + "".join(f"{line}\n" for k, t in fields for line in rendered(k, t))
    made = subprocess.run(["msgcat", "--no-wrap", "-"], input=entry.encode(), capture_output=True, check=True).stdout
    assert made.decode() == entry


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_L02_our_own_catalogues_are_as_gettext_writes_them(language: str) -> None:
    """So whoever saves one with it changes no other line."""
    path = data_folder("locales") / language / "LC_MESSAGES" / "stonechat.po"
    po = read_po_file(path, language)
    assert po.text() == path.read_text("utf-8")
    again = [line for e in po.entries for f in e.fields for line in rendered(_keyword(f), f.text or "")]
    if language == "ar":
        again = [line for line in again if line]
    assert again == [line for e in po.entries for line in e.body if line]


def _keyword(field) -> str:
    return field.keyword if field.index is None else f"{field.keyword}[{field.index}]"


@pytest.mark.parametrize(
    ("language", "forms"),
    [("fr", 2), ("es", 2), ("pt_BR", 2), ("ar", 6), ("ru", 3), ("pl", 3), ("zh_Hant", 1), ("ckb", 2)],
)
def test_usual_plurals_are_those_that_editors_have(language: str, forms: int) -> None:
    from babel import Locale

    assert usual_plurals(Locale.parse(language)).startswith(f"nplurals={forms};")
