"""Words on their way to be sealed: cut into parts, numbered, classed."""

from bot.flow.conditions import part_class
from bot.flow.model import Flow
from bot.flow.session import Session, change, split
from bot.flow.values import PartRef, ToSeal
from bot.talk.events import MessageRef

LONGEST = 4_000  # characters of a part where its step sets no limit


def new_parts(
    flow: Flow,
    session: Session,
    at: str,
    words: str,
    message: MessageRef,
    *,
    most: int = 0,
    after_silence: bool = False,
    forwarded: bool = False,
) -> tuple[Session, tuple[PartRef, ...], list[ToSeal]]:
    """Words cut at the limit of the step at `at`, each piece a part with a number of its own. Nothing is cut away."""
    step = flow.steps.get(split(at)[0])
    cls = part_class(flow, session, at)
    size = most or (step.most if step and step.most else LONGEST)
    pieces = [words[i : i + size] for i in range(0, len(words), size)] or [""]
    refs = tuple(PartRef(session.next_part + i, message, cls, after_silence, forwarded) for i in range(len(pieces)))
    sealing = [ToSeal(ref.number, piece, cls) for ref, piece in zip(refs, pieces, strict=True)]
    return change(session, next_part=session.next_part + len(pieces)), refs, sealing
