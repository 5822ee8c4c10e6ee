"""What came over a channel, as the flow's event."""

from bot.channels import Incoming
from bot.conversation.record import Record
from bot.flow.events import CameBack, Deleted, Edited, Event, Pressed, Refused, Said


def event_of(incoming: Incoming, record: Record) -> Event:
    """The flow's event, with the question that its words were written for."""
    match incoming.kind:
        case "said":
            return Said(incoming.text, incoming.message, place_of(record, incoming))
        case "edited":
            return Edited(incoming.text, incoming.message)
        case "deleted":
            return Deleted(incoming.message)
        case "pressed":
            return Pressed(incoming.text)
        case "came_back":
            return CameBack()
    return Refused(incoming.text, incoming.message)


def place_of(record: Record, event: Incoming) -> str | None:
    """The question that words were written for: the one quoted, else the last that stood above them."""
    asked = record.thread.asked
    if event.replies_to:
        quoted = [place for message, place in asked if message == event.replies_to]
        if quoted:
            return quoted[-1]
        own = (at for at, a in record.session.answers.items() for p in a.parts if p.order == event.replies_to)
        return next(own, None)
    above = [place for message, place in asked if message < event.message]
    # Nothing remembered above it: the words belong to what stands now.
    return above[-1] if above and event.message else None
