"""What time brings, as a plan: a draft is destroyed or handed over, messages go, a number goes. Pure."""

from msgspec import structs

from bot.conversation.plan import After, Plan, Terms
from bot.conversation.plans import handed, leaving, messages_to_delete
from bot.conversation.standing import NUMBER_STAYS, ROUNDED, Chore, Standing, taken_back
from bot.conversation.versions import Version, is_untold
from bot.flow.session import Session
from bot.store import Change, Hand

SILENCE = 24 * 3600  # seconds until what its owner said may be read then is handed over
MARGIN = ROUNDED + 1200  # seconds before its last moment in which a message is deleted: two looks fit in
LATEST = 2**62  # seconds: as far as a store can count


def draft_lifetime(session: Session) -> int:
    """Seconds that a draft lives after its owner's last word."""
    return session.hours * 3600


def deletable_for(terms: Terms) -> int:
    """Seconds after which the platform takes no message back; 0: it does at any time."""
    return terms.abilities.deletes_for if terms.abilities.deletes != "none" else 0


def wants_version(standing: Standing, terms: Terms, now: int) -> bool:
    """Its owner fell silent, and had said that it may be read then."""
    session = standing.session
    silent = now - session.last >= min(SILENCE, draft_lifetime(session))
    return not session.submitted and silent and is_untold(terms.flow, standing)


def what_is_due(standing: Standing, terms: Terms, version: Version | None, now: int) -> Plan | None:
    """What is due now; None: nothing. `version` is given where `wants_version`."""
    session, age = standing.session, now - standing.session.last
    if session.submitted:
        return Plan(None, owed=(messages_to_delete(standing.thread, terms),)) if age >= NUMBER_STAYS else None
    if age >= draft_lifetime(session):
        return draft_expired(standing, terms, version)
    changes: tuple[Change, ...] = ()
    after: tuple[After, ...] = ()
    if version is not None:
        standing = handed(standing, version)
        changes, after = (Hand(version.report, version.receipt),), leaving(version)
    standing, owed = without_old_messages(standing, terms, now)
    return Plan(standing, changes, owed, after) if changes or owed else None


def draft_expired(standing: Standing, terms: Terms, version: Version | None) -> Plan:
    """Its time is over: it is destroyed, or stays with the intake where its owner wanted that.

    The last question is changed in place: that makes no phone ring.
    """
    passed_on = standing.handed is not None or version is not None
    say = (terms.say("passed_on" if passed_on else "expired"),)
    chore = messages_to_delete(standing.thread, terms, say, standing.thread.prompt)
    if version is None:
        return Plan(None, owed=(chore,), whatever=not passed_on)
    return Plan(None, (Hand(version.report, version.receipt),), (chore,), leaving(version))


def without_old_messages(standing: Standing, terms: Terms, now: int) -> tuple[Standing, tuple[Chore, ...]]:
    """Messages go while the platform still lets us."""
    last = deletable_for(terms)
    thread = standing.thread
    old = tuple(k.message for k in thread.messages if last and now - k.at >= last - MARGIN)
    if not old:
        return standing, ()
    gone = frozenset(message.id for message in old)
    deletes = tuple(m for m in old if terms.abilities.deletes == "both" or m.ours)
    chore = Chore(thread.channel, thread.address, deletes)
    return structs.replace(standing, thread=taken_back(thread, gone)), (chore,)


def due(standing: Standing, terms: Terms) -> int:
    """When this conversation needs a look (seconds since 1970), to the hour, so that it tells no instant.

    Rounded up: nobody's draft goes early. Down where a platform's limit is at stake (then some
    looks find nothing to do): no message stays behind.
    """
    session = standing.session
    if session.submitted:
        at = session.last + NUMBER_STAYS
    else:
        at = session.last + draft_lifetime(session)
        if is_untold(terms.flow, standing):
            at = min(at, session.last + SILENCE)
    last = deletable_for(terms)
    if last and standing.thread.messages and not session.submitted:
        at = min(at, standing.thread.messages[0].at + last - MARGIN + ROUNDED)
    return min(at - at % (ROUNDED if last else -ROUNDED), LATEST)
