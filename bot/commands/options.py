"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

# `readable=False`: what can't be read is told by whoever reads it, in one line with its mend.
Config = Annotated[Path | None, typer.Option(readable=False, help="Settings file (default: ./stonechat.toml).")]
