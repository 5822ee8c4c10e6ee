"""What a worker does when its turn can't be taken: the store refuses it, or one event makes a step fail."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.channels import Incoming
from bot.conversation.effect import Job
from bot.seal.age import seal
from bot.seal.padding import pad_text
from bot.store import Commit, StoreError

if TYPE_CHECKING:
    from bot.conversation.worker import Worker

log = logging.getLogger("stonechat.conversation")


def fail(worker: "Worker", jobs: Sequence[Job], error: StoreError) -> None:
    """The store can't take it: nothing changed, the platform keeps the update, the reporter is told."""
    worker.speaker.say(worker.house.say("our_fault"))
    worker.front.trouble(error)
    for job in jobs:
        job.finish(error)


async def poisoned(worker: "Worker", jobs: Sequence[Job], error: Exception) -> None:
    """One event makes a step fail: it is set aside sealed, alone; what waited with it is tried one by one."""
    if len(jobs) > 1:
        for job in jobs:
            try:
                await worker.batch([job])
            except StoreError as failed:
                fail(worker, [job], failed)
            except Exception as failed:
                await poisoned(worker, [job], failed)
        return
    job = jobs[0]
    log.error("an event could not be taken and is set aside: %s", type(error).__name__)
    worker.house.failed("event")
    if worker.stored and job.update:
        try:
            await _set_aside(worker, job)
        except StoreError as failed:
            fail(worker, [job], failed)
            return
        except Exception as failed:
            log.error("nor could it be set aside: %s", type(failed).__name__)
    if isinstance(job.event, Incoming):
        worker.speaker.say(worker.house.say("our_fault"))
    job.finish()


async def _set_aside(worker: "Worker", job: Job) -> None:
    """The conversation stays as it is stored."""
    raw = job.event.raw if isinstance(job.event, Incoming) else b""
    sealed = bytes(seal(pad_text(raw), worker.house.recipients.of("sensitive")))
    record = await worker.house.store.load(worker.owner)
    if record is not None:
        aside = Commit(worker.owner, (job.update,), record, worker.due(), set_aside=(sealed,))
        await worker.house.store.commit(aside)
