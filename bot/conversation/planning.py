"""Whatever a plan needs that must be awaited (sealed parts, a version of the report), then the plan."""

import logging
from collections.abc import Sequence

from msgspec import structs

from bot.conversation import lifetime, plans, taking, truth
from bot.conversation.beginning import begun_again
from bot.conversation.house import House
from bot.conversation.limits import ReportsToday
from bot.conversation.parts import sealed
from bot.conversation.plan import Plan, Terms
from bot.conversation.standing import Standing
from bot.conversation.taking import Taken
from bot.conversation.versions import leaves_at_once, next_version
from bot.flow.model import Flow
from bot.flow.promises import said_blocks
from bot.flow.roles import in_danger
from bot.flow.turn import Erase, Finish, Forget, Start, Submit
from bot.talk.events import Arrival, Edited, Event, Said
from bot.talk.sentences import Block

log = logging.getLogger("stonechat.conversation")


class Planner:
    """Of all conversations. It changes none of them."""

    def __init__(self, house: House, today: ReportsToday) -> None:
        self._house, self._today = house, today

    def flow(self, standing: Standing) -> Flow:
        """The version that its session began with. Raises LookupError where that is not here."""
        flow = self._house.flow_of(standing.session)
        if flow is None:
            raise LookupError("this session's flow is not here")
        return flow

    def terms(self, standing: Standing) -> Terms:
        """What its flow and its channel allow."""
        house, language = self._house, standing.session.language
        abilities = house.abilities_of(standing.thread.channel)
        flow = self.flow(standing)

        def paragraphs(blocks: Sequence[Block]) -> tuple[str, ...]:
            true = said_blocks(flow, truth.facts(flow, standing, house.facts()), blocks)
            return house.words.paragraphs(true, language)

        return Terms(flow, abilities, paragraphs, house.say)

    def taken(self, taken: Taken, what: Arrival | Event, reached: float, *, sending: bool) -> Taken:
        """One event more, which `reached` us then (steady clock); `sending`: a message of ours is on its way."""
        flow, now = self.flow(taken.standing), self._house.now()
        if isinstance(what, Arrival):
            return taking.take(flow, taken, what.event, what.envelope, now, reached, sending=sending)
        return taking.take(flow, taken, what, None, now)

    def in_words(self, taken: Taken) -> str | None:
        """What is shown beside the button that was pressed last."""
        language = taken.standing.session.language
        return self._house.words.texts((taken.notice,), language) if taken.notice is not None else None

    async def turn(self, conversation: bytes, taken: Taken) -> Plan:
        """What a batch of events comes to. The conversation's key must be there where it agreed to start."""
        plan = await self._turn(conversation, taken)
        return truth.with_news(plan, self.flow(taken.standing), self._house.facts())

    def acknowledged(self, standing: Standing, version: int) -> Plan | None:
        """What it means to a conversation that the intake signed for this version; None: nothing."""
        house, flow = self._house, self.flow(standing)
        return truth.acknowledged(standing, version, flow, house.facts(), int(house.clock()))

    async def _turn(self, conversation: bytes, taken: Taken) -> Plan:
        standing, terms = taken.standing, self.terms(taken.standing)
        match taken.do:
            case Forget():
                return plans.forgotten(taken, terms)
            case Erase():
                return plans.erased(taken, terms)
            case Finish(another=True) if self._today.enough(conversation):
                self._refuse(conversation)
                enough = structs.replace(taken, say=(terms.say("enough_today"),))
                return plans.finished(enough, terms)
            case Finish(another=True):
                return plans.finished_for_another(taken, terms, begun_again(self._house, standing))
            case Finish():
                return plans.finished(taken, terms)
            case Start() if self._today.enough(conversation) and not in_danger(terms.flow, standing.session):
                self._refuse(conversation)
                return plans.refused_today(taken, terms)
        house = self._house
        parts = sealed(house, conversation, (p for p in taken.seal if p.number not in taken.drop))
        if isinstance(taken.do, Submit):
            version = await next_version(house, conversation, standing, parts, "submitted")
            return plans.sent_off(taken, parts, version, terms, int(house.clock()))
        if leaves_at_once(terms.flow, standing):
            return plans.turned(taken, parts, await next_version(house, conversation, standing, parts, "open"))
        return plans.turned(taken, parts, None)

    def _refuse(self, conversation: bytes) -> None:
        if self._today.is_first_refusal(conversation):
            log.warning("a chat has sent its %d reports of today and is asked to wait", self._house.reports_a_day)
        self._house.failed("limit")

    async def in_time(self, conversation: bytes, standing: Standing) -> Plan | None:
        """What time brings: destroy what is over, hand over what may be read, delete while the platform lets us."""
        terms, now, version = self.terms(standing), int(self._house.clock()), None
        if lifetime.wants_version(standing, terms, now):
            version = await next_version(self._house, conversation, standing, (), "open")
        return lifetime.what_is_due(standing, terms, version, now)

    def words_kept(self, conversation: bytes, standing: Standing, arrival: Arrival) -> Plan:
        """An event made a step fail: its words, where it has some, wait sealed in the draft, under its key."""
        taken = taking.nothing_yet(standing)
        if isinstance(arrival.event, Said | Edited):
            now = self._house.now()
            taken = taking.kept(self.flow(standing), taken, arrival.event, arrival.envelope, now)
        return plans.turned(taken, sealed(self._house, conversation, taken.seal), None)
