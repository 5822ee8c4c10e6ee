"""What the rest of the house may ask of a flow without knowing any of its steps."""

from msgspec import Struct

from bot.flow.conditions import flags, newest
from bot.flow.model import DANGER, Flow
from bot.flow.session import Session

NOT_YET, READ_NOW, READ_IF_SILENT = "NOT_YET", "READ_NOW", "READ_IF_SILENT"


class Reply(Struct, frozen=True):
    """How its reporter may be reached: `how` is the newest answer to that, `when` when it is safe to write.

    `here`: the address of this chat may be handed over. `never`: nobody may write to them.
    """

    how: str
    here: bool = False
    never: bool = False
    when: str | None = None


def reply(flow: Flow, session: Session) -> Reply:
    """The newest word on it, wherever it was asked."""
    found = newest(session, "contact_back", "d_contact")
    how = found[1].values[0] if found else "i_will_return"
    safe = session.answers.get("safe_when")
    return Reply(how, how == "this_chat", how == "never", safe.values[0] if safe and safe.values else None)


def is_held(flow: Flow, session: Session) -> bool:
    """ "Not yet: lock it" was the last word: a yes to "may we read it and act" that came later is newer, and urgent."""
    found = newest(session, "consent_share", "d_consent")
    return found is not None and found[0] == "consent_share" and NOT_YET in flags(flow, session)


def reads_now(flow: Flow, session: Session) -> bool:
    """People may read it at once and act on it: that was said in danger, and no later word took it back."""
    return READ_NOW in flags(flow, session) and not is_held(flow, session)


def reads_if_silent(flow: Flow, session: Session) -> bool:
    """People may read it if its reporter stops before the end."""
    return READ_IF_SILENT in flags(flow, session)


def in_danger(flow: Flow, session: Session) -> bool:
    """Its reporter asked for help now."""
    return DANGER in session.raised
