"""Words on their way to be sealed: cut into parts, numbered, classed."""

from bot.flow.conditions import part_class
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.turn import change
from bot.flow.values import PartRef, ToSeal
from bot.talk.events import MessageRef


def new_parts(
    flow: Flow, session: Session, step_id: str, words: str, message: MessageRef, most: int = 0
) -> tuple[Session, tuple[PartRef, ...], list[ToSeal]]:
    """Words cut at the step's limit, each piece a part with a number of its own. Nothing is cut away."""
    step = flow.steps.get(step_id)
    cls = part_class(flow, session, step) if step else "sensitive"
    size = most or (step.most if step and step.most else 4_000)
    pieces = [words[i : i + size] for i in range(0, len(words), size)] or [""]
    refs = tuple(PartRef(session.next_part + i, message, cls) for i in range(len(pieces)))
    sealing = [ToSeal(ref.number, piece, cls) for ref, piece in zip(refs, pieces, strict=True)]
    return change(session, next_part=session.next_part + len(pieces)), refs, sealing
