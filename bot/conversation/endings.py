"""What ends a conversation or hands it on: start, forget, erase, submit, finish, expiry."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from bot.conversation import chores
from bot.conversation.effect import Effect
from bot.conversation.record import NUMBER_STAYS, RECORD, TIDY, Record, Thread, due, encode
from bot.conversation.submission import make_report
from bot.flow import turn as turns
from bot.flow.conditions import flags
from bot.flow.model import Flow
from bot.flow.session import NUMBER, Session
from bot.store import ChoreRow, Commit, StoreError

if TYPE_CHECKING:
    from bot.conversation.worker import Worker


READ_IF_SILENT = "READ_IF_SILENT"  # the flag that an option of the flow sets


def merged(mine: Thread | None, theirs: Thread) -> Thread:
    """The sender's notes and the turn's messages, both."""
    if mine is None or mine is theirs:
        return theirs
    messages = dict(mine.messages) | dict(theirs.messages)
    return msgspec.structs.replace(
        mine,
        messages=tuple(sorted(messages.items(), key=lambda m: (m[1], m[0]))),
        turn=max(mine.turn, theirs.turn),
        shown=max(mine.shown, theirs.shown),
    )


def _chore(worker: "Worker", session: Session, thread: Thread, text: str, edit: int, keep: int = 0) -> chores.Chore:
    return chores.Chore(
        channel=thread.channel,
        address=thread.address,
        delete=tuple(m for m, _ in thread.messages if m not in (edit, keep)),
        text=text,
        edit=edit,
        failed_text=_words(worker, session, "cannot_delete_telegram") if thread.channel == "telegram" else "",
    )


def _words(worker: "Worker", session: Session, name: str) -> str:
    return worker.house.words.texts((worker.house.say(name),), session.language)


def _tidies(session: Session) -> bool:
    return "delete" in session.capabilities


async def _last_word(worker: "Worker", effect: Effect) -> chores.Chore:
    """What is said last, once nothing else is under way; everything else is deleted."""
    await worker.speaker.hush()
    thread = merged(worker.thread, effect.thread)
    text = worker.house.words.texts(tuple(effect.say), effect.session.language)
    return _chore(worker, effect.session, thread, text, effect.edits)


async def forget(worker: "Worker", effect: Effect) -> None:
    """Before the consent: nothing was written, so there is only memory to clear and messages to take back."""
    chore = await _last_word(worker, effect)
    worker.end()
    worker.front.remember(effect.updates)
    for job in effect.jobs:
        job.finish()
    worker.front.spawn(chores.carry_out(worker.house, chore))


async def erase(worker: "Worker", effect: Effect) -> None:
    """The key goes first: from then on nothing opens the draft, wherever copies of it lie."""
    worker.house.keys.destroy(worker.owner)
    await close(worker, effect, await _last_word(worker, effect))


async def finish(worker: "Worker", effect: Effect) -> None:
    """'I wrote it down': the number and the rest of the conversation go."""
    await close(worker, effect, await _last_word(worker, effect))
    if worker.session is None:
        worker.house.keys.destroy(worker.owner)


async def close(worker: "Worker", effect: Effect, chore: chores.Chore) -> None:
    row = chores.make(worker.house, chore)
    try:
        new = await worker.house.store.commit(Commit(worker.owner, effect.updates, None, chores=(row,)))
    except StoreError:
        worker.house.keys.destroy(row.id)
        if not worker.house.keys.has(worker.owner):
            worker.end()  # destroyed all the same; its row is swept at the next start
        raise
    if not new:
        worker.house.keys.destroy(row.id)
        await worker.again(effect)
        return
    worker.end()
    worker.front.remember(effect.updates)
    for job in effect.jobs:
        job.finish()
    worker.front.chores.wake()


async def submit(worker: "Worker", effect: Effect) -> None:
    """Seal, sign, and put the report in the outbox, in one transaction with the number that is to be shown."""
    house = worker.house
    flow = house.flow_of(effect.session)
    if flow is None:
        raise LookupError("this session's flow is not here")
    record = Record(effect.session, effect.thread)
    number, outbox, receipt = await make_report(house, worker.front.numbers, worker.owner, flow, record)
    before = effect.session
    effect.session = Session(
        flow=before.flow,
        version=before.version,
        nonce=before.nonce + 1,
        language=before.language,
        channel=before.channel,
        capabilities=before.capabilities,
        word=before.word,
        at=NUMBER,
        agreed=True,
        last=before.last,
        number=number,
        submitted=f"{house.now():%Y-%m-%d}",
    )
    chore_rows: tuple[ChoreRow, ...] = ()
    if _tidies(before) and effect.thread.messages:
        chore = _chore(worker, before, effect.thread, "", 0, keep=effect.edits)
        chore_rows = (chores.make(house, chore),)
        kept = tuple(m for m in effect.thread.messages if m[0] == effect.edits)
        effect.thread = msgspec.structs.replace(effect.thread, messages=kept, asked=())
        worker.thread = effect.thread
    # All parts are in the outbox now, whole.
    effect.seal, effect.drop, effect.ask = [], [], True
    fields = {"drop_all": True, "outbox": outbox, "receipt": receipt, "chores": chore_rows}
    if await worker.commit_effect(effect, **fields):
        worker.accept(effect)
        house.wake_handoff()
        worker.front.chores.wake()
    else:
        for row in chore_rows:
            house.keys.destroy(row.id)
        await worker.again(effect)


async def tick(worker: "Worker") -> None:
    """Destroy what is over its time, and delete messages while the platform still lets us."""
    session, thread, house = worker.session, worker.thread, worker.house
    if session is None or thread is None or not worker.stored:
        return
    now = int(house.clock())
    age = now - session.last
    effect = Effect(session, thread)
    if session.submitted:
        if age >= NUMBER_STAYS:
            await close(worker, effect, _chore(worker, session, thread, "", 0))
            house.keys.destroy(worker.owner)
        return
    if age >= house.draft_hours.get(session.channel, 72) * 3600:
        flow = house.flow_of(session)
        if flow is not None and READ_IF_SILENT in flags(flow, session):
            await _pass_on(worker, effect, flow)
            return
        house.keys.destroy(worker.owner)
        # The last question is changed in place: that makes no phone ring.
        text = _words(worker, session, "expired")
        await close(worker, effect, _chore(worker, session, thread, text, thread.prompt))
        return
    if _tidies(session):
        await _tidy(worker, session, thread, now)


async def _pass_on(worker: "Worker", effect: Effect, flow: Flow) -> None:
    """Its owner fell silent, and had said that it may be read then: it leaves as an open report."""
    house, session, thread = worker.house, effect.session, effect.thread
    record = Record(session, thread)
    _, outbox, receipt = await make_report(house, worker.front.numbers, worker.owner, flow, record, "open")
    text = _words(worker, session, "passed_on")
    row = chores.make(house, _chore(worker, session, thread, text, thread.prompt))
    await house.store.commit(Commit(worker.owner, (), None, outbox=outbox, receipt=receipt, chores=(row,)))
    worker.end()
    house.keys.destroy(worker.owner)
    worker.front.chores.wake()
    house.wake_handoff()


async def _tidy(worker: "Worker", session: Session, thread: Thread, now: int) -> None:
    old = tuple(m for m, at in thread.messages if now - at >= TIDY - 1200)
    if not old:
        return
    row = chores.make(worker.house, chores.Chore(thread.channel, thread.address, old))
    kept = tuple(m for m in thread.messages if m[0] not in old)
    thread = msgspec.structs.replace(thread, messages=kept)
    record = worker.house.keys.encrypt(worker.owner, RECORD, encode(Record(session, thread)))
    turn = Commit(worker.owner, (), record, due(worker.house, Record(session, thread)), chores=(row,))
    try:
        await worker.house.store.commit(turn)
    except StoreError:
        worker.house.keys.destroy(row.id)
        raise
    worker.thread = thread
    worker.front.chores.wake()


HANDLERS: dict[str, Callable[["Worker", Effect], Awaitable[None]]] = {
    turns.FORGET: forget,
    turns.ERASE: erase,
    turns.SUBMIT: submit,
    turns.FINISH: finish,
}
