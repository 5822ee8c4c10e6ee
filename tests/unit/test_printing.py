"""O18, O20: what comes from others reaches a terminal as text alone; what the machine says of itself is read right."""

import io
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.machine import filesystem as machine
from bot.machine.filesystem import filesystem, mount_point
from bot.operating import told
from bot.operating.chat import Told
from bot.operating.open import Printer, _row, harmless
from bot.operating.page import page
from bot.operating.told import Quote, Row, _Telling
from bot.report.opened import Opened, OpeningError, open_report
from bot.words.catalogue import Words
from tests.conftest import IDENTITY

ROOT = Path(__file__).parents[2]
NASTY = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\u2066\r\b\x00"


def rows(node: dict[str, Any]) -> list[Row]:
    opened = Opened(None, None, None, None, {"0001.age": NASTY}, (), True)  # type: ignore[arg-type]
    return list(_Telling(None, Words(), "en", opened).rows(node))


def printed(node: dict[str, Any]) -> str:
    out = io.StringIO()
    for row in rows(node):
        _row(Printer(Console(file=out, width=80, color_system=None)), row, 0)
    return out.getvalue()


NODES: dict[str, dict[str, Any]] = {
    "a value": {"key": NASTY},
    "a name": {NASTY: "value"},
    "a list's value": {"key": ["one", NASTY]},
    "a name of a list": {NASTY: [{"a": 1}]},
    "deep": {"key": [{"a": {NASTY: [NASTY]}}]},
    "a date": {"key": {"value": NASTY, "precision": NASTY}},
    "a part's words": {"key": {"parts": [{"part": "0001.age"}]}},
    "a part's name": {"key": {"parts": [{"part": NASTY}]}},
    "a part's class": {"key": {"parts": [{"part": "0001.age", "handle_as": NASTY}]}},
}


@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_o18_no_text_steers_the_terminal(node: dict[str, Any]) -> None:
    shown = printed(node)
    assert not set(NASTY) & set(shown) - set("[2J0;title31m]"), ascii(shown)
    assert "<U+001B>" in shown


MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;"\' onload="x'


@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_n12_no_text_steers_the_page(node: dict[str, Any]) -> None:
    said = told.Told(NASTY + MARKUP, "ar", "rtl", (), (), tuple(rows(node)), (Row(MARKUP, MARKUP),), (MARKUP,))
    html = page([(said, MARKUP)])
    assert not (set(NASTY) - set("[2J0;title31m]")) & set(html), ascii(html)
    assert "<script" not in html
    assert "<img" not in html
    assert "onload=&quot;" in html
    assert "default-src &#x27;none&#x27;" in html
    quoted = Row("q", "", (Quote(MARKUP, MARKUP, MARKUP), Quote(MARKUP, MARKUP)), note=MARKUP)
    marked = page([(told.Told("t", "ar", "rtl", (), (), (quoted,), (), ()), "")])
    assert "<script" not in marked


def test_n12_a_day_beside_arabic_stands_for_itself() -> None:
    """In one run with Arabic letters 2026-09-21 would be read as 21-09-2026."""
    row = Row("سؤال", "نعم", note="2026-09-21")
    html = page([(told.Told("t", "ar", "rtl", (), (), (row,), (), ()), "")])
    assert '<bdi>نعم</bdi> <span class="mark" lang="en" dir="ltr">(2026-09-21)</span>' in html


def test_o18_words_of_many_languages_stay_as_they_are() -> None:
    for words in ("می‌خواهم", "क्‍ष", "👩‍👩‍👧", "l'État", "أنا في خطر", "日本", "a\nb"):
        assert harmless(words) == words
    assert harmless("n'est\u00a0pas\u202fcela") == "n'est pas cela", "French blanks are blanks"
    assert harmless("a\u2028b\u2029c\td") == "a<U+2028>b<U+2029>c<U+0009>d"


ARABIC = "أخذوه من البيت"


@pytest.mark.parametrize("coding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_o18_a_terminal_that_cant_show_arabic_shows_all_that_it_can(coding: str) -> None:
    code = f"""
from bot import cli
def app():
    print({ARABIC!r})
    raise __import__("bot.errors").errors.StonechatError({ARABIC!r})
cli.app = app
cli.main()
"""
    environ = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": coding}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stdout.decode(coding).strip() in (ARABIC, ARABIC.encode("ascii", "backslashreplace").decode())


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.sig"])
def test_o18_a_pipe_holds_nobody_up(tmp_path: Path, name: str) -> None:
    import os

    for each in ("manifest.json", "manifest.json.sig"):
        (tmp_path / each).write_text("{}")
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    told: list[str] = []

    def work() -> None:
        try:
            open_report(tmp_path, [IDENTITY])
        except OpeningError as error:
            told.append(str(error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    assert told
    assert "a pipe" in told[0]


# --- O20 ---


@pytest.mark.parametrize("name", ["clés", "Schlüssel für x", "مفاتيح", "a\tb", "back\\slash", "a\\040b"])
def test_o20_a_tmpfs_under_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The kernel writes a blank, a tab, a line feed, a backslash as \\ooo, and all else as it is."""
    folder = tmp_path / name
    folder.mkdir()
    raw = str(folder).encode()
    for byte in (b"\\", b" ", b"\t", b"\n"):
        raw = raw.replace(byte, b"\\%03o" % byte[0])
    (tmp_path / "mounts").write_bytes(b"/dev/sda1 / ext4 rw 0 0\ntmpfs " + raw + b" tmpfs rw 0 0\nrubbish\n")
    monkeypatch.setattr(machine, "MOUNTS", tmp_path / "mounts")
    assert filesystem(folder) == "tmpfs"
    assert mount_point(folder) == str(folder)
    assert filesystem(tmp_path) == "ext4"


class Typed(io.StringIO):
    """A line as a terminal hands it over."""

    def isatty(self) -> bool:
        return True


def test_o20_a_line_that_the_terminal_cut_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal gives 4,095 bytes of a line at most, and drops the rest without a word."""
    lines = Told(Typed("x" * 4095 + "\n" + "y" * 4094 + "\n" + "é" * 2047 + "x\n"))
    assert len(lines.readline()) == 4096
    assert "4,095" in capsys.readouterr().err
    assert lines.readline() == "y" * 4094 + "\n"
    assert capsys.readouterr().err == ""
    assert lines.readline()
    assert "4,095" in capsys.readouterr().err
    assert Told(io.StringIO("x" * 9000 + "\n")).readline() == "x" * 9000 + "\n", "a file is not cut"
    assert capsys.readouterr().err == ""
