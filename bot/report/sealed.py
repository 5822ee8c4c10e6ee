"""A report as it leaves: sealed parts, the manifest that names them, the bot's signature."""

from dataclasses import dataclass

from bot.report.manifest import ManifestError, decode


@dataclass(frozen=True, slots=True)
class SealedReport:
    """One version of a report. `parts` are (name, whole age file); `manifest` is the signed bytes, as they are.

    Everything that may leave the bot about a report is in here; the store keeps it until an intake signed for it.
    """

    report: str
    version: int
    manifest: bytes
    signature: str
    parts: tuple[tuple[str, bytes], ...]


def rings(report: SealedReport) -> bool:
    """Whether somebody is in danger, as its manifest says. False for a manifest of no known form: it is as calm as
    any.
    """
    try:
        return decode(report.manifest).ring
    except ManifestError:
        return False
