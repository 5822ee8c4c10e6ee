"""A conversation at its first question: in memory only, until its person agrees to start."""

import secrets

from bot.conversation.house import House
from bot.conversation.standing import Standing, Thread, new_thread
from bot.flow.another import go_on
from bot.flow.session import Session
from bot.flow.step import start
from bot.talk.events import Envelope


def begun(house: House, envelope: Envelope) -> Standing:
    """At its first question, in the language that the platform says."""
    session = _session(house, envelope.channel, _language(house, envelope.language))
    return Standing(start(house.flow, session), new_thread(envelope))


def begun_again(house: House, before: Standing) -> Standing:
    """By the same person, in the same chat, about somebody else: what they said of themselves stays.

    Where the flow has a newer version by now only the language does.
    """
    session = _session(house, before.thread.channel, before.session.language)
    thread = Thread(before.thread.channel, before.thread.address)
    if house.flow.version != before.session.version:
        return Standing(start(house.flow, session), thread)
    return Standing(go_on(house.flow, before.session, session), thread)


def _session(house: House, channel: str, language: str) -> Session:
    """The check word is two of the flow's words, the nonce is random."""
    return Session(
        flow=house.flow.id,
        version=house.flow.version,
        nonce=secrets.randbits(40),
        channel=channel,
        abilities=house.abilities_of(channel).words(),
        word=" ".join(secrets.choice(house.check_words) for _ in range(2)),
        hours=house.hours_on(channel),
        language=language,
        opened=f"{house.now():%Y-%m-%d}",
        last=int(house.clock()),
    )


def _language(house: House, wanted: str) -> str:
    """What the platform says, where that is offered, or the same language elsewhere; the first language else."""
    offered = [code for code, _ in house.flow.languages]
    whole = wanted.replace("-", "_").lower()
    short = whole.partition("_")[0]
    same = [code for code in offered if code.lower() in (whole, short) or code.startswith(f"{short}_")]
    return min(same or offered[:1], key=lambda code: (code.lower() != whole, code.lower() != short))
