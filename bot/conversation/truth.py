"""What may be said to this person now: the backings that hold, and "a person is told now" once it is true. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import structs

from bot.conversation.plan import Plan, Say
from bot.conversation.standing import Standing
from bot.flow.model import Flow
from bot.flow.promises import Facts, needs_of
from bot.flow.prompts import prompt
from bot.flow.screens import Neutral
from bot.flow.session import IDLE
from bot.flow.wording import text
from bot.talk.sentences import Block

TOLD = frozenset({"alarm_heard", "acknowledged"})


def facts(flow: Flow, standing: Standing, everywhere: Facts) -> Facts:
    """`everywhere` are those that hold for everybody at this moment. An alarm says nothing of what does not ring."""
    handed, found = standing.handed, flow.vouched | everywhere | ({"deletes"} & set(standing.session.abilities))
    if handed is None or not handed.rings:
        found -= {"alarm_heard"}
    return found | {"acknowledged"} if handed is not None and handed.acknowledged >= handed.version else found


def unrepeated(flow: Flow, true: Facts, asked: Sequence[Block], say: Iterable[Block]) -> tuple[Block, ...]:
    """What is said before a question, without the news that the question itself tells."""
    if not (true >= TOLD and "acknowledged" in needs_of(flow, asked)):
        return tuple(say)
    return tuple(block for block in say if needs_of(flow, (block,)) != TOLD)


def with_news(plan: Plan, flow: Flow, everywhere: Facts) -> Plan:
    """After a turn: a question that promises to say when a person is told waits for that; what waited is said."""
    standing = plan.standing
    if standing is None or standing.handed is None or not standing.handed.rings or standing.handed.news == "said":
        return plan
    handed, told = standing.handed, facts(flow, standing, everywhere) >= TOLD
    asks = "acknowledged" in needs_of(flow, prompt(flow, standing.session).paragraphs)
    if not (asks or handed.news) or isinstance(standing.session.screen, Neutral):
        return plan
    news = structs.replace(handed, news="said" if told else "waits")
    after = plan.after
    if told and not asks:
        after = tuple(_first(flow, each) if isinstance(each, Say) else each for each in after)
    return structs.replace(plan, standing=structs.replace(standing, handed=news), after=after)


def _first(flow: Flow, say: Say) -> Say:
    return structs.replace(say, blocks=(text(flow, "person_told"), *say.blocks))


def acknowledged(standing: Standing, version: int, flow: Flow, everywhere: Facts, now: int) -> Plan | None:
    """The intake signed for a version. Whoever waits for it and is still here is told once; None: that was known.

    After 30 idle minutes somebody else may hold the phone: then it is said with the next turn.
    """
    handed = standing.handed
    if handed is None or version <= handed.acknowledged:
        return None
    handed = structs.replace(handed, acknowledged=version)
    standing = structs.replace(standing, handed=handed)
    here = now - standing.session.last <= IDLE and not isinstance(standing.session.screen, Neutral)
    if handed.news != "waits" or not here or not facts(flow, standing, everywhere) >= TOLD:
        return Plan(standing)
    thread = structs.replace(standing.thread, turn=standing.thread.turn + 1)
    standing = structs.replace(standing, handed=structs.replace(handed, news="said"), thread=thread)
    return Plan(standing, after=(Say((text(flow, "person_told"),), ask=False),))
