"""Every command that reads a catalogue, where nearly all are bad: one line for each, and all others are offered."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.seal.hybrid import HybridIdentity
from tests.browser.test_demo import running

ROOT = Path(__file__).parents[2]
OPTIONS = {"DISPLAY": "", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("bot", "flows", "locales"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    french = po(folder, "fr").read_bytes()
    bad = {
        "fr": french.replace(b'msgstr "Retour"', b'<<<<<<< HEAD\nmsgstr "Retour"'),
        "de": b"\xef\xbb\xbf" + french,
        "ru": french.decode().encode("utf-16"),
        "pt-BR": french[: french.index(b"\nmsgstr", 5_000) + 11],
        "french": french,
    }
    for code, data in bad.items():
        po(folder, code).parent.mkdir(parents=True, exist_ok=True)
        po(folder, code).write_bytes(data)
    (folder / "locales" / "es").mkdir()
    po(folder, "uk").parent.mkdir(parents=True)
    po(folder, "uk").symlink_to("/nowhere/at/all")
    state = folder / "state"
    state.mkdir(mode=0o700)
    (state / "recipients.txt").write_text(HybridIdentity.generate().recipient.text + "\n")
    return folder


def po(folder: Path, code: str) -> Path:
    return folder / "locales" / code / "LC_MESSAGES" / "stonechat.po"


def command(folder: Path, *words: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **OPTIONS, **env},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


BAD = {
    "fr": ":69: a merge left its mark",
    "de": ":1: this begins with a byte order mark",
    "ru": ":1: this is UTF-16",
    "pt_BR": "stonechat.po:",
    "french": "'french' is no language code",
    "es": "there is no catalogue",
    "uk": "it is a link; mend where it leads",
}


def test_L01_check_tells_every_language_with_its_line_and_stats_goes_on(checkout: Path) -> None:
    done = command(checkout, "words", "check")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert len([line for line in lines if "reading grade" not in line]) == len(BAD), done.stderr
    for says in BAD.values():
        assert any(says in line for line in lines), (says, lines)
    assert command(checkout, "words", "check", "ar").returncode == 0
    stats = command(checkout, "words", "stats")
    assert stats.returncode == 0
    assert "fr: can't be read, not offered" in stats.stdout
    assert "ar: " in stats.stdout
    assert stats.stdout.count(", offered") == 1


@pytest.mark.parametrize("first", ["run", "demo"])
async def test_L01_the_bot_starts_with_the_languages_that_are_good(first: str, checkout: Path) -> None:
    async with running(
        first, folder=checkout, PYTHONPATH=str(checkout), STONECHAT_PHONE="127.0.0.1:0", DISPLAY=""
    ) as url:
        assert url


def test_L01_doctor_tells_each_with_its_line(checkout: Path) -> None:
    doctor = command(checkout, "doctor").stdout.splitlines()
    assert any("en, ar" in line for line in doctor)
    for code, says in BAD.items():
        assert any(f"'{code}' is not offered" in line and says in line for line in doctor), code


def test_L01_a_conversation_in_the_terminal(checkout: Path) -> None:
    done = command(checkout, "chat", given="")
    assert "Which language" in done.stdout or "language" in done.stdout.lower(), done.stderr
    assert "unforeseen" not in done.stderr
    assert "العربية" in done.stdout


@pytest.mark.parametrize(
    ("code", "says"),
    [("fr", BAD["fr"]), ("uk", BAD["uk"]), ("es", BAD["es"]), ("EN", "write 'en'"), ("pt-BR", "stonechat.po:")],
)
def test_L01_a_preview_of_what_is_bad_is_one_line(code: str, says: str, checkout: Path) -> None:
    done = command(checkout, "words", "preview", code)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert says in line
    assert "unforeseen" not in line


def test_L02_extract_goes_on_after_a_bad_one(checkout: Path) -> None:
    before = po(checkout, "fr").read_bytes()
    done = command(checkout, "words", "extract", "fr", "xx", "ar", "zh-Hant")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [str(po(checkout, "ar")), str(po(checkout, "zh_Hant"))]
    assert ["merge left its mark" in line or "'xx' is no language" in line for line in done.stderr.splitlines()] == [
        True,
        True,
    ]
    assert po(checkout, "fr").read_bytes() == before
    shutil.rmtree(checkout / "locales" / "zh_Hant")
