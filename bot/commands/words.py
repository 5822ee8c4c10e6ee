"""`stonechat words …`: what translators need."""

import sys
from typing import Annotated

import typer

from bot.errors import StonechatError

app = typer.Typer(help="What translators need.", no_args_is_help=True)


@app.command("extract")
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


@app.command("check")
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


@app.command("preview")
def words_preview(language: Annotated[str, typer.Argument(help="Language code, like fr.")]) -> None:
    """The phone page in one language, whole or not; a saved .po file or glossary shows with the next message."""
    from bot.demo import run_preview

    sys.exit(run_preview(language))


@app.command("stats")
def words_stats() -> None:
    """How far each language is."""
    from bot.words.loading import check_languages

    for stats in check_languages([]):
        state = "offered" if stats.complete else "not offered"
        far = f"{stats.done} of {stats.total}, {stats.fuzzy} to look at again" if stats.readable else "can't be read"
        print(f"{stats.language}: {far}, {state}" + (f"; 'words check' has {stats.light} more" if stats.light else ""))
