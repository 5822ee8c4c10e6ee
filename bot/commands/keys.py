"""`stonechat keys …`: the organisation's keys."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import Config

app = typer.Typer(help="The organisation's keys.", no_args_is_help=True)


@app.command("new")
def keys_new(
    name: Annotated[str, typer.Argument(help="Name of the key file to make.")],
    no_passphrase: Annotated[bool, typer.Option("--no-passphrase", help="For tests and demos only.")] = False,
) -> None:
    """Make an identity, under a passphrase, and print its recipient line."""
    from bot.operating.keys import new_key

    new_key(name, no_passphrase)


@app.command("public")
def keys_public(
    file: Annotated[Path, typer.Argument(readable=False, help="A key file, like desk.key.")],
) -> None:
    """The recipient line of a key file, again: it goes into recipients.txt."""
    from bot.operating.keys import public_keys

    public_keys(file)


@app.command("show")
def keys_show(config: Config = None) -> None:
    """Fingerprints of the recipients, and the bot's own public key."""
    from bot.operating.keys import show_keys
    from bot.settings import load_settings

    show_keys(load_settings(config))


@app.command("accept")
def keys_accept(config: Config = None) -> None:
    """Accept recipients that changed since the last start."""
    from bot.operating.keys import accept_keys
    from bot.settings import load_settings

    accept_keys(load_settings(config))
