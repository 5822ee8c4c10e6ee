"""One conversation, and its only writer: events in order, one commit for all that wait, then its prompt.

Whatever happens to it comes as a job into one queue: what its person did, the end of a send, a look of the clock. Jobs
are taken one after the other; they make a plan (plans.py), the plan is written, and only then does the conversation
stand where the plan says. `_stand` is the one place that assigns it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from msgspec import structs

from bot.conversation import plans
from bot.conversation.beginning import begun
from bot.conversation.chores import carry_out
from bot.conversation.following import follow
from bot.conversation.house import House
from bot.conversation.jobs import Acknowledged, Job, Lost, SendEnded, StillRings, Tick, What
from bot.conversation.loading import load, unseen
from bot.conversation.needs import Door
from bot.conversation.plan import Anew, CarryOut, Plan, Ring
from bot.conversation.speaking import Speaker
from bot.conversation.standing import Standing, moved_with, sent, stays_at
from bot.conversation.taking import Taken, ends, nothing_yet
from bot.conversation.turnstile import AGAIN, Pace
from bot.conversation.watch import Moved
from bot.errors import NotKept, line_of
from bot.flow.session import here
from bot.flow.turn import Erase
from bot.store import Outcome
from bot.talk.events import Arrival, CameBack

log = logging.getLogger("stonechat.conversation")
MOST_AT_ONCE = 64  # events in one commit
NOTE_AFTER = 0.2  # seconds that a note of what was sent waits for a turn to go with


class Conversation:
    """`standing` is None until it is loaded or begun, and again when it is over."""

    __slots__ = (
        "_door",
        "_due",
        "_house",
        "_life",
        "_note_timer",
        "_pace",
        "_told_trouble",
        "_turning",
        "_unwritten",
        "id",
        "inbox",
        "speaker",
        "standing",
        "touched",
    )

    def __init__(self, house: House, door: Door, id_: bytes) -> None:
        self._house, self._door, self.id = house, door, id_
        self.inbox: deque[Job] = deque()
        self.standing: Standing | None = None
        self.touched = 0.0
        self._unwritten = False  # messages were sent that are not written down yet
        self._told_trouble = False
        self._note_timer: asyncio.TimerHandle | None = None
        self._turning: asyncio.Task[None] | None = None
        self._pace, self._due = Pace(), 0.0
        self._new_life()

    def _new_life(self) -> None:
        """What is still being sent for the life before is not of this one."""
        self._life = life = object()
        self.speaker = Speaker(
            self._house,
            lambda: self.standing if self._life is life else None,
            lambda thread, messages, place, since: self.take(Job(SendEnded(life, thread, messages, place, since))),
            lambda: self._door.sends.enter(self._due),
        )

    # --- in ---

    def take(self, job: Job) -> None:
        """Queue it. Nothing is awaited before."""
        what = job.what
        if isinstance(what, SendEnded) and not self.inbox and self.writing is None and self._concerns(what):
            self._sent(what)  # it would be next, and nothing of it has to be awaited
            return
        self.inbox.append(job)
        self._go_on()

    def _go_on(self) -> None:
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._run())

    @property
    def stored(self) -> bool:
        """Its row and its key are on disk."""
        return self.standing is not None and self.standing.revision > 0

    @property
    def busy(self) -> bool:
        """It can't be set aside now."""
        return bool(self.inbox) or self._unwritten or self.speaker.busy or self.writing is not None

    @property
    def writing(self) -> "asyncio.Task[None] | None":
        """Jobs are being taken."""
        return self._turning if self._turning is not None and not self._turning.done() else None

    async def settled(self) -> None:
        """When all that came has been answered and written down."""
        while self.busy:
            tasks = [t for t in (self.writing, self.speaker.task) if t is not None and not t.done()]
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
        """Stop in the middle, as a crash would."""
        for task in (self._turning, self.speaker.task):
            if task is not None:
                task.cancel()

    async def _run(self) -> None:
        while self.inbox or (self._unwritten and self._note_timer is None):
            self.touched = self._house.clock()
            if not self.inbox:
                await self._note()
                continue
            await self._my_turn(self.inbox[0].what)
            jobs = [self.inbox.popleft() for _ in range(min(len(self.inbox), MOST_AT_ONCE))]
            await self._take_safely(jobs)
        self._turning = None  # nothing is under way; a finished task is not kept
        if self.standing is None and not self.speaker.busy:
            self._door.leave(self.id)

    async def _my_turn(self, what: What) -> None:
        """Others go first where this one was served a moment ago. Its answer goes in the same order."""
        if isinstance(what, Arrival):
            now = asyncio.get_running_loop().time()
            self._due = self._pace.due(now, opens=isinstance(what.event, CameBack))
            await self._door.turns.enter(self._due)

    async def _take_safely(self, jobs: Sequence[Job]) -> None:
        """A store that fails leaves everything as it was; an event that makes a step fail stops no other."""
        try:
            await self._take_all(deque(jobs))
        except NotKept as error:
            await self._failed(jobs, error)
        except Exception as error:
            left = [job for job in jobs if not job.over]
            if len(left) == 1:
                await self._poisoned(left[0], error)
            for job in left if len(left) > 1 else ():
                await self._take_safely([job])

    async def _take_all(self, rest: "deque[Job]") -> None:
        while rest:
            what = rest[0].what
            if isinstance(what, SendEnded):
                await self._send_ended(what)
                rest.popleft().finish()
                continue
            if self.standing is None:
                self._stand(await load(self._house, self._door, self.id))
            if isinstance(what, Tick):
                await self._tick()
                rest.popleft().finish()
                continue
            if isinstance(what, Acknowledged | StillRings):
                await self._of_version(what)
                rest.popleft().finish()
                continue
            if isinstance(what, Moved):
                await self._moved(what)
                rest.popleft().finish()
                continue
            if isinstance(what, Lost):
                if self.standing is None or self.standing.thread.channel != what.channel:
                    rest.popleft().finish()
                    continue
                rest[0].what = what.event
            if not self.stored:
                rest = await unseen(self._house, self._door, rest)
                self._begin(rest)
            if rest and self.standing is not None:
                await self._turn(self.standing, rest)

    # --- loading and beginning ---

    def restore(self, standing: Standing) -> None:
        """Go on where a stored conversation stood."""
        self._stand(standing)

    def _begin(self, rest: "deque[Job]") -> None:
        """Where nobody was, somebody is now. What came from inside is for somebody who is not here any more."""
        while self.standing is None and rest and not isinstance(rest[0].what, Arrival | SendEnded):
            rest.popleft().finish()
        if self.standing is None and rest and isinstance(first := rest[0].what, Arrival):
            self._stand(begun(self._house, first.envelope))
            if self._house.rebooted_until > self._house.clock():
                self.speaker.before_all(self._house.say("rebooted"))

    # --- turns ---

    async def _turn(self, standing: Standing, rest: "deque[Job]") -> None:
        """Take events up to one that ends or begins something, and write what they come to."""
        taken, jobs = nothing_yet(standing), []
        while rest and not ends(taken):
            job, what = rest[0], rest[0].what
            if isinstance(what, Tick | SendEnded | Lost | Acknowledged | StillRings | Moved):
                break
            rest.popleft()
            if job.update and self._door.was_taken(job.update):
                job.finish()
                continue
            taken = self._door.planner.taken(taken, what, job.reached, sending=self.speaker.busy)
            job.notice = self._door.planner.in_words(taken)
            jobs.append(job)
        if not jobs:
            return
        outcome = await self._settle(taken, tuple(j.update for j in jobs if j.update))
        if outcome is not Outcome.WRITTEN:  # take out what took effect before, or see what somebody else wrote
            rest.extendleft(reversed(await unseen(self._house, self._door, jobs)))
            return
        self._told_trouble = False
        for job in jobs:
            self._house.meter.took("turn", job.came)
            job.finish()

    async def _settle(self, taken: Taken, updates: tuple[bytes, ...]) -> Outcome:
        """The first write of a conversation makes its key, on disk before anything is under it."""
        first = taken.standing.session.agreed and not taken.standing.revision and not isinstance(taken.do, Erase)
        if first:
            self._house.keys.create(self.id)
        written = False
        try:
            outcome = await self._carry_out(await self._door.planner.turn(self.id, taken), updates)
            written = self.stored
        except asyncio.CancelledError:
            written = True  # it may be: a key too many is swept at the next start
            raise
        finally:
            if first and not written:
                self._house.keys.forsake(self.id)
        return outcome

    async def _tick(self) -> None:
        if self.standing is None or not self.stored:
            return
        plan = await self._door.planner.in_time(self.id, self.standing)
        if plan is not None:
            await self._carry_out(plan, ())

    async def _moved(self, moved: Moved) -> None:
        """The clock was set: what it said before is said by it anew."""
        if self.standing is None:
            return
        standing = moved_with(self.standing, moved)
        if standing == self.standing:
            return
        if self.stored:
            await self._carry_out(Plan(standing), ())
        else:
            self._stand(standing)

    async def _of_version(self, what: Acknowledged | StillRings) -> None:
        """What became of a version that left."""
        standing = self.standing
        if standing is None or standing.handed is None:
            return
        if isinstance(what, StillRings):
            await self._ring(standing.handed.alarm)
        elif plan := self._door.planner.acknowledged(standing, what.version):
            if plan.after:
                await self._carry_out(plan, ())
            else:
                self._stand(plan.standing)
                self._note_later()

    async def _ring(self, alarm: bytes) -> None:
        """Until it is on disk. It is asked for again after a crash before that was noted."""
        on_disk = await self._house.ring(self.id, alarm)
        standing = self.standing
        if on_disk and standing is not None and standing.handed is not None:
            handed = structs.replace(standing.handed, rung=standing.handed.version)
            self._stand(structs.replace(standing, handed=handed))
            self._note_later()

    # --- the ends of sends ---

    def _concerns(self, ended: SendEnded) -> bool:
        """It was sent for who is here now."""
        return ended.life is self._life and self.standing is not None

    def _sent(self, ended: SendEnded) -> None:
        assert self.standing is not None
        now = int(self._house.clock())
        thread = sent(self.standing.thread, ended.messages, now, ended.thread.turn, ended.place, ended.since)
        self._stand(structs.replace(self.standing, thread=thread))
        self._note_later()

    async def _send_ended(self, ended: SendEnded) -> None:
        if self._concerns(ended):
            self._sent(ended)
            return
        house = self._house
        abilities = house.abilities_of(ended.thread.channel)
        chore = plans.came_too_late(ended.thread, ended.messages, abilities)
        if chore is None:
            return
        try:
            await self._door.writer.owe(self.id, chore)
            self._door.chores.wake()
        except NotKept:
            self._door.spawn(carry_out(house, chore))

    def _note_later(self) -> None:
        """With the next turn, or alone when none comes soon. Nobody waits for it."""
        if self.stored:
            self._unwritten = True
            if self._note_timer is None:
                self._note_timer = asyncio.get_running_loop().call_later(NOTE_AFTER, self.write_note)

    async def _note(self) -> None:
        self._unwritten = False
        if self.standing is None or not self.stored:
            return
        try:
            await self._carry_out(Plan(self.standing), ())
        except NotKept as error:
            self._door.trouble(error)
        except Exception as error:
            log.error("what was sent could not be noted: %s in %s", type(error).__name__, line_of(error))
            self._house.failed("event")

    # --- the only writer ---

    async def _carry_out(self, plan: Plan, updates: tuple[bytes, ...]) -> Outcome:
        """Write a plan, stand where it says, do what follows. Raises what the store raises: then nothing changed."""
        before, rings = self.standing, [each.alarm for each in plan.after if isinstance(each, Ring)]
        assert before is not None
        if plan.standing is None:  # nothing would be left to know of it after a crash: rather once too often
            for alarm in rings:
                await self._ring(alarm)
        terms = self._door.planner.terms(before)
        try:
            outcome, standing = await self._door.writer.write(self.id, before, plan, terms, updates)
            has_row = outcome is not Outcome.WRITTEN or (standing is not None and standing.revision > 0)
            self._door.note_stored(self.id, has_row)
        except NotKept:
            if not plan.whatever:
                raise
            # Whoever erases does not wait for a disk: without its key nothing opens, and its row goes when it can.
            self._house.keys.destroy(self.id)
            self._door.sweep_later(self.id)
            follows = tuple(CarryOut(chore) for chore in plan.owed)
            plan, outcome, standing = Plan(None, after=follows), Outcome.WRITTEN, None
        if outcome is Outcome.MOVED:
            self._stand(None)
        if outcome is Outcome.WRITTEN:
            self._unwritten = False
            self._stand(standing)
            self._door.remember(updates)
            quiet = self.speaker
            if standing is None:
                self._new_life()
                self._stand(next((each.standing for each in plan.after if isinstance(each, Anew)), None))
            rest = self._rest_before(standing)
            follow(self._house, self._door, self.id, plan, self.speaker, quiet, rest)
            for alarm in rings if plan.standing is not None else ():
                await self._ring(alarm)
        return outcome

    def _stand(self, standing: Standing | None) -> None:
        """The one place that says where this conversation stands."""
        self.standing = standing

    def _rest_before(self, standing: Standing | None) -> float:
        """Seconds: where many wait, words after words at one place are answered once a second."""
        if standing is None or not (self._door.turns.crowded or self._door.sends.crowded):
            return 0.0
        return AGAIN if stays_at(standing.thread, here(standing.session)) else 0.0

    # --- when a turn can't be taken ---

    async def _failed(self, jobs: Sequence[Job], error: NotKept) -> None:
        """The store can't take it: nothing changed, the platform keeps the update, the reporter is told once."""
        if self.standing is not None and not self._told_trouble:
            self._told_trouble = True
            self.speaker.say((self._house.say("our_fault" if self.stored else "our_fault_unsaved"),))
        self._door.trouble(error)
        for job in jobs:
            if isinstance(job.what, SendEnded) and not job.over:
                await self._send_ended(job.what)  # no store is needed to know of it
            if not job.over:
                job.finish(error)

    async def _poisoned(self, job: Job, error: Exception) -> None:
        """An event that makes a step fail: its words are kept sealed, as words that wait for their place."""
        log.error("an event could not be taken, its words are kept: %s in %s", type(error).__name__, line_of(error))
        self._house.failed("event")
        if isinstance(job.what, Arrival):
            try:
                await self._keep_words(job, job.what)
            except NotKept as failed:
                await self._failed([job], failed)
                return
            except Exception as failed:
                log.error("nor could they be kept: %s in %s", type(failed).__name__, line_of(failed))
            if self.standing is not None:
                self.speaker.say((self._house.say("our_fault"),))
        job.finish()

    async def _keep_words(self, job: Job, arrival: Arrival) -> None:
        if self.standing is not None and self.stored:
            plan = self._door.planner.words_kept(self.id, self.standing, arrival)
            await self._carry_out(plan, (job.update,) if job.update else ())
