"""What ends a conversation or hands it on: start, forget, erase, submit, finish, expiry."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bot.conversation import chores
from bot.conversation.effect import Effect
from bot.conversation.record import (
    NUMBER_STAYS,
    RECORD,
    SILENCE,
    TIDY,
    Record,
    Thread,
    due,
    encode,
    has_flag,
    is_untold,
)
from bot.conversation.submission import next_version
from bot.flow import turn as turns
from bot.flow.model import DANGER
from bot.flow.session import NUMBER, Session
from bot.store import ChoreRow, Commit, ErasureRow, PartRow, StoreError

if TYPE_CHECKING:
    from bot.conversation.worker import Worker


log = logging.getLogger("stonechat.conversation")


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


async def start(worker: "Worker", effect: Effect) -> None:
    """From here on things are written; not for a chat that has sent its reports of today, but always in danger."""
    if worker.front.today.enough(worker.owner) and not has_flag(worker.house, effect.session, DANGER):
        if worker.front.today.is_first_refusal(worker.owner):
            log.warning("a chat has sent its %d reports of today and is asked to wait", worker.house.reports_a_day)
        worker.house.failed("limit")
        effect.session, effect.seal, effect.drop = effect.before, [], []
        # Nothing of what was sent before: somebody else may hold the phone.
        effect.say = [worker.house.say("enough_today")]
        worker.accept(effect)
        return
    await worker.begin(effect)


async def forget(worker: "Worker", effect: Effect) -> None:
    """Before the consent: nothing was written, so there is only memory to clear and messages to take back."""
    chore = await _last_word(worker, effect)
    worker.end()
    worker.front.remember(effect.updates)
    for job in effect.jobs:
        job.finish()
    worker.front.spawn(chores.carry_out(worker.house, chore))


async def erase(worker: "Worker", effect: Effect) -> None:
    """The key goes first: from then on nothing opens the draft, wherever copies of it lie.

    What was handed over is destroyed too, by its owner's signature. That is kept under the key, so there the commit
    that sends it on its way comes first.
    """
    handed = effect.handed
    if handed is None:
        worker.house.keys.destroy(worker.owner)
        await close(worker, effect, await _last_word(worker, effect))
        return
    row = ErasureRow(handed.report, handed.owner, handed.erasure)
    await close(worker, effect, await _last_word(worker, effect), erasure=row, drop_receipt=handed.lookup)
    if worker.session is None:
        worker.house.keys.destroy(worker.owner)
        worker.house.wake_handoff()


async def finish(worker: "Worker", effect: Effect) -> None:
    """'I wrote it down': the number and the rest of the conversation go."""
    await close(worker, effect, await _last_word(worker, effect))
    if worker.session is None:
        worker.house.keys.destroy(worker.owner)


async def close(worker: "Worker", effect: Effect, chore: chores.Chore, **more: Any) -> None:
    """The conversation goes. `more` are further fields of the Commit."""
    row = chores.make(worker.house, chore)
    try:
        new = await worker.house.store.commit(Commit(worker.owner, effect.updates, None, chores=(row,), **more))
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
    house, before = worker.house, effect.session
    added = worker.sealed(effect)
    handed, outbox, receipt = await next_version(
        house, worker.front.numbers, worker.owner, effect.record, added, "submitted"
    )
    effect.handed = handed
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
        number=handed.number,
        report=handed.report,
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
    effect.seal, effect.sealed, effect.drop, effect.ask = [], (), [], True
    fields = {"drop_all": True, "outbox": outbox, "receipt": receipt, "chores": chore_rows}
    if await worker.commit_effect(effect, **fields):
        worker.accept(effect)
        worker.front.today.count(worker.owner)
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
    effect = Effect(session, thread, worker.handed)
    if session.submitted:
        if age >= NUMBER_STAYS:
            await close(worker, effect, _chore(worker, session, thread, "", 0))
            house.keys.destroy(worker.owner)
        return
    if age >= house.draft_hours.get(session.channel, 72) * 3600:
        if worker.handed is not None or is_untold(house, effect.record):
            await _pass_on(worker, effect)
            return
        house.keys.destroy(worker.owner)
        # The last question is changed in place: that makes no phone ring.
        text = _words(worker, session, "expired")
        await close(worker, effect, _chore(worker, session, thread, text, thread.prompt))
        return
    if age >= SILENCE and is_untold(house, effect.record):
        await worker.commit_effect(effect, **await open_version(worker, effect, ()))
        worker.session, worker.thread, worker.handed = effect.session, effect.thread, effect.handed
        house.wake_handoff()
    if _tidies(session):
        await _tidy(worker, effect.session, effect.thread, now)


async def open_version(worker: "Worker", effect: Effect, added: Sequence[PartRow]) -> dict[str, Any]:
    """People may read it before it is finished: its next version, as fields of the commit that comes with it."""
    effect.handed, outbox, receipt = await next_version(
        worker.house, worker.front.numbers, worker.owner, effect.record, added, "open"
    )
    effect.session = msgspec.structs.replace(effect.session, report=effect.handed.report)
    return {"outbox": outbox, "receipt": receipt}


async def _pass_on(worker: "Worker", effect: Effect) -> None:
    """Its owner fell silent for good, and had said that it may be read then. It stays with the intake as it is."""
    house, session, thread = worker.house, effect.session, effect.thread
    more = await open_version(worker, effect, ()) if is_untold(house, effect.record) else {}
    text = _words(worker, session, "passed_on")
    await close(worker, effect, _chore(worker, session, thread, text, thread.prompt), **more)
    house.keys.destroy(worker.owner)
    house.wake_handoff()


async def _tidy(worker: "Worker", session: Session, thread: Thread, now: int) -> None:
    old = tuple(m for m, at in thread.messages if now - at >= TIDY - 1200)
    if not old:
        return
    row = chores.make(worker.house, chores.Chore(thread.channel, thread.address, old))
    kept = tuple(m for m in thread.messages if m[0] not in old)
    thread = msgspec.structs.replace(thread, messages=kept)
    kept_record = Record(session, thread, worker.handed)
    record = worker.house.keys.encrypt(worker.owner, RECORD, encode(kept_record))
    turn = Commit(worker.owner, (), record, due(worker.house, kept_record), chores=(row,))
    try:
        await worker.house.store.commit(turn)
    except StoreError:
        worker.house.keys.destroy(row.id)
        raise
    worker.thread = thread
    worker.front.chores.wake()


HANDLERS: dict[str, Callable[["Worker", Effect], Awaitable[None]]] = {
    turns.START: start,
    turns.FORGET: forget,
    turns.ERASE: erase,
    turns.SUBMIT: submit,
    turns.FINISH: finish,
}
