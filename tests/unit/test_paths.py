"""O12, O13: what is empty is unset; a path means what it means in a shell, from the settings file's folder."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import KNOWN, SECRETS, Settings, load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


def load(etc: Path, toml: str, **environ: str) -> Settings:
    (etc / "s.toml").write_text(toml)
    return load_settings(etc / "s.toml", environ)


def test_o13_paths_of_the_file(home: Path, work: Path, etc: Path) -> None:
    found = load(etc, 'state = "~/s"\nkeys = " k "\nrecipients = "../r.txt"\nintake_bots = "~/b"\n')
    assert found.state == home / "s"
    assert found.keys == etc / "k"
    assert found.recipients is not None
    assert found.recipients.resolve() == (etc.parent / "r.txt").resolve()
    assert found.intake_bots == home / "b"


def test_o13_what_is_not_named_lies_beside_the_file(work: Path, etc: Path) -> None:
    assert load(etc, "").state == etc / "state"
    assert load_settings(None, {}).state == work / "state"


@pytest.mark.parametrize("value", ["folder:inbox", "folder: inbox", " folder:inbox ", "folder:./inbox"])
def test_o13_a_folder_for_reports(work: Path, etc: Path, value: str) -> None:
    assert load(etc, f'intake = "{value}"').intake == f"folder:{etc / 'inbox'}"


def test_o13_a_home_and_a_blank_within(home: Path, work: Path, etc: Path) -> None:
    assert load(etc, 'intake = "folder:~/in box"').intake == f"folder:{home / 'in box'}"
    assert load(etc, 'database = "sqlite:db/x.db"').database_file == etc / "db" / "x.db"
    assert load(etc, "", STONECHAT_INTAKE="folder:~/x").intake == f"folder:{home / 'x'}"
    assert load(etc, "", STONECHAT_INTAKE="folder:x").intake == f"folder:{work / 'x'}"
    assert load(etc, "", STONECHAT_STATE="~/y").state == home / "y"


@pytest.mark.parametrize(
    "toml", ['intake = "folder:"', 'intake = "folder:  "', 'database = "sqlite:"', 'database = "x.db"']
)
def test_o13_no_path_at_all(work: Path, etc: Path, toml: str) -> None:
    with pytest.raises(SettingsError, match="no known kind"):
        load(etc, toml)


def test_o13_nobodys_home(work: Path, etc: Path) -> None:
    with pytest.raises(SettingsError, match=r"s.toml:1: there is no such user's home"):
        load(etc, 'state = "~nobody-of-this-name/s"')


def test_o13_secrets_too(home: Path, work: Path, etc: Path) -> None:
    (home / "t").write_text("123456789:AAabcdefghijklmnopqrstuvwxyz")
    (home / "t").chmod(0o600)
    assert load(etc, 'telegram_token_file = "~/t"').telegram_token
    with pytest.raises(SettingsError, match="must be a path"):
        load(etc, "telegram_token_file = 5")


@pytest.mark.parametrize("value", ["", " "])
def test_o12_empty_is_unset(work: Path, etc: Path, value: str) -> None:
    names = [*KNOWN, *(f"{secret}_file" for secret in SECRETS), "config"]
    assert load_settings(None, {f"STONECHAT_{n.upper()}": value for n in names}) == load_settings(None, {})
    lines = [f'{n} = "{value}"' for n in KNOWN if n not in SECRETS]
    assert load(etc, "\n".join(lines)) == load(etc, "")


def test_o12_an_empty_variable_does_not_undo_the_file(work: Path, etc: Path) -> None:
    assert load(etc, 'organisation = "A"', STONECHAT_ORGANISATION="").organisation == "A"


def test_o12_a_settings_file_that_was_named_must_be_there(work: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it is not there"):
        load_settings(None, {"STONECHAT_CONFIG": str(tmp_path / "none.toml")})


def test_o16_a_key_that_stands_twice(work: Path, etc: Path) -> None:
    with pytest.raises(SettingsError, match=r"s.toml:2: this key stands there twice"):
        load(etc, 'phone = "127.0.0.1:1"\nphone = "127.0.0.1:2"\n')


NAMED = ["state", "keys", "recipients", "recipients_identity", "recipients_contact", "intake_bots"]


@pytest.mark.parametrize("key", NAMED)
@pytest.mark.parametrize(
    "value", ["file:x y", "file: x y ", "file:~/x y", "~/x y", " x y ", "./x y", "file://{home}/x y"]
)
def test_o13_every_setting_that_is_a_path(home: Path, work: Path, etc: Path, key: str, value: str) -> None:
    is_home = "home" in value or "~" in value
    found = getattr(load(etc, f'{key} = "{value.format(home=home)}"'), key)
    assert found == (home if is_home else etc) / "x y"
    variable = {f"STONECHAT_{key.upper()}": value.format(home=home)}
    assert getattr(load(etc, "", **variable), key) == (home if is_home else work) / "x y"


def test_o13_n10_the_settings_file_itself(home: Path, work: Path, etc: Path) -> None:
    (home / "s.toml").write_text("organisation = 'A'")
    assert load_settings(Path("~/s.toml"), {}).state == home / "state"
    assert load_settings(None, {"STONECHAT_CONFIG": "~/s.toml"}).state == home / "state"
    assert load_settings(Path("../home/s.toml"), {}).state.resolve() == home / "state"


@pytest.mark.parametrize("value", ["FOLDER:x", "Folder : x", "folder:~/../home/x"])
def test_o13_a_kind_in_capitals(home: Path, work: Path, etc: Path, value: str) -> None:
    found = load(etc, f'intake = "{value}"').intake
    assert found.startswith("folder:/")
    assert Path(found.removeprefix("folder:")).name == "x"
