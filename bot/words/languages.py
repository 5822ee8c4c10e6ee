"""Codes of languages, and where their catalogues lie: `pt_BR` and `pt-BR` are the same one."""

import os
import re
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError

from bot.words.pogrammar import LocaleError

NAME = "LC_MESSAGES/stonechat.po"
CODE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_([A-Z]{2}|\d{3}))?")


def language_code(said: str) -> str:
    """`pt-BR` as `pt_BR`. Raises LocaleError for what is no language."""
    code = said.replace("-", "_")
    if CODE.fullmatch(code) and _known(code):
        return code
    parts = code.split("_")
    likely = "_".join([parts[0].lower(), *(p.title() if len(p) == 4 else p.upper() for p in parts[1:])])
    if CODE.fullmatch(likely) and _known(likely):
        raise LocaleError(f"'{said}' is no language code", mend=f"write '{likely}'")
    raise LocaleError(f"'{said}' is no language code", mend="write one like fr, ckb, pt_BR or zh_Hant")


def _known(code: str) -> bool:
    try:
        Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        return False
    return True


def own_name(language: str) -> str:
    """A language's name in its own script."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def folders(locales: Path) -> dict[str, Path]:
    """Every language's folder by its code; by its own name where that is no code, or one that was found already."""
    try:
        inside = [p for p in locales.iterdir() if not p.name.startswith((".", "_"))]
    except OSError:
        return {}
    found: dict[str, Path] = {}
    for path in sorted(inside, key=lambda p: ("-" in p.name, p.name)):  # gettext's own spelling first
        if os.path.islink(path) or path.is_dir():
            try:
                code = language_code(path.name)
            except LocaleError:
                code = path.name
            found[path.name if code in found else code] = path
    return found


def catalogue_of(locales: Path, said: str) -> tuple[str, Path]:
    """A language's code, and where its catalogue lies or would: in its folder, whichever way that is spelled.

    Raises LocaleError for what is no language, and for a second folder of one.
    """
    code, found = language_code(said), folders(locales)
    if said != code and said in found:
        raise LocaleError(f"'{code}' lies in two folders", where=str(found[said]), mend="keep one of them")
    return code, found.get(code, locales / code) / NAME
