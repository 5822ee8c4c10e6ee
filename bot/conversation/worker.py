"""One conversation: its events in order, one commit for all that wait, then its prompt.

Turns and sends are two tasks: a chat that can't be written to does not stop its own events, and nobody else's.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from bot.channels import Incoming
from bot.conversation import endings, trouble
from bot.conversation.effect import Effect, Job, Tick
from bot.conversation.incoming import event_of
from bot.conversation.record import (
    READ_NOW,
    RECORD,
    Handed,
    Record,
    Thread,
    decode,
    digest,
    due,
    encode,
    has_flag,
    new_record,
    seal_header,
    with_message,
)
from bot.conversation.speaking import Speaker
from bot.flow import turn as turns
from bot.flow.events import Event, LookedUp
from bot.flow.model import DANGER
from bot.flow.session import Session
from bot.flow.step import step
from bot.flow.values import ToSeal
from bot.seal.age import seal
from bot.seal.padding import pad_text
from bot.store import Commit, PartRow, StoreError

if TYPE_CHECKING:
    from bot.conversation.front import Conversations

log = logging.getLogger("stonechat.conversation")
MOST_AT_ONCE = 64  # events in one commit
NOTE_AFTER = 0.2  # seconds that a note of what was sent waits for a turn to go with


class Worker:
    """`session` is None until it is loaded or begun."""

    __slots__ = (
        "_note_timer",
        "_noted",
        "_turning",
        "front",
        "handed",
        "house",
        "inbox",
        "owner",
        "session",
        "speaker",
        "stored",
        "thread",
        "touched",
        "tries",
    )

    def __init__(self, front: "Conversations", owner: bytes) -> None:
        self.front, self.house, self.owner = front, front.house, owner
        self.inbox: deque[Job] = deque()
        self.session: Session | None = None
        self.thread: Thread | None = None
        self.handed: Handed | None = None
        self.stored = False
        self.touched = 0.0
        self.tries = 0
        self._noted = False
        self._note_timer: asyncio.TimerHandle | None = None
        self.speaker = Speaker(self)
        self._turning: asyncio.Task[None] | None = None

    # --- in ---

    def take(self, job: Job) -> None:
        self.inbox.append(job)
        self._go_on()

    def _go_on(self) -> None:
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._run())

    @property
    def busy(self) -> bool:
        return self._noted or any(t is not None and not t.done() for t in (self._turning, self.speaker.task))

    @property
    def noted_only(self) -> bool:
        """Something that was sent is still to be written down."""
        return self._noted

    async def settled(self) -> None:
        """When all that came has been answered."""
        while self.busy:
            tasks = [t for t in (self._turning, self.speaker.task) if t is not None and not t.done()]
            if tasks:
                await asyncio.wait(tasks)
            else:
                self.write_note()

    def write_note(self) -> None:
        """Write down what was sent now, whatever the timer says."""
        if self._note_timer is not None:
            self._note_timer.cancel()
            self._note_timer = None
        self._go_on()

    def let_go(self) -> None:
        """It is used no more. Holding each other, it and its speaker would wait for the garbage collector."""
        del self.speaker

    def cancel(self) -> None:
        for task in (self._turning, self.speaker.task):
            if task is not None:
                task.cancel()

    async def _run(self) -> None:
        while self.inbox or (self._noted and self._note_timer is None):
            self.touched = self.house.clock()
            if not self.inbox:
                await self._note()
                continue
            jobs = [self.inbox.popleft() for _ in range(min(len(self.inbox), MOST_AT_ONCE))]
            try:
                await self.batch(jobs)
            except StoreError as error:
                trouble.fail(self, jobs, error)
            except Exception as error:
                await trouble.poisoned(self, jobs, error)
        self._turning = None  # nothing is under way; a finished task is not kept
        if self.session is None and not self.tries:
            self.front.leave(self)

    # --- turns ---

    async def load(self, event: Incoming | None) -> bool:
        if self.session is not None:
            return True
        if rested := self.front.resting.take(self.owner):
            self.restore(rested)
            return True
        blob = await self.house.store.load(self.owner)
        plain = self.house.keys.decrypt(self.owner, RECORD, blob) if blob is not None else None
        record = decode(plain) if plain is not None else None
        if record is not None:
            self.restore(record)
            return True
        if event is None:
            return False
        begun = new_record(self.house, event)
        self.session, self.thread, self.stored = begun.session, begun.thread, False
        if self.house.rebooted_until > self.house.clock():
            self.speaker.say(self.house.say("rebooted"), now=False)
        return True

    def restore(self, record: Record) -> None:
        """Go on where a stored conversation stood."""
        self.session, self.thread, self.handed, self.stored = record.session, record.thread, record.handed, True

    async def batch(self, jobs: list[Job]) -> None:
        first = next((j.event for j in jobs if isinstance(j.event, Incoming)), None)
        if not await self.load(first):
            for job in jobs:
                job.finish()
            return
        if not self.stored:
            jobs = await self._unseen(jobs)
        while jobs:
            if self.session is None:  # the conversation ended within this batch: the rest begins a new one
                self.inbox.extendleft(reversed(jobs))
                return
            if isinstance(jobs[0].event, Tick):
                await endings.tick(self)
                jobs.pop(0).finish()
                continue
            jobs = await self._some(jobs)

    async def _some(self, jobs: list[Job]) -> list[Job]:
        """Take events up to one that ends or begins something. Returns the rest."""
        assert self.session is not None
        assert self.thread is not None
        effect = Effect(self.session, self.thread, self.handed)
        rest = list(jobs)
        while rest and not effect.do and not isinstance(rest[0].event, Tick):
            if self.front.was_taken(rest[0].update):
                rest.pop(0).finish()
                continue
            self._apply(effect, rest[0])
            effect.jobs.append(rest.pop(0))
        if effect.jobs:
            await self._settle(effect)
        return rest

    def _apply(self, effect: Effect, job: Job) -> None:
        now = self.house.now()
        incoming = job.event
        if isinstance(incoming, Tick):
            return
        event: Event | None = incoming if not isinstance(incoming, Incoming) else None
        if isinstance(incoming, Incoming):
            effect.edits = 0
            if incoming.kind == "blocked":
                return
            if incoming.kind != "pressed":
                effect.thread = with_message(effect.thread, incoming.message, incoming.sent or int(now.timestamp()))
            elif incoming.message == effect.thread.prompt:
                effect.edits = incoming.message
            event = event_of(incoming, effect.record)
        flow = self.house.flow_of(effect.session)
        if flow is None or event is None:
            raise LookupError("this session's flow is not here")
        turn = step(flow, effect.session, event, now)
        effect.before, effect.session = effect.session, turn.session
        effect.say.extend(turn.say)
        effect.ask = effect.ask or turn.ask
        effect.seal.extend(turn.seal)
        effect.drop.extend(turn.drop)
        effect.do, effect.number = turn.do, turn.number

    async def _settle(self, effect: Effect) -> None:
        if effect.do == turns.LOOK_UP:
            self.front.spawn(self._look_up(effect.number))
            effect.do = ""
        handler = endings.HANDLERS.get(effect.do)
        if handler is not None:
            await handler(self, effect)
            return
        if not effect.session.agreed:
            self.accept(effect)
            return
        await self.begin(effect)

    async def begin(self, effect: Effect) -> None:
        """Write what is agreed to; the first time under a new key."""
        if not self.stored:
            self.house.keys.create(self.owner)
        await self._commit(effect)

    async def _commit(self, effect: Effect) -> None:
        more: dict[str, Any] = {}
        if self._leaves_at_once(effect):
            more = await endings.open_version(self, effect, self.sealed(effect))
        if await self.commit_effect(effect, **more):
            self.accept(effect)
            if more:
                self.house.wake_handoff()
        else:
            await self.again(effect)

    def _leaves_at_once(self, effect: Effect) -> bool:
        """Somebody is in danger and lets people read it: what changed goes out with this commit."""
        session = effect.session
        if session.submitted or not session.agreed or (DANGER not in session.raised and effect.handed is None):
            return False
        if effect.handed is not None and effect.handed.told == digest(session):
            return False
        return has_flag(self.house, session, READ_NOW)

    async def again(self, effect: Effect) -> None:
        """Something of it was delivered before: take out what took effect, and take the rest anew."""
        rest = await self._unseen(effect.jobs)
        if rest:
            await self.batch(rest)

    async def _unseen(self, jobs: list[Job]) -> list[Job]:
        updates = tuple(j.update for j in jobs if j.update)
        seen = await self.house.store.seen(updates) if updates else set()
        self.front.remember(tuple(seen))
        for job in jobs:
            if job.update in seen:
                job.finish()
        return [j for j in jobs if j.update not in seen]

    async def commit_effect(self, effect: Effect, **more: Any) -> bool:
        """Write an effect. `more` are further fields of the Commit."""
        adds = self.sealed(effect)
        thread = effect.thread
        if effect.ask or effect.say:
            thread = msgspec.structs.replace(thread, turn=thread.turn + 1)
            effect.thread = thread
        record = self.house.keys.encrypt(self.owner, RECORD, encode(effect.record))
        commit = Commit(
            self.owner,
            effect.updates,
            record,
            due(self.house, effect.record),
            add_parts=adds,
            drop_parts=tuple(effect.drop),
            drop_all=not self.stored,
        )
        began = time.perf_counter()
        new = await self.house.store.commit(replace(commit, **more))
        self.house.meter.took("commit", began)
        if new and self.thread is effect.began:
            self._noted = False  # all that was sent so far is written with it
        return new

    def sealed(self, effect: Effect) -> tuple[PartRow, ...]:
        """The effect's new parts, sealed once: a version of the report may need them before they are committed."""
        if effect.sealed is None:
            effect.sealed = tuple(self._sealed(p) for p in effect.seal if p.number not in effect.drop)
        return effect.sealed

    def _sealed(self, part: ToSeal) -> PartRow:
        plain = part.text.encode("utf-8", "replace")
        sealed = seal(pad_text(plain), self.house.recipients.of(part.cls))
        return PartRow(
            part.number, seal_header(self.house, self.owner, part.number, sealed, len(plain)), sealed.payload
        )

    def accept(self, effect: Effect) -> None:
        """The effect is on disk (or, before the consent, in memory): confirm, then speak."""
        self.session, self.handed, self.stored = effect.session, effect.handed, effect.session.agreed
        # What the sender noted meanwhile stands in self.thread; messages that came stand in the effect's.
        self.thread = endings.merged(self.thread, effect.thread)
        self.front.remember(effect.updates)
        for job in effect.jobs:
            self.house.meter.took("turn", job.came)
            job.finish()
        self.speaker.say(*effect.say, ask=effect.ask, edits=effect.edits)

    def record(self) -> Record:
        assert self.session is not None
        assert self.thread is not None
        return Record(self.session, self.thread, self.handed)

    def due(self) -> int:
        return due(self.house, self.record())

    async def _note(self) -> None:
        """Write down which messages were sent. Nobody waits for it."""
        self._noted = False
        if not self.stored or self.session is None or self.thread is None:
            return
        try:
            record = self.house.keys.encrypt(self.owner, RECORD, encode(self.record()))
            await self.house.store.commit(Commit(self.owner, (), record, self.due()))
        except StoreError as error:
            self.front.trouble(error)
        except Exception as error:
            log.error("what was sent could not be noted: %s", type(error).__name__)
            self.house.failed("event")

    async def _look_up(self, number: str) -> None:
        """A return number: slowed a chat, in all only delayed, so that nobody can lock its owner out."""
        self.tries += 1
        if self.tries > 3:
            await asyncio.sleep(min(2.0 ** (self.tries - 3), 60))
        receipt = await self.front.numbers.derive(number)
        row = await self.house.store.receipt(receipt.lookup)
        self.front.hand_in(self.owner, LookedUp(row.day if row else None))

    def noted(self, thread: Thread) -> None:
        """Messages were sent: remember them with the next write, or with one of their own."""
        self.thread = thread
        if self.stored:
            self._noted = True
            if self._note_timer is None:
                self._note_timer = asyncio.get_running_loop().call_later(NOTE_AFTER, self.write_note)

    def end(self) -> None:
        """The conversation is gone; its person's next event begins a new one."""
        self.session, self.thread, self.handed, self.stored, self._noted = None, None, None, False, False
        self.speaker.nothing_more()
