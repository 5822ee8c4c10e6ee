"""`stonechat flow …`: flows checked and drawn."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import StonechatError

app = typer.Typer(help="Check and draw flows.", no_args_is_help=True)


@app.command("check")
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


@app.command("show")
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
