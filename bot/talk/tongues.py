"""Codes of languages at the door: ours are gettext's (`pt_BR`); browsers and readers of reports have `pt-BR`."""

from collections.abc import Sequence


def tag(language: str) -> str:
    """A code as BCP 47 has it: `zh_Hant_TW` is `zh-Hant-TW`."""
    return language.replace("_", "-")


def closest(wanted: str, offered: Sequence[str]) -> str | None:
    """Which offered code serves somebody whose phone is in `wanted`, in any spelling: itself, or the same language."""
    parts = tag(wanted).lower().split("-")
    by_tag = {tag(code).lower(): code for code in reversed(offered)}
    for many in range(len(parts), 0, -1):
        if code := by_tag.get("-".join(parts[:many])):
            return code
    return next((code for code in offered if tag(code).lower().split("-")[0] == parts[0]), None)
