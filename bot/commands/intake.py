"""`stonechat intake …`: the backend, and what lies in it."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import Config

app = typer.Typer(help="The intake backend, on this machine only; or what lies in it.")


@app.callback(invoke_without_command=True)
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


@app.command("list")
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


@app.command("go")
def intake_go(context: typer.Context, config: Config = None) -> None:
    """Open reports that came back with a backup, though some may have been erased since: a person decides."""
    from bot.operating.reports import go
    from bot.settings import load_settings

    go(load_settings(config or context.obj))


@app.command("export")
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
