"""For whom reports are sealed, where they lie, and whether somebody looks."""

import os
import time
from collections.abc import Iterator

from bot.keys.accepted import accepted_file, accepted_text, read_all_recipients
from bot.machine.files import read_text
from bot.operating.checks.finding import Finding, good
from bot.seal.age import open_bytes, seal
from bot.seal.hybrid import HybridIdentity
from bot.seal.recipients import RecipientsByClass
from bot.settings import Settings
from bot.state import reports_looked_mark, time_of


def recipients(settings: Settings) -> Iterator[Finding]:
    """Whose keys open what, and whether they are the ones of the last start."""
    recipients = read_all_recipients(settings)
    for name, prints in recipients.fingerprints().items():
        yield good(f"recipients of {name}", ", ".join(prints))
    if min(len(prints) for prints in recipients.fingerprints().values()) < 2:
        mend = "add an offline recovery key to the recipients file"
        yield Finding("recipients", "warning", "a lost key loses every report", mend)
    if len({tuple(prints) for prints in recipients.fingerprints().values()}) == 1:
        what = "one key opens everything: who reads a case also reads who wrote it"
        yield Finding("classes", "warning", what, "set recipients_identity and recipients_contact (docs/settings.md)")
    yield _accepted(settings, recipients)


def _accepted(settings: Settings, recipients: RecipientsByClass) -> Finding:
    path = accepted_file(settings)
    if os.path.lexists(path) and read_text(path) != accepted_text(recipients):
        mend = "compare 'stonechat keys show' with your organisation, then run 'stonechat keys accept'"
        return Finding("accepted", "bad", "the recipients are not the ones of the last start", mend)
    return good("accepted", "the recipients are the ones of the last start" if path.exists() else "not started yet")


def sealing(settings: Settings) -> Iterator[Finding]:
    """Seal something to every class, and open it again."""
    identity = HybridIdentity.generate()
    recipients = read_all_recipients(settings)
    for name in recipients.fingerprints():
        sealed = bytes(seal(b"a test", (*recipients.of(name), identity.recipient)))
        if open_bytes(sealed, [identity]) != b"a test":
            yield Finding("sealing", "bad", f"what was sealed for {name} did not open again", "reinstall Stonechat")
            return
    yield good("sealing", "sealed to every class, and opened with a throw-away key")


def reports(settings: Settings) -> Iterator[Finding]:
    """Where they lie, who can open them, and whether somebody looks: what reporters are told of that rests on it."""
    where = {"embedded": str(settings.state / "intake")}.get(
        settings.intake, settings.reports_go_to.removeprefix("folder:")
    )
    prints = dict.fromkeys(p for each in read_all_recipients(settings).fingerprints().values() for p in each)
    yield good("reports", f"they lie sealed at {where}; who holds a key of {', '.join(prints)} can open them")
    yield _looks(settings)


def _looks(settings: Settings) -> Finding:
    from bot.ringing import looked_within

    now, last = time.time(), time_of(reports_looked_mark(settings.state))
    ago = int(now - last) // 3600
    when = "nobody listed or took reports here yet"
    if last:
        when = f"reports were listed or taken {f'{ago} hours ago' if ago else 'within the hour'}"
    if not settings.look or looked_within(settings.state, settings.look, now):
        return good("looks", when)
    mend = f"run 'stonechat intake list' here every {settings.look} hours, or take 'look' out"
    return Finding("looks", "warning", f"{when}: 'somebody looks' is not said", mend)
