"""What a turn or an ending causes, as a plan. Every function here is pure.

Whatever must be awaited (a version of the report, sealed parts) is given beforehand. Nothing of a plan counts before
it is written: `Conversation` writes it, and only then stands where it says. What time brings is in lifetime.py.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import structs

from bot.conversation.plan import After, Anew, CarryOut, Count, Guess, Plan, ReportLeaves, Ring, Say, Terms
from bot.conversation.standing import NUMBER_STAYS, ROUNDED, Chore, Standing, Thread, taken_back
from bot.conversation.taking import Taken
from bot.conversation.versions import Version
from bot.flow.session import opened, submitted
from bot.flow.turn import LookUp
from bot.store import AddPart, Change, DropPart, DropParts, Erase, ErasureRow, Hand, PartRow
from bot.talk.events import MessageRef
from bot.talk.outgoing import Abilities
from bot.talk.sentences import Block


def _spoken(taken: Taken) -> Standing:
    """There is something to say: it is owed until it was seen to be said."""
    if not (taken.ask or taken.say):
        return taken.standing
    thread = taken.standing.thread
    return structs.replace(taken.standing, thread=structs.replace(thread, turn=thread.turn + 1))


def handed(standing: Standing, version: Version) -> Standing:
    session = opened(standing.session, version.handed.report)
    return structs.replace(standing, session=session, handed=version.handed)


def leaving(version: Version) -> tuple[After, ...]:
    """What follows once it is in the outbox."""
    return (ReportLeaves(), Ring(version.handed.alarm)) if version.rings else (ReportLeaves(),)


def _of_parts(taken: Taken, parts: tuple[PartRow, ...]) -> list[Change]:
    changes: list[Change] = [DropParts()] if not taken.standing.revision else []
    changes += [DropPart(number) for number in taken.drop]
    return [*changes, *(AddPart(part) for part in parts)]


def turned(taken: Taken, parts: tuple[PartRow, ...], version: Version | None) -> Plan:
    """The conversation goes on. `version` is given where people may read it at once."""
    standing = _spoken(taken)
    after: tuple[After, ...] = (Say(taken.say, taken.ask, taken.edits),)
    if isinstance(taken.do, LookUp):
        after = (*after, Guess(taken.do.number))
    if not standing.session.agreed:
        return Plan(standing, after=after)
    changes = _of_parts(taken, parts)
    if version is not None:
        standing = handed(standing, version)
        changes.append(Hand(version.report, version.receipt))
        after = (*leaving(version), *after)
    return Plan(standing, tuple(changes), after=after)


def refused_today(taken: Taken, terms: Terms) -> Plan:
    """This chat has sent its reports of today. Nothing of them shows: somebody else may hold the phone by now."""
    standing = structs.replace(taken.standing, session=taken.before)
    taken = structs.replace(taken, standing=standing, say=(terms.say("enough_today"),), seal=(), drop=())
    return Plan(_spoken(taken), after=(Say(taken.say, taken.ask, taken.edits),))


def sent_off(taken: Taken, parts: tuple[PartRow, ...], version: Version, terms: Terms, now: int) -> Plan:
    """The report is whole and on its way. Its number stands there, and the message that shows it.

    What was told stays under this conversation's key as long as that: `danger` makes a new version of the whole.
    """
    changes = _of_parts(taken, parts)
    standing = handed(taken.standing, version)
    edits = taken.edits if _stays(standing.thread, taken.edits, terms, now) else None
    keep = edits.id if edits is not None else ""
    gone = frozenset(k.message.id for k in standing.thread.messages if k.message.id != keep)
    owed: tuple[Chore, ...] = ()
    thread = standing.thread
    if terms.abilities.deletes != "none" and gone:
        owed = (messages_to_delete(thread, terms, keep=keep),)
        thread = structs.replace(taken_back(thread, gone), asked=())
    number, report = version.handed.number, version.handed.report
    session = submitted(
        standing.session, number=number, report=report, day=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
    )
    taken = structs.replace(taken, standing=structs.replace(standing, session=session, thread=thread), ask=True)
    return Plan(
        _spoken(taken),
        (*changes, Hand(version.report, version.receipt)),
        owed,
        (*leaving(version), Count(), Say(taken.say, True, edits)),
    )


def _stays(thread: Thread, message: MessageRef | None, terms: Terms, now: int) -> bool:
    """Whether a message that stands there can still be taken back when the number that it shows must go."""
    limit = terms.abilities.deletes_for if terms.abilities.deletes != "none" else 0
    at = next((k.at for k in thread.messages if message is not None and k.message.id == message.id), now)
    return not limit or at + limit >= now + NUMBER_STAYS + ROUNDED


# --- endings ---


def messages_to_delete(
    thread: Thread, terms: Terms, say: Sequence[Block] = (), edits: MessageRef | None = None, keep: str = ""
) -> Chore:
    """All that stands there goes, but what is changed into the last word, or kept (an id)."""
    spared = {keep, edits.id if edits is not None else ""}
    deletes = terms.abilities.deletes
    gone = (k.message for k in thread.messages if k.message.id not in spared and (deletes == "both" or k.message.ours))
    failed = terms.paragraphs((terms.say("cannot_delete"),)) if deletes == "both" else ()
    paragraphs = terms.paragraphs(tuple(say)) if say else ()
    return Chore(thread.channel, thread.address, tuple(gone) if deletes != "none" else (), paragraphs, edits, failed)


def forgotten(taken: Taken, terms: Terms) -> Plan:
    """Before the consent: nothing was written, so there is memory to clear, and messages to take back."""
    return Plan(None, after=(CarryOut(messages_to_delete(taken.standing.thread, terms, taken.say, taken.edits)),))


def erased(taken: Taken, terms: Terms) -> Plan:
    """Nothing opens the draft any more; what was handed over is destroyed too, by its owner's signature."""
    chore, handed = messages_to_delete(taken.standing.thread, terms, taken.say, taken.edits), taken.standing.handed
    if handed is None:
        return Plan(None, owed=(chore,), whatever=True)
    row = ErasureRow(handed.report, handed.signer, handed.erasure)
    return Plan(None, (Erase(row, handed.lookup),), (chore,), (ReportLeaves(),))


def finished(taken: Taken, terms: Terms) -> Plan:
    """ "I wrote it down": the number and the rest of the conversation go."""
    return Plan(None, owed=(messages_to_delete(taken.standing.thread, terms, taken.say, taken.edits),))


def finished_for_another(taken: Taken, terms: Terms, fresh: Standing) -> Plan:
    """As at every end the number and the rest go; and its person goes on about somebody else."""
    owed = messages_to_delete(taken.standing.thread, terms)
    return Plan(None, owed=(owed,), after=(Anew(fresh, taken.say),))


def came_too_late(thread: Thread, messages: tuple[MessageRef, ...], abilities: Abilities) -> Chore | None:
    """A send ended after its conversation: what it left there is owed like the rest.

    One that stood there before and was only changed is the ending's own: by now it may say the last word.
    """
    known = {kept.message.id for kept in thread.messages}
    late = tuple(message for message in messages if message.id not in known)
    return Chore(thread.channel, thread.address, late) if late and abilities.deletes != "none" else None
