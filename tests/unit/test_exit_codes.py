"""N06: under a service manager the exit code says whether another start may help; on a terminal it is 1."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli
from bot.errors import SettingsError
from bot.machine.files import refused


def _raise(error: BaseException) -> Callable[[], None]:
    def app() -> None:
        raise error

    return app


PERSON: list[BaseException] = [
    SettingsError("no channel is set"),
    OSError(errno.EACCES, "", "/x"),
    OSError(errno.EROFS, "", "/x"),
]
PASSING: list[BaseException] = [
    SettingsError("port 1 is taken", passing=True),
    refused(OSError(errno.ENOSPC, "", "/x")),
    OSError(errno.ENOSPC, "", "/x"),
    OSError(errno.EMFILE, "", "/x"),
    KeyError("nobody foresaw it"),
]


@pytest.mark.parametrize("error", [*PERSON, *PASSING], ids=lambda e: f"{type(e).__name__} {e}"[:40])
@pytest.mark.parametrize("socket", ["", "/run/systemd/notify"])
def test_n06_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, socket: str
) -> None:
    monkeypatch.setattr(cli, "app", _raise(error))
    monkeypatch.setattr(cli, "harden", lambda: None)
    monkeypatch.setenv("NOTIFY_SOCKET", socket)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == (cli.AGAIN if socket and error in PASSING else 1)
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_n06_the_units_know_these_codes() -> None:
    root = Path(__file__).parents[2]
    for unit in (root / "docs" / "systemd").glob("*.service"):
        text = unit.read_text()
        (codes,) = [line.partition("=")[2].split() for line in text.splitlines() if line.startswith("RestartPrevent")]
        assert {"1", "2"} <= set(codes)
        assert str(cli.AGAIN) not in codes
        assert "Restart=on-failure" in text
