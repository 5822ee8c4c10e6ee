"""A conversation at its first question: in memory only, until its person agrees to start."""

import secrets

from bot.conversation.house import House
from bot.conversation.standing import Standing, new_thread
from bot.flow.session import Session
from bot.flow.step import start
from bot.talk.events import Envelope


def begun(house: House, envelope: Envelope) -> Standing:
    """The check word is two of the flow's words, the nonce is random, the language is what the platform says."""
    abilities = house.abilities_of(envelope.channel)
    session = Session(
        flow=house.flow.id,
        version=house.flow.version,
        nonce=secrets.randbits(40),
        channel=envelope.channel,
        abilities=abilities.words(),
        word=" ".join(secrets.choice(house.check_words) for _ in range(2)),
        hours=house.hours_on(envelope.channel),
        language=_language(house, envelope.language),
        opened=f"{house.now():%Y-%m-%d}",
        last=int(house.clock()),
    )
    return Standing(start(house.flow, session), new_thread(envelope))


def _language(house: House, wanted: str) -> str:
    """What the platform says, where that is offered, or the same language elsewhere; the first language else."""
    offered = [code for code, _ in house.flow.languages]
    whole = wanted.replace("-", "_").lower()
    short = whole.partition("_")[0]
    same = [code for code in offered if code.lower() in (whole, short) or code.startswith(f"{short}_")]
    return min(same or offered[:1], key=lambda code: (code.lower() != whole, code.lower() != short))
