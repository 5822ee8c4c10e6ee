"""`words extract`: what a program saved comes back without loss, and without a change but what is new."""

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.sentences import Message
from bot.words.extracting import extract
from bot.words.loading import data_folder, load_flows, load_words
from bot.words.pofile import Po, parse_po, read_po_file
from bot.words.pogrammar import LocaleError
from bot.words.translating import Sentence, check, sentences
from tests.conftest import need

EVERY = sentences(*load_flows(load_words()))
GETTEXT = pytest.mark.usefixtures("gettext")


@pytest.fixture(scope="module")
def gettext() -> None:
    need("msgcat", "apt-get install gettext")


def po_of(folder: Path, language: str = "fr") -> Path:
    return folder / language / "LC_MESSAGES" / "stonechat.po"


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    shutil.copytree(data_folder("locales"), tmp_path / "locales")
    return tmp_path / "locales"


# --- programs of other people, each on the whole French catalogue after one sentence was translated anew ---


def by_msgcat(*options: str) -> Callable[[bytes], bytes]:
    return lambda data: subprocess.run(["msgcat", *options, "-"], input=data, capture_output=True, check=True).stdout


def by_msgmerge(data: bytes, tmp: Path, *options: str) -> bytes:
    (tmp / "old.po").write_bytes(data)
    command = ["msgmerge", "--quiet", "--previous", *options, "-o", "-", tmp / "old.po", tmp / "old.po"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def by_weblate(data: bytes, wrap: int | None) -> bytes:
    """Weblate's own writer; it knows the user and the day."""
    from translate.storage.pypo import pofile

    store = pofile(io.BytesIO(data))
    if wrap is not None:
        store.wrapper.width = wrap
    unit = next(u for u in store.units if u.getcontext() == "bot.rest_open")
    unit.target = str(unit.target).replace("Vous pouvez", "Tu peux")
    store.updateheader(
        add=True,
        Last_Translator="Ana <ana@example.org>",
        X_Generator="Weblate 5.14",
        Language_Team="French <https://hosted.example.org/projects/stonechat/fr/>",
        PO_Revision_Date="2026-11-28 14:00+0000",
    )
    out = io.BytesIO()
    store.serialize(out)
    return out.getvalue()


def by_poedit(data: bytes) -> bytes:
    """Poedit on Windows: gettext's lines, its own headers, line ends of Windows."""
    headed = data.replace(
        b'"Plural-Forms', b'"X-Generator: Poedit 3.4.2\\n"\n"X-Poedit-Basepath: ../../..\\n"\n"Plural-Forms', 1
    )
    return by_msgcat()(headed).replace(b"\n", b"\r\n")


SAVED: dict[str, Callable[[bytes, Path], bytes]] = {
    "msgcat": lambda data, _: by_msgcat()(data),
    "msgcat --no-wrap": lambda data, _: by_msgcat("--no-wrap")(data),
    "msgcat -w 76": lambda data, _: by_msgcat("-w", "76")(data),
    "msgcat -w 100": lambda data, _: by_msgcat("-w", "100")(data),
    "msgcat --sort-output": lambda data, _: by_msgcat("--sort-output")(data),
    "msgmerge": by_msgmerge,
    "msgmerge --no-wrap": lambda data, tmp: by_msgmerge(data, tmp, "--no-wrap"),
    "Weblate, 77": lambda data, _: by_weblate(data, None),
    "Weblate, at line ends": lambda data, _: by_weblate(data, 65535),
    "Weblate, no wrap": lambda data, _: by_weblate(data, -1),
    "Poedit": lambda data, _: by_poedit(data),
}
NOTED = (
    b"# Ana: softer than the English\n# and short\n#. button: at most 36 characters\n#: flows/messages.yaml:15\n"
    b'msgctxt "bot.back"'
)
OLD = (
    b'\n# from the first year\n#~ msgctxt "bot.older"\n#~ msgid "Older"\n#~ msgstr "Plus vieux"\n'
    b'\n#, fuzzy\n#~| msgid "Old one"\n#~ msgctxt "bot.old"\n#~ msgid "Old"\n#~ msgstr "Vieux"\n'
)


@GETTEXT
@pytest.mark.parametrize("program", SAVED)
def test_L02_what_a_program_saved_comes_back_to_the_letter(program: str, locales: Path, tmp_path: Path) -> None:
    """With translators' comments, headers with a comment, a fuzzy entry and obsolete ones."""
    path = po_of(locales)
    data = path.read_bytes()
    noted = NOTED.replace(b"#. button: at most 36 characters\n", b"")
    data = data.replace(b'#: flows/messages.yaml:15\nmsgctxt "bot.back"', noted, 1).replace(
        b"# Stonechat", b"# Ana, 2026\n# Stonechat", 1
    )
    data = (
        data.replace(
            b'msgctxt "bot.skip"\nmsgid "Skip"', b'#, fuzzy\n#| msgid "Pass"\nmsgctxt "bot.skip"\nmsgid "Skip"', 1
        )
        + OLD
    )
    assert data.count(b"Ana") == 2
    assert data.count(b"fuzzy") == 2
    saved = SAVED[program](data, tmp_path)
    path.write_bytes(saved)
    extract(EVERY, locales, "fr")
    assert path.read_bytes() == saved
    for words in (
        b"# Ana: softer",
        b"# Ana, 2026",
        b"Plus vieux",
        b"Vieux",
        b'#| msgid "Pass"',
        b'#~| msgid "Old one"',
    ):
        assert words in saved, words
    if program.startswith(("Weblate", "Poedit")):
        assert b"X-Generator" in saved


@GETTEXT
@pytest.mark.parametrize("program", ["msgcat --no-wrap", "msgmerge --no-wrap", "Weblate, at line ends"])
def test_L02_saved_without_wrapping_nothing_differs_but_the_translation(
    program: str, locales: Path, tmp_path: Path
) -> None:
    path = po_of(locales)
    before = path.read_text("utf-8").splitlines()
    path.write_bytes(SAVED[program](path.read_bytes(), tmp_path))
    after = extract(EVERY, locales, "fr").read_text("utf-8").splitlines()
    fresh = [line for line in after if line not in before]
    assert all(re.match(r'"(Last-T|X-G|Language-T|PO-R)|msgstr "Tu peux', line) for line in fresh), fresh
    assert len(fresh) == (5 if "Weblate" in program else 0)


@GETTEXT
@pytest.mark.parametrize("options", [(), ("--no-wrap",), ("-w", "100")])
def test_L02_what_is_new_is_written_as_the_file_is(options: tuple[str, ...], locales: Path) -> None:
    """So that the next save by the same program changes nothing."""
    path = po_of(locales)
    path.write_bytes(by_msgcat(*options)(path.read_bytes()))
    long = (
        "This is a sentence that nobody has translated so far, and it goes on for quite a while, with {name} in it. "
        * 2
    )
    fresh = Sentence(Message("bot.fresh", f"{long.strip()}\nAnd a line."), "messages.yaml:400")
    changed = [changed_to(s, "Go all the way back") if s.message.context == "bot.back" else s for s in EVERY]
    extract([*changed[:10], fresh, *changed[10:]], locales, "fr")
    saved = path.read_bytes()
    assert b"bot.fresh" in saved
    assert by_msgcat(*options)(saved).rstrip() == saved.rstrip()


# --- what the flows change ---


def changed_to(sentence: Sentence, text: str, plural: str = "") -> Sentence:
    return replace(sentence, message=Message(sentence.message.context, text, plural=plural))


def entry(folder: Path, context: str, english: str = "") -> str:
    """An entry as it lies in the file."""
    po = read_po_file(po_of(folder), "fr")
    (found,) = [e for e in po.entries if e.context == context and (not english or e.key[1] == english)]
    return "\n".join(line for line in (*found.lead, *found.body) if line)


def small(folder: Path, body: str, *every: Sentence, header: str = "") -> list[Sentence]:
    path = po_of(folder)
    path.parent.mkdir(parents=True)
    header = header or (
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
    )
    path.write_text(header + body)
    return list(every)


def said(context: str, text: str, plural: str = "", **more: bool) -> Sentence:
    return Sentence(Message(context, text, plural=plural), "messages.yaml:7", **more)


BACK = '\n# Ana: softer\n#: flows/messages.yaml:7\nmsgctxt "bot.back"\nmsgid "Back"\nmsgstr "Retour"\n'


def test_L02_a_changed_sentence_is_fuzzy_and_says_what_it_was(tmp_path: Path) -> None:
    every = small(tmp_path, BACK, said("bot.back", "Go back"))
    extract(every, tmp_path, "fr")
    assert entry(tmp_path, "bot.back") == (
        '# Ana: softer\n#: flows/messages.yaml:7\n#, fuzzy\n#| msgid "Back"\n'
        'msgctxt "bot.back"\nmsgid "Go back"\nmsgstr "Retour"'
    )
    extract([said("bot.back", "Go one back")], tmp_path, "fr")
    assert '#| msgid "Back"\n' in entry(tmp_path, "bot.back"), "what the translation was made of"
    extract([said("bot.back", "Back")], tmp_path, "fr")
    assert entry(tmp_path, "bot.back") == BACK.strip(), "as if nothing had been"


def test_L02_an_untranslated_sentence_that_changes_is_not_fuzzy(tmp_path: Path) -> None:
    every = small(tmp_path, BACK.replace("Retour", ""), said("bot.back", "Go back"))
    assert "fuzzy" not in extract(every, tmp_path, "fr").read_text()


def test_L02_what_is_gone_is_kept_and_comes_back(tmp_path: Path) -> None:
    every = small(tmp_path, BACK, said("bot.back", "Back"), said("bot.next", "Next"))
    extract(every, tmp_path, "fr")
    whole = po_of(tmp_path).read_text()
    extract(every[1:], tmp_path, "fr")
    assert entry(tmp_path, "bot.back") == '# Ana: softer\n#~ msgctxt "bot.back"\n#~ msgid "Back"\n#~ msgstr "Retour"'
    extract(every, tmp_path, "fr")
    assert po_of(tmp_path).read_text() == whole


def test_L02_two_versions_of_a_flow_keep_a_translation_each(tmp_path: Path) -> None:
    body = BACK + '\n#: flows/messages.yaml:7\nmsgctxt "bot.back"\nmsgid "Go back"\nmsgstr "Revenir"\n'
    every = small(tmp_path, body, said("bot.back", "Back"), said("bot.back", "Go back"))
    before = po_of(tmp_path).read_bytes()
    assert extract(every, tmp_path, "fr").read_bytes() == before


def test_L02_a_sentence_that_gets_or_loses_its_plural_keeps_every_form(tmp_path: Path) -> None:
    body = (
        '\nmsgctxt "bot.h"\nmsgid "{n} hour"\nmsgid_plural "{n} hours"\nmsgstr[0] "{n} heure"\nmsgstr[1] "{n} heures"\n'
    )
    every = small(tmp_path, BACK + body, said("bot.back", "Back", "Backs"), said("bot.h", "{n} hour"))
    text = extract(every, tmp_path, "fr").read_text()
    assert 'msgid "Back"\nmsgid_plural "Backs"\nmsgstr[0] "Retour"\nmsgstr[1] "Retour"' in text
    assert (
        '#| msgid "{n} hour"\n#| msgid_plural "{n} hours"\nmsgctxt "bot.h"\nmsgid "{n} hour"\nmsgstr "{n} heures"'
        in text
    )
    assert '#~ msgstr[0] "{n} heure"\n#~ msgstr[1] "{n} heures"' in text


def test_L02_forms_that_lack_are_put_in_to_be_written(tmp_path: Path) -> None:
    body = '\nmsgctxt "bot.h"\nmsgid "{n} hour"\nmsgid_plural "{n} hours"\nmsgstr[0] "{n} heure"\n'
    every = small(tmp_path, body, said("bot.h", "{n} hour", "{n} hours"))
    assert 'msgstr[0] "{n} heure"\nmsgstr[1] ""\n' in extract(every, tmp_path, "fr").read_text()


def test_L02_new_sentences_stand_after_those_before_them(tmp_path: Path) -> None:
    every = small(
        tmp_path,
        BACK,
        said("bot.first", "First"),
        said("bot.back", "Back"),
        said("bot.last", "{n} last", is_label=True),
    )
    text = extract(every, tmp_path, "fr").read_text()
    assert re.findall(r'msgctxt "(.*)"', text) == ["bot.first", "bot.back", "bot.last"]
    assert (
        '#. button: at most 36 characters\n#: flows/messages.yaml:7\n#, python-brace-format\nmsgctxt "bot.last"' in text
    )
    assert "\n\n\n" not in text


def test_L02_a_place_and_a_size_are_todays(tmp_path: Path) -> None:
    body = BACK.replace("#:", "# button: at most 40 characters\n#:").replace("yaml:7", "yaml:3")
    every = small(tmp_path, body, said("bot.back", "Back", is_label=True))
    extract(every, tmp_path, "fr")
    assert entry(tmp_path, "bot.back").splitlines()[:3] == [
        "# Ana: softer",
        "#. button: at most 36 characters",
        "#: flows/messages.yaml:7",
    ]


def test_L02_a_header_that_lacks_is_made_and_one_that_is_there_is_kept(tmp_path: Path) -> None:
    kept = '# Ana\nmsgid ""\nmsgstr ""\n"X-Odd: 1\\n"\n"Language: fr\\n"\n'
    every = small(tmp_path, BACK, said("bot.back", "Back"), header=kept)
    text = extract(every, tmp_path, "fr").read_text()
    assert text.startswith(kept + '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n')
    po_of(tmp_path).write_text(BACK[1:])
    text = extract(every, tmp_path, "fr").read_text()
    assert text.startswith("# Stonechat")
    assert text.endswith(BACK)
    assert parse_po(text.encode(), "fr", Path("x")).knows_plurals


def test_L02_a_byte_order_mark_is_taken_out(tmp_path: Path) -> None:
    every = small(tmp_path, BACK, said("bot.back", "Back"))
    before = po_of(tmp_path).read_bytes()
    po_of(tmp_path).write_bytes(b"\xef\xbb\xbf" + before)
    assert extract(every, tmp_path, "fr").read_bytes() == before


@pytest.mark.parametrize("damage", ["<<<<<<< HEAD\n", 'msgid "cut', "\0"])
def test_L02_what_cannot_be_read_stays_as_it_is(damage: str, tmp_path: Path) -> None:
    every = small(tmp_path, BACK + damage, said("bot.back", "Back"))
    before = po_of(tmp_path).read_bytes()
    with pytest.raises(LocaleError):
        extract(every, tmp_path, "fr")
    assert po_of(tmp_path).read_bytes() == before
    assert [p.name for p in po_of(tmp_path).parent.iterdir()] == ["stonechat.po"]


WORDS = st.text(st.sampled_from('ab é"\\\n{}'), min_size=1, max_size=8)


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), WORDS), max_size=5), min_size=1, max_size=5), st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_L02_nothing_translated_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, rounds: list, windows: bool
) -> None:
    """Flows change and change; each time somebody translates all that is new, with a word of their own."""
    folder = tmp_path_factory.mktemp("locales")
    given_words: set[str] = set()
    for number, flows in enumerate(rounds):
        every = [said(f"bot.{c}", text) for c, text in dict.fromkeys(flows)]
        path = extract(every, folder, "fr")
        text = path.read_bytes().decode().replace("\r\n", "\n")
        once = extract(every, folder, "fr").read_bytes().decode().replace("\r\n", "\n")
        assert once == text, "a second time changes nothing"
        po = parse_po(text.encode(), "fr", path)
        assert sorted(e.key for e in po) == sorted({(s.message.context, s.message.text) for s in every})
        assert given_words <= words_of(po)
        for i in range(text.count('\nmsgstr ""\n') + 1):
            head, _, rest = text.partition('\nmsgstr ""\n\n#')
            if not rest and not text.endswith('\nmsgstr ""\n'):
                break
            word = f"mot{number}.{i}"
            text = (
                f'{head}\nmsgstr "{word}"\n\n#{rest}'
                if rest
                else f'{text.removesuffix(chr(34) * 2 + chr(10))}"{word}"\n'
            )
            given_words.add(word)
        path.write_bytes(text.replace("\n", "\r\n" if windows else "\n").encode())


def words_of(po: Po) -> set[str]:
    return {s for e in po.entries for s in e.strings}


# --- codes ---


@pytest.mark.parametrize("spelled", ["pt-BR", "pt_BR"])
@pytest.mark.parametrize("folder", ["pt-BR", "pt_BR", None])
def test_L02_a_language_with_a_country_in_both_spellings(spelled: str, folder: str | None, tmp_path: Path) -> None:
    if folder:
        po_of(tmp_path, folder).parent.mkdir(parents=True)
    path = extract([said("bot.back", "Back")], tmp_path, spelled)
    assert path == po_of(tmp_path, folder or "pt_BR")
    assert '"Language: pt_BR\\n"' in path.read_text()
    stats = check([said("bot.back", "Back")], tmp_path, spelled)
    assert (stats.language, len(stats.errors)) == ("pt_BR", 1)


@pytest.mark.parametrize("code", ["zh-Hant", "zh_Hant", "zh_Hant_TW", "zh-Hant-TW", "ckb", "sr-Latn", "es_419"])
def test_L02_other_codes(code: str, tmp_path: Path) -> None:
    extract([said("bot.back", "Back")], tmp_path, code)
    assert [p.name for p in tmp_path.iterdir()] == [code.replace("-", "_")]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("xx", "no language code"),
        ("EN", "write 'en'"),
        ("french", "no language code"),
        ("pt_br", "write 'pt_BR'"),
        ("", "no language code"),
        ("../fr", "no language code"),
        ("fr/", "no language code"),
        ("fr_FRANCE", "no language code"),
        ("en", "English is the message id"),
        ("fr\n", "no language code"),
        ("١", "no language code"),
        ("zh-hant", "write 'zh_Hant'"),
    ],
)
def test_L02_what_is_no_language_is_one_line(code: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(LocaleError, match=re.escape(says)) as caught:
        extract([said("bot.back", "Back")], tmp_path, code)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
