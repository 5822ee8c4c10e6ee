"""`stonechat alarm …`: people who are told at once."""

import sys
from typing import Annotated

import typer

from bot.commands.options import Config

app = typer.Typer(invoke_without_command=True)


@app.callback()
def alarm(context: typer.Context, config: Config = None) -> None:
    """Tell people that somebody is in danger. Without a command: ring until it is ended, for a state without a bot."""
    from bot.operating.alarm import loop
    from bot.settings import load_settings

    context.obj = config
    if context.invoked_subcommand is None:
        loop(load_settings(config))


@app.command("rehearse")
def alarm_rehearse(context: typer.Context, config: Config = None) -> None:
    """Send every target a code of its own, as loud as the real thing."""
    from bot.operating.alarm import rehearse
    from bot.settings import load_settings

    sys.exit(rehearse(load_settings(config or context.obj)))


@app.command("heard")
def alarm_heard(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The six digits that a person got.")],
    config: Config = None,
) -> None:
    """A person got the rehearsal: only then reporters are told that a person is told."""
    from bot.operating.alarm import heard
    from bot.settings import load_settings

    heard(load_settings(config or context.obj), code)


@app.command("taken")
def alarm_taken(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Beginnings of ids (default: all that rang).")] = None,
    config: Config = None,
) -> None:
    """Somebody looks after what rang: it rings no more."""
    from bot.operating.alarm import taken
    from bot.settings import load_settings

    taken(load_settings(config or context.obj), ids or [])
