"""What stands in a translation and in no language: letters that nobody sees, markup, bytes read wrongly, notes."""

import re
import unicodedata
from collections.abc import Iterator

HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
# Seen by nobody, though Unicode calls them letters, marks or symbols; and what stands for a letter that was lost.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd")
SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
CLEAN = set("\n\u200c\u200d")  # seen to be none of these; the joiners are looked at below
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
JOINER = re.compile("[\u200c\u200d]")
JOINS = tuple(  # scripts that are written joined
    "ARABIC SYRIAC MONGOLIAN NKO ADLAM THAANA DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA "
    "MALAYALAM SINHALA KHMER MYANMAR TIBETAN".split()
)
MARKS = re.compile(r"#-#-#-#-#|^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)", re.MULTILINE)
MARKUP = re.compile(r"</?[A-Za-z][^<>\n]*>|&(?:[a-z]{2,6}|#\d+);|\*\*|__|`")
NOTE = re.compile(r"\b(?:TODO|FIXME|TBD|XXX)\b")
ODD = re.compile(r"[^\x00-\x7f]{2,}")
SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n](?=\n)|(?<=\n)[^\S\n]")


def wrong_letters(english: str, string: str, is_list: bool = False) -> Iterator[str]:
    """Each with its mend. `is_list`: of words to type, where there may be none."""
    seen = set(string) - CLEAN
    odd = {c for c in seen if c in BLANK or unicodedata.category(c) in HIDDEN or SELECTOR.match(c)}
    if odd and BIDI.search(string):
        yield "holds direction marks; take them out, the bot adds its own"
    hidden = {f"U+{ord(c):04X}" for c in odd if not BIDI.match(c)}
    CLEAN.update(seen - odd)
    hidden |= {f"U+{ord(m.group()):04X}" for m in JOINER.finditer(string) if not _joins(string[: m.start()])}
    if hidden:
        yield f"holds what nobody sees ({', '.join(sorted(hidden))}); take it out"
    if MARKS.search(string):
        yield "holds marks of a merge; keep one side, and take the marks out"
    plain = string.replace("\u00a0", " ")  # « é » with its spaces would be the bytes of one letter
    if any(_was_utf8(run) for run in ODD.findall(plain)):
        yield "holds letters that a program read wrongly; write them anew, and save the file as UTF-8"
    for looks_for, what in (
        (MARKUP, "markup ({}); nothing of it is shown as meant, take it out"),
        (NOTE, "a note ({}); finish it, or leave it empty"),
        (re.compile(r"\\"), 'a backslash ({}); a line end is written \\n in the file, a quote \\"'),
    ):
        if (found := looks_for.search(string)) and not looks_for.search(english):
            yield f"holds {what.format(found.group())}"
    if SPACES.search(string.strip()) and not SPACES.search(english.strip()):
        yield "holds two spaces in a row, or one at a line's end; take one out"
    if not is_list and any(c.isalpha() for c in english) and not any(c.isalnum() for c in string):
        yield "holds no word; translate it"


def _joins(before: str) -> bool:
    """Whether what stands before a joiner is written joined at all."""
    return bool(before) and unicodedata.name(before[-1], "").startswith(JOINS)


def _was_utf8(run: str) -> bool:
    """`Ã©`: two letters of an old charset that are one in UTF-8."""
    for charset in ("cp1252", "latin-1"):
        try:
            return len(run.encode(charset).decode("utf-8")) < len(run)
        except UnicodeError:
            continue
    return False
