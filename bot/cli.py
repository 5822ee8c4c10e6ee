"""The commands. Each imports what it needs only when it runs, so that --help is quick."""

import io
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.commands import alarm, flow, intake, keys, telegram, words
from bot.commands.options import Config
from bot.errors import StonechatError
from bot.machine.hardening import harden

HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """Who ends a question that no command looks after gets one line like any other, and not "Aborted."."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Abort, EOFError):
            raise StonechatError(
                "a question was not answered, and the command ended there",
                mend="run it in a terminal, and answer there",
            ) from None


app = typer.Typer(
    cls=_Commands,
    help="Guided, sealed reports of reprisals, over chat.",
    no_args_is_help=True,
    add_completion=True,
    context_settings=HELP,
    epilog="Exit codes: 0 well, 1 one line says what was wrong and its mend, 2 no such command or option, "
    "3 a report was opened that nobody's signature fits, 75 (under a service manager) another start may find it gone, "
    "130 you stopped it.",
)
for name, group in (
    ("keys", keys.app),
    ("flow", flow.app),
    ("alarm", alarm.app),
    ("words", words.app),
    ("intake", intake.app),
    ("telegram", telegram.app),
):
    app.add_typer(group, name=name)


def _version(asked: bool) -> None:
    if asked:
        try:
            print(f"stonechat {metadata.version('stonechat')}")
        except metadata.PackageNotFoundError:
            print("stonechat, not installed (run from its sources)")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and leave.")
    ] = False,
) -> None:
    """Guided, sealed reports of reprisals, over chat."""


AGAIN = 75  # EX_TEMPFAIL: the unit starts us again after it, and not after 1 or 2


def _exit_code(passing: bool) -> int:
    """A service manager must know whether it is worth to start again; a person reads the line."""
    from bot.machine.notify import is_supervised

    return AGAIN if passing and is_supervised() else 1


def main() -> None:
    """Every expected error is one line on standard error, and exit code 1 (`_exit_code`)."""
    for stream in (sys.stdout, sys.stderr):  # a letter that this terminal can't show ends nothing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    harden()
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # until here it ended us without a word
        app()
    except KeyboardInterrupt:  # a command that has something to say of it, or to put away, did so
        sys.exit(130)
    except StonechatError as error:
        if debug:
            raise
        print(f"stonechat: {error}", file=sys.stderr)
        sys.exit(_exit_code(error.passing))
    except BrokenPipeError:  # who reads what we print has enough, like `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if debug:
            raise
        from bot.machine.files import refused

        told = refused(error)
        print(f"stonechat: {told}", file=sys.stderr)
        sys.exit(_exit_code(told.passing))
    except Exception as error:
        if debug:
            raise
        # An unforeseen error's own text may hold what somebody wrote: only its kind is said.
        kind = type(error).__name__
        print(f"stonechat: an unforeseen error ({kind}); run it again with --debug to see where", file=sys.stderr)
        sys.exit(_exit_code(passing=True))


@app.command()
def demo() -> None:
    """The phone page on this machine, with throw-away keys: no account, no token."""
    from bot.demo import run_demo

    sys.exit(run_demo())


@app.command()
def run(config: Config = None) -> None:
    """The bot, with every channel that the settings name."""
    from bot.running import run_bot
    from bot.settings import load_settings

    run_bot(load_settings(config))


@app.command()
def chat(
    config: Config = None,
    flow: Annotated[Path | None, typer.Option(readable=False, help="A folder of flows to use instead of ours.")] = None,
    record: Annotated[Path | None, typer.Option(readable=False, help="Write a golden transcript here.")] = None,
) -> None:
    """One conversation in this terminal."""
    from bot.operating.chat import run_chat
    from bot.settings import load_settings

    run_chat(load_settings(config), flow, record)


@app.command()
def init() -> None:
    """Ask what a first installation needs, write stonechat.toml, and look whether all is well."""
    from bot.operating.init import run_init

    sys.exit(run_init())


@app.command()
def doctor(
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Look at settings, keys, file modes, disk, clock, schema, channels and intake; one line each."""
    from bot.operating.doctor import run_doctor
    from bot.settings import load_settings

    sys.exit(run_doctor(load_settings(config), as_json))


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(readable=False, help="A new folder for it.")],
    config: Config = None,
) -> None:
    """Back up the state while the bot runs. Keys of open drafts are never in it."""
    from bot.operating.backup import back_up
    from bot.settings import load_settings

    print(f"{back_up(load_settings(config), folder)} files in {folder}")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(readable=False, help="A folder that 'stonechat backup' made.")],
    config: Config = None,
    old: Annotated[Path | None, typer.Option(help="The state that was there before: it knows what was erased.")] = None,
) -> None:
    """Bring a backup into an empty state."""
    from bot.operating.backup import restore as bring_back
    from bot.settings import load_settings

    print(f"{bring_back(load_settings(config), folder, old)} files restored")


@app.command(name="open")
def open_(
    folders: Annotated[
        list[Path],
        typer.Argument(readable=False, help="The report's folder; several, like INBOX/*.", metavar="FOLDER"),
    ],
    key: Annotated[
        list[Path], typer.Option("--key", readable=False, help="An identity file; may be given more than once.")
    ],
    out: Annotated[
        Path | None, typer.Option(readable=False, help="Write the opened parts into this new folder.")
    ] = None,
    bot_key: Annotated[
        str, typer.Option(help="The bot's 'ssh-ed25519 …' line, or a file of such: refuse reports of others.")
    ] = "",
    language: Annotated[str, typer.Option(help="Of the questions, like fr (default: the report's own).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: codes, one report a line.")] = False,
    html: Annotated[
        Path | None, typer.Option(readable=False, help="Write a page to print into this new file.", metavar="FILE")
    ] = None,
) -> None:
    """Open reports: what was asked and answered, in words.

    Exit codes: 0 all were opened, 1 one could not be (the others were), 3 nobody's signature fits one.
    """
    from bot.operating.open import Ways, open_reports

    sys.exit(open_reports(folders, key, Ways(out, bot_key, language, as_json, html)))
