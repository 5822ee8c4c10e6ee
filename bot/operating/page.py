"""Reports as one page to print: self-contained, nothing in it runs or is fetched, each text in its own direction."""

from collections.abc import Iterable, Sequence
from html import escape

from bot.operating.printing import harmless
from bot.operating.told import Quote, Row, Told

STYLE = """
:root { color-scheme: light; }
body { font: 11pt/1.5 "Noto Sans", "Noto Naskh Arabic", system-ui, sans-serif; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; color: #111; background: #fff; }
article { break-before: page; } article:first-of-type { break-before: auto; }
h1 { font-size: 14pt; overflow-wrap: anywhere; } h2 { font-size: 12pt; border-bottom: 1px solid #999; }
.warning { border: 2px solid #b00; padding: .5rem; font-weight: bold; color: #b00; overflow-wrap: anywhere; }
.row { margin: .5rem 0; break-inside: avoid-page; padding-inline-start: calc(var(--depth, 0) * 1.5rem); }
.name { font-weight: 600; } .value { margin: 0; overflow-wrap: anywhere; }
blockquote { margin: .3rem 0; padding: .2rem .8rem; border-inline-start: 3px solid #666; white-space: pre-wrap;
  overflow-wrap: anywhere; unicode-bidi: plaintext; }
.fact { display: flex; flex-wrap: wrap; gap: 0 .6rem; margin: .15rem 0; }
.mark { font-style: italic; } .locked { color: #555; }
@page { margin: 18mm; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(reports: Sequence[tuple[Told, str]]) -> str:
    """A whole HTML document. Each report comes with the warning that stands above it, or none."""
    title = reports[0][0].title if len(reports) == 1 else f"{len(reports)} reports"
    body = "\n".join(_article(told, warning) for told, warning in reports)
    return (
        '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_safe(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _safe(text: str) -> str:
    return escape(harmless(text))


def _article(told: Told, warning: str) -> str:
    shown = [f"<article>\n<h1>{_safe(told.title)}</h1>"]
    if warning:
        shown.append(f'<p class="warning">{_safe(warning)}</p>')
    shown += [_row(row, "en", "ltr") for row in told.facts]
    for title, rows in (("Consent", told.consent), ("Answers", told.answers), ("Contact", told.contact)):
        if rows:
            shown.append(f"<h2>{title}</h2>")
            shown += [_row(row, told.language, told.direction) for row in rows]
    shown += [f'<p class="locked">{_safe(line)}</p>' for line in told.closed]
    return "\n".join([*shown, "</article>"])


def _row(row: Row, language: str, direction: str) -> str:
    # A day would be turned round by the letters of a right-to-left line beside it: the note stands for itself.
    if row.ours:
        language, direction = "en", "ltr"
    note = f' <span class="mark" lang="en" dir="ltr">({_safe(row.note)})</span>' if row.note else ""
    value = f'<p class="value"><bdi>{_safe(row.value)}</bdi>{note}</p>' if row.value or note else ""
    kind = "row fact" if direction == "ltr" and language == "en" and not row.quotes else "row"
    return (
        f'<section class="{kind}" lang="{escape(language)}" dir="{direction}" style="--depth: {row.depth}">'
        f'<div class="name" dir="auto">{_safe(row.name)}</div>{value}{_quotes(row.quotes)}</section>'
    )


def _quotes(quotes: Iterable[Quote]) -> str:
    shown = ""
    for quote in quotes:
        if quote.mark:
            shown += f'<p class="mark" lang="en" dir="ltr">({_safe(quote.mark)})</p>'
        if quote.locked:
            shown += f'<p class="locked" lang="en" dir="ltr">({_safe(quote.locked)})</p>'
        else:
            shown += f'<blockquote dir="auto" lang="">{_safe(quote.words)}</blockquote>'
    return shown
