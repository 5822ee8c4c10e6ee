"""The commands. Each imports what it needs only when it runs, so that --help is quick."""

import io
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import StonechatError
from bot.machine.hardening import harden

HELP = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    help="Guided, sealed reports of reprisals, over chat.",
    no_args_is_help=True,
    add_completion=True,
    context_settings=HELP,
    epilog="Exit codes: 0 well, 1 one line says what was wrong and its mend, 2 no such command or option, "
    "3 a report was opened that nobody's signature fits, 75 (under a service manager) another start may find it gone, "
    "130 you stopped it.",
)
keys_app = typer.Typer(help="The organisation's keys.", no_args_is_help=True)
flow_app = typer.Typer(help="Check and draw flows.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(flow_app, name="flow")
alarm_app = typer.Typer(invoke_without_command=True)
app.add_typer(alarm_app, name="alarm")
words_app = typer.Typer(help="What translators need.", no_args_is_help=True)
app.add_typer(words_app, name="words")
intake_app = typer.Typer(help="The intake backend, on this machine only; or what lies in it.")
app.add_typer(intake_app, name="intake")
telegram_app = typer.Typer(help="The Telegram account.", no_args_is_help=True)
app.add_typer(telegram_app, name="telegram")
# `readable=False`: what can't be read is told by whoever reads it, in one line with its mend.
Config = Annotated[Path | None, typer.Option(readable=False, help="Settings file (default: ./stonechat.toml).")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]


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


@intake_app.callback(invoke_without_command=True)
def intake(
    context: typer.Context,
    config: Config = None,
    listen: Annotated[str, typer.Option(help="Address on this machine.")] = "127.0.0.1:8321",
    show_key: Annotated[bool, typer.Option("--show-key", help="Print the key to pin in the bot, and leave.")] = False,
) -> None:
    """The intake backend, on this machine only; or what lies in it."""
    from bot.operating.intake import run_intake
    from bot.settings import load_settings

    context.obj = config
    if context.invoked_subcommand is None:
        run_intake(load_settings(config), listen, show_key)


@intake_app.command("list")
def intake_list(
    context: typer.Context,
    config: Config = None,
    since: Annotated[str, typer.Option(help="Only what came on this day or later, like 2026-11-25.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Reports that lie at the intake, without opening any: what rings first."""
    from bot.operating.reports import list_reports
    from bot.settings import load_settings

    list_reports(load_settings(config or context.obj), since, as_json)


@intake_app.command("go")
def intake_go(context: typer.Context, config: Config = None) -> None:
    """Open reports that came back with a backup, though some may have been erased since: a person decides."""
    from bot.operating.reports import go
    from bot.settings import load_settings

    go(load_settings(config or context.obj))


@intake_app.command("export")
def intake_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Each report becomes a folder in it, for 'stonechat open'.")],
    config: Config = None,
    since: Annotated[str, typer.Option(help="Only what came on this day or later, like 2026-11-25.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Copy reports out, sealed as they are. What is there already in its newest version is left alone."""
    from bot.operating.reports import export_reports
    from bot.settings import load_settings

    export_reports(load_settings(config or context.obj), folder, since, as_json)


@alarm_app.callback()
def alarm(context: typer.Context, config: Config = None) -> None:
    """Tell people that somebody is in danger. Without a command: ring until it is ended, for a state without a bot."""
    from bot.operating.alarm import loop
    from bot.settings import load_settings

    context.obj = config
    if context.invoked_subcommand is None:
        loop(load_settings(config))


@alarm_app.command("rehearse")
def alarm_rehearse(context: typer.Context, config: Config = None) -> None:
    """Send every target a code of its own, as loud as the real thing."""
    from bot.operating.alarm import rehearse
    from bot.settings import load_settings

    sys.exit(rehearse(load_settings(config or context.obj)))


@alarm_app.command("heard")
def alarm_heard(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The six digits that a person got.")],
    config: Config = None,
) -> None:
    """A person got the rehearsal: only then reporters are told that a person is told."""
    from bot.operating.alarm import heard
    from bot.settings import load_settings

    heard(load_settings(config or context.obj), code)


@alarm_app.command("taken")
def alarm_taken(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Beginnings of ids (default: all that rang).")] = None,
    config: Config = None,
) -> None:
    """Somebody looks after what rang: it rings no more."""
    from bot.operating.alarm import taken
    from bot.settings import load_settings

    taken(load_settings(config or context.obj), ids or [])


@telegram_app.command("delete-webhook")
def telegram_delete_webhook(config: Config = None) -> None:
    """Take away the webhook that an old installation left, so that the bot can poll. What waits there stays."""
    from bot.operating.telegram import delete_webhook
    from bot.settings import load_settings

    print(delete_webhook(load_settings(config)))


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


@keys_app.command("new")
def keys_new(
    name: Annotated[str, typer.Argument(help="Name of the key file to make.")],
    no_passphrase: Annotated[bool, typer.Option("--no-passphrase", help="For tests and demos only.")] = False,
) -> None:
    """Make an identity, under a passphrase, and print its recipient line."""
    from bot.operating.keys import new_key

    new_key(name, no_passphrase)


@keys_app.command("public")
def keys_public(
    file: Annotated[Path, typer.Argument(readable=False, help="A key file, like desk.key.")],
) -> None:
    """The recipient line of a key file, again: it goes into recipients.txt."""
    from bot.operating.keys import public_keys

    public_keys(file)


@keys_app.command("show")
def keys_show(config: Config = None) -> None:
    """Fingerprints of the recipients, and the bot's own public key."""
    from bot.operating.keys import show_keys
    from bot.settings import load_settings

    show_keys(load_settings(config))


@keys_app.command("accept")
def keys_accept(config: Config = None) -> None:
    """Accept recipients that changed since the last start."""
    from bot.operating.keys import accept_keys
    from bot.settings import load_settings

    accept_keys(load_settings(config))


@flow_app.command("check")
def flow_check(
    folder: Annotated[Path | None, typer.Argument(readable=False, help="A folder of flows (default: ours).")] = None,
    release: Annotated[bool, typer.Option("--release", help="Record the hashes of unreleased versions.")] = False,
) -> None:
    """Check every flow: steps, conditions, labels, texts, released versions."""
    from bot.flow.check import check_folder
    from bot.flow.reading import Reader
    from bot.flow.shelf import Shelf
    from bot.words.loading import data_folder, load_words, make_reader

    def reader(shelf: Shelf) -> Reader:
        return make_reader(load_words(), shelf)

    found = check_folder(folder or data_folder("flows"), reader, release=release)
    for line in (*found.errors, *found.warnings):
        print(line, file=sys.stderr)
    if found.errors:
        sys.exit(1)
    print(f"{found.flows} flows, {found.steps} steps: good")


@flow_app.command("show")
def flow_show(
    name: Annotated[str, typer.Argument(help="Flow to draw (default: the one that opens).")] = "",
    folder: Annotated[Path | None, typer.Option(readable=False, help="A folder of flows (default: ours).")] = None,
    svg: Annotated[Path | None, typer.Option(readable=False, help="Draw an SVG here; needs graphviz's dot.")] = None,
) -> None:
    """Draw a flow as Mermaid text, or as SVG."""
    from bot.flow.show import mermaid
    from bot.flow.show import svg as drawn
    from bot.machine.files import write_over
    from bot.words.loading import load_flows, load_words, newest_flow

    flows, _ = load_flows(load_words(), folder)
    name = name or newest_flow(flows).id
    versions = [v for n, v in flows if n == name]
    if not versions:
        raise StonechatError(f"there is no flow '{name}'", mend=f"flows: {', '.join(sorted({n for n, _ in flows}))}")
    flow = flows[name, max(versions)]
    if svg:
        write_over(svg, drawn(flow))
    else:
        print(mermaid(flow))


@words_app.command("extract")
def words_extract(languages: Annotated[list[str], typer.Argument(help="Language codes, like fr ar.")]) -> None:
    """Bring catalogues up to date: new sentences are added, changed ones become fuzzy, nothing translated is lost."""
    from bot.words.loading import data_folder, load_flows, load_words
    from bot.words.translating import extract, sentences

    every = sentences(*load_flows(load_words()))
    wrong = 0
    for language in languages:
        try:
            print(extract(every, data_folder("locales"), language))
        except StonechatError as error:  # one bad catalogue costs one language
            wrong = 1
            print(f"stonechat: {error}", file=sys.stderr)
    if wrong:
        sys.exit(1)


@words_app.command("check")
def words_check(languages: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None) -> None:
    """What keeps a language from being offered, what its glossary has against it, what is not plain; file and line."""
    from bot.words.loading import check_languages, check_plain_english
    from bot.words.plain import can_grade

    wrong = [error for stats in check_languages(languages or []) for error in stats.errors]
    if can_grade():
        wrong += check_plain_english()
    else:
        print("the reading grade was not measured: pip install 'stonechat[words]'", file=sys.stderr)
    for error in wrong:
        print(error, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print("every catalogue is complete")


@words_app.command("preview")
def words_preview(language: Annotated[str, typer.Argument(help="Language code, like fr.")]) -> None:
    """The phone page in one language, whole or not; a saved .po file or glossary shows with the next message."""
    from bot.demo import run_preview

    sys.exit(run_preview(language))


@words_app.command("stats")
def words_stats() -> None:
    """How far each language is."""
    from bot.words.loading import check_languages

    for stats in check_languages([]):
        state = "offered" if stats.complete else "not offered"
        far = f"{stats.done} of {stats.total}, {stats.fuzzy} to look at again" if stats.readable else "can't be read"
        print(f"{stats.language}: {far}, {state}" + (f"; 'words check' has {stats.light} more" if stats.light else ""))
