"""O16, O17: key files as people save and send them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keys.accepted import read_all_recipients
from bot.keys.files import is_protected, read_identities, read_recipients, write_identity
from bot.operating.checks import sealing
from bot.operating.intake import read_bots
from bot.seal.signing import Signer, public_line
from bot.settings import Settings
from tests.conftest import IDENTITY, RECOVERY, make_settings

OLD = "AGE-SECRET-KEY-1QQPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQG"
SAVED: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 big": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "old mac": lambda text: text.replace("\n", "\r").encode(),
    "blanks": lambda text: f"\n\n   {text}  \n\n".encode(),
    "utf-32": lambda text: text.encode("utf-32"),
    "no-break blanks": lambda text: text.replace("\n", "\u00a0\u202f\n").encode(),
    "without width": lambda text: f"\u200b{text}\ufeff".replace("\n", "\u2060\n").encode(),
    "ctrl-z": lambda text: f"{text}\x1a".encode(),
    "lower case": lambda text: text.lower().encode(),
    "upper case": lambda text: text.upper().encode(),
}


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_o16_an_identity_as_people_save_it(tmp_path: Path, save: Callable[[str], bytes]) -> None:
    (tmp_path / "k").write_bytes(save(f"# made\n{IDENTITY.text}\n"))
    assert [i.seed for i in read_identities(tmp_path / "k")] == [IDENTITY.seed]


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_o16_recipients_as_people_save_them(tmp_path: Path, save: Callable[[str], bytes]) -> None:
    (tmp_path / "r").write_bytes(save(f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n"))
    found = [r.text for r in read_recipients(tmp_path / "r")]
    assert found == [IDENTITY.recipient.text, RECOVERY.recipient.text]


@pytest.mark.parametrize("beside", [OLD, OLD.lower(), "age1qqqq", "-----", "name: desk", "é"])
def test_o16_an_old_line_beside_the_right_key(tmp_path: Path, beside: str) -> None:
    for text in (f"{beside}\n{IDENTITY.text}\n", f"{IDENTITY.text}\n{beside}\n"):
        (tmp_path / "k").write_text(text)
        assert [i.seed for i in read_identities(tmp_path / "k")] == [IDENTITY.seed]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (f"# old\n{OLD}\n", 2, "no post-quantum identity"),
        ("\n\nage1qqqq\n", 3, "no post-quantum identity"),
        ("", 1, "no post-quantum identity"),
        (f"\n{IDENTITY.text[:-1]}{'P' if IDENTITY.text[-1] == 'Q' else 'Q'}\n", 2, "checksum is wrong"),
        (f"\n{IDENTITY.text[:30]}{IDENTITY.text[30:].lower()}\n", 2, "mixes upper and lower case"),
        (IDENTITY.text[:40], 1, ""),
    ],
)
def test_o16_file_and_line_are_named(tmp_path: Path, text: str, line: int, says: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_identities(tmp_path / "k")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'k'}:{line}: ")
    assert says in said
    assert caught.value.mend
    assert IDENTITY.text[25:40] not in said, "a private key is never shown"


@pytest.mark.parametrize("name", [n for n in SAVED if n not in ("lower case", "upper case", "blanks")])
def test_o16_under_a_passphrase(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_identity(tmp_path / "k", IDENTITY, "several good words")
    (tmp_path / "k").write_bytes(SAVED[name]((tmp_path / "k").read_text()))
    assert is_protected(tmp_path / "k")
    assert read_identities(tmp_path / "k", "several good words")[0].seed == IDENTITY.seed
    with pytest.raises(SettingsError, match="this passphrase does not open the key file"):
        read_identities(tmp_path / "k", "other words")
    (tmp_path / "k").write_bytes((tmp_path / "k").read_bytes()[:200])
    with pytest.raises(SettingsError, match="armour"):
        read_identities(tmp_path / "k", "several good words")


def test_o16_a_recipient_that_is_none_is_never_left_out_in_silence(tmp_path: Path) -> None:
    """Somebody would believe that their key opens every report."""
    (tmp_path / "r").write_text(f"{IDENTITY.recipient.text}\nage1qqqqqqqq\n")
    with pytest.raises(SettingsError, match=r"r:2: not a post-quantum recipient"):
        read_recipients(tmp_path / "r")


def settings_with(folder: Path, lines: list[str]) -> Settings:
    settings = make_settings(folder)
    settings.recipients_file.write_text("\n".join(lines))
    return settings


def test_o17_the_same_recipient_twice_is_one(tmp_path: Path) -> None:
    line = IDENTITY.recipient.text
    for lines in ([line, line], [line, line.upper()], [f"  {line}", "# recovery", line, line]):
        settings = settings_with(tmp_path, lines)
        recipients = read_all_recipients(settings)
        assert [len(prints) for prints in recipients.fingerprints().values()] == [1, 1, 1, 1]
        warned = [f.what for f in sealing.recipients(settings) if f.state == "warning"]
        assert "a lost key loses every report" in warned
    settings = settings_with(tmp_path, [line, RECOVERY.recipient.text, line])
    assert [f for f in sealing.recipients(settings) if f.name == "recipients"] == []


@pytest.mark.parametrize("name", [n for n in SAVED if n not in ("lower case", "upper case")])
def test_o16_the_bots_of_an_intake_as_people_save_them(tmp_path: Path, name: str) -> None:
    line = public_line(Signer.from_seed(bytes(range(32))).public)
    (tmp_path / "b").write_bytes(SAVED[name](f"# bots\n{line}\n\n{line} of the first\n"))
    assert [public_line(key) for key in read_bots(tmp_path / "b")] == [line, line]
