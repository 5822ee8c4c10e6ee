"""`stonechat open`: reports in words, many at once, as a page to print; whatever lies in their folders."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.operating.open import Ways, open_reports
from bot.report.manifest import sign_manifest
from bot.report.opened import MOST_PART, OpeningError
from bot.seal.age import seal
from bot.seal.passphrase import Passphrase, armor
from bot.seal.signing import Signer, public_line
from tests.conftest import IDENTITY, OpenBot
from tests.e2e.test_cases import listening
from tests.e2e.test_commands import one_line, run, signed_by_another, swapped
from tests.e2e.test_promises import NAME, STORY, TO_THE_END, UP_TO_NAME
from tests.e2e.test_x10_locked import LOCKED


async def inbox(open_test_bot: OpenBot, folder: Path, *tellings: Sequence[str]) -> list[Path]:
    """One report for each telling, in the order of their ids; the key and the bot's line lie beside."""
    async with open_test_bot() as bot:
        for number, lines in enumerate(tellings or ((*UP_TO_NAME, *TO_THE_END),)):
            await listening(bot, [*lines, "[I wrote it down]"], 1000 * (number + 1))
        await bot.handoff.round()
        (folder / "bots.pub").write_text(f"# our bots\n{public_line(bot.house.signer.public)}\n")
    (folder / "desk.key").write_text(IDENTITY.text)
    (folder / "desk.key").chmod(0o600)
    return sorted(p for p in (folder / "inbox").iterdir() if p.name != "locked")


ROOT = Path(__file__).parents[2]
WHOLE = (*UP_TO_NAME, *TO_THE_END)


async def test_n12_question_and_option_stand_there_in_words(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    done = run("open", str(report), "--key", "desk.key", "--bot-key", "bots.pub", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    codes = json.loads(run("open", str(report), "--key", "desk.key", "--json", folder=tmp_path).stdout)
    answers = codes["document"]["answers"]
    for word in ("reporter_role", "un_how", "act_where", "contact_back", "act_story"):
        assert word not in done.stdout, word
    assert "Who are you telling us about? Me" in done.stdout
    assert "Kenya" in done.stdout
    assert f"| {STORY}" in done.stdout
    assert f"| {NAME}" in done.stdout
    assert "NOT VERIFIED" not in done.stdout
    assert codes["texts"]["0001.age"] == STORY
    assert answers["act_where"] == ["KE"]
    assert codes["signer"].startswith("ssh-ed25519 ")
    assert codes["verified"] is False


async def test_n12_in_another_language(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    french = run("open", str(report), "--key", "desk.key", "--language", "fr", folder=tmp_path)
    assert "De qui" in french.stdout
    assert STORY in french.stdout, "what was said is never translated"
    arabic = run("open", str(report), "--key", "desk.key", "--language", "ar", folder=tmp_path)
    assert "كينيا" in arabic.stdout
    assert "<U+" not in arabic.stdout, "our own sentences need no warning"
    wrong = one_line(run("open", str(report), "--key", "desk.key", "--language", "xx", folder=tmp_path))
    assert "language" in wrong
    assert "there are ar, en, fr" in one_line(
        run("open", str(report), "--key", "desk.key", "--language", "de", folder=tmp_path)
    )


def gone(report: Path) -> None:
    (report / "0001.age").unlink()


def cut(report: Path) -> None:
    (report / "report.age").write_bytes((report / "report.age").read_bytes()[:-5])


def a_pipe(report: Path) -> None:
    (report / "0001.age").unlink()
    os.mkfifo(report / "0001.age")


def endless(report: Path) -> None:
    (report / "0001.age").unlink()
    (report / "0001.age").symlink_to("/dev/zero")


def a_folder(report: Path) -> None:
    (report / "0001.age").unlink()
    (report / "0001.age").mkdir()


def manifest_endless(report: Path) -> None:
    (report / "manifest.json").unlink()
    (report / "manifest.json").symlink_to("/dev/zero")


def oversize(report: Path) -> None:
    """Both agree on a size that fills the memory: a hole in a file costs nothing."""
    manifest = json.loads((report / "manifest.json").read_text())
    part = next(p for p in manifest["parts"] if p["name"] == "0001.age")
    part["size"] = MOST_PART + 1
    (report / "manifest.json").write_text(json.dumps(manifest))
    os.truncate(report / "0001.age", MOST_PART + 1)


def rubbish(report: Path) -> None:
    (report / "manifest.json").write_bytes(b"\x1b[2J{")


def no_report(report: Path) -> None:
    shutil.rmtree(report)
    report.mkdir()


def a_file(report: Path) -> None:
    shutil.rmtree(report)
    report.write_text("x")


DAMAGES = (
    gone, cut, a_pipe, endless, a_folder, manifest_endless, oversize, rubbish, no_report, a_file, swapped,
)  # fmt: skip


async def test_n12_o18_damaged_ones_are_named_and_the_others_open(open_test_bot: OpenBot, tmp_path: Path) -> None:
    """Of every kind of damage one, among two that are whole: each is one line, and the last one opens too."""
    (whole,) = await inbox(open_test_bot, tmp_path)
    for damage in DAMAGES:
        damage(shutil.copytree(whole, tmp_path / "many" / damage.__name__))
    shutil.copytree(whole, tmp_path / "many" / "z")
    shutil.copytree(whole, tmp_path / "many" / "a")
    names = sorted(str(path) for path in (tmp_path / "many").iterdir())
    done = run("open", *names, "--key", "desk.key", folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count(f"Report {whole.name}") == 2
    *lines, summary = done.stderr.splitlines()
    wrong = sorted(damage.__name__ for damage in DAMAGES)
    assert summary == f"stonechat: 2 opened, {len(wrong)} not: {', '.join(wrong)}"
    assert len(lines) == len(wrong)
    for name, line in zip(wrong, lines, strict=True):
        assert line.startswith(f"stonechat: {tmp_path / 'many' / name}"), line
        assert "; " in line, "and its mend"
    assert "unforeseen" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    for name in wrong:
        with pytest.raises(OpeningError):
            open_reports([tmp_path / "many" / name], [tmp_path / "desk.key"], Ways())


async def test_n12_a_whole_inbox_with_what_is_locked(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (first,) = await inbox(open_test_bot, tmp_path, WHOLE, LOCKED)
    lying = sorted(str(p) for p in (tmp_path / "inbox").iterdir())
    assert len(lying) == 2
    done = run("open", *lying, "--key", "desk.key", folder=tmp_path)
    assert done.returncode == 0, "what is locked is as it should be"
    assert "1 opened, 1 locked by their reporters" in done.stderr
    line = one_line(run("open", "inbox", "--key", "desk.key", folder=tmp_path))
    assert "reports lie in this folder" in line
    assert "stonechat open inbox/*" in line
    assert run("open", *lying, "--key", "desk.key", "--json", folder=tmp_path).stdout.count("\n") == 1
    out = run("open", str(first), str(first), "--key", "desk.key", "--out", "all", folder=tmp_path)
    assert out.returncode == 1, "the second time its folder is there already"
    assert (tmp_path / "all" / first.name / "0001").read_text() == STORY
    assert (tmp_path / "all").stat().st_mode & 0o777 == 0o700


async def test_n12_a_page_to_print(open_test_bot: OpenBot, tmp_path: Path) -> None:
    words = "<b>gras</b> \x1b[2J \u202e evil & <script>alert(1)</script>"
    told = [words if line == STORY else line for line in WHOLE]
    reports = await inbox(open_test_bot, tmp_path, told, WHOLE)
    names = [str(path) for path in reports]
    asked = ("open", *names, "--key", "desk.key", "--language", "ar", "--html", "page.html")
    done = run(*asked, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "page.html"
    assert path.stat().st_mode & 0o777 == 0o600
    html = path.read_text()
    assert html.count("<article>") == 2
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;gras" in html
    assert "\u202e" not in html
    assert 'lang="ar" dir="rtl"' in html
    assert "http" not in html.replace("http-equiv", ""), "nothing is fetched"
    assert "NOT VERIFIED" in html
    assert "is there already" in one_line(run(*asked, folder=tmp_path))
    assert path.read_text() == html


# --- O18: whose is it? ---


def no_signature(report: Path) -> None:
    (report / "manifest.json.sig").write_text("rubbish\n")


def louder(report: Path) -> None:
    text = (report / "manifest.json").read_text()
    (report / "manifest.json").write_text(text.replace('"ring": false', '"ring": true'))


@pytest.mark.parametrize("alter", [no_signature, louder], ids=lambda a: a.__name__)
async def test_o18_what_nobody_signed_is_loud_and_has_an_exit_code(
    open_test_bot: OpenBot, tmp_path: Path, alter: Callable[[Path], None]
) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    alter(report)
    done = run("open", str(report), "--key", "desk.key", folder=tmp_path)
    assert done.returncode == 3
    assert "NOT VERIFIED: no bot signed this as it lies here" in done.stdout.splitlines()[1]
    assert "signature does not fit" in one_line(
        run("open", str(report), "--key", "desk.key", "--bot-key", "bots.pub", folder=tmp_path)
    )


async def test_o18_whose_signature_it_is_stands_there(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    other = public_line(Signer.from_seed(bytes(32)).public)
    signed_by_another(report)
    done = run("open", str(report), "--key", "desk.key", folder=tmp_path)
    assert done.returncode == 0
    assert f"Signed by {other}" in done.stdout
    with (tmp_path / "bots.pub").open("a") as file:
        file.write(f"{other}\n")
    done = run("open", str(report), "--key", "desk.key", "--bot-key", "bots.pub", folder=tmp_path)
    assert done.returncode == 0, "any of the bots of that file"
    assert "NOT VERIFIED" not in done.stdout
    raw = (report / "manifest.json").read_bytes()
    (report / "manifest.json.sig").write_text(sign_manifest(raw, Signer.from_seed(bytes([9] * 32))))
    assert "signature does not fit" in one_line(
        run("open", str(report), "--key", "desk.key", "--bot-key", "bots.pub", folder=tmp_path)
    )


@pytest.mark.parametrize("coding", ["ascii", "latin-1", "utf-8"])
async def test_o18_every_report_is_shown_to_its_end_on_any_terminal(
    open_test_bot: OpenBot, tmp_path: Path, coding: str
) -> None:
    arabic = "أخذوه من البيت \x1b]0;x\x07 \x9b2J \u2066 \u200f"
    (report,) = await inbox(open_test_bot, tmp_path, [arabic if line == STORY else line for line in WHOLE])
    environ = {"PYTHONIOENCODING": coding}
    done = run("open", str(report), "--key", "desk.key", "--language", "ar", folder=tmp_path, **environ)
    assert done.returncode == 0, done.stderr
    assert "check word" in done.stdout, "it goes on to its end"
    assert not {"\x1b", "\x07", "\x9b", "\u2066", "\u200f"} & set(done.stdout)


async def test_o18_the_name_of_a_file_steers_nothing(open_test_bot: OpenBot, tmp_path: Path) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    nasty = tmp_path / "a\x1b[2J\u202e\nb"
    nasty.mkdir()
    shutil.copytree(report, nasty / "\x1b]0;t\x07")
    (tmp_path / "\x1b[31m.key").write_text(IDENTITY.text)
    (tmp_path / "\x1b[31m.key").chmod(0o644)
    for words in ([str(nasty)], [str(nasty), str(nasty / "\x1b]0;t\x07")]):
        done = run("open", *words, "--key", "\x1b[31m.key", folder=tmp_path)
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)
        assert "Traceback" not in done.stderr


# --- N23 ---


@pytest.mark.parametrize("command", [("open", "REPORT", "--key", "desk.key"), ("keys", "public", "desk.key")])
@pytest.mark.parametrize(
    ("typed", "says"),
    [("wrong but long enough\n", "this passphrase does not open the key file"), ("", "the passphrase was not given")],
)
async def test_n23_a_wrong_passphrase_is_called_that(
    open_test_bot: OpenBot, tmp_path: Path, command: tuple[str, ...], typed: str, says: str
) -> None:
    (report,) = await inbox(open_test_bot, tmp_path)
    (tmp_path / "desk.key").write_bytes(armor(bytes(seal(IDENTITY.text.encode(), [Passphrase("right words", 10)]))))
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-W", "ignore", "-m", "bot", *(str(report) if w == "REPORT" else w for w in command)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=typed, capture_output=True, text=True, timeout=60, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert says in done.stderr.splitlines()[-1]
    assert "no key at hand" not in done.stderr
    assert "unforeseen" not in done.stderr


async def test_n11_ages_own_library_opens_a_report_by_readmes_lines(
    open_test_bot: OpenBot, tmp_path: Path, node: Path
) -> None:
    """Debian 12's age can't; docs/age-open.mjs can, also with a key under a passphrase."""
    (report,) = await inbox(open_test_bot, tmp_path)
    shutil.copy(ROOT / "docs" / "age-open.mjs", node)
    asked = ["node", "age-open.mjs", str(tmp_path / "desk.key"), str(report / "0001.age")]

    def opened(typed: str) -> str:
        return subprocess.run(asked, cwd=node, input=typed, capture_output=True, text=True, check=True).stdout

    assert opened("").rstrip("\n") == STORY
    (tmp_path / "desk.key").write_bytes(armor(bytes(seal(IDENTITY.text.encode(), [Passphrase("right words", 10)]))))
    assert opened("right words\n").rstrip("\n") == STORY
    readme = (ROOT / "README.md").read_text()
    assert "npm install age-encryption" in readme
    assert "node age-open.mjs desk.key" in readme
