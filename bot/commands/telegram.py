"""`stonechat telegram …`: the account at the platform."""

import typer

from bot.commands.options import Config

app = typer.Typer(help="The Telegram account.", no_args_is_help=True)


@app.command("delete-webhook")
def telegram_delete_webhook(config: Config = None) -> None:
    """Take away the webhook that an old installation left, so that the bot can poll. What waits there stays."""
    from bot.operating.telegram import delete_webhook
    from bot.settings import load_settings

    print(delete_webhook(load_settings(config)))
