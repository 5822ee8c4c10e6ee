"""What the rest of the house may ask of a flow without knowing any of its steps: see `roles` in docs/flows.md."""

from msgspec import Struct

from bot.flow.conditions import newest
from bot.flow.model import DANGER, Flow, Given
from bot.flow.session import Session


class Reply(Struct, frozen=True):
    """How its reporter may be reached: `how` is the newest answer to that, `when` when it is safe to write.

    `here`: the address of this chat may be handed over. `never`: nobody may write to them.
    """

    how: str
    here: bool = False
    never: bool = False
    when: str | None = None


def reply(flow: Flow, session: Session) -> Reply:
    """The newest word on it, wherever it was asked; a flow that never asks gives nobody's address away."""
    role = flow.roles.contact
    if role is None:
        return Reply("never", never=True)
    found = newest(session, *role.asked)
    how = found[1].values[0] if found else role.unanswered
    when = session.answers.get(role.when)
    return Reply(how, how in role.here, how in role.never, when.values[0] if when and when.values else None)


def _given(session: Session, role: Given | None) -> bool:
    answer = session.answers.get(role.step) if role else None
    return answer is not None and role is not None and not role.values.isdisjoint(answer.values)


def is_held(flow: Flow, session: Session) -> bool:
    """ "Not yet: lock it" was the last word: a yes to "may we read it and act" that came later is newer, and urgent."""
    held, now = flow.roles.held, flow.roles.read_now
    if held is None or not _given(session, held):
        return False
    found = newest(session, held.step, now.step) if now else None
    return found is None or found[0] == held.step


def reads_now(flow: Flow, session: Session) -> bool:
    """People may read it at once and act on it: that was said in danger, and no later word locked it."""
    return _given(session, flow.roles.read_now) and not is_held(flow, session)


def reads_if_silent(flow: Flow, session: Session) -> bool:
    """People may read it if its reporter stops before the end."""
    return _given(session, flow.roles.read_if_silent)


def in_danger(flow: Flow, session: Session) -> bool:
    """Its reporter asked for help now."""
    return DANGER in session.raised
